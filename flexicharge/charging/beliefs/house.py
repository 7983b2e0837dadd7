"""Everything that answers and messages teach us about stations, behind one front.

Nothing here asks a station anything by itself ("say only what was asked"): a command
goes out for a certificate that the station wanted, when somebody pushes a list, or,
unless that is switched off, to cancel a reservation that was never answered for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from flexicharge.charging.beliefs.answered import answered
from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.beliefs.jobs import KIND_OF
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.charging.beliefs.known import Known
from flexicharge.charging.beliefs.list_plan import ListPlan
from flexicharge.charging.beliefs.list_push import ListPush
from flexicharge.charging.beliefs.seams import BeliefSeams
from flexicharge.charging.beliefs.session_start import SessionStart
from flexicharge.charging.beliefs.subjects import Subjects
from flexicharge.charging.beliefs.turns import Turns
from flexicharge.model.commands import RawAnswer
from flexicharge.model.entry import Entry
from flexicharge.model.id_tag import IdTag, TagStatus
from flexicharge.model.requests import Boot, ConnectorReport, JobKind
from flexicharge.model.session import Session
from flexicharge.model.site import Station
from flexicharge.model.station_command import StationCommand
from flexicharge.ocpp.v16.schemas import schemas

REFUSED_TAG: Final = "refusedTag"
VENDOR_MESSAGE: Final = "vendorMessage"
MAX_VENDOR_DATA: Final = 10_000


@define(eq=False)
class Beliefs:
    """Learns of stations; `known` is what there is to read.

    `give` sends a further command of our own and waits for what becomes of it; it is
    set once there is somebody who can. Every method raises `DatabaseAway`, and
    `StationUnknown` if the station is gone.
    """

    seams: BeliefSeams
    give: Give | None = None
    known: Known = field(init=False)
    _subjects: Subjects = field(init=False)
    _turns: Turns = field(factory=Turns, init=False)

    def __attrs_post_init__(self) -> None:
        self._subjects = Subjects(self.seams)
        self.known = Known(self._subjects, self.seams.clock)

    # commands

    async def objection(
        self, station: Station, action: str, payload: dict[str, Any]
    ) -> str:
        """Return why an operator's command is not sent at all; '' if it is."""
        return self._subjects.objections.to(action, payload)

    async def before_sending(
        self, station: Station, action: str, payload: dict[str, Any]
    ) -> None:
        """Be ready for what a command, once it is on the wire, may set off."""
        subjects, at = self._subjects, self.seams.clock.seconds()
        async with self._turns.of(station.station_id):
            await subjects.objections.warn(station, action, payload, at)
            if action == "ChangeConfiguration":
                await subjects.credentials.told(station, payload)
            elif action == "ReserveNow":
                await subjects.reservations.asked(station, payload, at)
            elif action in KIND_OF:
                await subjects.jobs.asked(station, action, payload, at)

    async def not_sent(
        self, station: Station, command: StationCommand, payload: dict[str, Any]
    ) -> None:
        """Take back what was made ready for a command that never went on the wire."""
        subjects, action = self._subjects, command.action
        async with self._turns.of(station.station_id):
            if action == "ChangeConfiguration":
                await subjects.credentials.not_told(station, payload)
            elif action == "ReserveNow":
                await subjects.reservations.not_asked(station.station_id, payload)
            elif action in KIND_OF:
                await subjects.jobs.not_asked(
                    station.station_id, action, payload, command.asked_at
                )

    def unanswered(
        self, station: Station, command: StationCommand, payload: dict[str, Any]
    ) -> None:
        """Note that a command was sent and not answered in time: it may be done."""
        if command.action == "ReserveNow":
            self._subjects.doubts.arose(station.station_id, payload)
        elif command.action == "ChangeConfiguration":
            self._subjects.credentials.unanswered(station, payload)

    async def answered(
        self,
        station: Station,
        command: StationCommand,
        payload: dict[str, Any],
        answer: RawAnswer,
        *,
        late: bool,
    ) -> None:
        """Believe what an answer means, and no more than that, whatever stands in it.

        A late one means the same. Of a payload that does not fit its schema nothing is
        believed: nobody knows what the station made of it.
        """
        async with self._turns.of(station.station_id):
            if schemas().requests[command.action].allows(payload):
                at = self.seams.clock.seconds()
                await self._subjects.learn(
                    answered(station, command, payload, answer, at)
                )

    async def next_list(self, station: Station, tags: Sequence[IdTag]) -> ListPlan:
        """Return what is to be sent so that a station has these tags in its list."""
        return await self._subjects.pushes.next(station, tags)

    async def push_list(self, station: Station) -> ListPush:
        """Bring a station's local list up to all tags on record.

        Raise what `give` raises, such as `ChargerOffline`.
        """
        return await self._subjects.pushes.push(station, self._giving)

    # what stations say

    def spoke(self, station: Station) -> None:
        """Note that a station said something, whatever it was."""
        self._subjects.doubts.spoke(station, self._giving)

    async def came_in(
        self, station: Station, entry: Entry, peer: str, at: float
    ) -> None:
        """Keep how a station came in; note the certificate that it came with."""
        await self._subjects.connections.noted(station, entry, peer, at)
        certificate = None if entry.tls is None else entry.tls.certificate
        if certificate is not None:
            await self.certificate_seen(station, certificate.serial_number, at)

    async def booted(self, station: Station, boot: Boot, at: float) -> None:
        """Believe what was to come true with a boot; see what an update came to."""
        async with self._turns.of(station.station_id):
            await self._subjects.configurations.booted(station.station_id, at)
            await self._subjects.jobs.booted(station, boot.firmware, at)

    async def status_noted(
        self, station: Station, report: ConnectorReport, at: float
    ) -> None:
        """Keep a connector's status with its error; number 0 is the station itself."""
        async with self._turns.of(station.station_id):
            await self._subjects.availabilities.noted(station, report, at)
            self._subjects.overdue.noted(station, report)

    async def session_started(
        self,
        station: Station,
        session: Session,
        connector_number: int,
        id_tag: str,
        reservation_id: int | None,
    ) -> None:
        """Note the reservation that a session uses, and which profiles rule it."""
        now = self.seams.clock.seconds()
        start = SessionStart(
            session=session,
            connector_number=connector_number,
            id_tag=id_tag,
            reservation_id=reservation_id,
            at=now if session.started_at is None else session.started_at,
        )
        async with self._turns.of(station.station_id):
            await self._subjects.reservations.started(station, start, now)
            await self._subjects.profiles.started(station, start, now)

    async def session_ended(self, station: Station, session: Session) -> None:
        """Believe no longer in the profiles of a session that is over."""
        async with self._turns.of(station.station_id):
            await self._subjects.profiles.ended(station, session)

    async def job_reported(
        self,
        station: Station,
        kind: JobKind,
        status: str,
        request_id: int | None,
        at: float,
    ) -> None:
        """Keep how a job goes, in the station's own word."""
        async with self._turns.of(station.station_id):
            await self._subjects.jobs.reported(station, kind, status, request_id, at)

    async def security_event(
        self,
        station: Station,
        type_: str,
        claimed_at: float | None,
        tech_info: str,
        at: float,
    ) -> None:
        """Keep a security event, summed up with those that say the same."""
        async with self._turns.of(station.station_id):
            await self._subjects.security_events.reported(
                station, type_, claimed_at, tech_info, at
            )

    async def certificate_wanted(self, station: Station, csr: str, at: float) -> bool:
        """Return whether a certificate is issued for a request.

        If so it is sent by itself, after the station has had its answer.
        """
        certificates = self._subjects.certificates
        async with self._turns.of(station.station_id):
            certified = await certificates.issue(station, csr, at)
        if certified is None:
            return False
        certificates.send_soon(station, certified, self._giving)
        return True

    async def certificate_seen(
        self, station: Station, serial_number: str, at: float
    ) -> None:
        """Note that a station came with the certificate of a serial number."""
        async with self._turns.of(station.station_id):
            await self._subjects.certificates.seen(station, serial_number, at)

    async def refused_tag(
        self, station: Station, id_tag: str, status: TagStatus, at: float
    ) -> None:
        """Keep that a tag was refused."""
        body = {"idTag": text_of(id_tag), "status": status.value}
        await self._subjects.floods.note(station, REFUSED_TAG, body, at)

    async def vendor_message(
        self, station: Station, vendor_id: str, message_id: str, data: str, at: float
    ) -> None:
        """Keep a vendor's message, at most `MAX_VENDOR_DATA` characters of its data."""
        body = {
            "vendorId": text_of(vendor_id),
            "messageId": text_of(message_id),
            "data": text_of(data, MAX_VENDOR_DATA),
            "length": len(data),
        }
        await self._subjects.floods.note(station, VENDOR_MESSAGE, body, at)

    async def repaired(self, station: Station, counts: Mapping[str, int]) -> None:
        """Add to how often what a station said had to be mended, by rule."""
        await self._subjects.tallies.add(station, counts)

    def wind_down(self) -> None:
        """Wait for nothing more."""
        self._subjects.overdue.wind_down()

    async def _giving(
        self, serial_number: str, action: str, payload: dict[str, Any], timeout_s: float
    ) -> StationCommand:
        if self.give is None:
            raise RuntimeError("nobody can give commands yet")
        return await self.give(serial_number, action, payload, timeout_s)
