"""What every `IInvoiceStore` adds up, leaves out, and names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from flexicharge.errors import InvoiceUnknown
from flexicharge.model.account import GUEST
from flexicharge.model.invoice import EntryKind, InvoiceLine
from flexicharge.model.month import Month, MonthSpan
from flexicharge.model.session import EndReason, Session
from flexicharge.model.site import Connector

from .cases_self_tests import TESTER, prepared
from .stores import (
    T0,
    Stores,
    charger,
    charging,
    is_refused,
    opened,
    sealed,
    started,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
JANUARY = Month(2027, 1)  # T0 is in it
ID_1 = "00000000-0000-4000-8000-000000000001"
ID_2 = "00000000-0000-4000-8000-000000000002"
LATEST = 4e9


def midnight(year: int, month: int) -> float:
    """Return when a month begins in Stockholm."""
    return datetime(year, month, 1, tzinfo=STOCKHOLM).timestamp()


def span(year: int, month: int) -> MonthSpan:
    """Return a month of Stockholm's."""
    return MonthSpan(
        month=Month(year, month),
        from_at=midnight(year, month),
        until_at=midnight(year + month // 12, month % 12 + 1),
    )


async def charged(
    stores: Stores,
    connector: Connector,
    user_id: str | None,
    *,
    at: float = T0 + 1260,
    price_ore: int = 1000,
) -> Session:
    """Return a session that ended at a time, for a price."""
    session = await charging(stores, connector, user_id, at=at - 600)
    over, _ = await stores.transactions.end(
        evolve(sealed(session, price_ore=price_ore), ended_at=at)
    )
    return over


async def sums(stores: Stores, month: MonthSpan, **only: object) -> dict[str, int]:
    """Return who owes how much for a month, in öre."""
    owed = await stores.invoices.get_owed(month, limit=100, **only)  # type: ignore[arg-type]
    return {one.user_id: one.total_ore for one in owed}


async def test_what_users_owe_is_added_up(stores: Stores) -> None:
    """Each user's sessions of the month, users in the order of their ids."""
    connector = await charger(stores)
    await charged(stores, connector, "ida", price_ore=1000)
    await charged(stores, connector, "Östen", price_ore=5)
    await charged(stores, connector, "Bo", price_ore=300)
    await charged(stores, connector, "ida", price_ore=1, at=T0 + 9000)
    owed = await stores.invoices.get_owed(span(2027, 1), limit=100)
    assert [(o.user_id, o.total_ore, o.line_count) for o in owed] == [
        ("Bo", 300, 1),
        ("ida", 1001, 2),
        ("Östen", 5, 1),
    ]
    assert {(o.month, o.is_paid, o.public_id) for o in owed} == {(JANUARY, False, None)}


async def test_a_month_is_from_midnight_to_midnight(stores: Stores) -> None:
    """Of Stockholm, in summer and in winter: the first instant is in, the last not."""
    connector = await charger(stores)
    for name, at in {
        "march's last": midnight(2027, 4) - 0.001,  # already summer time
        "april's first": midnight(2027, 4),
        "october's last": midnight(2027, 11) - 0.001,  # winter time again
        "november's first": midnight(2027, 11),
        "december's last": midnight(2028, 1) - 0.001,
        "january's first": midnight(2028, 1),
    }.items():
        await charged(stores, connector, name, at=at)
    assert midnight(2027, 4) == 1_806_530_400.0  # 22:00 UTC
    assert midnight(2027, 11) == 1_825_023_600.0  # 23:00 UTC
    for year, number, names in (
        (2027, 3, {"march's last"}),
        (2027, 4, {"april's first"}),
        (2027, 10, {"october's last"}),
        (2027, 11, {"november's first"}),
        (2027, 12, {"december's last"}),
        (2028, 1, {"january's first"}),
    ):
        assert set(await sums(stores, span(year, number))) == names


async def test_the_end_decides_about_the_month(stores: Stores) -> None:
    """A session over New Year is billed where it ended."""
    connector = await charger(stores)
    session = await charging(stores, connector, at=midnight(2027, 2) - 60)
    at = midnight(2027, 2) + 60
    await stores.transactions.end(evolve(sealed(session), ended_at=at))
    assert await sums(stores, span(2027, 1)) == {}
    assert await sums(stores, span(2027, 2)) == {"ida": 1000}


async def test_refunds_count_in_their_sessions_month(stores: Stores) -> None:
    """Whenever they were written; one may leave nothing, or less, to be owed."""
    connector = await charger(stores)
    session = await charged(stores, connector, "ida")
    await charged(stores, connector, "bo")
    for kind, amount_ore in (("refund", -700), ("correction", 25), ("refund", -800)):
        await stores.arrange.add_ledger_entry(session.session_id, kind, amount_ore)
    assert await sums(stores, span(2027, 1)) == {"bo": 1000, "ida": -475}
    owed, lines = await stores.invoices.get_lines("ida", span(2027, 1), 10)
    assert (owed.total_ore, owed.line_count) == (-475, 4)
    assert [(line.kind, line.amount_ore) for line in lines] == [
        (EntryKind.CHARGE, 1000),
        (EntryKind.REFUND, -700),
        (EntryKind.CORRECTION, 25),
        (EntryKind.REFUND, -800),
    ]


async def test_lines_tell_of_their_sessions(stores: Stores) -> None:
    """In the order these ended; the sum is of all, however few are asked for."""
    connector, other = await charger(stores), await charger(stores, "b")
    late = await charged(stores, other, "ida", at=T0 + 9000, price_ore=2)
    early = await charged(stores, connector, "ida", price_ore=1000)
    owed, lines = await stores.invoices.get_lines("ida", span(2027, 1), 10)
    assert lines[0] == InvoiceLine(
        session_id=early.session_id,
        kind=EntryKind.CHARGE,
        amount_ore=1000,
        started_at=T0 + 660,
        ended_at=T0 + 1260,
        energy_wh=4000,
        connector_id=connector.connector_id,
    )
    assert [line.session_id for line in lines] == [early.session_id, late.session_id]
    assert await stores.invoices.get_lines("ida", span(2027, 1), 1) == (owed, lines[:1])
    assert (owed.total_ore, owed.line_count) == (1002, 2)
    assert (owed,) == await stores.invoices.get_owed(span(2027, 1), limit=1)


async def test_a_month_is_paid_when_each_session_is(stores: Stores) -> None:
    """Not by the last one alone; what is asked for by that is found by it."""
    connector = await charger(stores)
    first = await charged(stores, connector, "ida")
    second = await charged(stores, connector, "ida")
    await charged(stores, connector, "bo")
    await stores.transactions.mark_paid(second.session_id, T0 + 2000)
    assert set(await sums(stores, span(2027, 1), is_paid=False)) == {"bo", "ida"}
    assert await sums(stores, span(2027, 1), is_paid=True) == {}
    await stores.transactions.mark_paid(first.session_id, T0 + 2000)
    assert set(await sums(stores, span(2027, 1), is_paid=False)) == {"bo"}
    assert set(await sums(stores, span(2027, 1), is_paid=True)) == {"ida"}
    owed, _ = await stores.invoices.get_lines("ida", span(2027, 1), 1)
    assert owed.is_paid is True


async def test_nobody_is_billed_for_what_nobody_owes(stores: Stores) -> None:
    """Not self tests, guests or the unknown; not what runs or was cancelled."""
    connector = await charger(stores)
    tester = await charged(stores, await prepared(stores), TESTER.account_id)
    await stores.arrange.add_ledger_entry(tester.session_id, "charge", 1000)
    await charged(stores, connector, GUEST)
    await charged(stores, connector, None)
    await stores.transactions.start(started(await charger(stores, "unasked")))
    await charging(stores, await charger(stores, "runs"))
    gone = await opened(stores, connector.connector_id)
    await stores.transactions.cancel(gone.session_id, T0 + 30, EndReason.REFUSED)
    assert await sums(stores, span(2027, 1)) == {}
    assert await stores.invoices.get_last_end(LATEST) is None
    for user_id in ("ida", GUEST, TESTER.account_id, "", "nul\0", "half \ud800"):
        assert await stores.invoices.get_last_end(LATEST, user_id) is None
        with pytest.raises(InvoiceUnknown):
            await stores.invoices.get_lines(user_id, span(2027, 1), 10)


async def test_only_what_is_asked_for_is_added_up(stores: Stores) -> None:
    """One user's, those after another one, and no more than so many."""
    connector = await charger(stores)
    for user_id in ("ada", "bo", "ida", "Zoë"):
        await charged(stores, connector, user_id)
    month = span(2027, 1)
    assert list(await sums(stores, month)) == ["Zoë", "ada", "bo", "ida"]
    assert list(await sums(stores, month, user_id="bo")) == ["bo"]
    assert list(await sums(stores, month, after="ada")) == ["bo", "ida"]
    two = await stores.invoices.get_owed(month, after="Zoë", limit=2)
    assert [owed.user_id for owed in two] == ["ada", "bo"]


async def test_the_last_end_before_a_time_is_found(stores: Stores) -> None:
    """Anybody's, or one user's; what ended at that very time is not before it."""
    connector = await charger(stores)
    await charged(stores, connector, "ida", at=T0 + 1000)
    await charged(stores, connector, "bo", at=T0 + 2000)
    last_end = stores.invoices.get_last_end
    assert await last_end(LATEST) == T0 + 2000
    assert await last_end(T0 + 2000) == T0 + 1000
    assert await last_end(T0 + 1000) is None
    assert await last_end(LATEST, "ida") == T0 + 1000
    assert await last_end(LATEST, "nobody") is None


async def test_a_bill_keeps_its_name(stores: Stores) -> None:
    """Whoever names it second is told the first one's, beside what is new."""
    january, february = ("ida", JANUARY), ("ida", Month(2027, 2))
    assert await stores.invoices.name_invoices({january: ID_1}) == {january: ID_1}
    second = {january: ID_2.replace("2", "3"), february: ID_2}
    assert await stores.invoices.name_invoices(second) == {
        january: ID_1,
        february: ID_2,
    }
    assert await stores.invoices.get_named(ID_1) == january
    assert await stores.invoices.get_named(ID_2) == february
    connector = await charger(stores)
    await charged(stores, connector, "ida")
    (owed,) = await stores.invoices.get_owed(span(2027, 1), limit=1)
    assert owed.public_id == ID_1
    assert (await stores.invoices.get_lines("ida", span(2027, 1), 1))[0] == owed


async def test_a_name_stands_for_one_bill(stores: Stores) -> None:
    """A second one is not given it, and what no bill is called is unknown."""
    with pytest.raises(InvoiceUnknown):
        await stores.invoices.get_named(ID_1)
    await stores.invoices.name_invoices({("ida", JANUARY): ID_1})
    await is_refused(stores.invoices.name_invoices({("bo", JANUARY): ID_1}))
    twice = {("bo", JANUARY): ID_2, ("ada", JANUARY): ID_2}
    await is_refused(stores.invoices.name_invoices(twice))
    await is_refused(stores.invoices.name_invoices({("nul\0", JANUARY): ID_2}))
    with pytest.raises(InvoiceUnknown):
        await stores.invoices.get_named(ID_2)
