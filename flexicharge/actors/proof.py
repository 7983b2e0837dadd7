"""Whether a station is who it says it is: its record says what it must show."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from flexicharge.actors.arrivals import Arrival
from flexicharge.actors.attempts import Attempts
from flexicharge.errors import NotAuthorized, NotItsCertificate, ProfileTooLow
from flexicharge.interfaces import IAlarms
from flexicharge.model.entry import Certificate, Entry, Means
from flexicharge.model.site import Protocol, Station

PASSWORD_PROFILE: Final = 1
SECURED_PASSWORD_PROFILE: Final = 2
CERTIFICATE_PROFILE: Final = 3


@frozen
class Proven:
    """How a station came in, and the credential of the password it showed, if any."""

    entry: Entry
    credential: bytes | None = None


@define(eq=False, kw_only=True)
class Proof:
    """Compares what a station shows with what its record wants.

    `credential_of` makes of a password what is stored of it. `password_only` forbids
    entry by name alone. An `operator` that is not '' must stand in every certificate.
    """

    credential_of: Callable[[str | bytes], bytes]
    password_only: bool
    attempts: Attempts
    alarms: IAlarms
    operator: str = ""
    _kept: dict[str, str] = field(factory=dict, init=False, repr=False)

    def keep_for(self, serial_number: str, password: str) -> None:
        """Believe a station only with a password, whatever its record says.

        For one that the server plays itself, under a password that exists nowhere else:
        by its name alone anybody could take its place.
        """
        self._kept[serial_number] = password

    def of(self, station: Station, arrival: Arrival) -> Proven:
        """Return what is proven of a station.

        Raise `ProfileTooLow`, `NotItsCertificate`, `NotAuthorized`, or
        `TooManyRequests` after too many of these.
        """
        kept = self._kept.get(station.serial_number)
        if kept is not None:
            # Not counted: by failing in its name nobody may lock it out.
            return self._compared(station, arrival, [self.credential_of(kept)])
        if arrival.certificate is not None:
            self._check(station, arrival, arrival.certificate)
            return _demanded(station, Proven(_entry(arrival, Means.CERTIFICATE)))
        wanted = [station.credential, station.next_credential]
        accepted = [credential for credential in wanted if credential is not None]
        if station.credential is None and not self._shows(arrival, accepted):
            return _demanded(station, self._by_name(arrival))
        _demanded(station, Proven(_entry(arrival, Means.PASSWORD)))
        return self._by_password(station, arrival, accepted)

    def _by_name(self, arrival: Arrival) -> Proven:
        if self.password_only:
            raise NotAuthorized("this station has no password")
        return Proven(_entry(arrival, Means.SERIAL))

    def _shows(self, arrival: Arrival, accepted: list[bytes]) -> bool:
        """Tell whether its first password, which it was told, is shown already."""
        shown = arrival.shown
        return shown is not None and _is_one_of(
            self.credential_of(shown.password), accepted
        )

    def _by_password(
        self, station: Station, arrival: Arrival, accepted: list[bytes]
    ) -> Proven:
        with self.attempts.counting(station.serial_number, arrival.peer):
            return self._compared(station, arrival, accepted)

    def _compared(
        self, station: Station, arrival: Arrival, accepted: list[bytes]
    ) -> Proven:
        shown = arrival.shown
        if shown is None:
            raise NotAuthorized("it shows no password")
        offered = self.credential_of(shown.password)
        if not _is_one_of(offered, accepted):
            raise NotAuthorized("wrong password")
        # The name beside a dialect station's password was never looked at.
        if not (shown.under_own_name or station.protocol is Protocol.DIALECT):
            raise NotAuthorized("its password comes under another name")
        return Proven(_entry(arrival, Means.PASSWORD), offered)

    def _check(
        self, station: Station, arrival: Arrival, certificate: Certificate
    ) -> None:
        """Raise `NotItsCertificate` unless it names this very station and operator."""
        is_its = certificate.common_name == station.serial_number
        is_ours = self.operator in ("", certificate.organization)
        if is_its and is_ours:
            return
        self.alarms.raise_alarm(
            "a certificate of another name",
            serial_number=station.serial_number,
            peer=arrival.peer,
            common_name=certificate.common_name,
            organization=certificate.organization,
            certificate=certificate.serial_number,
        )
        raise NotItsCertificate(
            f"its certificate is for {certificate.common_name!r}"
            f" of {certificate.organization!r}"
        )


def _is_one_of(offered: bytes, accepted: list[bytes]) -> bool:
    """Compare with all, in the same time whatever the first comes to."""
    return any([hmac.compare_digest(offered, one) for one in accepted])  # noqa: C419


def _entry(arrival: Arrival, means: Means) -> Entry:
    profiles = {
        Means.SERIAL: 0,
        Means.PASSWORD: (
            SECURED_PASSWORD_PROFILE if arrival.is_secured else PASSWORD_PROFILE
        ),
        Means.CERTIFICATE: CERTIFICATE_PROFILE,
    }
    return Entry(means=means, profile=profiles[means], tls=arrival.tls)


def _demanded(station: Station, proven: Proven) -> Proven:
    """Return what is proven if it is enough; raise `ProfileTooLow`."""
    least, reached = station.security_profile, proven.entry.profile
    if reached < least:
        raise ProfileTooLow(f"profile {least} is demanded of it, not {reached}")
    return proven
