"""Invoices as values: their numbers, words and order."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flexicharge.errors import InvoiceUnknown
from flexicharge.model.invoice import (
    Owed,
    by_user,
    invoice_id_of,
    meant_by,
    public_id_of,
)
from flexicharge.model.month import FIRST_YEAR, LAST_YEAR, Month

IDA = "3f8a5c9e-11aa-4bd2-9b9e-0a2f5c1d7e80"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
MONTHS = st.builds(Month, st.integers(FIRST_YEAR, LAST_YEAR), st.integers(1, 12))
USERS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def base64url(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def owed(user_id: str = IDA, number: int = 1, *, is_paid: bool = False) -> Owed:
    return Owed(
        user_id=user_id,
        month=Month(2022, number),
        total_ore=100,
        line_count=1,
        is_paid=is_paid,
    )


def test_a_number_is_written_as_the_original_did() -> None:
    """Base64url of user, year and month, without padding."""
    assert invoice_id_of(IDA, Month(2022, 1)) == base64url(f"{IDA}:2022:01")
    assert owed().called(UUID).invoice_id == base64url(f"{IDA}:2022:01")


@given(USERS, MONTHS)
@example("a:2022", Month(2022, 1))
def test_a_number_says_whose_it_is(user_id: str, month: Month) -> None:
    """Whatever the user is called."""
    assert meant_by(invoice_id_of(user_id, month)) == (user_id, month)


@given(st.text() | st.text("abcdefghijklmnopqrstuvwxyzIMjoyYNT0123456789-_="))
@example("")
@example(base64url("ida"))
@example(base64url("ida:2022:13"))
@example(base64url("ida:2022:1"))
@example(base64url("ida:+022:01"))
@example(base64url("nul\0:2022:01"))
@example(base64url("ida:2022:01") + "=")
@example(base64url("ida:2022:01") + "\n")
@example("/+" + base64url("ida:2022:01"))
def test_what_is_no_number_is_unknown(text: str) -> None:
    """Nothing else is ever raised, and no second way of writing one is taken."""
    try:
        user_id, month = meant_by(text)
    except InvoiceUnknown:
        return
    assert invoice_id_of(user_id, month) == text
    assert "\0" not in user_id


def test_a_public_id_is_a_uuid_in_any_case() -> None:
    """It is looked for in lower case; what is none is not looked for."""
    assert public_id_of(UUID.upper()) == UUID
    for text in (
        "",
        "1234",
        f"{{{UUID}}}",
        UUID.replace("-", ""),
        f"{UUID}\n",
        "٣" * 36,
    ):
        with pytest.raises(InvoiceUnknown):
            public_id_of(text)


def test_an_invoice_is_paid_or_unpaid() -> None:
    """In the contract's words; the rest is what is owed."""
    assert owed().called(UUID).status == "Unpaid"
    paid = owed(is_paid=True).called(UUID)
    assert (paid.status, paid.public_id, paid.total_ore) == ("Paid", UUID, 100)


def test_invoices_are_put_together_by_user() -> None:
    """Each one's in the order they came, and users as they first appeared."""
    bo, ida, bo_too = (
        owed(user, number).called(UUID)
        for user, number in (("bo", 3), ("ida", 3), ("bo", 1))
    )
    assert by_user([bo, ida, bo_too]) == {"bo": (bo, bo_too), "ida": (ida,)}
    assert list(by_user([ida, bo])) == ["ida", "bo"]
