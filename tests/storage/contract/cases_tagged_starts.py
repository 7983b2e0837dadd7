"""What every `ITransactionStore` makes of a start under a tag."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorBusy, ConnectorUnknown
from flexicharge.model.session import (
    EndReason,
    Said,
    Session,
    SessionFlag,
    SessionState,
    TaggedStart,
)
from flexicharge.model.site import Connector, Protocol
from flexicharge.model.status import ConnectorStatus

from .cases_begun import DUE_AT, NEXT_HOUR, begun, booked, to_come
from .stores import (
    HERE,
    NOWHERE,
    T0,
    Stores,
    charger,
    in_state,
    is_refused,
    opened,
    sealed,
    word_of,
)

S = SessionState


async def standard(stores: Stores, serial_number: str = "abc111") -> Connector:
    """Return a new charger that speaks OCPP 1.6."""
    return await charger(stores, serial_number, protocol=Protocol.OCPP_1_6)


def tagged(connector: Connector, **changes: Any) -> TaggedStart:
    """Return that energy flows since T0 + 60, as a station says at T0 + 65."""
    fact = TaggedStart(
        station_id=connector.station_id,
        connector_id=connector.connector_id,
        meter_start_wh=1000,
        started_at=T0 + 60,
        arrived_at=T0 + 65,
        claimed='{"idTag":"CARD1"}',
        key="one",
        id_tag="CARD1",
        user_id="ida",
    )
    return evolve(fact, **changes)


async def test_a_tag_opens_a_session_that_charges(stores: Stores) -> None:
    """Its user pays, at the site's price; what was said is kept, as is its key."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id, protocol=Protocol.OCPP_1_6)
    fact = tagged(connector, flags=(SessionFlag.TAG_REFUSED,))
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert session == Session(
        session_id=session.session_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=connector.connector_id,
        user_id="ida",
        state=S.CHARGING,
        opened_at=T0 + 65,
        started_at=T0 + 60,
        meter_start_wh=1000,
        site_sek_per_kwh=price,
        id_tag="CARD1",
        flags=(SessionFlag.TAG_REFUSED,),
    )
    store, number = stores.transactions, session.session_id
    assert await store.get_transaction(number) == session
    assert await store.get_open_for_station(connector.station_id) == (session,)
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", number, '{"idTag":"CARD1"}')]
    said = await store.said_before(connector.station_id, ("start",), "one")
    assert said == Said(number, T0 + 65)


async def test_nobody_needs_to_pay_or_to_know_the_register(stores: Stores) -> None:
    """What is not known stays unknown, also when the session is over."""
    connector = await standard(stores)
    fact = tagged(connector, meter_start_wh=None, user_id=None, id_tag="")
    session, _ = await stores.transactions.start_tagged(fact)
    assert (session.user_id, session.meter_start_wh, session.id_tag) == (None, None, "")
    over, is_sealed_now = await stores.transactions.end(sealed(session))
    assert is_sealed_now
    assert over.meter_start_wh is None
    assert over.energy_wh == 4000


async def test_an_alias_is_not_drawn_for_a_tagged_start(stores: Stores) -> None:
    """A session that a tag opens skips it as well."""
    await stores.arrange.draw_sessions_from(9999)
    fact = tagged(await standard(stores))
    session, _ = await stores.transactions.start_tagged(fact)
    assert session.session_id == 10_000


async def _starts_its_own(stores: Stores, state: SessionState) -> None:
    connector = await standard(stores)
    own = await in_state(stores, connector, state)
    fact = tagged(connector, user_id="bo", session_id=own.session_id, id_tag="FCAE")
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert session == evolve(
        own,
        state=S.CHARGING,
        started_at=T0 + 60,
        meter_start_wh=1000,
        id_tag="FCAE",
    )
    assert await stores.transactions.get_transaction(own.session_id) == session
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", own.session_id, '{"idTag":"CARD1"}')]


async def test_an_opened_session_starts_under_its_own_tag(stores: Stores) -> None:
    """It stays whose it is, whatever user is named."""
    await _starts_its_own(stores, S.OPENED)


async def test_a_reserved_session_starts_under_its_own_tag(stores: Stores) -> None:
    """As one that was only opened."""
    await _starts_its_own(stores, S.RESERVED)


async def test_a_session_asked_to_start_does_under_its_own_tag(stores: Stores) -> None:
    """As one that is only held."""
    await _starts_its_own(stores, S.STARTING)


async def test_what_is_held_for_somebody_else_makes_way(stores: Stores) -> None:
    """Even if it was asked to start: energy flows for somebody else."""
    for number, state in enumerate((S.OPENED, S.RESERVED, S.STARTING)):
        connector = await standard(stores, f"abc{number}")
        held = await in_state(stores, connector, state)
        fact = tagged(connector, user_id="bo")
        session, moved = await stores.transactions.start_tagged(fact)
        gone = evolve(
            held,
            state=S.CANCELLED,
            started_at=T0 + 65,
            ended_at=T0 + 65,
            price_ore=0,
            end_reason=EndReason.REFUSED,
        )
        assert moved == (gone,)
        assert await stores.transactions.get_transaction(held.session_id) == gone
        assert (session.user_id, session.state) == ("bo", S.CHARGING)
        assert session.session_id != held.session_id
        found = await stores.transactions.get_open_for_station(connector.station_id)
        assert found == (session,)


async def test_booked_time_that_made_way_is_booked_anew(stores: Stores) -> None:
    """Under a new number; once the connector is free it begins again."""
    connector = await standard(stores)
    held = await begun(stores, connector)
    fact = tagged(connector, user_id="bo", arrived_at=DUE_AT + 60)
    session, (gone,) = await stores.transactions.start_tagged(fact)
    assert (gone.session_id, gone.state) == (held.session_id, S.CANCELLED)
    (number,) = await to_come(stores)
    assert number not in (held.session_id, session.session_id)
    assert await stores.transactions.start_tagged(fact) == (session, ())
    assert await to_come(stores) == [number]
    await stores.transactions.end(sealed(session, at=DUE_AT + 120))
    await stores.reservations.open_due(connector.connector_id, DUE_AT + 121)
    (again,) = await stores.reservations.get_unheld()
    assert (again.session_id, again.user_id) == (number, "ida")
    assert again.reserved_until == NEXT_HOUR.end_at


async def test_booked_time_that_is_over_is_not_booked_anew(stores: Stores) -> None:
    """There is nothing left to give back."""
    connector = await standard(stores)
    held = await begun(stores, connector)
    fact = tagged(connector, user_id="bo", arrived_at=NEXT_HOUR.end_at)
    _, moved = await stores.transactions.start_tagged(fact)
    assert [session.session_id for session in moved] == [held.session_id]
    assert await to_come(stores) == []


async def test_what_is_booked_and_due_waits_until_a_tag_is_done(stores: Stores) -> None:
    """It is not cancelled, and does not begin."""
    connector = await standard(stores)
    number = (await booked(stores, connector)).reservation_id
    fact = tagged(connector, user_id="bo", started_at=DUE_AT, arrived_at=DUE_AT)
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert await to_come(stores) == [number]
    assert await stores.reservations.get_due(DUE_AT) == ()
    await stores.transactions.end(sealed(session, at=DUE_AT + 60))
    due = await stores.reservations.get_due(DUE_AT + 60)
    assert due == (connector.connector_id,)


async def test_a_session_elsewhere_is_not_what_starts(stores: Stores) -> None:
    """Nor one that is over: a session of the tag's user is opened."""
    first = await standard(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    other = await opened(stores, second_id)
    fact = tagged(first, session_id=other.session_id)
    session, moved = await stores.transactions.start_tagged(fact)
    assert moved == ()
    assert session.session_id != other.session_id
    assert (session.user_id, session.connector_id) == ("ida", first.connector_id)
    assert await stores.transactions.get_transaction(other.session_id) == other
    over, _ = await stores.transactions.end(sealed(session))
    fact = tagged(first, session_id=over.session_id, key="two")
    newer, _ = await stores.transactions.start_tagged(fact)
    assert newer.session_id not in (over.session_id, other.session_id)
    assert await stores.transactions.get_transaction(over.session_id) == over


async def test_a_running_session_is_not_pushed_aside(stores: Stores) -> None:
    """Not even when it is named: another start of it would be another charge."""
    connector = await standard(stores)
    running, _ = await stores.transactions.start_tagged(tagged(connector))
    fact = tagged(connector, key="two", user_id="bo", session_id=running.session_id)
    for state in (S.CHARGING, S.STOPPING):
        with pytest.raises(ConnectorBusy):
            await stores.transactions.start_tagged(fact)
        found = await stores.transactions.get_open_for_station(connector.station_id)
        assert [(one.session_id, one.state) for one in found] == [
            (running.session_id, state)
        ]
        await stores.transactions.begin_stop(running.session_id, T0 + 100)
    assert len(await stores.arrange.facts(connector.station_id)) == 1


async def test_a_tag_starts_nothing_on_another_ones_connector(stores: Stores) -> None:
    """A connector that is not the station's, is not there or is retired is unknown."""
    one, other = await standard(stores, "a"), await standard(stores, "b")
    retired = await stores.arrange.add_connector(one.station_id, 2)
    await stores.chargers.remove_charger(retired, T0)
    held = await opened(stores, other.connector_id, "bo")
    for connector_id in (other.connector_id, retired, *NOWHERE):
        for is_aside in (False, True):
            fact = tagged(one, connector_id=connector_id, aside=is_aside)
            with pytest.raises(ConnectorUnknown):
                await stores.transactions.start_tagged(fact)
    assert await stores.transactions.get_transaction(held.session_id) == held
    assert await stores.arrange.facts(one.station_id) == []


async def test_a_tagged_start_that_is_said_twice_is_one(stores: Stores) -> None:
    """As long as it runs, whatever else is said the second time."""
    connector = await standard(stores)
    store = stores.transactions
    first, _ = await store.start_tagged(tagged(connector))
    again = tagged(connector, meter_start_wh=7, arrived_at=T0 + 99, user_id="bo")
    assert await store.start_tagged(again) == (first, ())
    assert await store.start_tagged(evolve(again, aside=True)) == (first, ())
    stopping = await store.begin_stop(first.session_id, T0 + 100)
    assert await store.start_tagged(again) == (stopping, ())
    assert len(await stores.arrange.facts(connector.station_id)) == 1
    await store.end(sealed(first))
    newer, _ = await store.start_tagged(again)
    assert newer.session_id != first.session_id


async def test_an_own_session_whose_start_is_said_twice_is_one(stores: Stores) -> None:
    """Whoever lost the first answer hears it again."""
    connector = await standard(stores)
    own = await in_state(stores, connector, S.STARTING)
    fact = tagged(connector, session_id=own.session_id)
    session, _ = await stores.transactions.start_tagged(fact)
    assert await stores.transactions.start_tagged(fact) == (session, ())


async def test_a_start_without_a_key_is_known_by_its_words(stores: Stores) -> None:
    """The same words of the same moment; at any other they are something else."""
    connector = await standard(stores)
    store = stores.transactions
    fact = tagged(connector, key="", arrived_at=T0 + 65.123456, claimed="a\0b")
    session, _ = await store.start_tagged(fact)
    assert await store.start_tagged(fact) == (session, ())
    for other in (evolve(fact, arrived_at=T0 + 66), evolve(fact, claimed="c")):
        with pytest.raises(ConnectorBusy):
            await store.start_tagged(other)


async def test_a_key_is_that_of_its_station(stores: Stores) -> None:
    """Two that choose the same one have a session each, on each connector or not."""
    one, other = await standard(stores, "a"), await standard(stores, "b")
    store = stores.transactions
    mine, _ = await store.start_tagged(tagged(one))
    theirs, _ = await store.start_tagged(tagged(other))
    assert mine.session_id != theirs.session_id
    await store.keep_fact(one.station_id, mine.session_id, "odd", T0, "", key="two")
    with pytest.raises(ConnectorBusy):
        await store.start_tagged(tagged(one, key="two"))


async def test_a_tag_that_no_column_holds_is_nobodys(stores: Stores) -> None:
    """A start is never lost for it, and no other tag's session is found by it."""
    for number, id_tag in enumerate(("CARD\0", "CARD\ud800", "C" * 256)):
        fact = tagged(await standard(stores, f"abc{number}"), id_tag=id_tag)
        session, _ = await stores.transactions.start_tagged(fact)
        assert session.id_tag == ""
    fact = tagged(await standard(stores), id_tag="C" * 255)
    session, _ = await stores.transactions.start_tagged(fact)
    assert session.id_tag == "C" * 255


async def test_a_tagged_start_that_no_column_holds_is_refused(stores: Stores) -> None:
    """And has changed nothing: what was held is held."""
    connector = await standard(stores)
    held = await opened(stores, connector.connector_id, "bo")
    for changes in (
        {"meter_start_wh": -1},
        {"meter_start_wh": 2**63},
        {"started_at": float("nan")},
        {"arrived_at": float("inf")},
        {"user_id": "i\0da"},
        {"key": "k" * 65},
    ):
        await is_refused(stores.transactions.start_tagged(tagged(connector, **changes)))
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert found == (held,)
    assert await stores.arrange.facts(connector.station_id) == []


async def test_the_end_adds_to_what_is_on_record(stores: Stores) -> None:
    """Flags are added, each once; by which tag and why it ended is kept."""
    connector = await standard(stores)
    known = (SessionFlag.TAG_REFUSED, SessionFlag.START_IN_DOUBT)
    fact = tagged(connector, flags=(*known, SessionFlag.TAG_REFUSED))
    session, _ = await stores.transactions.start_tagged(fact)
    assert session.flags == known
    end = evolve(
        sealed(session),
        flags=(
            SessionFlag.PRICE_GUESSED,
            SessionFlag.START_IN_DOUBT,
            SessionFlag.FROM_LAST_READING,
            SessionFlag.PRICE_GUESSED,
        ),
        arrived_at=T0 + 9000,
        key="end",
        id_tag="CARD2",
        stop_reason="EVDisconnected",
    )
    over, _ = await stores.transactions.end(end)
    assert over.flags == (
        SessionFlag.TAG_REFUSED,
        SessionFlag.START_IN_DOUBT,
        SessionFlag.PRICE_GUESSED,
        SessionFlag.FROM_LAST_READING,
    )
    assert (over.id_tag, over.stop_id_tag) == ("CARD1", "CARD2")
    assert over.stop_reason == "EVDisconnected"
    assert over.ended_at == T0 + 1260
    assert await stores.transactions.get_transaction(session.session_id) == over
    said = await stores.transactions.said_before(connector.station_id, ("stop",), "end")
    assert said == Said(session.session_id, T0 + 9000)


async def test_an_end_in_strange_words_is_sealed_all_the_same(stores: Stores) -> None:
    """Too long a reason is cut; a tag that cannot be stored is nobody's."""
    session, _ = await stores.transactions.start_tagged(tagged(await standard(stores)))
    end = evolve(sealed(session), id_tag="x\0", stop_reason="n\0" + "o" * 300)
    over, is_sealed_now = await stores.transactions.end(end)
    assert is_sealed_now
    assert over.stop_id_tag == ""
    assert over.stop_reason == "n" + "o" * 253


async def test_own_booked_time_is_used_up_by_a_tag(stores: Stores) -> None:
    """Who charges into it has had it, however it was started."""
    connector = await standard(stores)
    await booked(stores, connector)
    fact = tagged(connector, started_at=DUE_AT, arrived_at=DUE_AT)
    session, _ = await stores.transactions.start_tagged(fact)
    assert len(await to_come(stores)) == 1
    await stores.transactions.end(sealed(session, at=DUE_AT + 600))
    assert await to_come(stores) == []
