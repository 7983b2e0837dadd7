"""A job that a station does for us: its statuses in the order they came, and its end.

Order is not assumed of them: chargers skip some, say some twice, and try again.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from flexicharge.model.requests import JobKind

IDLE: Final = "Idle"  # "I am doing nothing of the kind": ends no job (OCA 054)
INVALID_SIGNATURE: Final = "InvalidSignature"
SUCCEEDED: Final = frozenset({"Uploaded", "Installed"})
FAILED: Final = frozenset(
    {
        "UploadFailed",
        "UploadFailure",
        "BadMessage",
        "NotSupportedOperation",
        "PermissionDenied",
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        INVALID_SIGNATURE,
    }
)
INSTALLING: Final = frozenset({"Installing", "InstallRebooting", "Installed"})
BEFORE_A_BOOT: Final = INSTALLING | {"InstallationFailed"}
ENDS_FOR_GOOD: Final = SUCCEEDED | {INVALID_SIGNATURE}
MAX_STATUSES: Final = 200


@frozen(kw_only=True)
class JobStatus:
    """A status in the station's own word, at a POSIX time."""

    status: str
    at: float


@frozen(kw_only=True)
class Job:
    """One upload or update; times are POSIX seconds.

    One that is not `asked` began without a command that we know of. `answer` is the
    station's word to the command. `ended_as` is what it came to, None while it is open;
    `reopened` counts how often it went on after it had failed. `left_out` counts
    statuses that were too many to keep. `booted_with` is the firmware of the boot after
    an update, and so the proof of it.
    """

    name: str
    kind: JobKind
    request_id: int | None = None
    asked: bool = False
    command_id: str = ""
    answer: str = ""
    answered_at: float | None = None
    file_name: str = ""
    begun_at: float
    statuses: tuple[JobStatus, ...] = ()
    left_out: int = 0
    ended_as: str | None = None
    ended_at: float | None = None
    reopened: int = 0
    firmware_before: str = ""
    booted_with: str | None = None
    booted_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether more is to be expected of it."""
        return self.ended_as is None

    @property
    def is_answered(self) -> bool:
        """Whether the station has said whether it will do it."""
        return self.answered_at is not None

    @property
    def was_turned_down(self) -> bool:
        """Whether it ended before it began, by the station's answer."""
        return self.ended_at is not None and self.ended_at == self.answered_at

    def has(self, status: str) -> bool:
        """Tell whether the job ever was in a status."""
        return any(one.status == status for one in self.statuses)

    def reported(self, status: str, at: float) -> Job:
        """Return the job with one more status.

        One that succeeded, or whose signature was bad, ends once. A failure is the
        charger's to try again: then the job reopens, and its last end counts.
        """
        new = JobStatus(status=status, at=at)
        if self.statuses[-1:] == (new,):
            return self
        if len(self.statuses) < MAX_STATUSES:
            kept = evolve(self, statuses=(*self.statuses, new))
        else:
            kept = evolve(self, left_out=self.left_out + 1)
        if status == IDLE or self.ended_as in ENDS_FOR_GOOD:
            return kept
        if status in SUCCEEDED | FAILED:
            return kept.ended(status, at)
        if self.is_open:
            return kept
        return evolve(kept, ended_as=None, ended_at=None, reopened=self.reopened + 1)

    def ended(self, word: str, at: float) -> Job:
        """Return the job as it is once it is over."""
        return evolve(self, ended_as=word, ended_at=at)

    def booted(self, firmware: str, at: float) -> Job:
        """Return an update with the firmware of a boot, if that can prove anything.

        The first boot after its end is the last that can.
        """
        is_proven = (
            self.booted_at is not None
            and self.ended_at is not None
            and self.booted_at >= self.ended_at
        )
        if is_proven or not any(self.has(status) for status in BEFORE_A_BOOT):
            return self
        return evolve(self, booted_with=firmware, booted_at=at)
