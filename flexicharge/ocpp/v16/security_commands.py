"""What the security whitepaper lets us ask of a charger besides, as values."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from attrs import frozen


class LogType(StrEnum):
    """Which log."""

    DIAGNOSTICS = "DiagnosticsLog"
    SECURITY = "SecurityLog"


class RootType(StrEnum):
    """What a root certificate vouches for."""

    CENTRAL_SYSTEM = "CentralSystemRootCertificate"
    MANUFACTURER = "ManufacturerRootCertificate"


@frozen(kw_only=True)
class CertificateHash:
    """What tells a certificate from others, as the charger spells it."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


@frozen(kw_only=True)
class Log:
    """Where a log goes to, and of what time it is."""

    remote_location: str
    oldest_timestamp_at: float | None = None
    latest_timestamp_at: float | None = None


@frozen(kw_only=True)
class Firmware:
    """A signed firmware, and when it is to be fetched and installed."""

    location: str
    retrieve_date_time_at: float
    install_date_time_at: float | None = None
    signing_certificate: str
    signature: str


@frozen(kw_only=True)
class CertificateSigned:
    """Here is your certificate: it, then its issuers, in PEM."""

    action: ClassVar = "CertificateSigned"
    certificate_chain: str


@frozen(kw_only=True)
class DeleteCertificate:
    """Trust this certificate no longer."""

    action: ClassVar = "DeleteCertificate"
    certificate_hash_data: CertificateHash


@frozen(kw_only=True)
class ExtendedTriggerMessage:
    """Send this message now; also those of the whitepaper."""

    action: ClassVar = "ExtendedTriggerMessage"
    requested_message: str
    connector_id: int | None = None


@frozen(kw_only=True)
class GetInstalledCertificateIds:
    """Tell which roots you trust."""

    action: ClassVar = "GetInstalledCertificateIds"
    certificate_type: RootType


@frozen(kw_only=True)
class GetLog:
    """Upload a log; reports of it will carry `request_id`."""

    action: ClassVar = "GetLog"
    log: Log
    log_type: LogType
    request_id: int
    retries: int | None = None
    retry_interval: int | None = None


@frozen(kw_only=True)
class InstallCertificate:
    """Trust this root, in PEM."""

    action: ClassVar = "InstallCertificate"
    certificate_type: RootType
    certificate: str


@frozen(kw_only=True)
class SignedUpdateFirmware:
    """Fetch this firmware, see to its signature, and install it."""

    action: ClassVar = "SignedUpdateFirmware"
    retries: int | None = None
    retry_interval: int | None = None
    request_id: int
    firmware: Firmware
