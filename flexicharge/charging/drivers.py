"""What a driver's app can do: reserve, start, stop, look; only with what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from flexicharge.charging.ending import Ending
from flexicharge.charging.newest import to_start, to_stop
from flexicharge.charging.reserving import Reserving
from flexicharge.charging.seams import Seams
from flexicharge.charging.starting import Starting
from flexicharge.charging.stopping import Stopping
from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import NotAllowed, SessionUnknown
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import Caller
from flexicharge.model.commands import Verdict
from flexicharge.model.session import (
    FINAL,
    SKIPPED_NUMBER,
    Session,
    SessionState,
)


@frozen
class DriverCharging:
    """A charge as its driver sees it."""

    _seams: Seams
    _reserving: Reserving
    _starting: Starting
    _stopping: Stopping
    _ending: Ending

    async def reserve(self, caller: Caller, connector_id: int) -> Reserved:
        """Reserve a connector for the caller; see `Reserving.reserve`."""
        return await self._reserving.reserve(caller.user_id, connector_id)

    async def open(self, caller: Caller, connector_id: int) -> Reserved:
        """Do as `reserve`, also where the station is not connected.

        See `Reserving.reserve_unplugged`.
        """
        return await self._reserving.reserve_unplugged(caller.user_id, connector_id)

    async def reserve_word(self, caller: Caller, connector_id: int) -> Verdict:
        """Reserve for the caller; return the station's own word for it.

        Where that is `Accepted`, `reserve` then returns the session and its payment.
        See `Reserving.word`.
        """
        return await self._reserving.word(caller.user_id, connector_id)

    async def start(
        self, caller: Caller, session_id: int, authorization_token: str | None
    ) -> SessionView:
        """Start a session of the caller; see `Starting.start`.

        9999 is the one that `newest.to_start` finds.
        """
        session = await self._owned(caller, session_id, meant=to_start)
        return await self._view(
            await self._starting.start(session, authorization_token)
        )

    async def stop(self, caller: Caller, session_id: int) -> SessionView:
        """Stop a session of the caller, however often it is asked for.

        9999 is the one that `newest.to_stop` finds.
        """
        session = await self._owned(caller, session_id)
        if session.state not in FINAL:
            session = await self._stopping.stop(session)
        return await self._view(session)

    async def read(self, caller: Caller, session_id: int) -> SessionView:
        """Return a session of the caller; raise `SessionUnknown`.

        9999 is the same one as for `stop`.
        """
        return await self._view(await self._owned(caller, session_id))

    async def payment_of(self, session: Session) -> PaymentSession | None:
        """Return the payment that was opened last for a session, if any was."""
        return await self._seams.transactions.get_payment(session.session_id)

    async def of_user(self, caller: Caller, user_id: str) -> tuple[SessionView, ...]:
        """Return a user's sessions, newest first, to that user or an administrator.

        Reservations that were cancelled are left out. A guest is shown the guests',
        whatever name was asked for. Raise `NotAllowed`.
        """
        whose = caller.user_id if caller.is_guest else user_id
        if not (caller.is_admin or caller.user_id == whose):
            raise NotAllowed("another user's sessions")
        sessions = await self._seams.transactions.get_transactions_for_user(whose)
        return await self._views(caller, sessions)

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[SessionView, ...]:
        """Return the caller's sessions on a connector, newest first, as `of_user`.

        Administrators are shown everybody's.
        """
        sessions = await self._seams.transactions.get_transactions_for_charger(
            connector_id
        )
        return await self._views(caller, sessions)

    async def _owned(
        self,
        caller: Caller,
        session_id: int,
        *,
        meant: Callable[[Sequence[Session]], Session] = to_stop,
    ) -> Session:
        """Return a session that the caller may see; raise `SessionUnknown`.

        9999 is one of the caller's own newest ones: that which is `meant`.
        """
        transactions = self._seams.transactions
        if session_id == SKIPPED_NUMBER:
            newest = await transactions.get_newest_for_user(caller.user_id)
            if not newest:
                raise SessionUnknown(session_id)
            return meant(newest)
        session = await transactions.get_transaction(session_id)
        if not _is_shown_to(caller, session):
            raise SessionUnknown(session_id)
        return session

    async def _views(
        self, caller: Caller, sessions: Iterable[Session]
    ) -> tuple[SessionView, ...]:
        shown = [session for session in sessions if _is_shown_to(caller, session)]
        return tuple([await self._view(session) for session in shown])

    async def _view(self, session: Session) -> SessionView:
        seams = self._seams
        price_ore = session.price_ore
        if session.state is SessionState.STOPPING:
            session, price_ore = await self._ending.price_so_far(session)
        return SessionView(
            session=session,
            sek_per_kwh=await seams.pricing.advertised(
                session.site_sek_per_kwh, session.ended_at or seams.clock.seconds()
            ),
            energy_wh=session.energy_so_far_wh,
            price_ore=price_ore,
        )


def _is_shown_to(caller: Caller, session: Session) -> bool:
    """Tell whether a session is the caller's; administrators see all but self tests."""
    if session.user_id == caller.user_id:
        return True
    return caller.is_admin and not session.for_self_tests
