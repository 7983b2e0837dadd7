"""The back end has a certificate authority, as its settings want it."""

from __future__ import annotations

from zope.interface.verify import verifyObject

from flexicharge.interfaces import ICertificateAuthority
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.town import Town


def test_a_back_end_issues_certificates(town: Town) -> None:
    """As its settings say, and by its own clock."""
    authority = town.back_end.authority
    verifyObject(ICertificateAuthority, authority)
    csr = signing_request("CP-7", known_key(7))
    issued = town.now(authority.certify(csr, "CP-7"))
    days = town.settings.certificate_days
    assert issued.not_after == town.clock.seconds() + days * 86_400
    assert issued.names_judged
