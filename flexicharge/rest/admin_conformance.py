"""How well a charger keeps to its protocol, over HTTP, for its operators."""

from __future__ import annotations

from typing import Any, Final, Protocol
from urllib.parse import quote

from klein import Klein

from flexicharge.charging.beliefs.known import Known
from flexicharge.charging.conformance.report import Report, RunState
from flexicharge.errors import ChargerOffline, ConformanceUnderWay
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.rest.admin_commands import GIVING
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.replies import json_reply
from flexicharge.rest.station_commands import ASYNC, waits_not
from flexicharge.rest.station_conformance import (
    Conformance,
    Violations,
    WantedRun,
    conformance_of,
    violations_of,
)
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.statuses import Statuses, codes

OVER: Final = Told(200, "It is over: what it came to.", shape=Conformance)
GOES_ON: Final = Told(
    202,
    "It goes on: `Location` says where to read what it comes to.",
    shape=Conformance,
    headers=("Location", "Preference-Applied"),
)
BEGINNING: Final[Statuses] = {
    ChargerOffline: GIVING[ChargerOffline],
    ConformanceUnderWay: codes(
        409, "conformanceUnderWay", says="A run over it is not over yet."
    ),
}


class Tries(Protocol):
    """Tries chargers, and keeps what that comes to."""

    async def begin(self, serial_number: str) -> Report:
        """Begin a run over a connected charger.

        Raise `StationUnknown`, `UnusableValue`, `ChargerOffline` or
        `ConformanceUnderWay`.
        """

    async def ended(self, serial_number: str, within_s: float) -> Report:
        """Return the last run once it is over, or as it is then."""

    async def last(self, serial_number: str) -> Report:
        """Return the last run as it stands; raise `StationUnknown` or `NeverTried`."""


class ConformanceApi:
    """Trying a charger, and what it does wrong by itself."""

    app = Klein()

    def __init__(
        self, desk: Desk, stations: IChargerStore, known: Known, tries: Tries
    ) -> None:
        self.desk = desk
        self._stations, self._known, self._tries = stations, known, tries

    @app.route("/admin/chargers/<serial>/conformance", methods=["POST"])
    @operation(
        who=ADMIN, asks=WantedRun, gives=Itself((OVER, GOES_ON)), errors=BEGINNING
    )
    async def begin(self, call: Call[WantedRun], serial: str) -> bytes:
        """Try what a connected charger can do, and wait for what that comes to.

        Nothing is asked that changes anything at the charger; what a careless one could
        still get wrong is left out while a car charges there. Each question is a
        command like any other. The end is waited for at most `timeout` seconds, 120 if
        nothing is said, and with `Prefer: respond-async` not at all.
        """
        name, request = station_named(serial), call.request
        report = await self._tries.begin(name)
        if waits_not(request):
            request.setHeader(b"Preference-Applied", ASYNC.encode())
        else:
            report = await self._tries.ended(name, call.asked.wait_s)
        shape = conformance_of(name, report)
        if report.run.state is not RunState.RUNNING:
            return json_reply(request, shape)
        where = f"/admin/chargers/{quote(name, safe='')}/conformance"
        request.setHeader(b"Location", where.encode())
        return json_reply(request, shape, 202)

    @app.route("/admin/chargers/<serial>/conformance", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Conformance))
    async def last(self, call: Call[Any], serial: str) -> Conformance:
        """Answer with the last run over a charger, as far as it has come.

        `running`, `done`, or `aborted` with what was known by then: the connection was
        lost, or the charger answered nothing any more.
        """
        name = station_named(serial)
        return conformance_of(name, await self._tries.last(name))

    @app.route("/admin/chargers/<serial>/violations", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Violations))
    async def violations(self, call: Call[Any], serial: str) -> Violations:
        """Answer with how often a station broke which rule, the most frequent first.

        Of everything that it ever said. `about` says what the rule is, `source` where
        chargers are known to break it.
        """
        record = await self._stations.station_on_record(station_named(serial))
        return violations_of(await self._known.violations(record.station))
