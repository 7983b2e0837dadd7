"""The four ways in, one for each security profile of OCPP."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from attrs import frozen
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from .memory import Memory
from .security import Charger
from .transcript import Recorded, Transcript

PATIENCE_S = 20


@frozen(kw_only=True)
class Way:
    """How a charger comes in: where, and what it shows.

    It speaks TLS if it has whom to trust; `pair` is a file of its key and certificate.
    """

    port: int
    password: str | None = None
    trust: Path | None = None
    pair: Path | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        shown = ["TLS"] if self.trust else ["plain"]
        shown += ["Basic"] if self.password else []
        shown += ["certificate"] if self.pair else []
        return " + ".join(shown)

    def open(self, identity: str) -> connect:
        """Return the connection, to be entered or awaited."""
        scheme = "ws" if self.trust is None else "wss"
        who = "" if self.password is None else f"{identity}:{quote(self.password)}@"
        return connect(
            f"{scheme}://{who}127.0.0.1:{self.port}/ocpp/{identity}",
            subprotocols=[Subprotocol("ocpp1.6")],
            ssl=self._tls(),
            open_timeout=PATIENCE_S,
        )

    def _tls(self) -> ssl.SSLContext | None:
        if self.trust is None:
            return None
        context = ssl.create_default_context(cafile=str(self.trust))
        if self.pair is not None:
            context.load_cert_chain(str(self.pair))
        return context


class Complaints(logging.Handler):
    """Keeps what the package `ocpp` logs about what it heard."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.heard.append(self.format(record))


@asynccontextmanager
async def plugged_in(
    way: Way, memory: Memory, transcript: Transcript
) -> AsyncIterator[Charger]:
    """Lend a connected charger; fail if it has to complain of anything it hears."""
    complaints = Complaints()
    logger = logging.Logger(memory.identity)
    logger.addHandler(complaints)
    async with (
        asyncio.timeout(PATIENCE_S),
        way.open(memory.identity) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        assert socket.subprotocol == "ocpp1.6"
        charger = Charger(Recorded(socket, transcript), memory, tasks, logger=logger)
        listening = tasks.create_task(charger.start())
        yield charger
        await charger.settled()
        listening.cancel()
    assert not complaints.heard
    transcript.demand_answers()
