"""How every `ITransactionStore` ends sessions, and what stays of them."""

from __future__ import annotations

from attrs import evolve

from flexicharge.model.session import EndReason, SessionFlag, SessionState
from flexicharge.model.site import Protocol
from flexicharge.model.status import ConnectorStatus

from .stores import (
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
    word_of,
)


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


async def test_the_end_keeps_the_newest_percentage(stores: Stores) -> None:
    """What the last reading said; where it said nothing, what was known before."""
    connector = await charger(stores)
    session = await charging(stores, connector)
    told = evolve(sealed(session), percent=69)
    over, _ = await stores.transactions.end(told)
    assert over.percent == 69
    session = await charging(stores, connector)
    over, _ = await stores.transactions.end(evolve(sealed(session), percent=None))
    assert over.percent == session.percent


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
