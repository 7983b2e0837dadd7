"""Stations over HTTP, for their operators (design §6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from klein import Klein
from msgspec import UNSET, UnsetType

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    Invalid,
    NumbersExhausted,
    SiteUnknown,
    StationUnknown,
)
from flexicharge.identity.weak_passwords import is_weak
from flexicharge.interfaces.links import IBus
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.events import (
    RETIREMENTS,
    STATIONS,
    StationChanged,
    StationRetired,
)
from flexicharge.rest.admin_reservations import Knows
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Empty, Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.paging import Page
from flexicharge.rest.replies import json_reply
from flexicharge.rest.station_fields import WantedStation, station_named
from flexicharge.rest.station_shapes import Station, station_shape_of
from flexicharge.rest.statuses import Statuses, codes

PASSWORD_BYTES: Final = 20
CHANGED: Final = Told(200, "The station, as it is from now on.", shape=Station)
MADE: Final = Told(201, "The station that was made.", shape=Station)
PUTTING: Final[Statuses] = {
    SiteUnknown: codes(400, "unknownChargePointID"),
    AlreadyTaken: codes(409, "dbUniqueConstraintError"),
    ConnectorBusy: codes(409, "chargerInUse"),
    NumbersExhausted: codes(409, "noConnectorIDsLeft"),
}
RETIRING: Final[Statuses] = {ConnectorBusy: codes(409, "chargerInUse")}


class StationsApi:
    """The boxes behind the chargers; a password is shown to whoever had it made, once.

    `credential_of` returns what is stored of a station's password.
    """

    app = Klein()

    def __init__(
        self,
        desk: Desk,
        stations: IChargerStore,
        bus: IBus,
        known: Knows,
        credential_of: Callable[[str], bytes],
    ) -> None:
        self.desk = desk
        self._stations, self._bus, self._known = stations, bus, known
        self._credential_of = credential_of

    @app.route("/admin/chargers", methods=["GET"])
    @operation(who=ADMIN, asks=Page, in_query=True, gives=Json(list[Station]))
    async def every(self, call: Call[Page]) -> list[Station]:
        """Answer with stations by serial number, at most `limit` after that one."""
        page, now = call.asked, self.desk.clock.seconds()
        found = await self._stations.stations_on_record(
            after=page.after, limit=page.limit
        )
        return [station_shape_of(each, now) for each in found]

    @app.route("/admin/chargers/<serial>", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Station))
    async def one(self, call: Call[Any], serial: str) -> Station:
        """Answer with one station; 404 and no body if there is none."""
        return await self._shown(station_named(serial))

    @app.route("/admin/chargers/<serial>", methods=["PUT"])
    @operation(
        who=ADMIN, asks=WantedStation, gives=Itself((CHANGED, MADE)), errors=PUTTING
    )
    async def put(self, call: Call[WantedStation], serial: str) -> bytes:
        """Make a station, 201, or change what is said of one, 200.

        A new one speaks OCPP 1.6, has one connector, no password, and is Accepted,
        unless it is said otherwise. A `chargePointID` of null takes it off its site.
        A `password` has 16 to 20 bytes, as they are or in hexadecimal digits; one that
        is easy to guess is refused. With `generatePassword` one is made, and shown in
        this answer alone. While a charge is going on a connector can not be taken away,
        nor the protocol changed.
        """
        name, wanted = _new_name(serial), call.asked
        password, changes = self._password(name, wanted), wanted.changes
        if password is not None:
            changes["credential"] = self._credential_of(password)
        _, is_new = await self._stations.put_station(
            name, changes, self.desk.clock.seconds()
        )
        self._bus.publish(STATIONS, StationChanged(name))
        shown = password if wanted.generates and password is not None else UNSET
        return json_reply(
            call.request, await self._shown(name, shown), 201 if is_new else 200
        )

    @app.route("/admin/chargers/<serial>", methods=["DELETE"])
    @operation(who=ADMIN, gives=Empty(204, "It is out of service."), errors=RETIRING)
    async def remove(self, call: Call[Any], serial: str) -> None:
        """Retire a station with its connectors and hang up on it; 409 while in use."""
        name = station_named(serial)
        await self._stations.retire_station(name, self.desk.clock.seconds())
        self._bus.publish(RETIREMENTS, StationRetired(name))

    async def _shown(self, name: str, password: str | UnsetType = UNSET) -> Station:
        record = await self._stations.station_on_record(name)
        states = await self._known.connector_states(record.station)
        connection = await self._known.connection(record.station)
        now = self.desk.clock.seconds()
        return station_shape_of(record, now, states, password, connection)

    def _password(self, name: str, wanted: WantedStation) -> str | None:
        """Return the password that a station is to have, None to leave it."""
        if wanted.generates:
            if wanted.password is not None:
                raise Invalid("twoPasswords")
            return self.desk.entropy.token(PASSWORD_BYTES).hex()
        if wanted.password is not None and is_weak(wanted.password, name):
            raise Invalid("weakPassword")
        return wanted.password


def _new_name(serial: str) -> str:
    try:
        return station_named(serial)
    except StationUnknown:
        raise Invalid("invalidSerialNumber") from None
