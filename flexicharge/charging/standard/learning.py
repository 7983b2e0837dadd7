"""What standard stations teach us beside their charges; see `charging.beliefs`.

While the database is away, what a station waits for an answer to waits; what follows of
a charge is learnt later; and of what is only good to know nothing is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from attrs import frozen
from twisted.logger import Logger

from flexicharge.charging.beliefs import Beliefs
from flexicharge.charging.seams import Seams
from flexicharge.charging.waiting import patiently
from flexicharge.errors import DatabaseAway, StationUnknown
from flexicharge.model.entry import Entry
from flexicharge.model.id_tag import TagStatus
from flexicharge.model.requests import (
    Boot,
    CertificateWanted,
    ConnectorReport,
    JobReport,
    SecurityEvent,
    TransactionStart,
    VendorMessage,
)
from flexicharge.model.session import Session
from flexicharge.model.site import Station

T = TypeVar("T")


@frozen
class Learning:
    """Passes on to the beliefs whatever stations say and whatever happens there."""

    _seams: Seams
    _beliefs: Beliefs
    _log = Logger()

    # before the station is answered

    async def job_reported(self, station: Station, job: JobReport, at: float) -> None:
        """Keep how a job goes."""
        await self._now(
            station,
            lambda: self._beliefs.job_reported(
                station, job.kind, job.status, job.request_id, at
            ),
        )

    async def secured(self, station: Station, event: SecurityEvent, at: float) -> None:
        """Keep a security event."""
        await self._now(
            station,
            lambda: self._beliefs.security_event(
                station, event.type, event.claimed_at, event.tech_info, at
            ),
        )

    async def certificate_wanted(
        self, station: Station, wanted: CertificateWanted, at: float
    ) -> bool:
        """Return whether a certificate will be issued; it comes by itself."""
        return await self._now(
            station,
            lambda: self._beliefs.certificate_wanted(station, wanted.csr, at),
        )

    async def vendor_said(
        self, station: Station, message: VendorMessage, at: float
    ) -> None:
        """Keep a vendor's message."""
        await self._now(
            station,
            lambda: self._beliefs.vendor_message(
                station, message.vendor_id, message.message_id, message.data, at
            ),
        )

    # later, but without fail

    def came_in(self, station: Station, entry: Entry, peer: str, at: float) -> None:
        """Keep how a station came in, and the certificate that it came with."""
        self._later(station, lambda: self._beliefs.came_in(station, entry, peer, at))

    def booted(self, station: Station, boot: Boot, at: float) -> None:
        """Believe what was to come true with a boot."""
        self._later(station, lambda: self._beliefs.booted(station, boot, at))

    def session_started(
        self, station: Station, session: Session, start: TransactionStart
    ) -> None:
        """Note what a session uses and is ruled by."""
        self._later(
            station,
            lambda: self._beliefs.session_started(
                station,
                session,
                start.connector_number,
                start.id_tag,
                start.reservation_id,
            ),
        )

    def session_ended(self, station: Station, session: Session) -> None:
        """Believe no longer in what was for a session that is over."""
        self._later(station, lambda: self._beliefs.session_ended(station, session))

    # if it can be

    def status_noted(
        self, station: Station, report: ConnectorReport, at: float
    ) -> None:
        """Keep a connector's status with all it says of its fault."""
        self._if_possible(
            station, lambda: self._beliefs.status_noted(station, report, at)
        )

    def refused_tag(
        self, station: Station, id_tag: str, status: TagStatus, at: float
    ) -> None:
        """Keep that a tag was refused."""
        self._if_possible(
            station, lambda: self._beliefs.refused_tag(station, id_tag, status, at)
        )

    async def repaired(self, station: Station, counts: dict[str, int]) -> None:
        """Add to how often what a station says had to be mended."""
        await self._or_not(station, partial(self._beliefs.repaired, station, counts))

    async def _now(
        self, station: Station, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        what = f"what {station.serial_number} tells"
        return await patiently(work, self._seams.clock, what)

    def _later(
        self, station: Station, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        self._seams.background.spawn(
            f"what {station.serial_number} teaches", self._unless_gone(station, work)
        )

    async def _unless_gone(
        self, station: Station, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        try:
            await self._now(station, work)
        except StationUnknown:
            self._log.info(
                "{serial_number} is gone; nothing more is learnt of it",
                serial_number=station.serial_number,
            )

    def _if_possible(
        self, station: Station, work: Callable[[], Awaitable[None]]
    ) -> None:
        self._seams.background.spawn(
            f"what {station.serial_number} mentions", self._or_not(station, work)
        )

    async def _or_not(
        self, station: Station, work: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            await work()
        except (DatabaseAway, StationUnknown) as why:
            self._log.info(
                "{serial_number} said something that is not kept: {why}",
                serial_number=station.serial_number,
                why=why,
            )
