"""What goes wrong in a run: drawn from a seed, told as numbers, and so repeatable."""

from __future__ import annotations

import pytest

from flexicharge.testing.simulated.fates import (
    AFTER_STORE,
    AT_SEAM,
    BEFORE_STORE,
    CALM,
    ON_WIRE,
    STORMY,
    Fates,
    Menu,
    Rates,
    Strike,
    Trouble,
)

OFTEN = Rates(before_store=5, after_store=5, at_seam=5, on_wire=5)
KINDS = {
    "before store": BEFORE_STORE,
    "after store": AFTER_STORE,
    "at seam": AT_SEAM,
    "on wire": ON_WIRE,
}


def strikes_of(fates: Fates, kind: str, times: int = 2000) -> list[Strike | None]:
    return [fates.strike(kind) for _ in range(times)]


def test_the_same_seed_strikes_the_same() -> None:
    """At every opportunity of every kind."""
    first, second = Fates("7", OFTEN), Fates("7", OFTEN)
    for kind in KINDS:
        assert strikes_of(first, kind) == strikes_of(second, kind)
    assert first.struck == second.struck != []


def test_another_seed_strikes_otherwise() -> None:
    """In number or in kind."""
    assert strikes_of(Fates("7", OFTEN), "on wire") != strikes_of(
        Fates("8", OFTEN), "on wire"
    )


def test_kinds_do_not_shift_one_another() -> None:
    """More frames change nothing about what befalls the store."""
    alone, beside = Fates("7", OFTEN), Fates("7", OFTEN)
    strikes_of(beside, "on wire", 77)
    assert strikes_of(alone, "at seam") == strikes_of(beside, "at seam")


@pytest.mark.parametrize("kind", KINDS)
def test_strikes_are_as_frequent_as_they_should_be(kind: str) -> None:
    """One in a hundred, or thereabouts."""
    rates = Rates(before_store=100, after_store=100, at_seam=100, on_wire=100)
    count = len([each for each in strikes_of(Fates("7", rates), kind, 50_000) if each])
    assert 400 < count < 600


@pytest.mark.parametrize("kind", KINDS)
def test_everything_on_the_menu_happens_within_its_bounds(kind: str) -> None:
    """Each trouble of its kind, none of another, as long as the menu says."""
    menu: Menu = KINDS[kind]
    struck = [each for each in strikes_of(Fates("7", OFTEN), kind, 20_000) if each]
    bounds = {trouble: (low, high) for trouble, _, low, high in menu}
    assert {each.trouble for each in struck} == {*bounds}
    for each in struck:
        low, high = bounds[each.trouble]
        assert low <= each.seconds <= high


def test_every_strike_has_a_number_of_its_own() -> None:
    """Across all kinds."""
    fates = Fates("7", OFTEN)
    for kind in KINDS:
        strikes_of(fates, kind)
    numbers = [each.number for each in fates.struck]
    assert len({*numbers}) == len(numbers) > 1000


def test_only_some_strikes_happen_where_they_did() -> None:
    """The others stay away, and shift none of those that come."""
    all_of_them = strikes_of(Fates("7", OFTEN), "at seam")
    wanted = [each.number for each in all_of_them if each][3:40:7]
    some = Fates("7", OFTEN, frozenset(wanted))
    assert strikes_of(some, "at seam") == [
        each if each and each.number in wanted else None for each in all_of_them
    ]
    assert [each.number for each in some.struck] == wanted


def test_no_strikes_can_be_wanted() -> None:
    """Which is not the same as all of them."""
    assert not any(strikes_of(Fates("7", OFTEN, frozenset()), "at seam"))


def test_calm_ends_them() -> None:
    """Those that were before are on record."""
    fates = Fates("7", OFTEN)
    strikes_of(fates, "on wire")
    before = list(fates.struck)
    fates.is_calm = True
    assert not any(strikes_of(fates, "on wire"))
    assert fates.struck == before


def test_calm_rates_are_none() -> None:
    """Nothing ever happens."""
    assert not any(
        any(strikes_of(Fates(str(seed), CALM), kind))
        for seed in range(9)
        for kind in KINDS
    )
    assert CALM != STORMY


def test_a_strike_says_what_it_is() -> None:
    """With its length, if it has one."""
    assert str(Strike(17, Trouble.SLOW, 2.5)) == "strike 17: slow for 2.50 s"
    assert str(Strike(21, Trouble.CRASH, 0.0)) == "strike 21: crash"
