"""What must be true at the end: the books against what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from attrs import frozen

from flexicharge.model.metering import billed_energy
from flexicharge.model.session import FINAL, EndReason, Session, SessionState
from flexicharge.simulator.population import Population
from flexicharge.simulator.truth import Charge
from flexicharge.storage.memory import MemoryWorld

ROUNDING_WH: Final = 1
ROUNDING_S: Final = 1e-5  # of times in a database
LATE_STOPS: Final = ("adjustment", "stopAgain")
SAID_BY_STATION: Final = (EndReason.DRIVER, EndReason.STATION)


@frozen
class Audit:
    """Holds a world's books against a population's truth, once all is over.

    Energy that the server said it kept is billed, and no energy is billed twice or that
    never flowed. `users` are the numbers of the drivers' accounts.
    """

    _world: MemoryWorld
    _population: Population
    _users: dict[int, str]

    def findings(self) -> Iterator[str]:
        """Yield what does not fit."""
        yield from self._unfinished()
        for charge in self._population.charges:
            yield from self._charge(charge)
        yield from self._overlaps()
        yield from self._bills()

    def _unfinished(self) -> Iterator[str]:
        for session in self._sessions:
            if session.state not in FINAL:
                yield f"session {session.session_id} is still {session.state}"
        charged = [row.session_id for row in self._world.books.ledger]
        ended = [s.session_id for s in self._sessions if s.state is SessionState.ENDED]
        if sorted(charged) != sorted(ended):
            yield f"{len(ended)} sessions ended, {len(charged)} were charged"

    def _charge(self, charge: Charge) -> Iterator[str]:
        number = charge.transaction_id
        if number is None:
            return
        session = self._world.sessions.rows.get(number)
        if session is None or session.serial_number != charge.serial_number:
            yield f"{charge.serial_number} was told of transaction {number}"
        elif session.state is not SessionState.ENDED:
            yield f"transaction {number} charged and is {session.state}"
        elif charge.began_at > _ended_by(charge, session):
            yield f"transaction {number}: a charge began when it was over"
        else:
            yield from self._energy(charge, session)

    def _energy(self, charge: Charge, session: Session) -> Iterator[str]:
        billed_wh, number = session.energy_wh or 0, session.session_id
        said_wh = round(charge.charged_wh)
        if charge.stop_wh is not None:
            said_wh = max(said_wh, charge.stop_wh - charge.meter_start_wh)
        if billed_wh > said_wh + ROUNDING_WH:
            yield f"transaction {number}: {billed_wh} Wh billed, {said_wh} flowed"
        if self._is_reading_gone(charge, session):
            kept_wh = charge.kept_wh
            yield f"transaction {number}: its reading of {kept_wh} Wh, kept, is gone"
        by_stop_wh = self._by_stop_wh(charge, session)
        if by_stop_wh is None:
            if billed_wh < (charge.kept_wh or 0) - ROUNDING_WH:
                kept_wh = charge.kept_wh
                yield f"transaction {number}: {billed_wh} Wh billed, {kept_wh} kept"
            if self._is_stop_forgotten(charge, session):
                yield f"transaction {number}: its stop was answered and forgotten"
        elif billed_wh != by_stop_wh:
            yield f"transaction {number}: {billed_wh} Wh billed, stop says {by_stop_wh}"

    def _is_reading_gone(self, charge: Charge, session: Session) -> bool:
        """Tell whether the last reading that the server answered is not there."""
        if charge.kept_wh is None:
            return False
        register_wh = _start_wh(session) + charge.kept_wh
        return all(
            abs(reading.energy_wh - register_wh) > ROUNDING_WH
            for reading in self._world.readings.get(session.session_id, ())
        )

    def _by_stop_wh(self, charge: Charge, session: Session) -> int | None:
        """Return the energy to bill if the charger's own stop ended it, else None."""
        stop_wh, is_said = charge.stop_wh, session.end_reason in SAID_BY_STATION
        if stop_wh is None or stop_wh != session.meter_stop_wh or not is_said:
            return None
        readings = self._world.readings.get(session.session_id)
        last_wh = readings[-1].energy_wh if readings else None
        return billed_energy(charge.meter_start_wh, last_wh, stop_wh).energy_wh

    def _is_stop_forgotten(self, charge: Charge, session: Session) -> bool:
        """Tell whether nothing is left of a stop that the server answered."""
        is_elsewhere = charge.stop_wh not in (None, session.meter_stop_wh)
        return charge.stop_kept and is_elsewhere and not self._is_evident(session)

    def _is_evident(self, session: Session) -> bool:
        """Tell whether a stop that came too late is on record."""
        facts = self._world.books.facts
        return any(
            fact.session_id == session.session_id and fact.kind in LATE_STOPS
            for fact in facts
        )

    def _overlaps(self) -> Iterator[str]:
        """Yield sessions of one connector that bill the same part of its register."""
        by_connector: dict[int, list[Session]] = {}
        for session in self._sessions:
            if session.state is SessionState.ENDED and session.energy_wh:
                by_connector.setdefault(session.connector_id, []).append(session)
        for sessions in by_connector.values():
            for earlier, later in pairwise(sorted(sessions, key=_start_wh)):
                ends_wh = _start_wh(earlier) + (earlier.energy_wh or 0)
                if ends_wh > _start_wh(later) + ROUNDING_WH:
                    yield (
                        f"transactions {earlier.session_id} and {later.session_id} "
                        "bill the same energy"
                    )

    def _bills(self) -> Iterator[str]:
        for visitor in self._population.visitors:
            bill = visitor.bill
            if bill is None or not bill.is_final:
                continue
            session = self._world.sessions.rows.get(bill.transaction_id)
            if session is None or bill.transaction_id != visitor.transaction_id:
                yield (
                    f"transaction {bill.transaction_id} was billed to who asked for "
                    f"that of {visitor.transaction_id}"
                )
                continue
            if session.user_id != self._users.get(visitor.phone.number):
                yield f"transaction {bill.transaction_id} was billed to another"
            energy_wh, price_ore = session.energy_wh or 0, session.price_ore or 0
            if (bill.energy_wh, bill.price_ore or 0) != (energy_wh, price_ore):
                yield f"the bill of {bill.transaction_id} is not what the books say"

    @property
    def _sessions(self) -> Iterable[Session]:
        return self._world.sessions.rows.values()


def _ended_by(charge: Charge, session: Session) -> float:
    """Return when a session was over at the latest, clocks that are off allowed for."""
    ended_at = session.ended_at or charge.began_at
    return ended_at + charge.clock_off_s + ROUNDING_S


def _start_wh(session: Session) -> int:
    return session.meter_start_wh or 0
