"""The drivers' API of 2022 over the charges of today (contract §4.7, design §7.9)."""

from __future__ import annotations

from typing import Any, Final

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import ConnectorUnknown, SessionUnknown
from flexicharge.rest.bearer import OLD_APP
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.old_shapes import OldCharge, OldStart, OldWanted, old_charge_of
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.statuses import (
    RESERVING,
    STARTING,
    STOPPING,
    Statuses,
    codes,
)
from flexicharge.rest.transaction_shapes import wants_integers
from flexicharge.rest.transactions import Charging, NothingToShow

OPENING: Final[Statuses] = {
    **RESERVING,
    ConnectorUnknown: codes(400, "invalidChargerId"),
}
COLON: Final = ":"  # IOS has one before the number
A_ROW: Final = "FLU's version of early October 2023 and AND22 read a list of one row."


class OldTransactionsApi:
    """Charges in their old shapes: of a token's owner, or where allowed of guests.

    What a body says of a user, a price, energy or a payment is never taken.
    """

    app = Klein()

    def __init__(self, desk: Desk, charging: Charging) -> None:
        self.desk = desk
        self._charging = charging

    @app.route("/transactions", methods=["POST"])
    @operation(
        who=OLD_APP,
        asks=OldWanted,
        gives=Json(OldCharge, 201, "It is opened."),
        errors=OPENING,
        clients=("PYT and BPT need 201 for a charger that is not connected.",),
    )
    async def open(self, call: Call[OldWanted]) -> OldCharge:
        """Open a charge; a station that is away is not asked to reserve."""
        return await self._opened(
            call, await self._charging.open(call.caller, call.asked.connector_id)
        )

    @app.route("/transactions/session", methods=["POST"])
    @operation(
        who=OLD_APP,
        asks=OldWanted,
        gives=Json(OldCharge, 201, "It is opened."),
        errors=OPENING,
        clients=(
            "IOS and FLU on iOS need exactly 201, a text `client_token` and an integer "
            "`transactionID`; they send the charger's number as a text.",
        ),
    )
    async def session(self, call: Call[OldWanted]) -> OldCharge:
        """Open the payment of a charge, which was reserved before or is now."""
        return await self._opened(
            call, await self._charging.reserve(call.caller, call.asked.connector_id)
        )

    @app.route("/transactions/start/<transaction_id>", methods=["PUT"])
    @operation(
        who=OLD_APP,
        asks=OldStart,
        gives=Json(list[OldCharge], 201, "It is asked to start."),
        errors=STARTING,
        clients=("IOS needs exactly 201, and has a colon before the number.", A_ROW),
    )
    async def start(self, call: Call[OldStart], transaction_id: str) -> list[OldCharge]:
        """Start a charge; answers after a second at most, as it then stands."""
        session_id = number_of(transaction_id.removeprefix(COLON), SessionUnknown)
        token = call.asked.authorization_token
        view = await self._charging.start(call.caller, session_id, token)
        return [await self._row(call, view)]

    @app.route("/transactions/stop/<transaction_id>", methods=["PUT"])
    @operation(
        who=OLD_APP,
        gives=Json(list[OldCharge]),
        errors=STOPPING,
        clients=(A_ROW,),
    )
    async def stop(self, call: Call[Any], transaction_id: str) -> list[OldCharge]:
        """Stop a charge, however often it is asked for."""
        session_id = number_of(transaction_id.removeprefix(COLON), SessionUnknown)
        view = await self._charging.stop(call.caller, session_id)
        return [await self._row(call, view)]

    @app.route("/transactions/<transaction_id>", methods=["GET"])
    @operation(
        who=OLD_APP,
        gives=Json(OldCharge),
        clients=("PYT and BPT read transaction 3 of a fresh demo network.",),
    )
    async def read(self, call: Call[Any], transaction_id: str) -> OldCharge:
        """Answer with a charge as it stands."""
        return await self._found(call, transaction_id)

    @app.route("/transactions/userTransactions/<user_id>", methods=["GET"])
    @operation(
        who=OLD_APP,
        gives=Json(list[OldCharge]),
        may_forbid=True,
        clients=("PYT and BPT have a doubled slash in the path.",),
    )
    async def of_user(self, call: Call[Any], user_id: str) -> list[OldCharge]:
        """Answer with a user's charges, newest first; 404 and no body if none.

        Those of other people are for administrators; a guest is shown the guests'.
        """
        views = await self._charging.of_user(call.caller, user_id)
        return _some(call.request, views)

    @app.route("/transactions/chargerTransactions/<connector_id>", methods=["GET"])
    @operation(who=OLD_APP, gives=Json(list[OldCharge]))
    async def of_charger(self, call: Call[Any], connector_id: str) -> list[OldCharge]:
        """Answer with one's charges on a charger, newest first; 404 if none.

        Administrators are shown everybody's.
        """
        number = number_of(connector_id, ConnectorUnknown)
        views = await self._charging.of_charger(call.caller, number)
        return _some(call.request, views)

    @app.route("/transactions/payment/<transaction_id>", methods=["PUT"])
    @operation(who=OLD_APP, gives=Json(list[OldCharge], 201, "As it is."))
    async def payment(self, call: Call[Any], transaction_id: str) -> list[OldCharge]:
        """Answer with a charge as it stands: who pays is never taken from an app."""
        return [await self._found(call, transaction_id)]

    @app.route("/transactions/chargingStatus/<transaction_id>", methods=["PUT"])
    @operation(who=OLD_APP, gives=Json(list[OldCharge], 201, "As it is."))
    async def status(self, call: Call[Any], transaction_id: str) -> list[OldCharge]:
        """Answer with a charge as it stands: energy is never taken from an app."""
        return [await self._found(call, transaction_id)]

    async def _found(self, call: Call[Any], transaction_id: str) -> OldCharge:
        session_id = number_of(transaction_id.removeprefix(COLON), SessionUnknown)
        return await self._row(call, await self._charging.read(call.caller, session_id))

    async def _opened(self, call: Call[Any], reserved: Reserved) -> OldCharge:
        view = await self._charging.read(call.caller, reserved.session.session_id)
        return await self._row(call, view)

    async def _row(self, call: Call[Any], view: SessionView) -> OldCharge:
        return old_charge_of(
            view,
            integers=wants_integers(call.request),
            payment=await self._charging.payment_of(view.session),
        )


def _some(request: IRequest, views: tuple[SessionView, ...]) -> list[OldCharge]:
    """Return rows of a list, without what was said to the payment provider."""
    if not views:
        raise NothingToShow
    integers = wants_integers(request)
    return [old_charge_of(view, integers=integers) for view in views]
