"""How a station came in: what it showed of itself, over what, speaking what."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Means(StrEnum):
    """What a station proved with who it is."""

    SERIAL = "serial"  # with nothing: it knows its own name
    PASSWORD = "password"
    CERTIFICATE = "certificate"


@frozen(kw_only=True)
class Certificate:
    """A client certificate that one of our roots vouches for; times were checked.

    `serial_number` is hexadecimal. A name that stands there twice is '' here.
    """

    common_name: str
    organization: str
    serial_number: str


@frozen(kw_only=True)
class Tls:
    """A TLS session between a station and us."""

    version: str
    suite: str
    certificate: Certificate | None = None


@frozen(kw_only=True)
class Entry:
    """How a station was let in.

    `profile` is the OCPP security profile its connection comes up to: 0 none,
    1 password, 2 password over TLS, 3 client certificate. `tls` is None where there is
    none, and where a proxy of ours ends it.
    """

    means: Means = Means.SERIAL
    profile: int = 0
    tls: Tls | None = None

    @property
    def is_authenticated(self) -> bool:
        """True if a password or a certificate was checked."""
        return self.means is not Means.SERIAL

    def __str__(self) -> str:
        """Return it as a line of the log shows it."""
        parts = [f"{self.means}, profile {self.profile}"]
        if self.tls is not None:
            parts.append(f"{self.tls.version} {self.tls.suite}")
            if self.tls.certificate is not None:
                parts.append(f"certificate {self.tls.certificate.serial_number}")
        return ", ".join(parts)
