"""A driver's charge over HTTP: reserve and pay, start, look, stop (contract §4.6)."""

from __future__ import annotations

from typing import Any, Protocol

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import ConnectorUnknown, NotThere, SessionUnknown
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import Caller
from flexicharge.model.commands import Verdict
from flexicharge.model.session import Session
from flexicharge.rest.bearer import USER
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.statuses import RESERVING, STARTING, STOPPING
from flexicharge.rest.transaction_fields import Authorised, Wanted
from flexicharge.rest.transaction_shapes import (
    Charge,
    ChargeRow,
    ChargerRow,
    OpenedPayment,
    charge_of,
    charge_row_of,
    charger_row_of,
    opened_payment_of,
    wants_integers,
)

INTEGERS = (
    "FLU (User-Agent `Dart/…`) loses the answer over a decimal: it gets whole kWh."
)


class NothingToShow(NotThere):
    """The list would be empty, which the original calls not found."""


class Charging(Protocol):
    """What a driver can have done; `charging.drivers.DriverCharging` does it."""

    async def reserve(self, caller: Caller, connector_id: int) -> Reserved:
        """Reserve a connector and open a payment."""

    async def start(
        self, caller: Caller, session_id: int, authorization_token: str | None
    ) -> SessionView:
        """Start a session."""

    async def stop(self, caller: Caller, session_id: int) -> SessionView:
        """Stop a session."""

    async def read(self, caller: Caller, session_id: int) -> SessionView:
        """Return a session."""

    async def open(self, caller: Caller, connector_id: int) -> Reserved:
        """Reserve a connector, also where its station is away."""

    async def reserve_word(self, caller: Caller, connector_id: int) -> Verdict:
        """Reserve a connector without a payment; return the station's own word."""

    async def of_user(self, caller: Caller, user_id: str) -> tuple[SessionView, ...]:
        """Return a user's sessions, newest first."""

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[SessionView, ...]:
        """Return a connector's sessions, newest first."""

    async def payment_of(self, session: Session) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""


class TransactionsApi:
    """Charges of the caller; whose they are, the token says and never the body."""

    app = Klein()

    def __init__(self, desk: Desk, charging: Charging) -> None:
        self.desk = desk
        self._charging = charging

    @app.route("/transaction", methods=["POST"])
    @operation(
        who=USER,
        asks=Wanted,
        gives=Json(OpenedPayment, 201, "It is reserved."),
        errors=RESERVING,
        clients=(
            "FLU needs exactly 201.",
            "AND gives up after 1.3 s, the `GET` that follows included: this answers "
            "after 0.8 s without the charger's word.",
        ),
    )
    async def reserve(self, call: Call[Wanted]) -> OpenedPayment:
        """Reserve a charger and answer with what the app shows to Klarna; 201."""
        reserved = await self._charging.reserve(call.caller, call.asked.connector_id)
        return opened_payment_of(reserved)

    @app.route("/transaction/start/<transaction_id>", methods=["PUT"])
    @operation(
        who=USER,
        asks=Authorised,
        gives=Json(Charge),
        errors=STARTING,
        clients=("AND sends no body at all, FLU also `transactionID`.", INTEGERS),
    )
    async def start(self, call: Call[Authorised], transaction_id: str) -> Charge:
        """Start a charge; answers after a second at most, as it then stands."""
        session_id = number_of(transaction_id, SessionUnknown)
        token = call.asked.authorization_token
        view = await self._charging.start(call.caller, session_id, token)
        return _charge(call.request, view)

    @app.route("/transaction/stop/<transaction_id>", methods=["PUT"])
    @operation(
        who=USER,
        gives=Json(Charge),
        errors=STOPPING,
        clients=(
            "AND repeats this for charges that are over already, and crashes without "
            "both timestamps.",
            "FLU always stops 9999, which is the caller's own newest charge.",
            INTEGERS,
        ),
    )
    async def stop(self, call: Call[Any], transaction_id: str) -> Charge:
        """Stop a charge, however often it is asked for."""
        session_id = number_of(transaction_id, SessionUnknown)
        return _charge(call.request, await self._charging.stop(call.caller, session_id))

    @app.route("/transaction/<transaction_id>", methods=["GET"])
    @operation(
        who=USER,
        gives=Json(Charge),
        clients=("AND polls every 3 s.", INTEGERS),
    )
    async def read(self, call: Call[Any], transaction_id: str) -> Charge:
        """Answer with a charge as it stands."""
        session_id = number_of(transaction_id, SessionUnknown)
        return _charge(call.request, await self._charging.read(call.caller, session_id))

    @app.route("/transaction/userTransactions/<user_id>", methods=["GET"])
    @operation(
        who=USER, gives=Json(list[ChargeRow]), may_forbid=True, clients=(INTEGERS,)
    )
    async def of_user(self, call: Call[Any], user_id: str) -> list[ChargeRow]:
        """Answer with a user's charges, newest first; 404 and no body if none.

        Those of other people are for administrators.
        """
        return _rows(call.request, await self._charging.of_user(call.caller, user_id))

    @app.route("/transaction/chargerTransactions/<connector_id>", methods=["GET"])
    @operation(who=USER, gives=Json(list[ChargerRow]), clients=(INTEGERS,))
    async def of_charger(self, call: Call[Any], connector_id: str) -> list[ChargerRow]:
        """Answer with one's charges on a charger, newest first; 404 if none.

        Administrators are shown everybody's.
        """
        number = number_of(connector_id, ConnectorUnknown)
        views = await self._charging.of_charger(call.caller, number)
        if not views:
            raise NothingToShow
        integers = wants_integers(call.request)
        return [charger_row_of(view, integers=integers) for view in views]


def _charge(request: IRequest, view: SessionView) -> Charge:
    return charge_of(view, integers=wants_integers(request))


def _rows(request: IRequest, views: tuple[SessionView, ...]) -> list[ChargeRow]:
    if not views:
        raise NothingToShow
    integers = wants_integers(request)
    return [charge_row_of(view, integers=integers) for view in views]
