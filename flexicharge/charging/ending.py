"""How a session ends: energy settled, price sealed, everyone told; only once."""

from __future__ import annotations

from typing import Final

import msgspec
from attrs import evolve, frozen

from flexicharge.charging.heard import Heard
from flexicharge.charging.seams import Seams
from flexicharge.charging.waiting import patiently
from flexicharge.model.metering import BilledEnergy, billed_energy
from flexicharge.model.session import (
    RUNNING,
    EndFact,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
)
from flexicharge.model.tariff import Price


@frozen(kw_only=True)
class StopSaid:
    """What a station said when it ended a session, as it is kept.

    `key` is what makes its `claimed` words the same when they are said again; `reason`
    is its own word. `arrived_at` is when it said so, where that is not the end itself.
    """

    claimed: str | None = None
    key: str = ""
    arrived_at: float | None = None
    id_tag: str = ""
    reason: str = ""
    flags: tuple[SessionFlag, ...] = ()


NOTHING_SAID: Final = StopSaid()


@frozen
class Ending:
    """Seals sessions, whoever says that they are over."""

    _seams: Seams
    _heard: Heard

    async def at_register(
        self,
        session: Session,
        meter_stop_wh: int | None,
        reason: EndReason,
        *,
        at: float,
        said: StopSaid = NOTHING_SAID,
    ) -> tuple[Session, bool]:
        """End a running session at a register; return it, and True if this sealed it.

        `at` is the end that counts. Without a register its last reading is one. Waits
        for its queued readings first, and while the database is away.
        """
        return await patiently(
            lambda: self._seal(session, meter_stop_wh, at, reason, said),
            self._seams.clock,
            f"the end of session {session.session_id}",
        )

    async def at_last_reading(
        self, session_id: int, reason: EndReason, *, unless_metered_since: float | None
    ) -> bool:
        """End a session whose station never said where its meter stopped.

        Return False, and do nothing, if it is not running any more or a reading came
        after `unless_metered_since`.
        """
        seams = self._seams
        await seams.readings.settled(session_id)
        what = f"the end of session {session_id}"
        session = await patiently(
            lambda: seams.transactions.get_transaction(session_id), seams.clock, what
        )
        last = await patiently(
            lambda: seams.transactions.get_last_reading(session_id), seams.clock, what
        )
        if session.state not in RUNNING:
            return False
        metered_at = max(
            last.taken_at if last else 0.0, self._heard.last_metered(session_id)
        )
        if unless_metered_since is not None and metered_at > unless_metered_since:
            return False
        register_wh = last.energy_wh if last else session.meter_start_wh
        await self.at_register(session, register_wh, reason, at=seams.clock.seconds())
        return True

    async def price_so_far(self, session: Session) -> tuple[Session, int]:
        """Return a running session with its last register, and its price there, öre."""
        seams = self._seams
        last = await seams.transactions.get_last_reading(session.session_id)
        if last is not None:
            session = await seams.transactions.update_transaction_meter(
                session.session_id, last.energy_wh
            )
        price = await seams.pricing.price(
            session, session.energy_so_far_wh, seams.clock.seconds()
        )
        return session, price.total_ore

    async def _seal(
        self,
        session: Session,
        meter_stop_wh: int | None,
        at: float,
        reason: EndReason,
        said: StopSaid,
    ) -> tuple[Session, bool]:
        seams = self._seams
        await seams.readings.settled(session.session_id)
        last = await seams.transactions.get_last_reading(session.session_id)
        is_told = meter_stop_wh is not None
        session, flags = await self._with_start(session, meter_stop_wh, said.flags)
        start_wh = session.meter_start_wh or 0
        last_wh = last.energy_wh if last else None
        if meter_stop_wh is None:
            meter_stop_wh = start_wh if last_wh is None else last_wh
        energy = billed_energy(start_wh, last_wh, meter_stop_wh)
        price = await seams.pricing.price(session, energy.energy_wh, at)
        flags += _flags(session, energy, price, reason, is_told=is_told)
        sealed, first = await seams.transactions.end(
            EndFact(
                session_id=session.session_id,
                meter_stop_wh=meter_stop_wh,
                energy_wh=energy.energy_wh,
                price_ore=price.total_ore if session.user_id else 0,
                ended_at=at,
                reason=reason,
                percent=last.percent if last else None,
                flags=tuple(dict.fromkeys(flags)),
                claimed=said.claimed,
                key=said.key,
                brackets=brackets_of(price),
                arrived_at=said.arrived_at,
                id_tag=said.id_tag,
                stop_reason=said.reason,
            )
        )
        # Not only if this was the first: the answer to the first may have been lost.
        self._tell(sealed)
        return sealed, first

    def _tell(self, sealed: Session) -> None:
        """Tell everyone of a session that is sealed, and have it paid."""
        self._seams.changed(sealed)
        self._seams.background.spawn(
            f"settling session {sealed.session_id}", self._settle(sealed)
        )

    async def _with_start(
        self,
        session: Session,
        meter_stop_wh: int | None,
        flags: tuple[SessionFlag, ...],
    ) -> tuple[Session, tuple[SessionFlag, ...]]:
        """Return a session with a register at its start, in doubt if none was told.

        Then its first reading is one, or nothing was charged that can be proven.
        """
        if session.meter_start_wh is not None:
            return session, flags
        first = await self._seams.transactions.get_first_reading(session.session_id)
        start_wh = first.energy_wh if first else meter_stop_wh or 0
        started = evolve(session, meter_start_wh=start_wh)
        return started, (*flags, SessionFlag.START_IN_DOUBT)

    async def _settle(self, session: Session) -> None:
        seams = self._seams
        owes = session.user_id and not session.is_paid
        if session.state is not SessionState.ENDED or not owes:
            return
        if await seams.payments.settle(session):
            await patiently(
                lambda: seams.transactions.mark_paid(
                    session.session_id, seams.clock.seconds()
                ),
                seams.clock,
                f"the payment of session {session.session_id}",
            )


def _flags(
    session: Session,
    energy: BilledEnergy,
    price: Price,
    reason: EndReason,
    *,
    is_told: bool,
) -> tuple[SessionFlag, ...]:
    by_station = is_told and reason in (EndReason.DRIVER, EndReason.STATION)
    flags = {
        SessionFlag.METER_IN_DOUBT: energy.in_doubt,
        SessionFlag.PRICE_GUESSED: price.guessed,
        SessionFlag.FROM_LAST_READING: not by_station,
        SessionFlag.NO_PAYER: session.user_id is None,
    }
    return tuple(flag for flag, is_set in flags.items() if is_set)


def brackets_of(price: Price) -> str:
    """Return the priced hours as JSON; energy as an exact fraction of Wh."""
    return msgspec.json.encode(
        [
            {
                "hourAt": bracket.hour_at,
                "energyWh": str(bracket.energy_wh),
                "sekPerKwh": str(bracket.sek_per_kwh),
                "guessed": bracket.guessed,
            }
            for bracket in price.brackets
        ]
    ).decode()
