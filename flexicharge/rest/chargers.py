"""Chargers over HTTP: what our words call connectors (contract §4.2)."""

from __future__ import annotations

from typing import Any, Final, Literal

from klein import Klein

from flexicharge.errors import (
    AlreadyTaken,
    ConnectorBusy,
    ConnectorUnknown,
    Invalid,
    NumbersExhausted,
    SiteUnknown,
)
from flexicharge.interfaces.links import IBus
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.events import RETIREMENTS, StationRetired
from flexicharge.model.site import MAX_SERIAL, Connector
from flexicharge.rest.bearer import ADMIN, ANYBODY
from flexicharge.rest.charger_fields import (
    NONE_FOUND,
    UNCHANGED,
    Charger,
    NewCharger,
    WantedStatus,
    charger_of,
)
from flexicharge.rest.declared.gives import Empty, Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.statuses import Statuses, codes, own_codes

MAKING: Final[Statuses] = {
    Invalid: own_codes(404),
    AlreadyTaken: codes(404, "dbUniqueConstraintError"),
    SiteUnknown: codes(404, "dbForeignKeyConstraintError"),
    NumbersExhausted: codes(409, "noConnectorIDsLeft"),
}
RETIRING: Final[Statuses] = {ConnectorBusy: codes(409, "chargerInUse")}
FINDING: Final[Statuses] = {Invalid: codes(400, "invalidSerialNumber")}


class ChargersApi:
    """Everybody may see the chargers, no token is asked for; admins change them."""

    app = Klein()

    def __init__(self, desk: Desk, chargers: IChargerStore, bus: IBus) -> None:
        self.desk = desk
        self._chargers, self._bus = chargers, bus

    @app.route("/chargers", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(list[Charger]),
        clients=(
            "AND asks every 10 s; reads `connectorID`, `chargePointID`, `location`, "
            "`serialNumber`, `status`.",
            "IOS reads `chargerID`; a missing key crashes it.",
            "FLU takes no null.",
        ),
    )
    async def every(self, call: Call[Any]) -> list[Charger]:
        """Answer with all chargers, by number."""
        return self._list(await self._chargers.get_chargers())

    @app.route("/chargers/available", methods=["GET"])
    @operation(who=ANYBODY, gives=Json(list[Charger]))
    async def available(self, call: Call[Any]) -> list[Charger]:
        """Answer with the chargers that are shown as Available."""
        now = self.desk.clock.seconds()
        return self._list(await self._chargers.get_available_chargers(now))

    @app.route("/chargers/serial/<serial_number>", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(Charger | NONE_FOUND, says="The charger, or `[]` for an unknown."),
        errors=FINDING,
    )
    async def by_serial(
        self, call: Call[Any], serial_number: str
    ) -> Charger | tuple[()]:
        """Answer with a station's lowest charger, or `[]` for an unknown station."""
        if len(serial_number) > MAX_SERIAL:
            raise Invalid("invalidSerialNumber")
        try:
            found = await self._chargers.get_charger_by_serial_number(serial_number)
        except ConnectorUnknown:
            return ()
        return charger_of(found, self.desk.clock.seconds())

    @app.route("/chargers/<connector_id>", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(Charger),
        clients=("AND's button depends on `status`.", "PYT reads `chargerID`."),
    )
    async def one(self, call: Call[Any], connector_id: str) -> Charger:
        """Answer with one charger; 404 and no body if there is none."""
        number = number_of(connector_id, ConnectorUnknown)
        found = await self._chargers.get_charger(number)
        return charger_of(found, self.desk.clock.seconds())

    @app.route("/chargers", methods=["POST"])
    @operation(
        who=ADMIN,
        asks=NewCharger,
        gives=Json(Charger, 201, "The charger that was made."),
        errors=MAKING,
        clients=("GUI looks for `dbUniqueConstraintError` in the body of an error.",),
    )
    async def add(self, call: Call[NewCharger]) -> Charger:
        """Make a charger, `Available`, on a site; 201 with it."""
        new = call.asked
        made = await self._chargers.add_charger(
            new.site_id, new.serial_number, new.location
        )
        return charger_of(made, self.desk.clock.seconds())

    @app.route("/chargers/<connector_id>", methods=["PUT"])
    @operation(
        who=ADMIN,
        asks=WantedStatus,
        gives=Json(Charger | UNCHANGED, says="The charger, or false for an unknown."),
        clients=(
            "GUI sends the whole charger.",
            "FLU and IOS send this without a token to stop, and ignore the 401.",
        ),
    )
    async def change(
        self, call: Call[WantedStatus], connector_id: str
    ) -> Charger | Literal[False]:
        """Change a charger's status, which ends no charge; `false` for an unknown one.

        Whatever else a body has is ignored.
        """
        status, now = call.asked.status, self.desk.clock.seconds()
        try:
            number = number_of(connector_id, ConnectorUnknown)
            found = await self._chargers.update_charger_status(number, status, now)
        except ConnectorUnknown:
            return False
        return charger_of(found, now)

    @app.route("/chargers/<connector_id>", methods=["DELETE"])
    @operation(
        who=ADMIN,
        gives=Empty(204, "It is out of service."),
        errors=RETIRING,
        clients=("GUI looks for exactly 204.",),
    )
    async def remove(self, call: Call[Any], connector_id: str) -> None:
        """Retire a charger and have it hung up on; 204, or 409 while it is in use."""
        number = number_of(connector_id, ConnectorUnknown)
        found = await self._chargers.get_charger(number)
        if not await self._chargers.remove_charger(number, self.desk.clock.seconds()):
            raise ConnectorUnknown(number)
        self._bus.publish(RETIREMENTS, StationRetired(found.serial_number))

    def _list(self, connectors: tuple[Connector, ...]) -> list[Charger]:
        now = self.desk.clock.seconds()
        return [charger_of(each, now) for each in connectors]
