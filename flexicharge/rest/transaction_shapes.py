"""A session as the drivers' apps read it, in every spelling they know.

The clients' parsers decide the kinds of numbers (contract §4.6). FLU puts each number
into a Dart `int` and loses the whole response over a decimal point; AND's Gson takes no
fraction for an integer. So everything is an integer, except the energy in kWh, which
people want exact: FLU alone, known by its User-Agent, gets that rounded too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, UnsetType, structs
from twisted.web.iweb import IRequest

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.model.money import half_up, ore
from flexicharge.model.tariff import WH_PER_KWH
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.times import iso_of

DART: Final = b"Dart/"

Percent = Annotated[int, Meta(ge=0, le=100)]
Ore = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Kwh = Annotated[float, Meta(ge=0)]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


class OpenedPayment(Shape):
    """A reserved charge, and what the app shows to Klarna."""

    klarnaClientToken: str
    klarnaSessionID: str
    transactionID: Whole


class Charge(Shape, kw_only=True):
    """A charge: the ongoing shape, and once it is being stopped the historic one.

    Times are POSIX seconds, prices whole öre. M23 and its document spell `Timstamp`,
    AND and FLU `Timestamp`; `kwhTransfered`, `pricePerKwh` and `pricePerKWh` differ
    likewise. AND crashes on a null percentage, in the historic shape too.
    `startTimestamp` is null until somebody asked to start. AND calls stop on seeing an
    `endTimestamp`, so an ongoing charge has none of the keys from there on. `final` is
    ours: until it is true the price is that of the last reading.
    """

    transactionID: Whole
    connectorID: Whole
    chargerID: Whole
    userID: str | None
    startTimestamp: Whole | None
    startTimstamp: Whole | None
    kwhTransferred: Kwh
    kwhTransfered: Kwh
    energyWh: Whole
    currentChargePercentage: Percent
    pricePerKwh: Ore
    pricePerKWh: Ore
    endTimestamp: Whole | UnsetType = UNSET
    endTimstamp: Whole | UnsetType = UNSET
    price: Ore | UnsetType = UNSET
    discount: Literal[0] | UnsetType = UNSET
    final: bool | UnsetType = UNSET


class ChargeRow(Charge, kw_only=True):
    """The same with the keys of the raw row that M23 gave (contract §2.1)."""

    paymentMethod: Literal["Klarna"] = "Klarna"
    isPaid: bool
    payNow: Literal[True] = True
    transactionDate: Date
    paymentDueDate: None = None
    paidDate: Date | None
    totalPrice: Ore | None
    chargeSessionID: Whole


class ChargeSession(Shape, kw_only=True):
    """The energy side of a charge, as M23's table had it; times are ISO 8601."""

    chargeSessionID: Whole
    userID: str | None
    kWhTransferred: Kwh
    currentChargePercentage: Percent
    meterStart: Whole | None
    startTime: str | None
    endTime: str | None
    connectorID: Whole


class ChargerRow(ChargeRow, kw_only=True):
    """A row with its energy side nested in it."""

    ChargeSession: ChargeSession


def wants_integers(request: IRequest) -> bool:
    """Tell whether the client is FLU, whose numbers must all be integers."""
    user_agent: bytes = request.getHeader(b"User-Agent") or b""
    return user_agent.startswith(DART)


def opened_payment_of(reserved: Reserved) -> OpenedPayment:
    """Return what an app needs to go on to Klarna."""
    return OpenedPayment(
        klarnaClientToken=reserved.payment.client_token,
        klarnaSessionID=reserved.payment.provider_session_id,
        transactionID=reserved.session.session_id,
    )


def charge_of(view: SessionView, *, integers: bool) -> Charge:
    """Return a session as the apps read it."""
    session = view.session
    kwh, price = kwh_of(view.energy_wh, integers=integers), ore(view.sek_per_kwh)
    started, ended = _seconds(view.start_at), _seconds(view.end_at)
    return Charge(
        transactionID=session.session_id,
        connectorID=session.connector_id,
        chargerID=session.connector_id,
        userID=session.user_id,
        startTimestamp=started,
        startTimstamp=started,
        kwhTransferred=kwh,
        kwhTransfered=kwh,
        energyWh=view.energy_wh,
        currentChargePercentage=session.percent or 0,
        pricePerKwh=price,
        pricePerKWh=price,
        endTimestamp=UNSET if ended is None else ended,
        endTimstamp=UNSET if ended is None else ended,
        price=UNSET if ended is None else view.price_ore or 0,
        discount=UNSET if ended is None else 0,
        final=UNSET if ended is None else view.is_final,
    )


def charge_row_of(view: SessionView, *, integers: bool) -> ChargeRow:
    """Return a session as a row of a list."""
    session = view.session
    return ChargeRow(
        **structs.asdict(charge_of(view, integers=integers)),
        isPaid=session.is_paid,
        transactionDate=date_of(session.opened_at),
        paidDate=None if session.paid_at is None else date_of(session.paid_at),
        totalPrice=session.price_ore,
        chargeSessionID=session.session_id,
    )


def charger_row_of(view: SessionView, *, integers: bool) -> ChargerRow:
    """Return a session as a row of a charger's list."""
    session, row = view.session, charge_row_of(view, integers=integers)
    energy = ChargeSession(
        chargeSessionID=session.session_id,
        userID=session.user_id,
        kWhTransferred=row.kwhTransferred,
        currentChargePercentage=row.currentChargePercentage,
        meterStart=session.meter_start_wh,
        startTime=None if view.start_at is None else iso_of(view.start_at),
        endTime=None if view.end_at is None else iso_of(view.end_at),
        connectorID=session.connector_id,
    )
    return ChargerRow(**structs.asdict(row), ChargeSession=energy)


def kwh_of(energy_wh: int, *, integers: bool = False) -> int | float:
    """Return energy in kWh: exact, or rounded half up."""
    if integers:
        return half_up(Fraction(energy_wh, WH_PER_KWH))
    whole, rest = divmod(energy_wh, WH_PER_KWH)
    return energy_wh / WH_PER_KWH if rest else whole


def date_of(at: float) -> str:
    """Return the day of a POSIX time, in UTC."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _seconds(at: float | None) -> int | None:
    return None if at is None else int(at)
