"""What a station is in the middle of, so that nothing of it is put at risk."""

from __future__ import annotations

from collections.abc import AsyncIterator

from attrs import frozen

from flexicharge.charging.beliefs.availability import BUSY
from flexicharge.charging.beliefs.job import INSTALLING
from flexicharge.charging.beliefs.known import Known
from flexicharge.charging.beliefs.reservation import OPEN
from flexicharge.charging.conformance.probe import Busy
from flexicharge.interfaces import ITransactionStore
from flexicharge.model.session import UNSTARTED
from flexicharge.model.site import Station


@frozen
class Busyness:
    """Looks up what is going on at a station. Raises `DatabaseAway`."""

    _known: Known
    _transactions: ITransactionStore

    async def of(self, station: Station) -> frozenset[Busy]:
        """Return what a station is busy with, as far as anybody knows."""
        return frozenset([busy async for busy in self._all(station)])

    async def _all(self, station: Station) -> AsyncIterator[Busy]:
        sessions = await self._transactions.get_open_for_station(station.station_id)
        states = [
            one.reported.status
            for one in await self._known.connector_states(station)
            if one.reported is not None
        ]
        if sessions or not BUSY.isdisjoint(states):
            yield Busy.CHARGE
        reservations = await self._known.reservations(station)
        is_held = any(one.status in OPEN for one in reservations)
        if is_held or any(one.state in UNSTARTED for one in sessions):
            yield Busy.RESERVATION
        if await self._known.profiles(station):
            yield Busy.PROFILES
        if await self._awaits_a_boot(station):
            yield Busy.RESTART

    async def _awaits_a_boot(self, station: Station) -> bool:
        """Tell whether a boot that is none would prove what is not true."""
        keys = await self._known.configuration(station)
        jobs = await self._known.jobs(station)
        return any(key.pending is not None for key in keys) or any(
            job.is_open and any(map(job.has, INSTALLING)) for job in jobs
        )
