"""Chargers over HTTP: what our words call connectors (contract §4.2)."""

from __future__ import annotations

from typing import Final

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    Invalid,
    NumbersExhausted,
    SiteUnknown,
)
from flexicharge.interfaces.links import IBus
from flexicharge.interfaces.people import IIdentity
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.events import RETIREMENTS, StationRetired
from flexicharge.model.site import MAX_SERIAL, Connector
from flexicharge.rest.bearer import admin_of
from flexicharge.rest.bodies import read_body
from flexicharge.rest.charger_fields import new_charger_of, wanted_status_of
from flexicharge.rest.ids import number_of
from flexicharge.rest.replies import empty, json_reply
from flexicharge.rest.statuses import EVERYWHERE, Statuses, answering, codes, own_codes

NO_SITE: Final = 0
MAKING: Final[Statuses] = {
    **EVERYWHERE,
    Invalid: own_codes(404),
    AlreadyTaken: codes(404, "dbUniqueConstraintError"),
    SiteUnknown: codes(404, "dbForeignKeyConstraintError"),
    NumbersExhausted: codes(409, "noConnectorIDsLeft"),
}
RETIRING: Final[Statuses] = {
    **EVERYWHERE,
    ConnectorBusy: codes(409, "chargerInUse"),
}


def charger_json(connector: Connector, now: float) -> dict[str, object]:
    """Return a charger under the names of all API generations (contract §4.2).

    Every app reads `location`, M23 said `coordinates`; IOS and PYT read `chargerID`,
    the others `connectorID`. AND, FLU and IOS take no null for `chargePointID`: a
    charger on no site says 0, the number of none.
    """
    place = [connector.latitude, connector.longitude]
    return {
        "connectorID": connector.connector_id,
        "chargerID": connector.connector_id,
        "location": place,
        "coordinates": place,
        "serialNumber": connector.serial_number,
        "status": connector.shown_at(now),
        "chargePointID": NO_SITE if connector.site_id is None else connector.site_id,
    }


class ChargersApi:
    """Everybody may see the chargers, no token is asked for; admins change them."""

    app = Klein()

    def __init__(
        self,
        chargers: IChargerStore,
        identity: IIdentity,
        bus: IBus,
        clock: IReactorTime,
    ) -> None:
        self._chargers, self._identity = chargers, identity
        self._bus, self._clock = bus, clock

    @app.route("/chargers", methods=["GET"])
    @answering()
    async def every(self, request: IRequest) -> bytes:
        """Answer with all chargers, by number."""
        return self._array(request, await self._chargers.get_chargers())

    @app.route("/chargers/available", methods=["GET"])
    @answering()
    async def available(self, request: IRequest) -> bytes:
        """Answer with the chargers that are shown as Available."""
        now = self._clock.seconds()
        return self._array(request, await self._chargers.get_available_chargers(now))

    @app.route("/chargers/serial/<serial_number>", methods=["GET"])
    @answering()
    async def by_serial(self, request: IRequest, serial_number: str) -> bytes:
        """Answer with a station's lowest charger, or `[]` for an unknown station."""
        if len(serial_number) > MAX_SERIAL:
            raise Invalid("invalidSerialNumber")
        try:
            found = await self._chargers.get_charger_by_serial_number(serial_number)
        except ConnectorUnknown:
            return json_reply(request, [])
        return json_reply(request, charger_json(found, self._clock.seconds()))

    @app.route("/chargers/<connector_id>", methods=["GET"])
    @answering()
    async def one(self, request: IRequest, connector_id: str) -> bytes:
        """Answer with one charger; 404 and no body if there is none."""
        number = number_of(connector_id, ConnectorUnknown)
        found = await self._chargers.get_charger(number)
        return json_reply(request, charger_json(found, self._clock.seconds()))

    @app.route("/chargers", methods=["POST"])
    @answering(MAKING)
    async def add(self, request: IRequest) -> bytes:
        """Make a charger, `Available`, on a site; 201 with it."""
        await admin_of(request, self._identity)
        new = new_charger_of(read_body(request))
        made = await self._chargers.add_charger(
            new.site_id, new.serial_number, new.location
        )
        return json_reply(request, charger_json(made, self._clock.seconds()), 201)

    @app.route("/chargers/<connector_id>", methods=["PUT"])
    @answering()
    async def change(self, request: IRequest, connector_id: str) -> bytes:
        """Change a charger's status, which ends no charge; `false` for an unknown one.

        Whatever else a body has is ignored: GUI sends the whole charger.
        """
        await admin_of(request, self._identity)
        status, now = wanted_status_of(read_body(request)), self._clock.seconds()
        try:
            number = number_of(connector_id, ConnectorUnknown)
            found = await self._chargers.update_charger_status(number, status, now)
        except ConnectorUnknown:
            return json_reply(request, False)
        return json_reply(request, charger_json(found, now))

    @app.route("/chargers/<connector_id>", methods=["DELETE"])
    @answering(RETIRING)
    async def remove(self, request: IRequest, connector_id: str) -> bytes:
        """Retire a charger and have it hung up on; 204, or 409 while it is in use."""
        await admin_of(request, self._identity)
        number = number_of(connector_id, ConnectorUnknown)
        found = await self._chargers.get_charger(number)
        if not await self._chargers.remove_charger(number, self._clock.seconds()):
            raise ConnectorUnknown(number)
        self._bus.publish(RETIREMENTS, StationRetired(found.serial_number))
        return empty(request, 204)

    def _array(self, request: IRequest, connectors: tuple[Connector, ...]) -> bytes:
        now = self._clock.seconds()
        return json_reply(request, [charger_json(each, now) for each in connectors])
