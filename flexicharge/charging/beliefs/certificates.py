"""The certificates that stations show us: asked for, issued, taken, seen."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Final

from attrs import evolve, frozen
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.giving import Give
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.charging.beliefs.root_names import folded_serial
from flexicharge.errors import CertificateRefused, FlexiChargeError
from flexicharge.interfaces import (
    IAlarms,
    IBackground,
    ICertificateAuthority,
    IStationBook,
)
from flexicharge.interfaces.certificates import Certified
from flexicharge.model.site import Station
from flexicharge.model.station_command import DEFAULT_TIMEOUT_S
from flexicharge.ocpp.v16.confirmations import Outcome
from flexicharge.ocpp.v16.payloads import payload_of
from flexicharge.ocpp.v16.security_commands import CertificateSigned

KIND: Final = "certificates"
REFUSED: Final = "certificateRefused"
MAX_CERTIFICATES: Final = 50
MOST_AN_HOUR: Final = 10  # of one station, and so many refusals are told
HOUR_S: Final = 3_600.0
TOO_MANY: Final = "it has had too many within the hour"
AFTER_THE_ANSWER_S: Final = 0.1


class CertificateState(StrEnum):
    """What became of a certificate."""

    ISSUED = "issued"  # the station has not said whether it takes it
    ACCEPTED = "accepted"
    REFUSED = "refused"
    IN_USE = "inUse"  # the station came with it
    REPLACED = "replaced"  # the station came with a newer one


@frozen(kw_only=True)
class IssuedCertificate:
    """A certificate of a station; times are POSIX seconds.

    `serial_number` is hexadecimal; `digest` is that of the chain as it was sent.
    `names_judged` tells whether its request was held to the names it may ask for.
    """

    serial_number: str
    common_name: str
    not_before: float
    not_after: float
    names_judged: bool
    digest: str
    state: CertificateState = CertificateState.ISSUED
    issued_at: float
    answered_at: float | None = None
    seen_at: float | None = None


@frozen
class Certificates:
    """Issues certificates to stations, and remembers what became of them.

    What is refused is not tried again: the station asks anew if it wants another.
    """

    _certificates: Drawer[IssuedCertificate]
    _authority: ICertificateAuthority
    _book: IStationBook
    _alarms: IAlarms
    _clock: IReactorTime
    _background: IBackground
    _log = Logger()

    async def issue(self, station: Station, csr: str, at: float) -> Certified | None:
        """Return a certificate for a request, on record; None for a bad request.

        Also for one too many, for each is sent as a command that stays on record.
        """
        known = await self._certificates.all(station.station_id)
        if sum(at - one.issued_at < HOUR_S for one in known.values()) >= MOST_AN_HOUR:
            await self._refuse(station, TOO_MANY, at)
            return None
        try:
            certified = await self._authority.certify(csr, station.serial_number)
        except CertificateRefused as why:
            await self._refuse(station, str(why), at)
            return None
        issued = IssuedCertificate(
            serial_number=certified.serial_number,
            common_name=certified.common_name,
            not_before=certified.not_before,
            not_after=certified.not_after,
            names_judged=certified.names_judged,
            digest=_digest(certified.chain),
            issued_at=at,
        )
        await self._keep(station.station_id, [issued], at)
        return certified

    def send_soon(self, station: Station, certified: Certified, give: Give) -> None:
        """Send a certificate once the station has its answer to the request."""
        self._background.spawn(
            f"the certificate of {station.serial_number}",
            self._send(station, certified, give),
        )

    async def signed(self, answered: Answered) -> None:
        """Note whether a station took its certificate; its old one is good until then.

        A refusal that says why comes as a security event of its own.
        """
        known = await self._certificates.all(answered.station.station_id)
        digest = _digest(str(answered.asked.get("certificateChain")))
        mine = next((one for one in known.values() if one.digest == digest), None)
        if mine is None or answered.outcome is Outcome.OFF_SCHEMA:
            return
        state = mine.state
        if state is CertificateState.ISSUED:
            is_done = answered.is_done
            state = CertificateState.ACCEPTED if is_done else CertificateState.REFUSED
        new = evolve(mine, state=state, answered_at=answered.at)
        await self._keep(answered.station.station_id, [new], answered.at)

    async def seen(self, station: Station, serial_number: str, at: float) -> None:
        """Note that a station came with a certificate: those before it are replaced."""
        known = await self._certificates.all(station.station_id)
        mine = known.get(_name(serial_number))
        if mine is None or mine.state is CertificateState.IN_USE:
            return
        in_use = evolve(mine, state=CertificateState.IN_USE, seen_at=at)
        replaced = [
            evolve(one, state=CertificateState.REPLACED)
            for one in known.values()
            if one.state is CertificateState.IN_USE
        ]
        await self._keep(station.station_id, [*replaced, in_use], at)

    async def all(self, station_id: int) -> tuple[IssuedCertificate, ...]:
        """Return a station's certificates, newest first."""
        known = (await self._certificates.all(station_id)).values()
        return tuple(sorted(known, key=_age, reverse=True))

    async def _refuse(self, station: Station, why: str, at: float) -> None:
        reason, station_id = text_of(why), station.station_id
        last = await self._book.events(station_id, kinds=(REFUSED,), limit=MOST_AN_HOUR)
        if len(last) == MOST_AN_HOUR and at - last[-1].at < HOUR_S:
            return
        self._alarms.raise_alarm(
            "a certificate was not issued",
            serial_number=station.serial_number,
            reason=reason,
        )
        await self._book.note(station_id, REFUSED, {"reason": reason}, at)

    async def _send(self, station: Station, certified: Certified, give: Give) -> None:
        await deferLater(self._clock, AFTER_THE_ANSWER_S)
        command = CertificateSigned(certificate_chain=certified.chain)
        serial_number = station.serial_number
        try:
            await give(
                serial_number, command.action, payload_of(command), DEFAULT_TIMEOUT_S
            )
        except FlexiChargeError as why:
            self._log.warn(
                "{serial_number}: its certificate was not sent: {why}",
                serial_number=serial_number,
                why=str(why) or type(why).__name__,
            )

    async def _keep(
        self, station_id: int, new: list[IssuedCertificate], at: float
    ) -> None:
        """Keep what is new; where there are too many, the oldest go."""
        await self._certificates.put(
            station_id, {_name(one.serial_number): one for one in new}, at
        )
        known = await self._certificates.all(station_id)
        by_age = sorted(known, key=lambda name: _age(known[name]))
        await self._certificates.drop(
            station_id, by_age[: max(len(known) - MAX_CERTIFICATES, 0)]
        )


def _name(serial_number: str) -> str:
    return text_of(folded_serial(serial_number))


def _digest(chain: str) -> str:
    return sha256(chain.encode()).hexdigest()


def _age(certificate: IssuedCertificate) -> tuple[float, str]:
    return certificate.issued_at, certificate.serial_number
