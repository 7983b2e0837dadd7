"""Charger 100000: a virtual charger that the server plays, over its own port.

To the server it is a charger like any other. Its power is the server's process, and it
keeps nothing on a disk: a server that stops in order lets it end its charge first, and
one that is started reads from the store where the register stood, and whether a charge
was cut short. The charger then says so, as one with a memory does: StopTransaction at
the last register that is known.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.errors import DatabaseAway, StationUnknown
from flexicharge.interfaces import IChargerStore, IEntropy, ITransactionStore
from flexicharge.model.demo import DEMO_CHARGER
from flexicharge.model.site import Protocol, Station
from flexicharge.selftests.seams import OwnPorts
from flexicharge.service.demo_station import installed
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.errors import ServerHung, SimulatorError
from flexicharge.simulator.sockets import SimulatorSocket, charger_factory

KEEP_ALIVE_S: Final = 60.0
PASSWORD_BYTES: Final = 20
DIAL_WITHIN_S: Final = 10.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
STEADY_AFTER_S: Final = 60.0
LAST_WORDS_WITHIN_S: Final = 2.0


@define(eq=False, kw_only=True)
class DemoCharger:
    """Keeps the charger connected from `start` to `stop`.

    While its station is not in service it stays away, and looks for it once a minute.
    `keep_for` is told the password that its handshakes show; nobody else knows it.
    """

    clock: IReactorTime
    ports: OwnPorts
    chargers: IChargerStore
    transactions: ITransactionStore
    entropy: IEntropy
    keep_for: Callable[[str, str], None]
    charger: VirtualCharger | None = field(default=None, init=False)
    _password: str = field(default="", init=False, repr=False)
    _socket: SimulatorSocket | None = field(default=None, init=False)
    _keeping: Deferred[None] | None = field(default=None, init=False)
    _pause_s: float = field(default=FIRST_PAUSE_S, init=False)
    _trouble: type[Exception] | None = field(default=None, init=False)
    _log = Logger()

    def start(self) -> None:
        """Connect, and come back after any loss; both ports must be open."""
        self._password = self.entropy.token(PASSWORD_BYTES).hex()
        self.keep_for(DEMO_CHARGER, self._password)
        self._keeping = Deferred.fromCoroutine(self._keep())
        self._keeping.addErrback(lambda failure: failure.trap(CancelledError))

    async def stop(self) -> None:
        """End what charges, hang up, and stay away; never raise.

        A server that does not take the last words within two seconds finds the charge
        cut short when it is started again.
        """
        self._stay_away()
        try:
            await self._end_charge()
            await self._hang_up()
        finally:
            self.cut_power()

    def cut_power(self) -> None:
        """Be gone without a word; nothing is left on the clock."""
        self._stay_away()
        self._uninstall()

    def _stay_away(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()

    # staying connected

    async def _keep(self) -> None:
        while True:
            began_at = self.clock.seconds()
            try:
                await self._be_there()
            except CancelledError:
                raise
            except Exception as why:
                self._note(why)
            if self.clock.seconds() - began_at >= STEADY_AFTER_S:
                self._pause_s = FIRST_PAUSE_S
            await deferLater(self.clock, self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    async def _be_there(self) -> None:
        """Be a charger until the line is lost.

        Raise `StationUnknown`, `DatabaseAway` or `SimulatorError`.
        """
        charger = await self._in_service()
        factory = charger_factory(
            self.ports.ws_url, charger, self.clock, keep_alive_s=KEEP_ALIVE_S
        )
        pair = f"{charger.serial_number}:{self._password}".encode()
        factory.headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        self._socket = await self.ports.dial(factory, DIAL_WITHIN_S)
        self._trouble = None
        await self._socket.when_closed()

    async def _in_service(self) -> VirtualCharger:
        """Return the charger that the record asks for: the one there is, or a new one.

        While the database is away the one there is will do.
        """
        try:
            station = await self._station()
        except DatabaseAway:
            if self.charger is None:
                raise
            return self.charger
        number = station.connector_for(None).connector_id
        if self.charger is not None and self.charger.number not in (None, number):
            self._uninstall()
        if self.charger is None:
            self.charger = await installed(station, self.transactions, self.clock)
        return self.charger

    async def _station(self) -> Station:
        """Return the record; where there is none for us, nothing stands there."""
        try:
            station = await self.chargers.get_station(DEMO_CHARGER)
            if station.protocol is not Protocol.DIALECT:
                raise StationUnknown(DEMO_CHARGER)
        except StationUnknown:
            self._uninstall()
            raise
        return station

    def _note(self, why: Exception) -> None:
        """Say what is wrong, but not again while it stays so."""
        if type(why) is self._trouble:
            return
        self._trouble = type(why)
        if isinstance(why, StationUnknown):
            self._log.info(
                "{serial_number} is not in service; the demo charger waits for it",
                serial_number=DEMO_CHARGER,
            )
        elif isinstance(why, (DatabaseAway, SimulatorError)):
            self._log.warn(
                "the demo charger cannot connect, and goes on trying: {why!r}", why=why
            )
        else:
            self._log.failure("the demo charger fails, and goes on trying")

    # its end

    def _uninstall(self) -> None:
        charger, self.charger = self.charger, None
        if charger is not None:
            charger.cut_power()

    async def _end_charge(self) -> None:
        charger = self.charger
        if charger is None or not charger.charges or charger.charges[-1].is_over:
            return
        charge = charger.charges[-1]
        charger.stop("Reboot")
        try:
            await charger.until_kept(charge, LAST_WORDS_WITHIN_S)
        except ServerHung:
            self._log.warn("the demo charger's charge ends when the server is back")

    async def _hang_up(self) -> None:
        if self.charger is not None and self._socket is not None:
            gone = self._socket.when_closed()
            self.charger.switch_off()
            await gone
