"""A session as the drivers' apps read it, in every spelling they know.

The clients' parsers decide the kinds of numbers (contract §4.6). FLU puts each number
into a Dart `int` and loses the whole response over a decimal point; AND's Gson takes no
fraction for an integer. So everything is an integer, except the energy in kWh, which
people want exact: FLU alone, known by its User-Agent, gets that rounded too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

from twisted.web.iweb import IRequest

from flexicharge.charging.views import SessionView
from flexicharge.model.money import half_up, ore
from flexicharge.model.tariff import WH_PER_KWH

DART: Final = b"Dart/"


def wants_integers(request: IRequest) -> bool:
    """Tell whether the client is FLU, whose numbers must all be integers."""
    user_agent: bytes = request.getHeader(b"User-Agent") or b""
    return user_agent.startswith(DART)


def charge_json(view: SessionView, *, integers: bool) -> dict[str, object]:
    """Return the ongoing shape of a session, or once it ended the historic one.

    M23 and the OpenAPI text spell `Timstamp`, AND and FLU `Timestamp`; `kwhTransfered`,
    `pricePerKwh` and `pricePerKWh` differ likewise. AND crashes on a null percentage,
    in the historic shape too. `startTimestamp` is null until somebody asked to start.
    """
    session = view.session
    kwh, price = _kwh(view.energy_wh, integers=integers), ore(view.sek_per_kwh)
    started = _seconds(view.start_at)
    shape: dict[str, object] = {
        "transactionID": session.session_id,
        "connectorID": session.connector_id,
        "chargerID": session.connector_id,
        "userID": session.user_id,
        "startTimestamp": started,
        "startTimstamp": started,
        "kwhTransferred": kwh,
        "kwhTransfered": kwh,
        "energyWh": view.energy_wh,
        "currentChargePercentage": session.percent or 0,
        "pricePerKwh": price,
        "pricePerKWh": price,
    }
    return shape if view.end_at is None else shape | _ending(view)


def row_json(view: SessionView) -> dict[str, object]:
    """Return the keys that M23's raw Transactions row had (contract §2.1)."""
    session = view.session
    return {
        "transactionID": session.session_id,
        "userID": session.user_id,
        "paymentMethod": "Klarna",
        "isPaid": session.is_paid,
        "payNow": True,
        "transactionDate": _date(session.opened_at),
        "paymentDueDate": None,
        "paidDate": _date(session.paid_at),
        "totalPrice": session.price_ore,
        "chargeSessionID": session.session_id,
    }


def _ending(view: SessionView) -> dict[str, object]:
    """Return what only the historic shape has.

    AND calls stop on seeing an `endTimestamp`, so an ongoing session has no such key.
    `final` is ours: until it is true the price is that of the last reading.
    """
    ended = _seconds(view.end_at)
    return {
        "endTimestamp": ended,
        "endTimstamp": ended,
        "price": view.price_ore or 0,
        "discount": 0,
        "final": view.is_final,
    }


def _kwh(energy_wh: int, *, integers: bool) -> int | float:
    if integers:
        return half_up(Fraction(energy_wh, WH_PER_KWH))
    whole, rest = divmod(energy_wh, WH_PER_KWH)
    return energy_wh / WH_PER_KWH if rest else whole


def _seconds(at: float | None) -> int | None:
    return None if at is None else int(at)


def _date(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).date().isoformat()
