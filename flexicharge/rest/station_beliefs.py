"""What we believe of a station, as its operators read it; names are OCPP's."""

from __future__ import annotations

from flexicharge.charging.beliefs.configuration import KnownKey
from flexicharge.charging.beliefs.features import Feature as KnownFeature
from flexicharge.charging.beliefs.job import Job as KnownJob
from flexicharge.charging.beliefs.list_push import ListPush
from flexicharge.charging.beliefs.local_list import LocalList as KnownList
from flexicharge.charging.beliefs.security_events import SummedEvent
from flexicharge.model.id_tag import TagStatus, TagVerdict
from flexicharge.model.requests import JobKind
from flexicharge.ocpp.v16.commands import ListEntry
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.station_commands import Command, command_shape_of
from flexicharge.rest.station_shapes import iso_or_none
from flexicharge.rest.times import iso_of


class ConfigurationKey(Shape):
    """A key of a station's configuration, as it told it or was told, since a time.

    `value` is null where it was not told, and `***` of a secret. `pending` is what it
    will be after the next boot. One that the station does not know is `unknown`.
    """

    key: str
    value: str | None
    readonly: bool
    pending: str | None
    unknown: bool
    since: str


class IdTagInfo(Shape):
    """What a tag is good for."""

    status: TagStatus
    expiryDate: str | None
    parentIdTag: str | None


class AuthorizationData(Shape):
    """A tag in a station's local list."""

    idTag: str
    idTagInfo: IdTagInfo | None


class LocalList(Shape):
    """The tags that we believe to be on a station.

    `listVersion` is null until a list was sent or told, `toldVersion` what the station
    itself said last. Where there is `doubt` only a full list makes sure again.
    """

    listVersion: int | None
    toldVersion: int | None
    doubt: str | None
    since: str | None
    localAuthorizationList: list[AuthorizationData]


class PushedList(Shape):
    """What was sent to bring a station's list up to date, and whether it is now.

    `leftOut` are tags on record that are too many, or too long for OCPP 1.6.
    """

    upToDate: bool
    leftOut: Whole
    commands: list[Command]


class JobStatus(Shape):
    """A status in the station's own word."""

    status: str
    time: str


class Job(Shape, kw_only=True):
    """An upload or an update; `statuses` are in the order they came.

    One that is not `asked` was begun by nobody that we know of. `endedAs` is what it
    came to, null while it is open; `reopened` is how often it went on after it had
    failed. `leftOut` are statuses that were too many to keep. `bootedWith` is the
    firmware of the boot after an update.
    """

    kind: JobKind
    requestId: int | None
    asked: bool
    commandId: str | None
    answer: str | None
    answeredAt: str | None
    fileName: str | None
    begunAt: str
    statuses: list[JobStatus]
    leftOut: Whole
    endedAs: str | None
    endedAt: str | None
    reopened: Whole
    firmwareBefore: str | None
    bootedWith: str | None
    bootedAt: str | None


class Feature(Shape):
    """Whether a station can do an action, by its word at a time.

    `subject` is what it was about, where that matters: a message, or a connector.
    """

    action: str
    subject: str | None
    supported: bool
    status: str
    time: str


class SecurityEvent(Shape):
    """All security events of one type and text.

    `timestamp` is that of the last one by the station's own clock.
    """

    type: str
    techInfo: str | None
    count: Whole
    firstAt: str
    lastAt: str
    timestamp: str | None


def key_of(known: KnownKey) -> ConfigurationKey:
    """Return a key as operators read it."""
    return ConfigurationKey(
        key=known.key,
        value=known.value,
        readonly=known.readonly,
        pending=known.pending,
        unknown=known.unknown,
        since=iso_of(known.at),
    )


def list_of(known: KnownList) -> LocalList:
    """Return a local list as operators read it."""
    return LocalList(
        listVersion=known.version,
        toldVersion=known.told,
        doubt=known.doubt or None,
        since=iso_or_none(known.at),
        localAuthorizationList=list(map(_entry_of, known.entries)),
    )


def push_of(push: ListPush) -> PushedList:
    """Return what was sent as operators read it."""
    return PushedList(
        upToDate=push.is_up_to_date,
        leftOut=push.left_out,
        commands=list(map(command_shape_of, push.commands)),
    )


def job_of(known: KnownJob) -> Job:
    """Return a job as operators read it."""
    statuses = [JobStatus(one.status, iso_of(one.at)) for one in known.statuses]
    return Job(
        kind=known.kind,
        requestId=known.request_id,
        asked=known.asked,
        commandId=known.command_id or None,
        answer=known.answer or None,
        answeredAt=iso_or_none(known.answered_at),
        fileName=known.file_name or None,
        begunAt=iso_of(known.begun_at),
        statuses=statuses,
        leftOut=known.left_out,
        endedAs=known.ended_as,
        endedAt=iso_or_none(known.ended_at),
        reopened=known.reopened,
        firmwareBefore=known.firmware_before or None,
        bootedWith=known.booted_with,
        bootedAt=iso_or_none(known.booted_at),
    )


def feature_of(known: KnownFeature) -> Feature:
    """Return a feature as operators read it."""
    return Feature(
        action=known.action,
        subject=known.subject or None,
        supported=known.supported,
        status=known.word,
        time=iso_of(known.at),
    )


def event_sum_of(known: SummedEvent) -> SecurityEvent:
    """Return events of one kind as operators read them."""
    return SecurityEvent(
        type=known.type,
        techInfo=known.tech_info or None,
        count=known.count,
        firstAt=iso_of(known.first_at),
        lastAt=iso_of(known.at),
        timestamp=iso_or_none(known.claimed_at),
    )


def _entry_of(entry: ListEntry) -> AuthorizationData:
    verdict = entry.verdict
    return AuthorizationData(entry.id_tag, None if verdict is None else _info(verdict))


def _info(verdict: TagVerdict) -> IdTagInfo:
    return IdTagInfo(
        status=verdict.status,
        expiryDate=iso_or_none(verdict.expires_at),
        parentIdTag=verdict.parent_id_tag,
    )
