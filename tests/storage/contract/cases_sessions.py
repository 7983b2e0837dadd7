"""What every `ITransactionStore` does with one session after another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorBusy, ConnectorUnknown, SessionUnknown
from flexicharge.model.session import EndReason, Session, SessionFlag, SessionState
from flexicharge.model.site import Protocol
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HERE,
    NOWHERE,
    T0,
    Stores,
    charger,
    charging,
    ended,
    in_state,
    is_refused,
    opened,
    sealed,
    started,
)


async def word_of(stores: Stores, connector_id: int) -> ConnectorStatus:
    """Return a connector's own last word."""
    return (await stores.chargers.get_charger(connector_id)).status


async def test_a_session_is_opened_for_a_user(stores: Stores) -> None:
    """It has the user, the connector, its times and the price of the site."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id)
    session, is_new = await stores.transactions.add_transaction(
        "ida", connector.connector_id, 1234, at=T0, reserved_until=T0 + 300
    )
    assert is_new is True
    assert session == Session(
        session_id=session.session_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=connector.connector_id,
        user_id="ida",
        state=SessionState.OPENED,
        opened_at=T0,
        reserved_until=T0 + 300,
        meter_start_wh=1234,
        site_sek_per_kwh=price,
    )
    assert await stores.transactions.get_transaction(session.session_id) == session


async def test_a_session_without_a_site_price_has_none(stores: Stores) -> None:
    """Then the tariff counts."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    assert session.site_sek_per_kwh is None
    assert session.meter_start_wh is None


async def test_the_same_user_gets_the_same_session(stores: Stores) -> None:
    """Asked again, the reservation lasts longer, but never shorter."""
    connector = await charger(stores)
    first = await opened(stores, connector.connector_id)
    for until, expected in ((T0 + 500, T0 + 500), (T0 + 400, T0 + 500)):
        again, is_new = await stores.transactions.add_transaction(
            "ida", connector.connector_id, at=T0 + 100, reserved_until=until
        )
        assert is_new is False
        assert again == evolve(first, reserved_until=expected)
        assert await stores.transactions.get_transaction(first.session_id) == again


async def test_a_guest_is_one_user(stores: Stores) -> None:
    """Callers without an account share their sessions, and with nobody else."""
    connector = await charger(stores)
    first = await opened(stores, connector.connector_id, None)
    assert (await opened(stores, connector.connector_id, None)) == first
    with pytest.raises(ConnectorBusy):
        await opened(stores, connector.connector_id, "ida")


async def test_a_connector_is_not_given_to_two(stores: Stores) -> None:
    """Another user is told so and changes nothing."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    for user_id in ("bo", "Ida", None):
        with pytest.raises(ConnectorBusy):
            await stores.transactions.add_transaction(
                user_id, connector.connector_id, at=T0 + 1, reserved_until=T0 + 999
            )
    assert await stores.transactions.get_transaction(session.session_id) == session


async def test_a_session_needs_a_connector(stores: Stores) -> None:
    """There is none to open where there is no connector."""
    await charger(stores)
    for connector_id in NOWHERE:
        with pytest.raises(ConnectorUnknown):
            await opened(stores, connector_id)


async def test_session_numbers_rise_and_leave_the_alias_out(stores: Stores) -> None:
    """9999 means the caller's newest session and is never a session of its own."""
    await stores.arrange.draw_sessions_from(9998)
    connectors = [await charger(stores, serial) for serial in ("a", "b", "c", "d")]
    numbers = [(await opened(stores, connectors[0].connector_id)).session_id]
    for connector in connectors[1:3]:
        numbers.append((await stores.transactions.start(started(connector))).session_id)
    numbers.append((await opened(stores, connectors[3].connector_id)).session_id)
    assert numbers == [9998, 10_000, 10_001, 10_002]


async def test_an_alias_is_not_drawn_for_a_start_either(stores: Stores) -> None:
    """A session that a station opens skips it as well."""
    await stores.arrange.draw_sessions_from(9999)
    connector = await charger(stores)
    session = await stores.transactions.start(started(connector))
    assert session.session_id == 10_000


async def test_a_session_that_is_not_there_is_unknown(stores: Stores) -> None:
    """Whatever is asked of a number that no session has."""
    store = stores.transactions
    for number in NOWHERE:
        for asked in (
            store.get_transaction(number),
            store.update_transaction_meter(number, 1),
            store.update_transaction_payment(
                number, provider="x", client_token="", provider_session_id="", at=T0
            ),
            store.mark_reserved(number),
            store.begin_start(number, T0, T0),
            store.return_to_reserved(number),
            store.begin_stop(number, T0),
            store.cancel(number, T0, EndReason.REFUSED),
            store.mark_paid(number, T0),
        ):
            with pytest.raises(SessionUnknown):
                await asked
    with pytest.raises(SessionUnknown):
        await store.end(sealed(await unstored_session(stores)))


async def unstored_session(stores: Stores) -> Session:
    """Return a session under a number that is not there."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    return evolve(session, session_id=session.session_id + 1)


async def test_what_is_not_there_has_no_sessions(stores: Stores) -> None:
    """Lists of unknown users, connectors and stations are empty, not errors."""
    store = stores.transactions
    for user_id in ("", "nobody", "id\0a", "\ud800"):
        assert await store.get_transactions_for_user(user_id) == ()
    for number in NOWHERE:
        assert await store.get_transactions_for_charger(number) == ()
        assert await store.get_open_for_station(number) == ()
        assert await store.get_latest_for_station(number) is None
        assert await store.get_last_reading(number) is None
        assert await store.get_hourly_readings(number) == ()


async def test_a_user_sees_the_newest_session_first(stores: Stores) -> None:
    """Cancelled sessions and those of others are left out."""
    first, second = await charger(stores, "a"), await charger(stores, "b")
    oldest = await ended(stores, first)
    await in_state(stores, first, SessionState.CANCELLED)
    await opened(stores, first.connector_id, "bo")
    newest = await opened(stores, second.connector_id)
    found = await stores.transactions.get_transactions_for_user("ida")
    assert found == (newest, oldest)


async def test_a_charger_shows_its_newest_session_first(stores: Stores) -> None:
    """Cancelled sessions and those of other chargers are left out."""
    first, second = await charger(stores, "a"), await charger(stores, "b")
    oldest = await ended(stores, first)
    await in_state(stores, first, SessionState.CANCELLED)
    await opened(stores, second.connector_id)
    newest = await opened(stores, first.connector_id, "bo")
    found = await stores.transactions.get_transactions_for_charger(first.connector_id)
    assert found == (newest, oldest)


async def test_a_station_has_its_open_sessions_oldest_first(stores: Stores) -> None:
    """Of all its connectors, whatever they are waiting for."""
    first, other = await charger(stores, "a"), await charger(stores, "b")
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    await ended(stores, first)
    await opened(stores, other.connector_id)
    older = await opened(stores, second_id)
    newer = await charging(stores, first)
    found = await stores.transactions.get_open_for_station(first.station_id)
    assert found == (older, newer)


async def test_the_latest_session_of_a_station_is_one_that_started(
    stores: Stores,
) -> None:
    """What was only opened, or cancelled by a stop, never started."""
    connector, other = await charger(stores, "a"), await charger(stores, "b")
    latest = stores.transactions.get_latest_for_station
    assert await latest(connector.station_id) is None
    cancelled = await opened(stores, connector.connector_id)
    await stores.transactions.begin_stop(cancelled.session_id, T0)
    assert await latest(connector.station_id) is None
    first = await ended(stores, connector)
    await charging(stores, other)
    assert await latest(connector.station_id) == first
    await opened(stores, connector.connector_id)
    assert await latest(connector.station_id) == first
    second = await stores.transactions.start(started(connector))
    assert await latest(connector.station_id) == second


async def test_a_payment_is_kept_with_its_session(stores: Stores) -> None:
    """A later one takes over; one that is kept twice is still one."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    number = session.session_id

    async def pay(provider_session_id: str, payment_id: int | None = None) -> Session:
        return await stores.transactions.update_transaction_payment(
            number,
            payment_id,
            provider="klarna",
            client_token="t" * 2000,
            provider_session_id=provider_session_id,
            at=T0,
        )

    first = await pay("s1")
    assert first.payment_id is not None
    assert first == evolve(session, payment_id=first.payment_id)
    assert await pay("s1") == first
    second = await pay("s2")
    assert second.payment_id is not None
    assert second.payment_id > first.payment_id
    assert await pay("s3", second.payment_id) == second
    assert await stores.transactions.get_transaction(number) == second


async def test_a_payment_of_another_session_is_not_replaced(stores: Stores) -> None:
    """A number that is not this session's payment changes nothing."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    theirs = await opened(stores, one.connector_id, "bo")
    theirs = await stores.transactions.update_transaction_payment(
        theirs.session_id,
        provider="p",
        client_token="t",
        provider_session_id="s",
        at=T0,
    )
    mine = await opened(stores, other.connector_id)
    for payment_id in (theirs.payment_id, 10**6):
        assert mine == await stores.transactions.update_transaction_payment(
            mine.session_id,
            payment_id,
            provider="p",
            client_token="t",
            provider_session_id="s",
            at=T0,
        )
    found = await stores.transactions.get_transaction(theirs.session_id)
    assert found == theirs


async def test_the_last_register_never_falls(stores: Stores) -> None:
    """A lower one is ignored, and after the end all are."""
    session = await charging(stores, await charger(stores))
    update = stores.transactions.update_transaction_meter
    for meter_wh, expected in ((1500, 1500), (1400, 1500), (1500, 1500), (1501, 1501)):
        found = await update(session.session_id, meter_wh)
        assert found == evolve(session, meter_last_wh=expected)
    assert found.energy_so_far_wh == 501
    over, _ = await stores.transactions.end(sealed(session))
    assert await update(session.session_id, 9999) == over


async def test_a_register_of_0_is_a_register(stores: Stores) -> None:
    """A meter may well start at nothing."""
    connector = await charger(stores)
    session, _ = await stores.transactions.add_transaction(
        "ida", connector.connector_id, 0, at=T0, reserved_until=T0 + 300
    )
    assert session.meter_start_wh == 0
    await stores.transactions.start(started(connector, meter_start_wh=0))
    found = await stores.transactions.update_transaction_meter(session.session_id, 0)
    assert (found.meter_start_wh, found.meter_last_wh) == (0, 0)


async def test_a_number_that_no_column_holds_is_refused(stores: Stores) -> None:
    """A refusal leaves the session as it was."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    store = stores.transactions
    for impossible in (2**63, -1):
        await is_refused(store.update_transaction_meter(session.session_id, impossible))
        fact = started(connector, meter_start_wh=impossible)
        await is_refused(store.start(fact))
    assert await store.get_transaction(session.session_id) == session
    running = await store.start(started(connector))
    for impossible in (2**63, -1):
        await is_refused(store.end(sealed(session, price_ore=impossible)))
        await is_refused(store.end(evolve(sealed(session), energy_wh=impossible)))
        await is_refused(store.end(evolve(sealed(session), meter_stop_wh=impossible)))
    assert await store.get_transaction(session.session_id) == running
    assert await stores.arrange.charges(session.session_id) == []
    assert await store.update_transaction_meter(session.session_id, 2**63 - 1) == (
        evolve(running, meter_last_wh=2**63 - 1)
    )


async def test_a_time_that_never_comes_is_refused(stores: Stores) -> None:
    """Whatever calculated it was wrong, and nothing is changed by it."""
    connector = await charger(stores)
    store = stores.transactions
    for never in (float("inf"), float("nan")):
        await is_refused(store.start(started(connector, at=never)))
        await is_refused(
            store.add_transaction(
                "ida", connector.connector_id, at=T0, reserved_until=never
            )
        )
    session = await opened(stores, connector.connector_id)
    await is_refused(store.cancel(session.session_id, never, EndReason.REFUSED))
    assert await store.get_open_for_station(connector.station_id) == (session,)


async def test_text_that_no_column_holds_is_refused_as_a_key(stores: Stores) -> None:
    """A user whose number holds NUL would be found under another one's."""
    connector = await charger(stores)
    for user_id in ("id\0a", "\ud800"):
        await is_refused(opened(stores, connector.connector_id, user_id))
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert found == ()


async def test_times_of_a_session_are_kept_to_the_microsecond(stores: Stores) -> None:
    """What comes back at once is what is found later."""
    connector = await charger(stores)
    session, _ = await stores.transactions.add_transaction(
        "ida",
        connector.connector_id,
        at=T0 + 0.12345678,
        reserved_until=T0 + 300.98765432,
    )
    assert session.opened_at == T0 + 0.123457
    assert session.reserved_until == T0 + 300.987654
    running = await stores.transactions.start(started(connector, at=T0 + 1 / 3))
    assert running.started_at == T0 + 0.333333
    found = await stores.transactions.get_transaction(session.session_id)
    assert found == running


async def test_a_start_finds_the_session_of_its_connector(stores: Stores) -> None:
    """Energy flows, the register is known, and the charger says so."""
    connector = await charger(stores)
    session = await in_state(stores, connector, SessionState.STARTING)
    fact = started(connector)
    running = await stores.transactions.start(fact)
    assert running == evolve(
        session,
        state=SessionState.CHARGING,
        started_at=T0 + 60,
        meter_start_wh=1000,
    )
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING


async def test_a_start_that_is_said_twice_is_one(stores: Stores) -> None:
    """The first register and time stay, and so does what was said."""
    connector = await charger(stores)
    first = await charging(stores, connector)
    later = started(connector, meter_start_wh=1300, at=T0 + 99)
    assert await stores.transactions.start(later) == first
    await stores.transactions.begin_stop(first.session_id, T0 + 100)
    again = await stores.transactions.start(later)
    assert again.session_id == first.session_id
    assert again.state is SessionState.STOPPING
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", first.session_id, '{"meterStart":1000}')]


async def test_a_start_that_nobody_asked_for_is_kept(stores: Stores) -> None:
    """Energy is never refused: a session without a payer is opened."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id)
    session = await stores.transactions.start(started(connector))
    assert session == Session(
        session_id=session.session_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=connector.connector_id,
        user_id=None,
        state=SessionState.CHARGING,
        opened_at=T0 + 60,
        started_at=T0 + 60,
        meter_start_wh=1000,
        site_sek_per_kwh=price,
    )
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.CHARGING
    assert await stores.transactions.start(started(connector)) == session
    facts = await stores.arrange.facts(connector.station_id)
    assert facts == [("start", session.session_id, '{"meterStart":1000}')]


async def test_a_dialect_station_may_start_on_another_connector(
    stores: Stores,
) -> None:
    """Its charger says connector 1 whatever it was asked: its only session is meant."""
    first = await charger(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    session = await opened(stores, second_id)
    running = await stores.transactions.start(started(first))
    assert (running.session_id, running.connector_id) == (session.session_id, second_id)
    assert running.state is SessionState.CHARGING
    assert await word_of(stores, second_id) is ConnectorStatus.CHARGING
    assert await word_of(stores, first.connector_id) is ConnectorStatus.AVAILABLE
    assert await stores.transactions.start(started(first)) == running


async def test_a_start_prefers_the_session_of_its_own_connector(
    stores: Stores,
) -> None:
    """Other connectors of the station are looked at only if it has none."""
    first = await charger(stores)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    other = await opened(stores, second_id, "bo")
    own = await opened(stores, first.connector_id)
    running = await stores.transactions.start(started(first))
    assert running.session_id == own.session_id
    assert await stores.transactions.get_transaction(other.session_id) == other


async def test_a_start_does_not_choose_between_two_others(stores: Stores) -> None:
    """With two open sessions elsewhere nobody can tell which one is meant."""
    first = await charger(stores)
    others = [
        await opened(
            stores, await stores.arrange.add_connector(first.station_id, number), user
        )
        for number, user in ((2, "ida"), (3, "bo"))
    ]
    running = await stores.transactions.start(started(first))
    assert (running.user_id, running.connector_id) == (None, first.connector_id)
    found = await stores.transactions.get_open_for_station(first.station_id)
    assert found == (*others, running)


async def test_a_standard_station_means_the_connector_it_names(stores: Stores) -> None:
    """Only the dialect is guessed at."""
    first = await charger(stores, protocol=Protocol.OCPP_1_6)
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    other = await opened(stores, second_id)
    running = await stores.transactions.start(started(first))
    assert (running.user_id, running.connector_id) == (None, first.connector_id)
    assert await stores.transactions.get_transaction(other.session_id) == other


async def test_a_station_starts_nothing_on_another_ones_connector(
    stores: Stores,
) -> None:
    """A connector that is not the station's, or not there, is unknown."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    held = await opened(stores, other.connector_id)
    for connector_id in (other.connector_id, *NOWHERE):
        fact = evolve(started(one), connector_id=connector_id)
        with pytest.raises(ConnectorUnknown):
            await stores.transactions.start(fact)
    assert await stores.transactions.get_transaction(held.session_id) == held
    assert await stores.arrange.facts(one.station_id) == []


async def test_a_session_is_sealed_once(stores: Stores) -> None:
    """Whoever ends it first decides; the second is told that it was not them."""
    connector = await charger(stores)
    session = await charging(stores, connector)
    over, is_sealed_now = await stores.transactions.end(sealed(session))
    assert is_sealed_now is True
    assert over == evolve(
        session,
        state=SessionState.ENDED,
        ended_at=T0 + 1260,
        meter_stop_wh=5000,
        energy_wh=4000,
        price_ore=1000,
        end_reason=EndReason.DRIVER,
    )
    second = evolve(
        sealed(session, price_ore=7, at=T0 + 2000), reason=EndReason.SILENT, energy_wh=1
    )
    assert await stores.transactions.end(second) == (over, False)
    assert await stores.transactions.get_transaction(session.session_id) == over
    assert await stores.arrange.charges(session.session_id) == [1000]
    assert await stores.arrange.facts(connector.station_id) == [
        ("start", session.session_id, '{"meterStart":1000}'),
        ("stop", session.session_id, '{"meterStop":5000}'),
    ]


async def test_an_end_that_no_station_told_leaves_no_words(stores: Stores) -> None:
    """A session that is closed for silence has flags, and no claim of a station."""
    connector = await charger(stores)
    session = await charging(stores, connector)
    fact = evolve(
        sealed(session),
        claimed=None,
        flags=(SessionFlag.FROM_LAST_READING, SessionFlag.PRICE_GUESSED),
        brackets='[{"hourAt":1800000000,"energyWh":"4000","sekPerKwh":"2.5"}]',
    )
    over, _ = await stores.transactions.end(fact)
    assert over.flags == (SessionFlag.FROM_LAST_READING, SessionFlag.PRICE_GUESSED)
    kinds = [kind for kind, _, _ in await stores.arrange.facts(connector.station_id)]
    assert kinds == ["start"]


async def test_only_a_dialect_charger_is_free_by_its_end(stores: Stores) -> None:
    """A standard one says itself when the cable is out."""
    dialect = await charger(stores, "a")
    standard = await charger(stores, "b", protocol=Protocol.OCPP_1_6)
    await ended(stores, dialect)
    await ended(stores, standard)
    words = [c.status for c in await stores.chargers.get_chargers()]
    assert words == [ConnectorStatus.AVAILABLE, ConnectorStatus.CHARGING]


async def test_an_ended_session_makes_room(stores: Stores) -> None:
    """The connector can be had again at once, under a higher number."""
    connector = await charger(stores)
    first = await ended(stores, connector)
    second = await opened(stores, connector.connector_id, "bo")
    assert second.session_id > first.session_id


async def test_a_session_without_a_payer_is_charged_to_the_ledger_too(
    stores: Stores,
) -> None:
    """What nobody will pay is still on the books."""
    session = await stores.transactions.start(started(await charger(stores)))
    await stores.transactions.end(sealed(session))
    assert await stores.arrange.charges(session.session_id) == [1000]


async def test_a_session_is_paid_once(stores: Stores) -> None:
    """The first time stays."""
    session = await ended(stores, await charger(stores))
    paid = await stores.transactions.mark_paid(session.session_id, T0 + 2000)
    assert paid == evolve(session, is_paid=True, paid_at=T0 + 2000)
    assert await stores.transactions.mark_paid(session.session_id, T0 + 3000) == paid
    assert await stores.transactions.get_transaction(session.session_id) == paid


async def test_a_cancelled_session_gives_back_a_reserved_charger(
    stores: Stores,
) -> None:
    """Only the word `Reserved` was the session's; any other is the charger's own."""
    store = stores.transactions
    connector = await charger(stores)
    number = connector.connector_id

    async def word_after_cancel(word: ConnectorStatus, how: str) -> ConnectorStatus:
        session = await opened(stores, number)
        await stores.chargers.update_charger_status(number, word, T0)
        if how == "cancel":
            await store.cancel(session.session_id, T0, EndReason.REFUSED)
        elif how == "stop":
            await store.begin_stop(session.session_id, T0)
        else:
            await store.expire_reservations(T0 + 300)
        return await word_of(stores, number)

    for how in ("cancel", "stop", "expire"):
        reserved = await word_after_cancel(ConnectorStatus.RESERVED, how)
        assert reserved is ConnectorStatus.AVAILABLE
        faulted = await word_after_cancel(ConnectorStatus.FAULTED, how)
        assert faulted is ConnectorStatus.FAULTED


async def test_cancelling_what_is_over_frees_nothing(stores: Stores) -> None:
    """The charger is reserved for somebody else by then."""
    connector = await charger(stores)
    old = await in_state(stores, connector, SessionState.CANCELLED)
    await opened(stores, connector.connector_id, "bo")
    await stores.chargers.update_charger_status(
        connector.connector_id, ConnectorStatus.RESERVED, T0
    )
    await stores.transactions.cancel(old.session_id, T0, EndReason.REFUSED)
    await stores.transactions.begin_stop(old.session_id, T0)
    assert await word_of(stores, connector.connector_id) is ConnectorStatus.RESERVED


async def test_what_is_evidence_is_kept(stores: Stores) -> None:
    """With a session or without, without what no column holds, and in order."""
    connector = await charger(stores)
    session = await ended(stores, connector)
    keep = stores.transactions.keep_fact
    await keep(connector.station_id, None, "orphan", T0, '{"a\0":1}')
    await keep(connector.station_id, session.session_id, "lateStop", T0, "\ud800")
    facts = await stores.arrange.facts(connector.station_id)
    assert facts[2:] == [
        ("orphan", None, '{"a":1}'),
        ("lateStop", session.session_id, "?"),
    ]


async def test_evidence_is_kept_of_what_is_there(stores: Stores) -> None:
    """Facts about stations or sessions that nobody knows are refused."""
    connector = await charger(stores)
    keep = stores.transactions.keep_fact
    await is_refused(keep(10**6, None, "orphan", T0, ""))
    await is_refused(keep(connector.station_id, 10**6, "orphan", T0, ""))
    assert await stores.arrange.facts(connector.station_id) == []


async def test_what_a_station_claims_is_stored_without_nul(stores: Stores) -> None:
    """A station's own words never stop a start or a stop."""
    connector = await charger(stores)
    fact = evolve(started(connector), claimed="a\0b")
    session = await stores.transactions.start(fact)
    await stores.transactions.end(evolve(sealed(session), claimed="\0c\0"))
    facts = await stores.arrange.facts(connector.station_id)
    assert [claimed for _, _, claimed in facts] == ["ab", "c"]


async def test_reservations_expire_in_time(stores: Stores) -> None:
    """Not a moment before, at the moment itself, and only once; oldest first."""
    early, late, used = [await charger(stores, serial) for serial in ("a", "b", "c")]
    await charging(stores, used)
    older = await in_state(stores, late, SessionState.STARTING)
    newer = await in_state(stores, early, SessionState.RESERVED)
    expire = stores.transactions.expire_reservations
    assert await expire(T0 + 299.999) == ()
    (first,) = await expire(T0 + 300)
    assert first == evolve(
        newer,
        state=SessionState.CANCELLED,
        started_at=T0 + 300,
        ended_at=T0 + 300,
        price_ore=0,
        end_reason=EndReason.EXPIRED,
    )
    assert await stores.transactions.get_transaction(newer.session_id) == first
    assert await expire(T0 + 300) == ()
    newest = await opened(stores, early.connector_id)
    found = await expire(T0 + 1000)
    assert [session.session_id for session in found] == [
        older.session_id,
        newest.session_id,
    ]


async def test_a_session_that_is_not_heard_of_is_silent(stores: Stores) -> None:
    """Since its start, if there was no reading; those that never ran are not asked."""
    connectors = [await charger(stores, serial) for serial in ("a", "b", "c", "d")]
    late = await charging(stores, connectors[0], at=T0 + 60)
    stopping = await in_state(stores, connectors[1], SessionState.STOPPING)
    await opened(stores, connectors[2].connector_id)
    await ended(stores, connectors[3])
    silent = stores.transactions.get_silent
    assert await silent(T0 + 59.999) == ()
    assert await silent(T0 + 60) == (late, stopping)
    assert await silent(T0 + 900) == (late, stopping)
