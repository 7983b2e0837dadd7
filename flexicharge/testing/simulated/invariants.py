"""What must be true all the time, whatever goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import define, evolve, field

from flexicharge.actors.charger import MONEY_LIMIT, ChargerActor
from flexicharge.model.session import FINAL, RUNNING, UNSTARTED, Session, SessionState
from flexicharge.model.tariff import HOUR_S, hour_of
from flexicharge.storage.memory import MemoryWorld

NEWS: Final = 64  # of sessions, which no mailbox refuses
LATE_S: Final = 64.0  # how long a live frame may have been on its way
FIXED: Final = ("station_id", "serial_number", "connector_id", "user_id", "opened_at")
SEALED: Final = ("is_paid", "paid_at", "payment_id")  # what may change after the end
ORE_PER_WH: Final = Decimal("0.1")  # of one SEK per kWh
HELD: Final = (SessionState.RESERVED, SessionState.STARTING)
NEXT: Final = {
    SessionState.OPENED: (*UNSTARTED, SessionState.CHARGING, SessionState.CANCELLED),
    SessionState.RESERVED: (*HELD, SessionState.CHARGING, SessionState.CANCELLED),
    SessionState.STARTING: (*HELD, SessionState.CHARGING, SessionState.CANCELLED),
    SessionState.CHARGING: (*RUNNING, SessionState.ENDED),
    SessionState.STOPPING: (SessionState.STOPPING, SessionState.ENDED),
    SessionState.ENDED: (SessionState.ENDED,),
    SessionState.CANCELLED: (SessionState.CANCELLED,),
}


@define(eq=False, repr=False)
class Invariants:
    """Watches a world while it changes; `broken` is told what is not true any more."""

    _world: MemoryWorld
    broken: Callable[[str], None]
    checked: Counter[str] = field(factory=Counter, init=False)
    _open: dict[int, int] = field(factory=dict, init=False)
    _charged: dict[int, int] = field(factory=dict, init=False)
    _ledger_read: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._world.sessions.watch = self._written

    # no connector in two sessions; every session moves forward, and is priced once

    def _written(self, before: Session | None, after: Session) -> None:
        self.checked["session written"] += 1
        self._read_ledger()
        self._one_per_connector(after)
        if before is None:
            return
        if after.state not in NEXT[before.state]:
            self.broken(f"session {after.session_id}: {before.state} → {after.state}")
        for name in FIXED:
            if getattr(before, name) != getattr(after, name):
                self.broken(f"session {after.session_id}: its {name} has changed")
        if before.state in FINAL:
            self._unchanged(before, after)
        elif after.state is SessionState.ENDED:
            self._sealed(after)

    def _one_per_connector(self, session: Session) -> None:
        here = self._open.get(session.connector_id)
        if session.state in FINAL or session.aside:
            if here == session.session_id:
                del self._open[session.connector_id]
        elif here not in (None, session.session_id):
            self.broken(
                f"connector {session.connector_id} is in sessions {here} and "
                f"{session.session_id}"
            )
        else:
            self._open[session.connector_id] = session.session_id

    def _unchanged(self, before: Session, after: Session) -> None:
        kept = {name: getattr(before, name) for name in SEALED}
        if evolve(after, **kept) != before:
            self.broken(f"session {after.session_id} changed after its end")
        if before.is_paid and not after.is_paid:
            self.broken(f"session {after.session_id} was paid and is not any more")

    def _sealed(self, session: Session) -> None:
        """Look at the ledger: one charge, of the session's price, and no other."""
        self.checked["session sealed"] += 1
        charged, number = self._charged.get(session.session_id), session.session_id
        if charged is None:
            self.broken(f"session {number} ended without a charge in the ledger")
        elif charged != session.price_ore:
            self.broken(f"session {number}: {charged} öre in the ledger")
        if session.user_id is None and session.price_ore:
            self.broken(f"session {number} of nobody costs {session.price_ore} öre")
        self._priced_right(session)

    def _priced_right(self, session: Session) -> None:
        """Reckon the price of a site with a price of its own in another way."""
        sek, energy_wh = session.site_sek_per_kwh, session.energy_wh or 0
        if session.user_id is None:
            return
        if sek is None:
            self._priced_between(session)
            return
        exact = energy_wh * sek * ORE_PER_WH
        price_ore = int(exact.to_integral_value(ROUND_HALF_UP))
        if price_ore != session.price_ore:
            self.broken(
                f"session {session.session_id}: {energy_wh} Wh at {sek} SEK/kWh are "
                f"{price_ore} öre, not {session.price_ore}"
            )

    def _priced_between(self, session: Session) -> None:
        """Look whether a price lies between those of the cheapest and dearest hour."""
        ended_at = session.ended_at or 0.0
        first_at = hour_of(session.started_at or ended_at)
        hours = range(first_at, hour_of(ended_at) + HOUR_S, HOUR_S)
        tariffs, energy_wh = self._world.tariffs, session.energy_wh or 0
        if not all(at in tariffs for at in hours):
            return
        costs = [energy_wh * tariffs[at].sek_per_kwh * ORE_PER_WH for at in hours]
        if not min(costs) - 1 < (session.price_ore or 0) < max(costs) + 1:
            self.broken(
                f"session {session.session_id}: {session.price_ore} öre do not lie "
                f"between {min(costs)} and {max(costs)}"
            )

    def _read_ledger(self) -> None:
        ledger = self._world.books.ledger
        for row in ledger[self._ledger_read :]:
            if row.session_id in self._charged:
                self.broken(f"session {row.session_id} is charged twice")
            self._charged[row.session_id] = row.amount_ore
        self._ledger_read = len(ledger)

    # no mailbox over its bound

    def mailbox(self, actor: ChargerActor) -> None:
        """Look at the mailbox of a connected station."""
        self.checked["mailbox"] += 1
        if actor.waiting > MONEY_LIMIT + NEWS:
            serial_number = actor.station.serial_number
            self.broken(f"{serial_number}: {actor.waiting} messages wait")

    # no user sees another's data

    def seen_live(self, user_id: str, connector_id: int, at: float) -> None:
        """Look whether a user may see a frame of a connector that came just now."""
        self.checked["live frame"] += 1
        for session in self._world.sessions.on_connector(connector_id):
            ended_at = session.ended_at or at
            if session.user_id == user_id and at - ended_at < LATE_S:
                return
        self.broken(f"{user_id} sees {connector_id}, which is another's")

    def seen(self, user_id: str, transaction_id: int) -> None:
        """Look whether a transaction that was shown to a user is theirs."""
        self.checked["transaction shown"] += 1
        if self._world.sessions.get(transaction_id).user_id != user_id:
            self.broken(f"{user_id} was shown transaction {transaction_id}")
