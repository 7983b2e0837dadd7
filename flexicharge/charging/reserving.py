"""Reserving a connector for a driver, with the station's word or without it."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from twisted.internet.defer import Deferred

from flexicharge.charging.seams import COMMAND_TIMEOUT_S, RESERVE_ANSWER_AFTER_S, Seams
from flexicharge.charging.statuses import StatusWriter
from flexicharge.charging.views import Reserved
from flexicharge.charging.waiting import patiently, watching
from flexicharge.errors import (
    CallRefused,
    CallTimedOut,
    ChargerOffline,
    ConnectorBusy,
    FlexiChargeError,
    MailboxFull,
    ReservationRefused,
    SessionUnknown,
)
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.commands import Reserve, Verdict
from flexicharge.model.session import (
    FINAL,
    RESERVED_FOR_S,
    RUNNING,
    EndReason,
    Session,
    SessionState,
)
from flexicharge.model.site import Protocol
from flexicharge.model.status import ConnectorStatus

# Words of a connector that a car is at, whatever a station means by them (field notes
# Q31); nobody charges there, for a session would be open.
PLUGGED_IN: Final = (
    ConnectorStatus.PREPARING,
    ConnectorStatus.SUSPENDED_EV,
    ConnectorStatus.SUSPENDED_EVSE,
    ConnectorStatus.FINISHING,
)
# A station that cannot reserve leaves it to us (OCPP 1.6 §4.2: an optional profile).
CANNOT_RESERVE: Final = frozenset({"NotSupported", "NotImplemented"})
# Apps that wait for the station's own word (contract §4.8) give up after a minute.
WORD_WITHIN_S: Final = 10.0
DECIDED: Final = (SessionState.RESERVED, SessionState.STARTING, *RUNNING, *FINAL)


@frozen
class Reserving:
    """Opens sessions and has stations hold their connectors for them."""

    _seams: Seams
    _statuses: StatusWriter

    async def reserve(self, user_id: str, connector_id: int) -> Reserved:
        """Return a session of the user on a connector, and its payment.

        Asks the station and the payment provider at the same time; answers without the
        station's word if that takes longer than 0.8 s (a later refusal cancels the
        session). Asked again for the same unstarted session, returns the same.

        Raise `ConnectorUnknown`, `ConnectorBusy`, `ChargerOffline`,
        `ReservationRefused` or `PaymentError`.
        """
        seams = self._seams
        answer_by = seams.clock.seconds() + RESERVE_ANSWER_AFTER_S
        session, is_new = await self._open(user_id, connector_id)
        with watching(seams, session.session_id, *DECIDED) as decided:
            self._ask(session, is_new=is_new)
            payment = await self._open_payment(session)
            await decided.within(answer_by - seams.clock.seconds())
        return Reserved(session=await self._held(session.session_id), payment=payment)

    async def reserve_unplugged(self, user_id: str, connector_id: int) -> Reserved:
        """Do as `reserve`, but where the station is not connected hold it by ourselves.

        To start, it has to be here. Raise as `reserve`, but never `ChargerOffline`.
        """
        try:
            return await self.reserve(user_id, connector_id)
        except ChargerOffline:
            session, _ = await self._add(user_id, connector_id)
        payment = await self._open_payment(session)
        held = await self._held(session.session_id)
        return Reserved(session=self._seams.changed(held), payment=payment)

    async def word(self, user_id: str, connector_id: int) -> Verdict:
        """Return what a station says to a reservation; no payment is opened.

        A connector in another session is `Occupied`, a station that says nothing for
        ten seconds is `Unavailable`, and nothing is held then. Whatever was held before
        for the same user is `Accepted`. Raise `ConnectorUnknown` or `ChargerOffline`.
        """
        try:
            session, is_new = await self._open(user_id, connector_id)
        except ConnectorBusy:
            return Verdict.OCCUPIED
        asked = self._ask(session, is_new=is_new)
        asked.addTimeout(WORD_WITHIN_S, self._seams.clock, lambda *_: None)
        verdict = await asked
        if verdict is None:
            if is_new:
                await self._give_up(session, EndReason.OFFLINE)
            return Verdict.UNAVAILABLE
        return verdict

    async def hold(self, session: Session, *, again: bool) -> None:
        """Have a station hold its connector for a session that was booked.

        If it refuses or is away the session stays as it is, to be asked for again.
        """
        await self._ask_station(session, is_new=not again)

    async def late_verdict(self, command: Reserve, verdict: Verdict, code: str) -> None:
        """Act on a station's answer, or its error's code, that came too late.

        What it holds for a session that is over by now is free. One of a self test may
        have been deleted meanwhile.
        """
        if code in CANNOT_RESERVE:
            return
        try:
            session = await patiently(
                lambda: self._seams.transactions.get_transaction(command.session_id),
                self._seams.clock,
                f"the late answer to reservation {command.session_id}",
            )
        except SessionUnknown:
            return
        if not _is_held(verdict, again=command.again):
            await self._give_up(session, EndReason.REFUSED)
        elif session.state in FINAL:
            await self._free(session)

    async def _open(self, user_id: str, connector_id: int) -> tuple[Session, bool]:
        """Open a session where its station is here; return it, and True if new."""
        seams = self._seams
        connector = await seams.chargers.get_charger_for(connector_id, user_id)
        if not await seams.stations.is_connected(connector.serial_number):
            raise ChargerOffline(connector.serial_number)
        return await self._add(user_id, connector_id)

    async def _add(self, user_id: str, connector_id: int) -> tuple[Session, bool]:
        now = self._seams.clock.seconds()
        return await self._seams.transactions.add_transaction(
            user_id, connector_id, at=now, reserved_until=now + RESERVED_FOR_S
        )

    async def _held(self, session_id: int) -> Session:
        """Return a session that is held, if need be by us alone for the time being."""
        session = await self._seams.transactions.mark_reserved(session_id)
        if session.state in FINAL:
            raise ReservationRefused(session.end_reason or session.state)
        return session

    def _ask(self, session: Session, *, is_new: bool) -> Deferred[Verdict | None]:
        """Ask the station in the background; return its word to come."""
        word: Deferred[Verdict | None] = Deferred()
        self._seams.background.spawn(
            f"reserving for session {session.session_id}",
            self._tell(word, session, is_new=is_new),
        )
        return word

    async def _tell(
        self, word: Deferred[Verdict | None], session: Session, *, is_new: bool
    ) -> None:
        """Ask the station; whoever listens to `word` may have left by the answer."""
        verdict = await self._ask_station(session, is_new=is_new)
        if not word.called:
            word.callback(verdict)

    async def _ask_station(self, session: Session, *, is_new: bool) -> Verdict:
        """Return a station's word, once acted on; `Accepted` whatever holds it."""
        seams = self._seams
        try:
            verdict = await self._verdict(session, again=not is_new)
        except ChargerOffline:
            await self._give_up(session, EndReason.OFFLINE)
            return Verdict.UNAVAILABLE
        if not _is_held(verdict, again=not is_new):
            await self._give_up(session, EndReason.REFUSED)
            return verdict
        reserved = await patiently(
            lambda: seams.transactions.mark_reserved(session.session_id),
            seams.clock,
            f"the reservation {session.session_id}",
        )
        seams.changed(reserved)
        if reserved.state in FINAL:
            await self._free(reserved)
        return Verdict.ACCEPTED

    async def _free(self, over: Session) -> None:
        """Show a connector Available that its station holds for what is over.

        Not if it is another's by now.
        """
        seams = self._seams
        still_open = await patiently(
            lambda: seams.transactions.get_open_for_station(over.station_id),
            seams.clock,
            f"the end of reservation {over.session_id}",
        )
        if all(other.connector_id != over.connector_id for other in still_open):
            await self._statuses.no_longer_reserved(over)

    async def _verdict(self, session: Session, *, again: bool) -> Verdict:
        if await self._is_plugged_in(session):
            return Verdict.ACCEPTED
        try:
            return await self._seams.stations.command(
                session.serial_number,
                Reserve(
                    connector_id=session.connector_id,
                    session_id=session.session_id,
                    until=session.reserved_until or session.opened_at + RESERVED_FOR_S,
                    again=again,
                ),
                COMMAND_TIMEOUT_S,
            )
        except CallTimedOut:
            return Verdict.ACCEPTED  # held by us alone
        except MailboxFull:
            return Verdict.REJECTED
        except CallRefused as why:
            can_not = why.code in CANNOT_RESERVE
            return Verdict.ACCEPTED if can_not else Verdict.REJECTED

    async def _is_plugged_in(self, session: Session) -> bool:
        """Tell whether a car is at a standard connector that nothing is held of yet.

        Its station would call it Occupied: whoever is there is the driver who asks.
        """
        seams, what = self._seams, f"the reservation {session.session_id}"
        connector = await patiently(
            lambda: seams.chargers.get_charger_for(
                session.connector_id, session.user_id
            ),
            seams.clock,
            what,
        )
        if connector.status not in PLUGGED_IN:
            return False
        station = await patiently(
            lambda: seams.chargers.get_station(session.serial_number), seams.clock, what
        )
        return station.protocol is not Protocol.DIALECT

    async def _open_payment(self, session: Session) -> PaymentSession:
        seams = self._seams
        try:
            payment = await seams.payments.open(session)
        except FlexiChargeError:
            await self._give_up(session, EndReason.REFUSED)
            raise
        await seams.transactions.update_transaction_payment(
            session.session_id,
            session.payment_id,
            provider=payment.provider,
            client_token=payment.client_token,
            provider_session_id=payment.provider_session_id,
            at=seams.clock.seconds(),
        )
        return payment

    async def _give_up(self, session: Session, reason: EndReason) -> None:
        """Cancel a session that cannot be held, unless it was booked: that stays."""
        if session.booked:
            return
        seams, at = self._seams, self._seams.clock.seconds()
        cancelled = await patiently(
            lambda: seams.transactions.cancel(
                session.session_id, at, reason, even_starting=False
            ),
            seams.clock,
            f"the refused reservation {session.session_id}",
        )
        seams.changed(cancelled)


def _is_held(verdict: Verdict, *, again: bool) -> bool:
    """Tell whether a station holds the connector for the session it was asked for.

    One that was asked before, and for the same session, may call it Occupied.
    """
    return verdict is Verdict.ACCEPTED or (verdict is Verdict.OCCUPIED and again)
