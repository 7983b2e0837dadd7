"""Servers that are broken on purpose: a run with any of them is found to be untrue.

Each breaks one promise only, behind one seam; all else is the real thing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from zope.interface.interface import InterfaceClass

from flexicharge.actors.bus import LocalBus
from flexicharge.interfaces import IBus, IChargerStore, IReadingStore, ITransactionStore
from flexicharge.model.events import LiveFrame, driver_topic
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Session,
    SessionState,
    StartFact,
)
from flexicharge.simulator.scenario.values import Drivers, Scenario
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryReadings,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.simulated.fates import CALM, Rates
from flexicharge.testing.simulated.play import Outcome, Player, Run, play
from tests.testing.simulated.network import QUIET, a_scenario

TWO = evolve(QUIET, count=2)


def run_of(scenario: Scenario, rates: Rates = CALM) -> Run:
    return Run(scenario=scenario, seed="1", rates=rates)


def bent(seam: InterfaceClass, make: Callable[[MemoryWorld], Any]) -> Any:
    """Return what puts a broken store behind one seam."""

    def bend(interface: InterfaceClass, provider: Any) -> Any:
        return make(provider._world) if interface is seam else provider

    return bend


def played(store: type[MemoryTransactions], **how: Any) -> Outcome:
    """Return how an hour goes with a broken store of transactions."""
    rates = how.pop("rates", CALM)
    return play(run_of(a_scenario(**how), rates), bent(ITransactionStore, store))


def test_nothing_is_wrong_with_the_real_one() -> None:
    """Or the rest would prove nothing."""
    outcome = played(MemoryTransactions, fleets=(TWO,))
    assert outcome.broken == ()
    assert outcome.checked["session sealed"] == outcome.total["bills"] == 2


# the ledger


class WritesTwoRows(MemoryTransactions):
    """Charges for a session, and then once more."""

    async def end(self, fact: EndFact) -> Any:
        """Seal a session."""
        sealed = await super().end(fact)
        ledger = self._world.books.ledger
        ledger.append(ledger[-1])
        return sealed


def test_a_second_row_in_the_ledger_is_found() -> None:
    """At the end at the latest, when nothing is written any more."""
    assert "charged" in " ".join(played(WritesTwoRows).broken)


class WritesNoRow(MemoryTransactions):
    """Seals sessions and forgets to charge for them."""

    async def end(self, fact: EndFact) -> Any:
        """Seal a session."""
        books = self._world.books
        books.ledger = Forgetful(books.ledger)
        return await super().end(fact)


class Forgetful(list[Any]):
    """A ledger to which nothing is added."""

    def append(self, row: Any) -> None:
        """Forget it."""


def test_a_missing_row_in_the_ledger_is_found() -> None:
    """When the session is sealed."""
    assert played(WritesNoRow).broken == (
        "session 1 ended without a charge in the ledger",
    )


class Overcharges(MemoryTransactions):
    """Takes an öre for itself."""

    async def end(self, fact: EndFact) -> Any:
        """Seal a session."""
        return await super().end(evolve(fact, price_ore=fact.price_ore + 1))


def test_an_ore_too_much_is_found() -> None:
    """Where a site has a price of its own."""
    [finding] = played(Overcharges).broken
    assert "SEK/kWh are" in finding


# sessions


class BooksElsewhere(MemoryTransactions):
    """Books every start on the connector beside."""

    async def start(self, fact: StartFact) -> Any:
        """Book it."""
        started = await super().start(fact)
        sessions = self._world.sessions
        for number, session in list(sessions.rows.items()):
            if session.state is SessionState.CHARGING:
                other = session.connector_id ^ 1
                sessions.put(evolve(sessions.rows[number], connector_id=other))
        return started


def test_a_start_on_another_connector_is_found() -> None:
    """At once."""
    outcome = played(BooksElsewhere, fleets=(TWO,))
    assert outcome.broken[0].endswith("its connector_id has changed")


class NeverEnds(MemoryTransactions):
    """Says of every session that it is sealed, and seals none."""

    async def end(self, fact: EndFact) -> Any:
        """Do nothing."""
        session = await self.get_transaction(fact.session_id)
        return evolve(session, state=SessionState.ENDED, energy_wh=0), True


def test_a_session_that_never_ends_is_found() -> None:
    """In the end."""
    assert "session 1 is still" in " ".join(played(NeverEnds).broken)


class ForgetsStops(MemoryTransactions):
    """Bills nothing that a station says at its stop, but its last reading."""

    async def end(self, fact: EndFact) -> Any:
        """Seal a session at its last reading."""
        last = await self.get_last_reading(fact.session_id)
        session = await self.get_transaction(fact.session_id)
        register_wh = last.energy_wh if last else session.meter_start_wh or 0
        return await super().end(
            evolve(
                fact,
                meter_stop_wh=register_wh,
                energy_wh=(energy_wh := register_wh - (session.meter_start_wh or 0)),
                price_ore=round(energy_wh / 4),
                reason=EndReason.SILENT,
            )
        )


def test_a_stop_that_is_forgotten_is_found() -> None:
    """Where the last reading was some minutes before."""
    slow = evolve(QUIET, metering_every_s=420.0)
    findings = played(ForgetsStops, fleets=(slow,)).broken
    assert "transaction 1: its stop was answered and forgotten" in findings


class ForgetsReservations(MemoryTransactions):
    """Gives a connector to whoever asks, though another has it."""

    async def add_transaction(
        self, user_id: str | None, connector_id: int, *args: Any, **how: Any
    ) -> tuple[Session, bool]:
        """Reserve it, whoever may hold it."""
        sessions = self._world.sessions
        sessions._open_on.pop(connector_id, None)
        return await super().add_transaction(user_id, connector_id, *args, **how)


def test_a_connector_in_two_sessions_is_found() -> None:
    """When two drivers tap twice at once, each for themselves."""
    outcome = played(ForgetsReservations, drivers=Drivers(count=2, impatient=1.0))
    assert "is in sessions 1 and 2" in outcome.broken[0]


# readings


class AnswersFirst(MemoryReadings):
    """Says that a reading is kept, and keeps it half a minute later."""

    def add(self, new: Any, done: Callable[[Exception | None], None]) -> None:
        """Answer, then store, if the process still lives."""
        done(None)
        later = deferLater(self._world.clock, 30.0)
        later.addCallback(lambda _: self._closed or self._store(new))


def test_a_reading_that_was_answered_and_lost_is_found() -> None:
    """The server is killed twenty seconds after it said so."""
    players: list[Player] = []

    class IsKilledThen(AnswersFirst):
        def add(self, new: Any, done: Callable[[Exception | None], None]) -> None:
            """Answer, and be killed in the first life."""
            super().add(new, done)
            [player] = players
            if player.town.lives == 1:
                player.clock.callLater(20.0, player.town.kill, 60.0)

    players.append(Player(run_of(a_scenario()), bent(IReadingStore, IsKilledThen)))
    outcome = players[0].play()
    assert outcome.lives == 2
    assert "kept" in " ".join(outcome.broken)
    assert play(run_of(a_scenario()), bent(IReadingStore, AnswersFirst)).is_good


# what users see


class ShowsOther(MemoryTransactions):
    """Shows a little more energy than is in the books, once a session is over."""

    async def get_transaction(self, transaction_id: int) -> Session:
        """Return a session, not as it is."""
        session = await super().get_transaction(transaction_id)
        if session.state is not SessionState.ENDED:
            return session
        return evolve(session, energy_wh=(session.energy_wh or 0) + 1)


def test_a_bill_that_differs_is_found() -> None:
    """From what the driver's app was shown last."""
    unplugs = Drivers(count=2, unplugs=1.0)
    assert played(ShowsOther, drivers=unplugs).broken == (
        "the bill of 1 is not what the books say",
    )


class ShowsAll(MemoryTransactions):
    """Says of every session that it is of the first driver."""

    async def get_transaction(self, transaction_id: int) -> Session:
        """Return a session, not as it is."""
        session = await super().get_transaction(transaction_id)
        return evolve(session, user_id="driver-00000")


def test_a_transaction_that_is_shown_to_another_is_found() -> None:
    """By somebody who looks at what is not theirs, in all weathers."""
    no_strikes = Rates(before_store=10**9, after_store=0, at_seam=0, on_wire=0)
    long = a_scenario(fleets=(TWO,), lasts_s=6 * 3600.0)
    outcome = play(run_of(long, no_strikes), bent(ITransactionStore, ShowsAll))
    assert "was shown transaction" in " ".join(outcome.broken)


class TellsEverybody(LocalBus):
    """Hands every live frame to all drivers there are."""

    def publish(self, topic: str, message: object) -> None:
        """Publish it, and live frames everywhere."""
        if not isinstance(message, LiveFrame):
            super().publish(topic, message)
            return
        for number in range(20):
            super().publish(driver_topic(f"driver-{number:05}"), message)


def test_a_live_frame_that_another_sees_is_found() -> None:
    """As soon as somebody else has the live socket open."""

    def bend(interface: InterfaceClass, provider: Any) -> Any:
        return TellsEverybody(provider._clock) if interface is IBus else provider

    watching = Drivers(count=20, watches=1.0)
    crowd = evolve(QUIET, count=6)
    outcome = play(run_of(a_scenario(fleets=(crowd,), drivers=watching)), bend)
    assert "which is another's" in outcome.broken[0]


# errors and leftovers


class Crashes(MemoryTransactions):
    """Meets an error that nobody foresaw."""

    async def begin_start(self, *args: Any, **how: Any) -> Session:
        """Fail."""
        raise ZeroDivisionError


def test_an_error_that_nobody_foresaw_is_found() -> None:
    """With where it was."""
    [finding] = played(Crashes).broken
    assert finding.startswith("unforeseen: ZeroDivisionError")
    assert "begin_start" in finding


class NeverLeaves(MemoryChargers):
    """Never comes to the end of a station's loss, whoever wants it to."""

    async def stations_gone(self, *args: Any, **how: Any) -> None:
        """Wait for nothing, and take no hint."""
        while True:
            with suppress(CancelledError):
                await Deferred()


def test_work_that_never_ends_is_found() -> None:
    """When the server is stopped."""
    outcome = play(run_of(a_scenario()), bent(IChargerStore, NeverLeaves))
    assert outcome.broken[0] == "never finished in the background: the loss of sim00000"


def test_a_call_that_is_left_on_the_clock_is_found() -> None:
    """Of a server that has stopped, nothing may be left."""

    def bend(interface: InterfaceClass, provider: Any) -> Any:
        if interface is IBus:
            provider._clock.callLater(30 * 86_400.0, print)
        return provider

    [finding] = play(run_of(a_scenario()), bend).broken
    assert finding.startswith("left behind on the clock: <built-in function print>")
