"""Reservations over HTTP, in the shapes of 2022 (contract §4.8, design §7.9)."""

from __future__ import annotations

from typing import Any, Final, Literal, Protocol

from attrs import field, frozen
from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.errors import (
    ChargerOffline,
    ConnectorBusy,
    ConnectorUnknown,
    ReservationUnknown,
    TooManyReservations,
)
from flexicharge.model.account import Caller
from flexicharge.model.reservation import Reservation
from flexicharge.rest.bearer import OLD_APP
from flexicharge.rest.declared.gives import Empty, Json, Told
from flexicharge.rest.declared.shapes import Whole
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.old_shapes import (
    OldBooking,
    OldReservation,
    OldReserve,
    old_reservation_of,
)
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import Statuses, codes
from flexicharge.rest.transactions import Charging, NothingToShow

INVALID_ID: Final = "InvalidId"
Word = Literal["Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"]


class Held(Protocol):
    """What is held for drivers; `charging.reservations.DriverReservations` knows."""

    async def book(
        self, caller: Caller, connector_id: int, start_ms: object, end_ms: object
    ) -> Reservation:
        """Book a connector between two times in ms since 1970."""

    async def read(self, caller: Caller, reservation_id: int) -> Reservation:
        """Return a reservation."""

    async def of_user(self, caller: Caller, user_id: str) -> tuple[Reservation, ...]:
        """Return a user's reservations, soonest first."""

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[Reservation, ...]:
        """Return a connector's reservations, soonest first."""

    async def cancel(self, caller: Caller, reservation_id: int) -> None:
        """Call a reservation off."""


@frozen
class NobodyThere:
    """A 404 with one word as JSON: no such charger is connected."""

    told: Told = field(
        default=Told(
            404,
            "No such charger is connected.",
            schema={"type": "string", "const": INVALID_ID},
        ),
        init=False,
    )

    def __call__(self, request: IRequest, why: Any, desk: Desk) -> bytes:
        """Answer with the word."""
        return json_reply(request, INVALID_ID, 404)


ASKING: Final[Statuses] = {
    ChargerOffline: NobodyThere(),
    ConnectorUnknown: NobodyThere(),
}
BOOKING: Final[Statuses] = {
    ConnectorUnknown: codes(400, "invalidChargerId"),
    ConnectorBusy: codes(400, "couldNotReserveCharger"),
    TooManyReservations: codes(400, "tooManyReservations"),
}


class ReservationsApi:
    """Chargers that are held for somebody: a token's owner, or a guest if allowed."""

    app = Klein()

    def __init__(self, desk: Desk, held: Held, charging: Charging) -> None:
        self.desk = desk
        self._held, self._charging = held, charging

    @app.route("/reservations/<number>", methods=["PUT"])
    @operation(
        who=OLD_APP,
        asks=OldReserve,
        gives=Json(Word, 201, "The charger's own word."),
        errors=ASKING,
        clients=(
            "IOS needs exactly 201 and a text, and goes on to pay if it is `Accepted`.",
        ),
    )
    async def reserve(self, call: Call[OldReserve], number: str) -> str:
        """Have a charger held for five minutes; answer with what it says to that.

        Here the number is the charger's.
        """
        connector_id = number_of(number, ConnectorUnknown)
        return str(await self._charging.reserve_word(call.caller, connector_id))

    @app.route("/reservations", methods=["POST"])
    @operation(
        who=OLD_APP,
        asks=OldBooking,
        gives=Json(Whole, 201, "The number of the reservation."),
        errors=BOOKING,
    )
    async def book(self, call: Call[OldBooking]) -> int:
        """Book a charger for a time to come: at most 24 h, at most 30 days ahead.

        When it begins, the charge under the reservation's number waits to be started.
        """
        asked = call.asked
        booked = await self._held.book(
            call.caller, asked.connector_id, asked.start_ms, asked.end_ms
        )
        return booked.reservation_id

    @app.route("/reservations/<number>", methods=["GET"])
    @operation(who=OLD_APP, gives=Json(OldReservation))
    async def read(self, call: Call[Any], number: str) -> OldReservation:
        """Answer with one reservation."""
        reservation_id = number_of(number, ReservationUnknown)
        return old_reservation_of(await self._held.read(call.caller, reservation_id))

    @app.route("/reservations/userReservation/<user_id>", methods=["GET"])
    @operation(who=OLD_APP, gives=Json(list[OldReservation]), may_forbid=True)
    async def of_user(self, call: Call[Any], user_id: str) -> list[OldReservation]:
        """Answer with a user's reservations, soonest first; 404 and no body if none."""
        return _some(await self._held.of_user(call.caller, user_id))

    @app.route("/reservations/chargerReservation/<connector_id>", methods=["GET"])
    @operation(who=OLD_APP, gives=Json(list[OldReservation]))
    async def of_charger(
        self, call: Call[Any], connector_id: str
    ) -> list[OldReservation]:
        """Answer with one's reservations of a charger, soonest first; 404 if none.

        Administrators are shown everybody's.
        """
        number = number_of(connector_id, ConnectorUnknown)
        return _some(await self._held.of_charger(call.caller, number))

    @app.route("/reservations/<number>", methods=["DELETE"])
    @operation(who=OLD_APP, gives=Empty(204, "It is called off."))
    async def cancel(self, call: Call[Any], number: str) -> None:
        """Call a reservation off; what charges by now is not stopped."""
        reservation_id = number_of(number, ReservationUnknown)
        await self._held.cancel(call.caller, reservation_id)


def _some(held: tuple[Reservation, ...]) -> list[OldReservation]:
    if not held:
        raise NothingToShow
    return [old_reservation_of(one) for one in held]
