"""A driver's charge over HTTP: reserve and pay, start, look, stop (contract §4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import Invalid, SessionUnknown
from flexicharge.interfaces.people import IIdentity
from flexicharge.model.account import Caller
from flexicharge.rest.bearer import caller_of
from flexicharge.rest.bodies import read_body
from flexicharge.rest.ids import connector_id_of, number_of
from flexicharge.rest.replies import empty, json_reply
from flexicharge.rest.statuses import RESERVING, STARTING, STOPPING, answering
from flexicharge.rest.transaction_shapes import charge_json, row_json, wants_integers

KLARNA: Final = "klarna"


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

    async def of_user(self, caller: Caller, user_id: str) -> tuple[SessionView, ...]:
        """Return a user's sessions, newest first."""


class TransactionsApi:
    """Charges of the caller; whose they are, the token says and never the body."""

    app = Klein()

    def __init__(self, charging: Charging, identity: IIdentity) -> None:
        self._charging, self._identity = charging, identity

    @app.route("/transaction", methods=["POST"])
    @answering(RESERVING)
    async def reserve(self, request: IRequest) -> bytes:
        """Reserve a charger and answer with what the app shows to Klarna; 201."""
        caller = await caller_of(request, self._identity)
        body = read_body(request)
        connector_id = _checked(body)
        reserved = await self._charging.reserve(caller, connector_id)
        opened = {
            "klarnaClientToken": reserved.payment.client_token,
            "klarnaSessionID": reserved.payment.provider_session_id,
            "transactionID": reserved.session.session_id,
        }
        return json_reply(request, opened, 201)

    @app.route("/transaction/start/<transaction_id>", methods=["PUT"])
    @answering(STARTING)
    async def start(self, request: IRequest, transaction_id: str) -> bytes:
        """Start a charge; AND sends no body at all, FLU and IOS Klarna's token."""
        caller = await caller_of(request, self._identity)
        token = _text(read_body(request).get("authorization_token"))
        session_id = number_of(transaction_id, SessionUnknown)
        return _charge(request, await self._charging.start(caller, session_id, token))

    @app.route("/transaction/stop/<transaction_id>", methods=["PUT"])
    @answering(STOPPING)
    async def stop(self, request: IRequest, transaction_id: str) -> bytes:
        """Stop a charge; AND repeats this for charges that are over already."""
        caller = await caller_of(request, self._identity)
        session_id = number_of(transaction_id, SessionUnknown)
        return _charge(request, await self._charging.stop(caller, session_id))

    @app.route("/transaction/<transaction_id>", methods=["GET"])
    @answering()
    async def read(self, request: IRequest, transaction_id: str) -> bytes:
        """Answer with a charge as it stands."""
        caller = await caller_of(request, self._identity)
        session_id = number_of(transaction_id, SessionUnknown)
        return _charge(request, await self._charging.read(caller, session_id))

    @app.route("/transaction/userTransactions/<user_id>", methods=["GET"])
    @answering()
    async def of_user(self, request: IRequest, user_id: str) -> bytes:
        """Answer with a user's charges, newest first; 404 and no body if none.

        Each has the keys of a charge and those of the raw row that M23 gave.
        """
        caller = await caller_of(request, self._identity)
        views = await self._charging.of_user(caller, user_id)
        if not views:
            return empty(request, 404)
        integers = wants_integers(request)
        rows = [row_json(view) | charge_json(view, integers=integers) for view in views]
        return json_reply(request, rows)


def _charge(request: IRequest, view: SessionView) -> bytes:
    shape = charge_json(view, integers=wants_integers(request))
    return json_reply(request, shape)


def _checked(body: Mapping[str, object]) -> int:
    """Return the connector asked for; raise `Invalid`, with all that is wrong.

    Who names no way to pay means Klarna, the only one there is.
    """
    wrong = [] if _is_klarna(body.get("paymentType")) else ["invalidPaymentMethod"]
    try:
        connector_id = connector_id_of(body)
    except Invalid as why:
        raise Invalid(*why.codes, *wrong) from None
    if wrong:
        raise Invalid(*wrong)
    return connector_id


def _is_klarna(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.lower() == KLARNA)


def _text(value: object) -> str | None:
    """Return text that says something, else None."""
    return value if isinstance(value, str) and value else None
