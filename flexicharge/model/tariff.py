"""What a session costs: hourly prices, energy split over the hours, one rounding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

from attrs import frozen

from flexicharge.model.metering import MeterReading
from flexicharge.model.money import MAX_ORE, ORE_PER_SEK, half_up

HOUR_S: Final = 3600
WH_PER_KWH: Final = 1000


@frozen
class HourPrice:
    """The price of one hour: its start in POSIX seconds, and SEK per kWh."""

    hour_at: int
    sek_per_kwh: Decimal


@frozen(kw_only=True)
class HourBracket:
    """The part of a session that fell into one hour, with its price; exact."""

    hour_at: int
    energy_wh: Fraction
    sek_per_kwh: Decimal
    guessed: bool


@frozen(kw_only=True)
class Price:
    """What a session costs, in whole öre, and the hours that make it up."""

    total_ore: int
    brackets: tuple[HourBracket, ...]

    @property
    def guessed(self) -> bool:
        """True where an hour had no tariff and the fallback price was taken."""
        return any(bracket.guessed for bracket in self.brackets)


def hour_of(at: float) -> int:
    """Return the start of the hour that a POSIX time lies in."""
    return int(at // HOUR_S) * HOUR_S


def price_by_the_hour(
    readings: Sequence[MeterReading],
    tariffs: Mapping[int, Decimal],
    fallback_sek_per_kwh: Decimal,
    *,
    fixed_sek_per_kwh: Decimal | None = None,
) -> Price:
    """Return the price of the energy between the first and the last of `readings`.

    Readings come in time order, registers never falling. Between two readings power is
    taken as constant. A fixed price counts for every hour; otherwise an hour without a
    tariff costs the fallback. The total is rounded once, half up, and never negative.
    """
    brackets = tuple(
        HourBracket(
            hour_at=hour_at,
            energy_wh=energy_wh,
            sek_per_kwh=_price_of(
                hour_at, tariffs, fallback_sek_per_kwh, fixed_sek_per_kwh
            ),
            guessed=fixed_sek_per_kwh is None and hour_at not in tariffs,
        )
        for hour_at, energy_wh in _energy_by_hour(readings)
    )
    exact = sum(
        (
            b.energy_wh * Fraction(b.sek_per_kwh) * ORE_PER_SEK / WH_PER_KWH
            for b in brackets
        ),
        Fraction(0),
    )
    return Price(total_ore=min(max(half_up(exact), 0), MAX_ORE), brackets=brackets)


def _price_of(
    hour_at: int,
    tariffs: Mapping[int, Decimal],
    fallback: Decimal,
    fixed: Decimal | None,
) -> Decimal:
    return tariffs.get(hour_at, fallback) if fixed is None else fixed


def _energy_by_hour(readings: Sequence[MeterReading]) -> list[tuple[int, Fraction]]:
    energy_of: dict[int, Fraction] = {}
    for earlier, later in pairwise(readings):
        for hour_at, share_wh in _shares(earlier, later):
            energy_of[hour_at] = energy_of.get(hour_at, Fraction(0)) + share_wh
    return sorted(energy_of.items())


def _shares(
    earlier: MeterReading, later: MeterReading
) -> Iterator[tuple[int, Fraction]]:
    """Yield (hour, Wh) for the energy between two readings, split by time."""
    energy_wh = later.energy_wh - earlier.energy_wh
    began, ended = Fraction(earlier.taken_at), Fraction(later.taken_at)
    if energy_wh == 0:
        return
    if ended <= began:
        yield hour_of(later.taken_at), Fraction(energy_wh)
        return
    for hour_at in range(
        hour_of(earlier.taken_at), hour_of(later.taken_at) + 1, HOUR_S
    ):
        hour_ends = Fraction(hour_at + HOUR_S)
        from_s = began if began > hour_at else Fraction(hour_at)
        until_s = ended if ended < hour_ends else hour_ends
        if until_s > from_s:
            yield hour_at, energy_wh * (until_s - from_s) / (ended - began)


def billable_course(
    readings: Iterable[MeterReading],
    start: MeterReading,
    stop_at: float,
    energy_wh: int,
) -> list[MeterReading]:
    """Return the course of a session's register, from its start to exactly `energy_wh`.

    Registers are made never to fall and never to pass the billed end, so that the hours
    of a session always add up to what is billed.
    """
    ceiling = start.energy_wh + energy_wh
    course, highest = [start], start.energy_wh
    for reading in readings:
        if start.taken_at <= reading.taken_at <= stop_at:
            highest = min(max(highest, reading.energy_wh), ceiling)
            course.append(MeterReading(energy_wh=highest, taken_at=reading.taken_at))
    course.append(
        MeterReading(energy_wh=ceiling, taken_at=max(stop_at, course[-1].taken_at))
    )
    return course
