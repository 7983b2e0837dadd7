"""Which charging profiles lie on a station, as far as we can know (OCPP 1.6 §3.13).

A TxProfile belongs to a session, and is gone with it. That of a remote start waits for
the session that comes of the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of, whole_of
from flexicharge.charging.beliefs.session_start import SessionStart
from flexicharge.charging.beliefs.start_profiles import StartProfile, StartProfiles
from flexicharge.errors import BadInput, Conflict
from flexicharge.interfaces import ITransactionStore
from flexicharge.model.charging_profiles import (
    ChargingProfile,
    Clearing,
    Installed,
    Purpose,
    clear,
    install,
)
from flexicharge.model.composite_schedule import Situation, Transaction
from flexicharge.model.profile_rules import check
from flexicharge.model.session import Session
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.charging import profile_in
from flexicharge.ocpp.v16.confirmations import Outcome

KIND: Final = "profiles"
NO_SESSION: Final = "it is of no session that runs on its connector"
MAX_PROFILES: Final = 256
MAX_RUNNING: Final = 64


@frozen(kw_only=True)
class BelievedProfile:
    """A profile that a station accepted, as it was sent, and its connector.

    `session_id` is that of a TxProfile's session. `doubt` says what is odd about it,
    where a charger took what it should not have.
    """

    connector_id: int
    profile: dict[str, Any]
    session_id: int | None = None
    doubt: str = ""
    at: float

    @property
    def installed(self) -> Installed:
        """The profile as rules know it."""
        return Installed(
            connector_id=self.connector_id, profile=profile_in(self.profile)
        )


@frozen
class Profiles:
    """What lies on stations, and which transactions it rules."""

    _profiles: Drawer[BelievedProfile]
    _of_starts: StartProfiles
    _transactions: ITransactionStore

    async def set(self, answered: Answered) -> None:
        """Believe the answer to a SetChargingProfile; a refusal changes nothing."""
        connector_id = whole_of(answered.asked.get("connectorId"))
        payload = answered.asked["csChargingProfiles"]
        profile = _profile(payload)
        if not answered.is_done or connector_id is None or profile is None:
            return
        session_id, doubt = await self._session_of(
            answered.station, connector_id, profile
        )
        new = BelievedProfile(
            connector_id=connector_id,
            profile=payload,
            session_id=session_id,
            doubt=doubt or _objection(connector_id, profile),
            at=answered.at,
        )
        await self._install(answered.station.station_id, new)

    async def cleared(self, answered: Answered) -> None:
        """Believe the answer to a ClearChargingProfile; what is not there is gone."""
        if answered.outcome not in (Outcome.DONE, Outcome.ABSENT):
            return
        asked, station_id = answered.asked, answered.station.station_id
        purpose = asked.get("chargingProfilePurpose")
        clearing = Clearing(
            profile_id=whole_of(asked.get("id")),
            connector_id=whole_of(asked.get("connectorId")),
            purpose=None if purpose is None else Purpose(purpose),
            stack_level=whole_of(asked.get("stackLevel")),
        )
        known = await self._profiles.all(station_id)
        left = clear((one.installed for one in known.values()), clearing)
        await self._leave(station_id, known, left)

    async def ordered(self, answered: Answered) -> None:
        """Keep the profile of an accepted remote start for the session to come.

        Or for the one that is there already: its start may overtake the answer.
        """
        payload = answered.asked.get("chargingProfile") or {}
        profile = _profile(payload)
        if not answered.is_done or profile is None or profile.purpose is not Purpose.TX:
            return
        order = StartProfile(
            id_tag=text_of(answered.asked.get("idTag")),
            connector_id=whole_of(answered.asked.get("connectorId")) or None,
            profile=payload,
            asked_at=answered.asked_at,
        )
        station, at = answered.station, answered.at
        for session, number in await self._running(station):
            if order.led_to(session, number):
                await self._tie(station, order, session, number, at)
                return
        await self._of_starts.keep(station.station_id, order, at)

    async def started(self, station: Station, start: SessionStart, at: float) -> None:
        """Tie the profile of the order that a session came of; drop what is of none."""
        session, number = start.session, start.connector_number
        if session.aside:
            return
        await self._drop_strangers(station.station_id, start)
        order = await self._of_starts.take(station.station_id, session, number)
        if order is not None:
            await self._tie(station, order, session, number, at)

    async def ended(self, station: Station, session: Session) -> None:
        """Drop the profiles of a session that is over."""
        known = await self._profiles.all(station.station_id)
        gone = [name for name, one in known.items() if _is_of(one, session)]
        await self._profiles.drop(station.station_id, gone)

    async def all(self, station_id: int) -> tuple[BelievedProfile, ...]:
        """Return what lies on a station, by connector, purpose and stack level."""
        known = (await self._profiles.all(station_id)).values()
        return tuple(sorted(known, key=_place))

    async def situation(self, station: Station) -> Situation:
        """Return all that the limits of a station depend on."""
        known = await self._profiles.all(station.station_id)
        return Situation(
            installed=tuple(one.installed for one in known.values()),
            transactions=tuple(
                Transaction(
                    transaction_id=session.session_id,
                    connector_id=number,
                    started_at=session.started_at or session.opened_at,
                )
                for session, number in await self._running(station)
            ),
        )

    async def _running(self, station: Station) -> list[tuple[Session, int]]:
        """Return the sessions that run on connectors, with the numbers of those."""
        sessions = await self._transactions.get_transactions_at_station(
            station.station_id, active=True, limit=MAX_RUNNING
        )
        numbers = {one.connector_id: one.number for one in station.connectors}
        return [
            (session, numbers[session.connector_id])
            for session in sessions
            if session.connector_id in numbers and not session.aside
        ]

    async def _session_of(
        self, station: Station, connector_id: int, profile: ChargingProfile
    ) -> tuple[int | None, str]:
        """Return the session that a profile is of, or why it is of none."""
        if profile.purpose is not Purpose.TX:
            return None, ""
        for session, number in await self._running(station):
            if number == connector_id and profile.transaction_id in (
                None,
                session.session_id,
            ):
                return session.session_id, ""
        return None, NO_SESSION

    async def _tie(
        self,
        station: Station,
        order: StartProfile,
        session: Session,
        number: int,
        at: float,
    ) -> None:
        profile = {**order.profile, "transactionId": session.session_id}
        new = BelievedProfile(
            connector_id=number, profile=profile, session_id=session.session_id, at=at
        )
        await self._install(station.station_id, new)

    async def _install(self, station_id: int, new: BelievedProfile) -> None:
        known = await self._profiles.all(station_id)
        left = install((one.installed for one in known.values()), new.installed)
        names = {_name(one.profile.profile_id) for one in left}
        kept = {name: one for name, one in known.items() if name in names}
        by_age = sorted(kept.items(), key=lambda item: item[1].at)
        kept = dict(by_age[-(MAX_PROFILES - 1) :])
        kept[_name(new.installed.profile.profile_id)] = new
        await self._profiles.put(station_id, kept, new.at, instead=True)

    async def _leave(
        self,
        station_id: int,
        known: dict[str, BelievedProfile],
        left: Iterable[Installed],
    ) -> None:
        names = {_name(one.profile.profile_id) for one in left}
        await self._profiles.drop(
            station_id, [one for one in known if one not in names]
        )

    async def _drop_strangers(self, station_id: int, start: SessionStart) -> None:
        """Drop what was believed of a connector until its next session: this one."""
        known = await self._profiles.all(station_id)
        gone = [
            name
            for name, one in known.items()
            if one.connector_id == start.connector_number
            and one.installed.profile.purpose is Purpose.TX
            and one.session_id != start.session.session_id
        ]
        await self._profiles.drop(station_id, gone)


def _profile(payload: dict[str, Any]) -> ChargingProfile | None:
    """Return the profile in a payload; None if none can be made of it."""
    try:
        return profile_in(payload)
    except (BadInput, KeyError, ValueError):
        return None


def _objection(connector_id: int, profile: ChargingProfile) -> str:
    try:
        check(Installed(connector_id=connector_id, profile=profile))
    except (BadInput, Conflict) as why:
        return text_of(str(why))
    return ""


def _name(profile_id: int) -> str:
    return str(profile_id)


def _place(one: BelievedProfile) -> tuple[int, str, int]:
    profile = one.installed.profile
    return one.connector_id, profile.purpose, -profile.stack_level


def _is_of(one: BelievedProfile, session: Session) -> bool:
    """Tell whether a profile is gone when a session is over."""
    if one.installed.profile.purpose is not Purpose.TX:
        return False
    named = one.installed.profile.transaction_id
    return session.session_id in (one.session_id, named)
