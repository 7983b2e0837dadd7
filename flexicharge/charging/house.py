"""All use cases of a charge, put together over one set of seams."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from flexicharge.charging.bookings import Bookings
from flexicharge.charging.closing import Closing
from flexicharge.charging.drivers import DriverCharging
from flexicharge.charging.ending import Ending
from flexicharge.charging.heard import Heard
from flexicharge.charging.partings import Partings
from flexicharge.charging.repeats import Repeats
from flexicharge.charging.reservations import DriverReservations
from flexicharge.charging.reserving import Reserving
from flexicharge.charging.seams import Seams
from flexicharge.charging.starting import Starting
from flexicharge.charging.stations import StationCharging
from flexicharge.charging.statuses import StatusWriter
from flexicharge.charging.stopping import Stopping
from flexicharge.charging.sweeps import Sweeps
from flexicharge.model.commands import RemoteStart, RemoteStop, Reserve
from flexicharge.model.events import ALL_SESSIONS, LATE_VERDICTS, LateVerdict


@define(eq=False)
class Charging:
    """What drivers, stations and time can do to sessions."""

    seams: Seams
    drivers: DriverCharging = field(init=False)
    reservations: DriverReservations = field(init=False)
    stations: StationCharging = field(init=False)
    sweeps: Sweeps = field(init=False)
    closing: Closing = field(init=False)
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
        self.stations = StationCharging(
            seams,
            ending,
            self._stopping,
            statuses,
            heard,
            Repeats(seams),
            Partings(seams.chargers, seams.clock, seams.background),
        )
        self.reservations = DriverReservations(seams)
        self.sweeps = Sweeps(seams, ending, heard, Bookings(seams, self._reserving))
        self.closing = Closing(seams, ending)
        self._deaf = [
            seams.bus.subscribe(LATE_VERDICTS, self._act_late),
            seams.bus.subscribe(ALL_SESSIONS, self.stations.session_changed),
            seams.bus.subscribe(ALL_SESSIONS, self._stopping.session_changed),
        ]

    def wind_down(self) -> None:
        """Take no more notice of anything."""
        for deaf in self._deaf:
            deaf()
        self.stations.wind_down()

    def _act_late(self, late: LateVerdict) -> None:
        command = late.command
        match command:
            case Reserve():
                work = self._reserving.late_verdict(command, late.verdict, late.code)
            case RemoteStart():
                work = self._starting.late_verdict(command, late.verdict)
            case RemoteStop():
                work = self._stopping.late_verdict(command, late.verdict)
        self.seams.background.spawn(
            f"a late answer for session {command.session_id}", work
        )
