"""Standard chargers over TLS: real sockets, certificates and clients (OCA 086, 087)."""

from __future__ import annotations

import json
import socket
import ssl
import warnings
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import define, field
from twisted.internet import reactor
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from flexicharge.certificates.directory import CaDirectory
from flexicharge.certificates.issuer import Issuer, certified_by_itself
from flexicharge.certificates.keys import KeyKind
from flexicharge.config import read_settings
from flexicharge.gateway.tls import behind_tls
from flexicharge.model.site import StationChanges
from flexicharge.service import BackEnd
from flexicharge.service.server import Server
from flexicharge.startup.charger_tls import open_tls
from flexicharge.startup.ports import bind_ports
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.authority_files import (
    certificate_file,
    client_certificate,
    known_directory,
    pair_file,
)
from flexicharge.testing.certificates import (
    SINCE,
    known_authority,
    known_issuer,
    known_key,
)
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.memory import memory_stores, people

HERE = "127.0.0.1"
PASSWORD = "c0ffee" * 6
BOOT = [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]
SUITES = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
]


@define(eq=False)
class SecureTown:
    """A back end in memory behind real ports, each in two kinds of TLS."""

    authority: CaDirectory
    back_end: BackEnd
    ports: list[IListeningPort] = field(factory=list)

    def listen(self, **environ: str) -> list[int]:
        """Open the two ports as settings say; return their numbers."""
        told = {"OCPP_TLS_PORT": "0", "OCPP_MTLS_PORT": "0", "OCPP_TLS_HOST": HERE}
        settings = read_settings({**told, **environ})
        tls = open_tls(settings, self.authority, reactor.seconds())
        opened = [
            reactor.listenTCP(
                0, behind_tls(context, self.back_end.gateway, reactor), interface=HERE
            )
            for context in (tls.plain, tls.with_certificates)
        ]
        self.ports += opened
        return [port.getHost().port for port in opened]

    @property
    def alarms(self) -> dict[str, int]:
        """How often each alarm was raised."""
        return dict(self.back_end.alarms.raised)


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The roots that chargers believe."""
    roots = [known_issuer(kind).certificate for kind in KeyKind]
    return certificate_file(tmp_path_factory.mktemp("roots") / "roots.pem", *roots)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CaDirectory:
    """The authority, which keeps what it issued for all tests."""
    return known_directory(tmp_path_factory.mktemp("data") / "ca")


@pytest_twisted.async_yield_fixture
async def town(authority: CaDirectory) -> AsyncIterator[SecureTown]:
    """A back end on the real clock with one station, CP-7."""
    world, entropy = MemoryWorld(reactor), SeededEntropy()
    settings = read_settings({"DEMO_SEED": "0"})
    back_end = BackEnd(
        clock=reactor,
        settings=settings,
        stores=memory_stores(world, lambda _, provider: provider),
        people=people(entropy),
        authority=known_authority(settings, reactor, entropy),
        probe=lambda: None,
    )
    chargers = back_end.stores.chargers
    await chargers.put_station("CP-7", StationChanges(), reactor.seconds())
    made = back_end.people.server_key.station_credential(PASSWORD)
    await chargers.set_credential("CP-7", made)
    town = SecureTown(authority, back_end)
    yield town
    for port in town.ports:
        await port.stopListening()
    await back_end.stop()


@define
class Charger:
    """A charger of its own TLS library, in a thread."""

    trust: ssl.SSLContext
    port: int
    identity: str = "CP-7"
    password: str | None = PASSWORD

    def open(self) -> ClientConnection:
        """Connect and return the WebSocket."""
        headers = {}
        if self.password is not None:
            pair = b64encode(f"{self.identity}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return connect(
            f"wss://{HERE}:{self.port}/ocpp/{self.identity}",
            ssl=self.trust,
            subprotocols=["ocpp1.6"],
            additional_headers=headers,
            compression=None,
            open_timeout=5,
        )

    def boot(self) -> tuple[str, tuple[Any, ...] | None]:
        """Boot; return the status of the answer, and the suite it came over."""
        with self.open() as link:
            link.send(json.dumps(BOOT))
            answer = json.loads(link.recv(timeout=5))
            suite = link.socket.cipher()
            return answer[2]["status"], suite

    def refused(self) -> str:
        """Return the HTTP status of a refusal, or what else there was."""
        try:
            with self.open() as link:
                return repr(link)
        except InvalidStatus as why:
            return str(why.response.status_code)
        except (ssl.SSLError, OSError, WebSocketException) as why:
            return type(why).__name__


def trusting(ca_file: Path, suites: str = "", pair: Path | None = None) -> Any:
    """Return a client's TLS, of version 1.2 if it insists on suites."""
    context = ssl.create_default_context(cafile=str(ca_file))
    if suites:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suites)
    if pair is not None:
        context.load_cert_chain(str(pair))
    return context


def speaking_1_1(ca_file: Path) -> ssl.SSLContext:
    """Return a client's TLS that knows nothing newer than version 1.1."""
    context = trusting(ca_file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def soon(*is_so: Callable[[], bool]) -> None:
    """Wait until all is so, for as long as the reactor takes to notice."""
    for _ in range(200):
        if all(each() for each in is_so):
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("it never came about")


@pytest_twisted.ensureDeferred
async def test_all_four_suites_are_spoken(town: SecureTown, ca_file: Path) -> None:
    """With the certificate of either kind, and TLS 1.3 besides."""
    port, _ = town.listen(OCPP_TLS_STATIC_RSA="1")
    for suite in SUITES:
        charger = Charger(trusting(ca_file, suite), port)
        status, spoken = await deferToThread(charger.boot)
        assert (status, spoken[:2]) == ("Accepted", (suite, "TLSv1.2"))
    status, spoken = await deferToThread(Charger(trusting(ca_file), port).boot)
    assert (status, spoken[1]) == ("Accepted", "TLSv1.3")


@pytest_twisted.ensureDeferred
async def test_what_is_weak_is_not_spoken(town: SecureTown, ca_file: Path) -> None:
    """Suites without forward secrecy are, only if so set; others never."""
    port, _ = town.listen()
    for suite in (SUITES[2], "ECDHE-ECDSA-AES128-SHA"):
        charger = Charger(trusting(ca_file, suite), port)
        assert await deferToThread(charger.refused) == "SSLError"
    assert await deferToThread(Charger(speaking_1_1(ca_file), port).refused) == (
        "SSLError"
    )
    status, _ = await deferToThread(Charger(trusting(ca_file, SUITES[0]), port).boot)
    assert status == "Accepted"


@pytest_twisted.ensureDeferred
async def test_plain_text_on_a_tls_port_is_no_session(
    town: SecureTown, ca_file: Path
) -> None:
    """There is no falling back, and the next one is served."""
    port, _ = town.listen()
    said = await deferToThread(answer_to_plain_text, port)
    assert b"HTTP" not in said
    status, _ = await deferToThread(Charger(trusting(ca_file), port).boot)
    assert status == "Accepted"


def answer_to_plain_text(port: int) -> bytes:
    """Return what a TLS port says to an opening request in clear."""
    with closing(socket.create_connection((HERE, port), timeout=5)) as plain:
        plain.sendall(b"GET /ocpp/CP-7 HTTP/1.1\r\nHost: here\r\n\r\n")
        said = b""
        try:
            while data := plain.recv(1024):
                said += data
        except ConnectionResetError:
            pass
        return said


@pytest_twisted.ensureDeferred
async def test_long_texts_pass_both_ways(town: SecureTown, ca_file: Path) -> None:
    """More than one record of TLS, in one frame and in many."""
    port, _ = town.listen()

    def talk() -> list[Any]:
        with Charger(trusting(ca_file), port).open() as link:
            long = {"vendorId": "V", "data": "x" * 200_000}
            link.send(json.dumps([2, "long", "DataTransfer", long]))
            for number in range(300):
                link.send(json.dumps([2, str(number), "Heartbeat", {}]))
            return [json.loads(link.recv(timeout=5))[1] for _ in range(301)]

    ids = await deferToThread(talk)
    assert sorted(ids) == sorted(["long", *map(str, range(300))])


@pytest_twisted.ensureDeferred
async def test_a_wrong_password_is_401_over_tls(
    town: SecureTown, ca_file: Path
) -> None:
    """As it is without."""
    port, _ = town.listen()
    charger = Charger(trusting(ca_file), port, password="wrong")
    assert await deferToThread(charger.refused) == "401"


# client certificates


@define(frozen=True)
class Certificates:
    """Makes files of clients' certificates."""

    directory: Path

    def of(self, name: str, issuer: Issuer, days: int = 3650) -> Path:
        """Return the file of a certificate with its key."""
        key = known_key(7)
        made = client_certificate(issuer, key, name, days=days)
        return pair_file(self.directory / f"{name}-{days}.pem", key, made)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """What makes clients' certificates."""
    return Certificates(tmp_path)


OURS = known_issuer(KeyKind.EC)
ANOTHER = certified_by_itself(known_key(9), "Maker", SINCE, SeededEntropy("another"))


@pytest_twisted.ensureDeferred
async def test_a_certificate_lets_its_charger_in(
    town: SecureTown, ca_file: Path, certificates: Certificates
) -> None:
    """No password is asked for; that of another charger is turned away, loudly."""
    _, port = town.listen()
    for name, outcome in (("CP-7", "Accepted"), ("CP-8", "403")):
        trust = trusting(ca_file, pair=certificates.of(name, OURS))
        charger = Charger(trust, port, password=None)
        if outcome == "Accepted":
            assert (await deferToThread(charger.boot))[0] == outcome
        else:
            assert await deferToThread(charger.refused) == outcome
    assert town.alarms == {"a certificate of another name": 1}


@pytest.mark.parametrize("kind", ["none", "expired", "unknown"])
@pytest_twisted.ensureDeferred
async def test_the_handshake_refuses(
    town: SecureTown, ca_file: Path, certificates: Certificates, kind: str
) -> None:
    """Before a byte of HTTP, and somebody is told why."""
    _, port = town.listen()
    pair = {
        "none": None,
        "expired": certificates.of("CP-7", OURS, days=2),
        "unknown": certificates.of("CP-7", ANOTHER),
    }[kind]
    refused = Charger(trusting(ca_file, pair=pair), port).refused
    assert await deferToThread(refused) not in ("101", "401", "403")
    await soon(lambda: town.alarms == {"a certificate was refused": 1})
    assert not town.back_end.supervisor.present


@pytest_twisted.ensureDeferred
async def test_makers_of_chargers_may_be_believed(
    town: SecureTown, ca_file: Path, certificates: Certificates
) -> None:
    """Those in `OCPP_CLIENT_CA`."""
    maker = certificate_file(certificates.directory / "maker.pem", ANOTHER.certificate)
    _, port = town.listen(OCPP_CLIENT_CA=str(maker))
    for issuer in (ANOTHER, OURS):
        trust = trusting(ca_file, pair=certificates.of("CP-7", issuer))
        status, _ = await deferToThread(Charger(trust, port, password=None).boot)
        assert status == "Accepted"
        await soon(lambda: not town.back_end.supervisor.present)


@pytest_twisted.ensureDeferred
async def test_no_certificate_is_asked_for_at_the_other_port(
    town: SecureTown, ca_file: Path, certificates: Certificates
) -> None:
    """Who has one still needs the password there."""
    port, _ = town.listen()
    trust = trusting(ca_file, pair=certificates.of("CP-7", OURS))
    assert await deferToThread(Charger(trust, port, password=None).refused) == "401"


# the server's own start


class NoDatabase:
    """What a server opens first and closes last."""

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""


@pytest_twisted.ensureDeferred
async def test_the_server_opens_both_ports(town: SecureTown, ca_file: Path) -> None:
    """They are bound before it starts, and closed when it stops."""
    told = {"OCPP_TLS_PORT": "0", "OCPP_MTLS_PORT": "0", "OCPP_TLS_HOST": HERE}
    here = {"PORT": "0", "OCPP_PORT": "0", "HTTP_INTERFACE": HERE}
    settings = read_settings({**told, **here, "OCPP_INTERFACE": HERE})
    ports = bind_ports(settings, ExitStack())
    settings = ports.named_in(settings)
    server = Server(
        reactor=reactor,
        back_end=town.back_end,
        database=NoDatabase(),
        threads=(),
        ports=ports,
        tls=open_tls(settings, town.authority, reactor.seconds()),
        postgres=None,
    )
    server.startService()
    charger = Charger(trusting(ca_file), settings.ocpp_tls_port)
    assert (await deferToThread(charger.boot))[0] == "Accepted"
    charger = Charger(trusting(ca_file), settings.ocpp_mtls_port)
    await deferToThread(charger.refused)
    assert town.alarms == {"a certificate was refused": 1}
    await server.stopService()
    assert await deferToThread(charger.refused) == "ConnectionRefusedError"
