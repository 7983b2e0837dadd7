"""What we believe of stations, as it is shown to people; times are POSIX seconds."""

from __future__ import annotations

from attrs import evolve, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.beliefs.availability import ConnectorState
from flexicharge.charging.beliefs.certificates import IssuedCertificate
from flexicharge.charging.beliefs.composites import ComparedSchedule
from flexicharge.charging.beliefs.configuration import KnownKey
from flexicharge.charging.beliefs.connection import Connection
from flexicharge.charging.beliefs.features import Feature
from flexicharge.charging.beliefs.job import Job
from flexicharge.charging.beliefs.local_list import LocalList
from flexicharge.charging.beliefs.profiles import BelievedProfile
from flexicharge.charging.beliefs.reservation import OPEN, StationReservation
from flexicharge.charging.beliefs.roots import TrustedRoot
from flexicharge.charging.beliefs.security_events import SummedEvent
from flexicharge.charging.beliefs.subjects import Subjects
from flexicharge.model.charging_profiles import RateUnit, Schedule
from flexicharge.model.site import Station


@frozen
class Known:
    """Reads what is believed. Every method raises `DatabaseAway`."""

    _subjects: Subjects
    _clock: IReactorTime

    async def configuration(self, station: Station) -> tuple[KnownKey, ...]:
        """Return the keys of a station that we know of, by name."""
        return await self._subjects.configurations.all(station.station_id)

    async def connection(self, station: Station) -> Connection | None:
        """Return how a station came in the last time."""
        return await self._subjects.connections.last(station)

    async def local_list(self, station: Station) -> LocalList:
        """Return the tags that we believe to be on a station."""
        return await self._subjects.lists.believed(station.station_id)

    async def profiles(self, station: Station) -> tuple[BelievedProfile, ...]:
        """Return the charging profiles that we believe to lie on a station."""
        return await self._subjects.profiles.all(station.station_id)

    async def composites(self, station: Station) -> tuple[ComparedSchedule, ...]:
        """Return the last composite schedules that a station told, beside our own."""
        return await self._subjects.composites.all(station.station_id)

    async def composite(
        self, station: Station, connector: int, duration_s: int, unit: RateUnit
    ) -> Schedule | None:
        """Return our own schedule of a connector from now on; None for no limit.

        The connector is one by its number; 0 is the whole station. At most a week is
        told. Raise `UnusableValue` for a window of no length.
        """
        return await self._subjects.composites.own(
            station,
            connector,
            starts_at=self._clock.seconds(),
            duration_s=duration_s,
            unit=unit,
        )

    async def reservations(self, station: Station) -> tuple[StationReservation, ...]:
        """Return a station's reservations as they stand now, the newest first."""
        return await self._subjects.reservations.all(
            station.station_id, self._clock.seconds()
        )

    async def jobs(self, station: Station) -> tuple[Job, ...]:
        """Return a station's uploads and updates, the newest first."""
        return await self._subjects.jobs.all(station.station_id)

    async def certificates(self, station: Station) -> tuple[IssuedCertificate, ...]:
        """Return the certificates that were issued to a station, the newest first."""
        return await self._subjects.certificates.all(station.station_id)

    async def roots(self, station: Station) -> tuple[TrustedRoot, ...]:
        """Return the roots that a station trusts, or did, as it named them."""
        return await self._subjects.roots.all(station.station_id)

    async def features(self, station: Station) -> tuple[Feature, ...]:
        """Return what a station has shown that it can or cannot do, by action."""
        return await self._subjects.features.all(station.station_id)

    async def connector_states(self, station: Station) -> tuple[ConnectorState, ...]:
        """Return what connectors say, are to be, and are held for, by number.

        With the station itself, number 0, if anything is known of that.
        """
        held = {
            one.connector_id: one.reservation_id
            for one in await self.reservations(station)
            if one.status in OPEN
        }
        return tuple(
            evolve(state, reservation_id=held.get(state.connector_id))
            for state in await self._subjects.availabilities.states(station)
        )

    async def given_up_at(self, station: Station, number: int) -> float | None:
        """Return when a connector last became free without a charge, if it did."""
        return await self._subjects.availabilities.given_up_at(
            station.station_id, number
        )

    async def security_events(self, station: Station) -> tuple[SummedEvent, ...]:
        """Return a station's security events, summed up, the last one first."""
        return await self._subjects.security_events.all(station.station_id)

    async def violations(self, station: Station) -> dict[str, int]:
        """Return how often a station broke which rule."""
        return await self._subjects.tallies.all(station.station_id)
