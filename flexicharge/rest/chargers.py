"""Chargers over HTTP: what our words call connectors."""

from __future__ import annotations

from typing import Final

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from flexicharge.errors import ConnectorUnknown, Invalid
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.site import MAX_SERIAL, Connector
from flexicharge.rest.ids import number_of
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import answering

NO_SITE: Final = 0


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
    """Everybody may see the chargers; no token is asked for."""

    app = Klein()

    def __init__(self, chargers: IChargerStore, clock: IReactorTime) -> None:
        self._chargers, self._clock = chargers, clock

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

    def _array(self, request: IRequest, connectors: tuple[Connector, ...]) -> bytes:
        now = self._clock.seconds()
        return json_reply(request, [charger_json(each, now) for each in connectors])
