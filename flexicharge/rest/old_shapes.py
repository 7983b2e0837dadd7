"""Charges and reservations in the shapes of the API of 2022 (contract §2.2, §4.7)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from attrs import frozen
from msgspec import Meta

from flexicharge.charging.views import SessionView
from flexicharge.errors import Invalid
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.reservation import MAX_MS, MS_PER_S, Reservation
from flexicharge.rest.charge_point_fields import OreText, ore_as_text
from flexicharge.rest.charger_fields import Number
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, ignored, is_number
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.ids import CONNECTOR_KEYS, connector
from flexicharge.rest.transaction_fields import AUTHORIZATION
from flexicharge.rest.transaction_shapes import Kwh, Percent, kwh_of

Milliseconds = Annotated[int, Meta(ge=0, le=MAX_MS)]

ANYTHING: Final = ignored({})
WHOSE: Final = ignored({}, example="2i3h52-3kn34k6-2k3n5")
STATION: Final = connector("invalidChargerId")


def _time(code: str) -> Rule:
    """Return a rule for milliseconds since 1970; whether they fit is seen later."""

    def read(value: object, _: str) -> int | float:
        if not is_number(value) or not 0 <= value <= MAX_MS:
            raise Invalid(code)
        return value

    schema = {"type": "number", "minimum": 0, "maximum": MAX_MS}
    return Rule(schema=schema, read=read, example=1_800_000_000_000)


@frozen(kw_only=True)
class OldWanted:
    """Which charger somebody wants; the token says who, and the site what it costs."""

    connector_id: int = sent(STATION, *CONNECTOR_KEYS)
    user_id: None = sent(WHOSE, "userID")
    is_klarna: None = sent(ANYTHING, "isKlarnaPayment")
    price: None = sent(ANYTHING, "pricePerKwh")


@frozen(kw_only=True)
class OldStart:
    """Klarna's word that the driver will pay; IOS repeats the path's number."""

    authorization_token: str | None = sent(AUTHORIZATION, "authorization_token")
    transaction_id: None = sent(ANYTHING, "transactionID")


@frozen(kw_only=True)
class OldReserve:
    """What IOS sends along when it reserves: nobody ever read it."""

    connector_id: None = sent(ANYTHING, "connectorId")
    id_tag: None = sent(ANYTHING, "idTag")
    reservation_id: None = sent(ANYTHING, "reservationId")
    parent_id_tag: None = sent(ANYTHING, "parentIdTag")


@frozen(kw_only=True)
class OldBooking:
    """A charger for a time to come, in milliseconds since 1970; the token says who."""

    connector_id: int = sent(STATION, *CONNECTOR_KEYS)
    user_id: None = sent(WHOSE, "userID")
    start_ms: float = sent(_time("invalidStartValue"), "start")
    end_ms: float = sent(_time("invalidEndValue"), "end")


class OldCharge(Shape, kw_only=True):
    """A charge as a row of 2022, with the keys of 2023's mock.

    `pricePerKwh` is öre as a text, `timestamp` POSIX seconds. `klarna_consumer_token`,
    `client_token` and `session_id` are those of the payment; in lists they are null.
    """

    transactionID: Whole
    isKlarnaPayment: Literal[True] = True
    kwhTransfered: Kwh
    currentChargePercentage: Percent
    pricePerKwh: OreText
    timestamp: Whole
    paymentID: None = None
    userID: str
    session_id: str | None = None
    client_token: str | None = None
    klarna_consumer_token: str | None = None
    paymentConfirmed: bool
    meterStart: Whole | None
    connectorID: Number
    chargerID: Number


class OldReservation(Shape):
    """A charger that is held for somebody; times are milliseconds since 1970."""

    reservationID: Whole
    start: Milliseconds
    end: Milliseconds
    userID: str
    chargerID: Number
    connectorID: Number


def old_charge_of(
    view: SessionView, *, integers: bool, payment: PaymentSession | None = None
) -> OldCharge:
    """Return a session as a row of 2022, with the payment that was opened for it."""
    session = view.session
    token = None if payment is None else payment.client_token
    return OldCharge(
        transactionID=session.session_id,
        kwhTransfered=kwh_of(view.energy_wh, integers=integers),
        currentChargePercentage=session.percent or 0,
        pricePerKwh=ore_as_text(view.sek_per_kwh),
        timestamp=int(session.opened_at),
        userID=session.user_id or "",
        session_id=None if payment is None else payment.provider_session_id,
        client_token=token,
        klarna_consumer_token=token,
        paymentConfirmed=session.is_paid,
        meterStart=session.meter_start_wh,
        connectorID=session.connector_id,
        chargerID=session.connector_id,
    )


def old_reservation_of(held: Reservation) -> OldReservation:
    """Return a reservation as a row of 2022."""
    return OldReservation(
        reservationID=held.reservation_id,
        start=int(held.start_at * MS_PER_S),
        end=int(held.end_at * MS_PER_S),
        userID=held.user_id or "",
        chargerID=held.connector_id,
        connectorID=held.connector_id,
    )
