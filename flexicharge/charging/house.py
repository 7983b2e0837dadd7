"""All use cases of a charge, put together over one set of seams."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field, frozen

from flexicharge.charging.beliefs import Beliefs, BeliefSeams
from flexicharge.charging.bookings import Bookings
from flexicharge.charging.closing import Closing
from flexicharge.charging.command_seams import CommandSeams
from flexicharge.charging.conformance import Conformance, ConformanceSeams
from flexicharge.charging.drivers import DriverCharging
from flexicharge.charging.ending import Ending
from flexicharge.charging.heard import Heard
from flexicharge.charging.operator_closing import OperatorClosing
from flexicharge.charging.operator_commands import OperatorCommands
from flexicharge.charging.partings import Partings
from flexicharge.charging.repeats import Repeats
from flexicharge.charging.reservations import DriverReservations
from flexicharge.charging.reserving import Reserving
from flexicharge.charging.seams import Seams
from flexicharge.charging.standard.house import StandardCharging
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.charging.standard.tags import Tags
from flexicharge.charging.starting import Starting
from flexicharge.charging.stations import StationCharging
from flexicharge.charging.statuses import StatusWriter
from flexicharge.charging.stopping import Stopping
from flexicharge.charging.sweeps import Sweeps
from flexicharge.interfaces import (
    ICertificateAuthority,
    ICommandStore,
    IEntropy,
    IIdTagStore,
    IStationBook,
)
from flexicharge.model.commands import (
    CancelReserve,
    RemoteStart,
    RemoteStop,
    Reserve,
)
from flexicharge.model.events import ALL_SESSIONS, LATE_VERDICTS, LateVerdict


@frozen(kw_only=True)
class StandardMore:
    """What else the use cases of standard stations stand on."""

    tags: IIdTagStore
    commands: ICommandStore
    book: IStationBook
    authority: ICertificateAuthority
    entropy: IEntropy
    credential_of: Callable[[str], bytes]
    heartbeat_interval_s: int = 300
    settles_doubts: bool = True


@define(eq=False, repr=False)
class Charging:
    """What drivers, stations and time can do to sessions.

    `more` is what there is for standard stations.
    """

    seams: Seams
    more: StandardMore
    drivers: DriverCharging = field(init=False)
    reservations: DriverReservations = field(init=False)
    stations: StationCharging = field(init=False)
    standard: StandardCharging = field(init=False)
    beliefs: Beliefs = field(init=False)
    commands: OperatorCommands = field(init=False)
    conformance: Conformance = field(init=False)
    sweeps: Sweeps = field(init=False)
    closing: Closing = field(init=False)
    operator_closing: OperatorClosing = field(init=False)
    _reserving: Reserving = field(init=False)
    _starting: Starting = field(init=False)
    _stopping: Stopping = field(init=False)
    _deaf: list[Callable[[], None]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        seams, heard = self.seams, Heard()
        ending = Ending(seams, heard)
        statuses = StatusWriter(seams.chargers, seams.clock, seams.background)
        self._stopping = Stopping(seams, ending)
        self._starting = Starting(seams, self._stopping)
        self._reserving = Reserving(seams, statuses)
        self.drivers = DriverCharging(
            seams, self._reserving, self._starting, self._stopping, ending
        )
        partings = Partings(seams.chargers, seams.clock, seams.background)
        self.stations = StationCharging(
            seams,
            ending,
            self._stopping,
            statuses,
            heard,
            Repeats(seams),
            partings,
        )
        self._serve_standard(ending, statuses, heard)
        self.reservations = DriverReservations(seams)
        self.sweeps = Sweeps(seams, ending, heard, Bookings(seams, self._reserving))
        self.closing = Closing(seams, ending)
        self.operator_closing = OperatorClosing(seams, ending)
        self._deaf = [
            seams.bus.subscribe(LATE_VERDICTS, self._act_late),
            seams.bus.subscribe(ALL_SESSIONS, self.stations.session_changed),
            seams.bus.subscribe(ALL_SESSIONS, self.standard.session_changed),
            seams.bus.subscribe(ALL_SESSIONS, self._stopping.session_changed),
        ]

    def _serve_standard(
        self, ending: Ending, statuses: StatusWriter, heard: Heard
    ) -> None:
        """Put together what standard stations set off, and what they are asked."""
        seams, more = self.seams, self.more
        self.beliefs = Beliefs(self._belief_seams())
        self.commands = OperatorCommands(self._command_seams(), self.beliefs)
        self.beliefs.give = self.commands.carry_out
        self.conformance = Conformance(self._conformance_seams())
        self.standard = StandardCharging(
            StandardSeams(
                seams=seams,
                ending=ending,
                stopping=self._stopping,
                statuses=statuses,
                heard=heard,
                tags=Tags(seams, more.tags),
                beliefs=self.beliefs,
                heartbeat_interval_s=more.heartbeat_interval_s,
            )
        )

    def _belief_seams(self) -> BeliefSeams:
        seams, more = self.seams, self.more
        return BeliefSeams(
            book=more.book,
            chargers=seams.chargers,
            transactions=seams.transactions,
            tags=more.tags,
            authority=more.authority,
            clock=seams.clock,
            alarms=seams.alarms,
            background=seams.background,
            credential_of=more.credential_of,
            settles_doubts=more.settles_doubts,
        )

    def _command_seams(self) -> CommandSeams:
        seams, more = self.seams, self.more
        return CommandSeams(
            clock=seams.clock,
            store=more.commands,
            chargers=seams.chargers,
            transactions=seams.transactions,
            stations=seams.stations,
            bus=seams.bus,
            background=seams.background,
            entropy=more.entropy,
        )

    def _conformance_seams(self) -> ConformanceSeams:
        seams = self.seams
        return ConformanceSeams(
            clock=seams.clock,
            chargers=seams.chargers,
            transactions=seams.transactions,
            book=self.more.book,
            known=self.beliefs.known,
            stations=seams.stations,
            bus=seams.bus,
            background=seams.background,
            carry_out=self.commands.carry_out,
        )

    def wind_down(self) -> None:
        """Take no more notice of anything."""
        for deaf in self._deaf:
            deaf()
        self.stations.wind_down()
        self.standard.wind_down()
        self.commands.wind_down()
        self.beliefs.wind_down()

    def _act_late(self, late: LateVerdict) -> None:
        command = late.command
        match command:
            case Reserve():
                work = self._reserving.late_verdict(command, late.verdict, late.code)
            case RemoteStart():
                work = self._starting.late_verdict(command, late.verdict)
            case RemoteStop():
                work = self._stopping.late_verdict(command, late.verdict)
            case CancelReserve():
                return  # whatever it says, the session is over
        self.seams.background.spawn(
            f"a late answer for session {command.session_id}", work
        )
