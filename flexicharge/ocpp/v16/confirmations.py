"""What chargers answer to our commands, read as widely as they are written."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from flexicharge.errors import CallRefused, UnusableValue
from flexicharge.model.charging_profiles import Schedule
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.charging import schedule_in
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.schemas import Violation, schemas
from flexicharge.ocpp.v16.security_commands import CertificateHash
from flexicharge.ocpp.v16.times import posix_of

MAX_KEYS: Final = 2_000  # of a configuration; the largest seen has some hundreds
MAX_KEY_TEXT: Final = 500
NO_LOCAL_LIST: Final = -1


class Outcome(StrEnum):
    """What became of a command, folded from every action's own words."""

    DONE = "done"
    PENDING = "pending"  # accepted, and to come true after a restart or a transaction
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    ABSENT = "absent"  # what it was about is not there, so nothing was to be done
    OFF_SCHEMA = "offSchema"  # the answer is not one of this action's


_OUTCOMES: Final = {
    "Accepted": Outcome.DONE,
    "Unlocked": Outcome.DONE,
    "AcceptedCanceled": Outcome.DONE,
    "RebootRequired": Outcome.PENDING,
    "Scheduled": Outcome.PENDING,
    "NotSupported": Outcome.UNSUPPORTED,
    "NotImplemented": Outcome.UNSUPPORTED,
    "Unknown": Outcome.ABSENT,
    "NotFound": Outcome.ABSENT,
}
_WITHOUT_STATUS: Final = frozenset(
    {"GetConfiguration", "GetDiagnostics", "GetLocalListVersion", "UpdateFirmware"}
)


@frozen(kw_only=True)
class Confirmation:
    """An answer as it came, and what it comes to."""

    action: str
    payload: JsonObject
    outcome: Outcome
    violations: tuple[Violation, ...] = ()

    @property
    def status(self) -> str:
        """The charger's own word; '' if it has none."""
        word = self.payload.get("status")
        return word if isinstance(word, str) else ""


def confirmation(action: str, payload: JsonObject) -> Confirmation:
    """Return what an answer to one of our commands comes to.

    An answer that breaks the schema beside its status still says what it says: that is
    kept as its violations.
    """
    schema = schemas().confirmations[action]
    violations = () if schema.allows(payload) else schema.violations(payload)
    return Confirmation(
        action=action,
        payload=payload,
        outcome=_outcome(action, payload),
        violations=violations,
    )


def outcome_of_error(error: CallRefused) -> Outcome:
    """Return what a CallError comes to: as good as the status that says the same."""
    unsupported = (ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED)
    return Outcome.UNSUPPORTED if error.code in unsupported else Outcome.REFUSED


def _outcome(action: str, payload: JsonObject) -> Outcome:
    if action in _WITHOUT_STATUS:
        return _without_status(action, payload)
    words = schemas().confirmations[action].rule_at(("status",)).get("enum", ())
    word = payload.get("status")
    if word not in words:
        return Outcome.OFF_SCHEMA
    return _OUTCOMES.get(str(word), Outcome.REFUSED)


def _without_status(action: str, payload: JsonObject) -> Outcome:
    if action != "GetLocalListVersion":
        return Outcome.DONE
    version = payload.get("listVersion")
    if not isinstance(version, int) or isinstance(version, bool):
        return Outcome.OFF_SCHEMA
    return Outcome.UNSUPPORTED if version == NO_LOCAL_LIST else Outcome.DONE


@frozen(kw_only=True)
class ConfigurationKey:
    """One key of a charger's configuration; a value of None was not told."""

    key: str
    value: str | None
    readonly: bool


@frozen
class Configuration:
    """What a charger told of its configuration."""

    keys: tuple[ConfigurationKey, ...]
    unknown: tuple[str, ...] = ()


def configuration(said: Confirmation) -> Configuration:
    """Return the keys of a GetConfiguration's answer; entries that are none are not."""
    entries = _list(said.payload.get("configurationKey"))
    unknown = _list(said.payload.get("unknownKey"))
    return Configuration(
        tuple(_key(entry) for entry in entries if _is_key(entry)),
        tuple(key[:MAX_KEY_TEXT] for key in unknown if isinstance(key, str)),
    )


def list_version(said: Confirmation) -> int | None:
    """Return the version of a charger's local list; None if it has no such list."""
    is_told = said.outcome is Outcome.DONE
    return int(said.payload["listVersion"]) if is_told else None


@frozen
class ReportedSchedule:
    """The schedule that a charger computed, and when it begins."""

    schedule: Schedule
    starts_at: float | None


def composite_schedule(said: Confirmation) -> ReportedSchedule | None:
    """Return the schedule of a GetCompositeSchedule's answer; None if it tells none.

    Periods come in time order, whatever the order they were sent in.
    """
    payload = said.payload.get("chargingSchedule")
    if not isinstance(payload, dict):
        return None
    try:
        return ReportedSchedule(
            schedule_in(payload), _posix_or_none(said.payload.get("scheduleStart"))
        )
    except UnusableValue:
        return None


def installed_certificates(said: Confirmation) -> tuple[CertificateHash, ...]:
    """Return the roots that a charger trusts; none if it has found none."""
    entries = _list(said.payload.get("certificateHashData"))
    return tuple(_hash(entry) for entry in entries if _is_hash(entry))


def file_name(said: Confirmation) -> str | None:
    """Return what a charger calls the file it will upload; None if there is none."""
    key = "filename" if said.action == "GetLog" else "fileName"
    name = said.payload.get(key)
    return name if isinstance(name, str) and name else None


_HASH_FIELDS: Final = {
    "hash_algorithm": "hashAlgorithm",
    "issuer_name_hash": "issuerNameHash",
    "issuer_key_hash": "issuerKeyHash",
    "serial_number": "serialNumber",
}


def _list(value: Any) -> list[Any]:
    return value[:MAX_KEYS] if isinstance(value, list) else []


def _is_key(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("key"), str)


def _key(entry: JsonObject) -> ConfigurationKey:
    value = entry.get("value")
    return ConfigurationKey(
        key=entry["key"][:MAX_KEY_TEXT],
        value=None if value is None else str(value)[:MAX_KEY_TEXT],
        readonly=entry.get("readonly") is True,
    )


def _is_hash(entry: Any) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(name), str) for name in _HASH_FIELDS.values()
    )


def _hash(entry: JsonObject) -> CertificateHash:
    return CertificateHash(
        **{field: entry[name] for field, name in _HASH_FIELDS.items()}
    )


def _posix_or_none(value: object) -> float | None:
    try:
        return posix_of(value)
    except UnusableValue:
        return None
