"""Why a command of an operator is not sent, and what he is warned of."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.interfaces import IAlarms, ICertificateAuthority, IStationBook
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.security_commands import RootType

WARNING: Final = "warning"
LONGEST_CERTIFICATE: Final = 5_500  # security whitepaper, InstallCertificate.req
UNCOVERED: Final = "This root does not cover the certificate of our own server"


@frozen
class Objections:
    """Lets everything pass, however senseless, but what no station could use."""

    _authority: ICertificateAuthority
    _book: IStationBook
    _alarms: IAlarms

    def to(self, action: str, payload: dict[str, Any]) -> str:
        """Return why a command is not sent; '' if it is."""
        certificate = payload.get("certificate")
        if action != "InstallCertificate" or not isinstance(certificate, str):
            return ""
        if len(certificate) > LONGEST_CERTIFICATE:
            return f"A certificate has at most {LONGEST_CERTIFICATE} characters"
        return self._authority.objection_to_root(certificate)

    async def warn(
        self, station: Station, action: str, payload: dict[str, Any], at: float
    ) -> None:
        """Warn of a root that would lock our own server out."""
        if action != "InstallCertificate":
            return
        is_for_us = payload.get("certificateType") == RootType.CENTRAL_SYSTEM
        if not is_for_us or self._authority.covers_us(str(payload.get("certificate"))):
            return
        self._alarms.raise_alarm(
            "a root does not cover our server", serial_number=station.serial_number
        )
        body = {"action": action, "warning": UNCOVERED}
        await self._book.note(station.station_id, WARNING, body, at)
