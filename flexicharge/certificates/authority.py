"""The certificate authority that this server is: what it signs, and what it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from attrs import frozen
from cryptography import x509
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.certificates.issuer import CLIENT, Issuer, Wish, random_serial
from flexicharge.certificates.keys import KeyKind, kind_of
from flexicharge.certificates.pem import pem_of, read_certificate
from flexicharge.certificates.roots import covers, demand_root, hex_of, names_of_root
from flexicharge.certificates.signing_requests import Applicant, granted
from flexicharge.errors import (
    CertificateRefused,
    ServerBusy,
    StartUpFailed,
    Stopping,
)
from flexicharge.interfaces.certificates import (
    CertificateNames,
    Certified,
    ICertificateAuthority,
)
from flexicharge.interfaces.people import IEntropy
from flexicharge.interfaces.threads import RunInThread

NO_AUTHORITY: Final = "the authority's own key cannot be used"
NOT_LOOKED_AT: Final = "the server was too busy to look at it"


class Issuers(Protocol):
    """Where the roots come from that certificates are signed with."""

    def issuer(self, kind: KeyKind, now: float, /) -> Issuer:
        """Return the root of a kind, made at first need; may block for a second.

        Raise `StartUpFailed` if it cannot be read or made.
        """


@implementer(ICertificateAuthority)
@frozen(kw_only=True)
class LocalCa:
    """Signs what stations ask for with roots of this server's own.

    A station's certificate bears its identity as CN and `organisation` as O, and is
    good for `days`. Without `names_judged` it may have asked for other names. `shown`
    are the chains, in PEM, that our own TLS listeners show. `run` takes what would
    block the reactor.
    """

    issuers: Issuers
    organisation: str
    days: int
    names_judged: bool
    clock: IReactorTime
    entropy: IEntropy
    run: RunInThread
    shown: Sequence[str] = ()
    _log = Logger()

    async def certify(self, csr: str, identity: str) -> Certified:
        """Issue the certificate of a station, signed by the kind of key that it has."""
        now, serial_number = self.clock.seconds(), random_serial(self.entropy)
        try:
            return await self.run(
                lambda: self._certified(csr, identity, serial_number, now)
            )
        except (ServerBusy, Stopping) as why:
            raise CertificateRefused(NOT_LOOKED_AT) from why

    def names_of(self, certificate: str, hash_algorithm: str) -> CertificateNames:
        """Return what OCPP names a root by."""
        return names_of_root(read_certificate(certificate), hash_algorithm)

    def objection_to_root(self, certificate: str) -> str:
        """Return why a text cannot be installed as a root; '' if it can."""
        try:
            demand_root(read_certificate(certificate), self.clock.seconds())
        except CertificateRefused as why:
            return str(why)
        return ""

    def covers_us(self, certificate: str) -> bool:
        """Tell whether a root vouches for one of the chains that we show, if any."""
        try:
            root = read_certificate(certificate)
        except CertificateRefused:
            return False
        chains = [
            x509.load_pem_x509_certificates(chain.encode()) for chain in self.shown
        ]
        return not chains or any(covers(root, chain) for chain in chains)

    def _certified(
        self, csr: str, identity: str, serial_number: int, now: float
    ) -> Certified:
        applicant = Applicant(
            identity=identity,
            organisation=self.organisation,
            names_judged=self.names_judged,
        )
        key = granted(csr, applicant)
        issuer = self._issuer(kind_of(key), now)
        wish = Wish(
            key=key,
            common_name=identity,
            organisation=self.organisation,
            purpose=CLIENT,
            serial_number=serial_number,
            days=self.days,
        )
        leaf = issuer.issue(wish, now)
        return Certified(
            chain=pem_of(leaf, issuer.certificate),
            serial_number=hex_of(serial_number),
            common_name=identity,
            not_before=leaf.not_valid_before_utc.timestamp(),
            not_after=leaf.not_valid_after_utc.timestamp(),
            names_judged=self.names_judged,
        )

    def _issuer(self, kind: KeyKind, now: float) -> Issuer:
        try:
            return self.issuers.issuer(kind, now)
        except StartUpFailed as why:  # somebody touched its files since we started
            self._log.critical("no certificate can be issued: {why}", why=why)
            raise CertificateRefused(NO_AUTHORITY) from why
