"""Where it is walked: a server as people start it, its operator, and its ways in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from attrs import frozen

from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, free_ports, running

from .memory import Memory
from .operator import Operator, told
from .ways import Way

TAG = "04A2B3C4D5E6F7"
PASSWORD = "kW7-pq2Zr_9xLm4T"


@frozen
class Ground:
    """A running server with TLS on, and an operator who knows the tag."""

    operator: Operator
    tls_port: int
    mtls_port: int

    @property
    def server(self) -> ServerProcess:
        """The server."""
        return self.operator.server

    @property
    def root(self) -> Path:
        """The file that chargers are to trust."""
        return self.server.directory / "data" / "ca" / "root.pem"

    def way(self, profile: int, password: str = PASSWORD) -> Way:
        """Return the way in for a security profile that needs no certificate."""
        plain = self.server.ports[1]
        if profile == 0:
            return Way(port=plain)
        if profile == 1:
            return Way(port=plain, password=password)
        return Way(port=self.tls_port, password=password, trust=self.root)

    def way_with(self, key_and_chain: str, name: str) -> Way:
        """Return the way in with a certificate (profile 3)."""
        pair = self.server.directory / f"{name}.both.pem"
        pair.write_text(key_and_chain)
        return Way(port=self.mtls_port, trust=self.root, pair=pair)

    def way_by_hand(self, identity: str) -> Way:
        """Return the way in with a certificate that is issued on the command line."""
        told(self.server, "ca", "issue", identity)
        at = self.server.directory
        both = (at / f"{quote(identity)}.key", at / f"{quote(identity)}.pem")
        return self.way_with("".join(each.read_text() for each in both), identity)

    async def put_charger(self, identity: str, profile: int) -> Memory:
        """Put a charger with two connectors on record."""
        what = {"connectors": 2, "securityProfile": profile}
        if profile in (1, 2):
            what["password"] = PASSWORD
        made = await self.operator.put(f"/admin/chargers/{identity}", **what)
        assert made["protocol"] == "ocpp1.6"
        return Memory(identity)


@contextmanager
def ground() -> Iterator[Ground]:
    """Lend a new server; nothing may have gone wrong in it, as far as it knows."""
    tls, mtls = free_ports()
    settings = {
        "OCPP_TLS_PORT": str(tls),
        "OCPP_MTLS_PORT": str(mtls),
        "OCPP_TLS_HOST": "127.0.0.1",
        "DEMO_SEED": "0",
    }
    with open_to_all() as directory, running(directory, **settings) as server:
        yield Ground(Operator.of(server), tls, mtls)
    said = "\n".join(server.said)
    assert "Traceback" not in said, said
