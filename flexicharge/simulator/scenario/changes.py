"""A scenario made larger or smaller, for one run."""

from __future__ import annotations

from attrs import evolve

from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.scenario.declaration import MOST_CHARGERS, YEAR_S
from flexicharge.simulator.scenario.values import Fleet, Scenario


class ChangeImpossible(SimulatorError):
    """A scenario cannot be played with so many chargers or drivers, or so long."""


def with_changes(
    scenario: Scenario,
    *,
    chargers: int | None = None,
    lasts_s: float | None = None,
    drivers: int | None = None,
) -> Scenario:
    """Return a scenario with other numbers of chargers and drivers, or another length.

    The fleets keep their proportions, each with one charger at least; where there are
    more fleets than chargers, the largest remain. The drivers follow the chargers
    unless their number is given. Raise `ChangeImpossible` for numbers that no file may
    have either.
    """
    if chargers is not None:
        _demand(1 <= chargers <= MOST_CHARGERS, f"{chargers} chargers", MOST_CHARGERS)
        drivers = _following(scenario, chargers) if drivers is None else drivers
        scenario = evolve(scenario, fleets=_scaled(scenario.fleets, chargers))
    if drivers is not None:
        _demand(1 <= drivers <= MOST_CHARGERS, f"{drivers} drivers", MOST_CHARGERS)
        scenario = evolve(scenario, drivers=evolve(scenario.drivers, count=drivers))
    if lasts_s is not None:
        _demand(1 <= lasts_s <= YEAR_S, f"{lasts_s:g} seconds", YEAR_S)
        scenario = evolve(scenario, lasts_s=lasts_s)
    return scenario


def _demand(holds: bool, asked: str, most: float) -> None:
    if not holds:
        raise ChangeImpossible(
            f"A scenario cannot have {asked}; from 1 to {most:.0f} are possible."
        )


def _following(scenario: Scenario, chargers: int) -> int:
    """Return how many drivers as many chargers have, in proportion."""
    drivers = round(scenario.drivers.count * chargers / scenario.chargers)
    return min(max(drivers, 1), MOST_CHARGERS)


def _scaled(fleets: tuple[Fleet, ...], chargers: int) -> tuple[Fleet, ...]:
    """Return fleets that have so many chargers in all."""
    shares = _shares([fleet.count for fleet in fleets], chargers)
    return tuple(
        evolve(fleet, count=share)
        for fleet, share in zip(fleets, shares, strict=True)
        if share
    )


def _shares(counts: list[int], total: int) -> list[int]:
    """Return what each has of `total` in proportion, at least 1 as far as it goes."""
    places, whole = range(len(counts)), sum(counts)
    if total < len(counts):
        largest = sorted(places, key=lambda place: -counts[place])[:total]
        return [int(place in largest) for place in places]
    shares = [max(1, count * total // whole) for count in counts]

    def lacks(place: int) -> int:
        return counts[place] * total - shares[place] * whole

    while sum(shares) < total:
        shares[max(places, key=lacks)] += 1
    while sum(shares) > total:
        shares[min((place for place in places if shares[place] > 1), key=lacks)] -= 1
    return shares
