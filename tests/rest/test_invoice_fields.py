"""Fields about invoices: what the document says of them is what is taken."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from flexicharge.errors import Invalid
from flexicharge.model.account import Caller
from flexicharge.rest.declared.asked import body_schema, parameters, read_as
from flexicharge.rest.invoice_fields import ByDate, ByStatus, ByYear, WantedInvoices
from tests.rest.fakes import ADMIN, DRIVER

YEARS = [f"{year:04}" for year in range(10_000)]
ODD = ["", " ", "2022", "22", "12345", "2022-1", "2022-00", "2022-13", "2022-01-01"]
ODD += ["2022-01\n", " 2022-01", "-2022-01", "２０２２-01", "2022-٠١", "0", "00", "1"]
ODD += ["012", "9", "09", "10", "12", "13", "+1", "all", "Paid", "NOT-PAID", "NOTPAID"]
KINDS = [
    (ByDate, "date", [*(f"{year}-07" for year in YEARS), *ODD]),
    (ByDate, "status", ODD),
    (ByStatus, "status", ODD),
    (ByYear, "year", [*YEARS, *ODD]),
    (ByYear, "month", ODD),
    (ByYear, "status", ODD),
]


def is_taken(kind: Any, **given: object) -> bool:
    """Tell whether a request is, in the end."""
    try:
        _ = read_as(kind, given).invoices
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(("kind", "name", "texts"), KINDS)
def test_a_filter_takes_what_its_schema_says(
    kind: Any, name: str, texts: list[str]
) -> None:
    """No more and no less, and some of both."""
    (schema,) = (each["schema"] for each in parameters(kind) if each["name"] == name)
    validator = jsonschema_rs.Draft202012Validator(schema)
    verdicts = {text: is_taken(kind, **{name: text}) for text in texts}
    assert verdicts == {text: validator.is_valid(text) for text in texts}
    assert {*verdicts.values()} == {True, False}


@pytest.mark.parametrize("name", ["dateFrom", "dateStart"])
def test_a_wish_takes_what_its_schema_says(name: str) -> None:
    """Whichever name its dates have."""
    validator = jsonschema_rs.Draft202012Validator(body_schema(WantedInvoices))
    for text in (None, 7, [], "2022-06", *ODD):
        body = {name: text, "dateTo": "9998-12"}
        try:
            read_as(WantedInvoices, body).of(DRIVER)
        except Invalid:
            assert not validator.is_valid(body)
        else:
            assert validator.is_valid(body)


@pytest.mark.parametrize(
    ("caller", "named", "whose"),
    [
        (DRIVER, None, DRIVER.user_id),
        (DRIVER, "user-2", DRIVER.user_id),
        (ADMIN, None, ADMIN.user_id),
        (ADMIN, "user-2", "user-2"),
    ],
)
def test_only_administrators_name_somebody_else(
    caller: Caller, named: str | None, whose: str
) -> None:
    """Everybody else is meant themselves."""
    body = {"userID": named, "dateFrom": "2022-01", "dateTo": "2022-01"}
    assert read_as(WantedInvoices, body).of(caller).user_id == whose


def test_a_list_goes_on_with_the_same_filters() -> None:
    """And with nothing that was not said."""
    asked = read_as(ByYear, {"month": "1", "status": "not-paid", "after": "x"})
    assert asked.going_on("a+b=") == "after=a%2Bb%3D&month=1&status=NOT-PAID"
    assert read_as(ByDate, {}).going_on("y") == "after=y"
