"""A world's faults strike every method, before its change or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import iscoroutinefunction, signature
from typing import Any, Final

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from flexicharge.errors import DatabaseAway, SessionUnknown
from flexicharge.interfaces.accounts import AccountsAsked
from flexicharge.model.account import (
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
)
from flexicharge.model.id_tag import IdTag
from flexicharge.model.month import Month, MonthSpan
from flexicharge.model.reservation import Window
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Session,
    StartFact,
    TaggedStart,
)
from flexicharge.model.site import BootFact
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.storage.memory import (
    MemoryAccounts,
    MemoryChargers,
    MemoryCommands,
    MemoryIdTags,
    MemoryInvoices,
    MemoryJournal,
    MemoryReservations,
    MemorySelfTests,
    MemoryStationBook,
    MemoryTariffs,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.storage.memory.faults import METHODS
from flexicharge.testing.deferreds import fire, result_of

STORES: Final = (
    MemoryAccounts,
    MemoryChargers,
    MemoryCommands,
    MemoryIdTags,
    MemoryInvoices,
    MemoryJournal,
    MemoryReservations,
    MemorySelfTests,
    MemoryStationBook,
    MemoryTariffs,
    MemoryTransactions,
)
NOW: Final = 1_800_000_000.0
COMMAND: Final = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

# One value for every parameter that a method without a default for it has.
VALUES: Final[dict[str, Any]] = {
    "account": Account(
        account_id="ida",
        email="ida@example.org",
        password_hash="x",
        status=AccountStatus.UNCONFIRMED,
        enabled=True,
        groups=(),
        created_at=NOW,
        modified_at=NOW,
    ),
    "account_id": "ida",
    "accounts": (),
    "address": "",
    "at": NOW,
    "change": AccountChange(),
    "changes": {},
    "before": NOW,
    "bodies": {"name": {"count": 1}},
    "body": {},
    "boot": BootFact(booted_at=NOW),
    "charge_point_id": None,
    "claimed": "",
    "client_token": "",
    "code_mac": b"",
    "command": StationCommand(
        command_id=COMMAND,
        station_id=1,
        serial_number="abc112",
        action="Reset",
        payload={},
        asked_at=NOW,
        deadline_at=NOW,
    ),
    "command_id": COMMAND,
    "connector_id": 100_000,
    "connector_ids": (100_000,),
    "counts": {"rule": 1},
    "credential": None,
    "days": 14,
    "email": "ida@example.org",
    "expires_at": NOW,
    "first_hour_at": 0,
    "group": "Admins",
    "hours": (),
    "id_tag": "CARD1",
    "key": "k",
    "kind": "orphan",
    "kinds": ("start",),
    "last_hour_at": 0,
    "limit": 1,
    "location": (57.78, 14.16),
    "meter_wh": 0,
    "most": 5,
    "name": "A",
    "names": {},
    "profile": 1,
    "provider": "klarna",
    "provider_session_id": "",
    "public_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "purpose": CodePurpose.SIGN_UP,
    "reason": EndReason.REFUSED,
    "reservation_id": 2,
    "reserved_until": NOW,
    "serial_number": "abc112",
    "session_id": 1,
    "since": NOW,
    "site_id": 1,
    "span": MonthSpan(month=Month(2027, 1), from_at=NOW, until_at=NOW + 1),
    "station_id": 1,
    "status": AccountStatus.CONFIRMED,
    "tag": IdTag(id_tag="CARD1"),
    "transaction_id": 1,
    "user_id": "ida",
    "window": Window(NOW + 3600, NOW + 7200),
    "words": (),
    "gone": (),
}
START: Final = StartFact(
    station_id=1, connector_id=100_000, meter_start_wh=0, started_at=NOW, claimed=""
)
TAGGED: Final = TaggedStart(
    station_id=1,
    connector_id=100_000,
    meter_start_wh=0,
    started_at=NOW,
    arrived_at=NOW,
    claimed="",
    aside=True,
)
END: Final = EndFact(
    session_id=1,
    meter_stop_wh=2000,
    energy_wh=1000,
    price_ore=250,
    ended_at=NOW,
    reason=EndReason.DRIVER,
)
# Where one name stands for different things.
OTHERWISE: Final[dict[tuple[str, str], Any]] = {
    ("get_accounts", "asked"): AccountsAsked(limit=1),
    ("start", "fact"): START,
    ("start_tagged", "fact"): TAGGED,
    ("end", "fact"): END,
    ("settle", "state"): CommandState.LOST,
    ("update_charger_status", "status"): "Faulted",
}


def methods() -> Iterator[tuple[Callable[..., Any], str]]:
    """Yield a maker of the store of every method, and the method's name."""
    for make in STORES:
        for name in sorted(METHODS & set(dir(make))):
            if iscoroutinefunction(getattr(make, name)):
                yield make, name


def call(store: object, name: str) -> Any:
    """Call a method with one value for each parameter that needs one."""
    method = getattr(store, name)
    needed = [
        parameter.name
        for parameter in signature(method).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind is not parameter.VAR_KEYWORD
    ]
    given = {p: OTHERWISE.get((name, p)) or VALUES[p] for p in needed}
    return method(**given)


def test_every_method_of_every_store_is_struck() -> None:
    """Nothing is left out but the two writers, which have tests of their own."""
    struck = {name for _, name in methods()}
    writers = {"add", "add_values", "settled", "drained", "close"}
    assert METHODS - struck == writers


@pytest.mark.parametrize(("make", "name"), list(methods()))
def test_every_method_fails_as_told(
    make: Callable[..., Any], name: str, world: MemoryWorld, session: Session
) -> None:
    """While the database is away, and once for each failure that was asked for."""
    world.faults.away = True
    with pytest.raises(DatabaseAway):
        result_of(call(make(world), name))
    world.faults.away = False
    world.faults.fail_next(name, before_commit=True)
    with pytest.raises(DatabaseAway):
        result_of(call(make(world), name))


@pytest.mark.parametrize("before_commit", [True, False])
def test_a_change_is_made_or_not_when_its_answer_fails(
    world: MemoryWorld, session: Session, before_commit: bool
) -> None:
    """Whoever asked cannot tell; whoever asks again finds out, and changes once."""
    store = MemoryTransactions(world)
    world.faults.fail_next("end", before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        result_of(store.end(END))
    _, is_sealed_now = result_of(store.end(END))
    assert is_sealed_now is before_commit
    assert len(world.books.ledger) == 1


def test_failures_pile_up(world: MemoryWorld, session: Session) -> None:
    """Two that were asked for are two, and no other method is struck."""
    store = MemoryTransactions(world)
    for _ in range(2):
        world.faults.fail_next("get_transaction", before_commit=True)
    result_of(store.mark_reserved(1))
    for _ in range(2):
        with pytest.raises(DatabaseAway):
            result_of(store.get_transaction(1))
    assert result_of(store.get_transaction(1)) == session


def test_a_failure_that_could_never_strike_is_refused(world: MemoryWorld) -> None:
    """A slip in a test's text does not make that test pass."""
    with pytest.raises(ValueError, match="strat"):
        world.faults.fail_next("strat", before_commit=True)


def test_an_answer_is_lost_only_if_there_was_one(world: MemoryWorld) -> None:
    """What is refused is refused; the failure waits for the next call."""
    store = MemoryTransactions(world)
    world.faults.fail_next("get_transaction", before_commit=False)
    with pytest.raises(SessionUnknown):
        result_of(store.get_transaction(77))


def test_a_slow_database_takes_its_time(
    world: MemoryWorld, session: Session, clock: Clock
) -> None:
    """Nothing is changed before the wait is over, and all is as before after that."""
    store = MemoryTransactions(world)
    world.faults.slow(2.0)
    asked = fire(store.update_transaction_meter(1, 1500))
    clock.advance(1.9)
    assert not asked.called
    assert world.sessions.get(1) == session
    clock.advance(0.1)
    assert result_of(asked).meter_last_wh == 1500
    world.faults.slow(0)
    assert result_of(store.get_transaction(1)).meter_last_wh == 1500


def test_a_slow_answer_comes_after_the_change(
    world: MemoryWorld, session: Session, clock: Clock
) -> None:
    """Others see the change meanwhile."""
    world.faults.slow(2.0, before_commit=False)
    asked = fire(MemoryTransactions(world).update_transaction_meter(1, 1500))
    assert world.sessions.get(1).meter_last_wh == 1500
    assert not asked.called
    clock.advance(2.0)
    assert result_of(asked).meter_last_wh == 1500


def test_nobody_waits_for_what_was_called_off(
    world: MemoryWorld, session: Session, clock: Clock
) -> None:
    """A call that is cancelled while it waits changes nothing, also later."""
    world.faults.slow(2.0)
    asked = fire(MemoryTransactions(world).update_transaction_meter(1, 1500))
    asked.cancel()
    with pytest.raises(CancelledError):
        result_of(asked)
    clock.advance(10.0)
    assert world.sessions.get(1) == session
    assert not clock.getDelayedCalls()


@pytest.mark.parametrize("before_commit", [True, False])
def test_the_database_goes_away_under_a_call(
    world: MemoryWorld, session: Session, clock: Clock, before_commit: bool
) -> None:
    """Its change is made if only the answer was still on the way."""
    world.faults.slow(2.0, before_commit=before_commit)
    asked = fire(MemoryTransactions(world).update_transaction_meter(1, 1500))
    world.faults.away = True
    clock.advance(2.0)
    with pytest.raises(DatabaseAway):
        result_of(asked)
    is_changed = world.sessions.get(1).meter_last_wh == 1500
    assert is_changed is not before_commit


def test_a_world_outlives_its_stores(world: MemoryWorld, session: Session) -> None:
    """What one run of the server committed, the next one finds."""
    assert result_of(MemoryTransactions(world).get_transaction(1)) == session
    (found,) = result_of(MemoryChargers(world).get_chargers())
    assert found.connector_id == session.connector_id
