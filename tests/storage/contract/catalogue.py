"""All cases of the suite, under names that tell them apart."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import iscoroutinefunction

import pytest

from . import (
    cases_account_changes,
    cases_account_lists,
    cases_accounts,
    cases_aside,
    cases_begun,
    cases_chargers,
    cases_commands,
    cases_ends,
    cases_invoices,
    cases_journal,
    cases_meter_values,
    cases_moves,
    cases_newest,
    cases_readings,
    cases_repeats,
    cases_reservations,
    cases_self_tests,
    cases_session_lists,
    cases_sessions,
    cases_sites,
    cases_standard_stations,
    cases_starts,
    cases_station_book,
    cases_station_records,
    cases_stations,
    cases_tagged_starts,
    cases_tags,
    cases_tariffs,
)
from .stores import Case


def cases() -> Iterator[tuple[str, Case]]:
    """Yield each case with its name."""
    for module in (
        cases_account_changes,
        cases_account_lists,
        cases_accounts,
        cases_aside,
        cases_begun,
        cases_chargers,
        cases_commands,
        cases_ends,
        cases_invoices,
        cases_journal,
        cases_meter_values,
        cases_moves,
        cases_newest,
        cases_readings,
        cases_repeats,
        cases_reservations,
        cases_self_tests,
        cases_session_lists,
        cases_sessions,
        cases_sites,
        cases_standard_stations,
        cases_starts,
        cases_station_book,
        cases_station_records,
        cases_stations,
        cases_tagged_starts,
        cases_tags,
        cases_tariffs,
    ):
        for name, value in vars(module).items():
            if name.startswith("test_") and iscoroutinefunction(value):
                yield name.removeprefix("test_"), value
    yield from cases_moves.moves()


each_case = pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for name, case in cases()]
)
