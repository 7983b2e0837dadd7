"""Mail handed to a real SMTP server: aiosmtpd, in a thread of its own."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from twisted.internet import reactor
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.logger import capturedLogs, formatEvent
from zope.interface.verify import verifyObject

from flexicharge.errors import MailNotSent
from flexicharge.identity.smtp import NO_TLS, STARTTLS, TLS, MailServer, SmtpMail
from flexicharge.interfaces.people import IMail
from flexicharge.testing.identity import SeededEntropy
from tests.integration.server import free_ports

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

HOST = "127.0.0.1"
TO = "driver@example.com"
USERNAME, PASSWORD = "flexicharge", "p4ssword-of-the-mail-server"
TEXT = "Your code is 123456.\n.\n..\n.Välkommen!\n"


def certificate_for(directory: Path, name: str) -> Path:
    """Make a certificate for an IP address; return the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = directory / f"{name}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return pem


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_for(tmp_path_factory.mktemp("tls"), HOST)


@define(eq=False)
class Postmaster:
    """Takes mail, or says why not: `says` has an answer to a command in its place."""

    says: dict[str, str] = field(factory=dict)
    taken: list[Envelope] = field(factory=list)
    signed_in: list[bytes] = field(factory=list)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return self.says.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "DATA" in self.says:
            return self.says["DATA"]
        self.taken.append(envelope)
        return "250 Taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        self.signed_in.append(data.login)
        fits = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=fits, handled=False)


Serve = Callable[..., MailServer]


@pytest.fixture
def postmaster() -> Postmaster:
    return Postmaster()


@pytest.fixture
def serve(postmaster: Postmaster, certificate: Path) -> Iterator[Serve]:
    """Start a server that is secured in some way; return how to reach it."""
    running: list[Controller] = []

    def start(security: str, pem: Path = certificate, **how: Any) -> MailServer:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        port = free_ports()[0]
        secured: dict[str, dict[str, Any]] = {
            STARTTLS: {"tls_context": context, "require_starttls": True},
            # It does not know that it is behind TLS then.
            TLS: {"ssl_context": context, "auth_require_tls": False},
            NO_TLS: {},
        }
        if security != NO_TLS:
            how = {"authenticator": postmaster.authenticate, **how}
        server = Controller(postmaster, HOST, port, **{**secured[security], **how})
        server.start()
        running.append(server)
        return MailServer(
            host=HOST,
            port=port,
            sender="FlexiCharge <no-reply@example.org>",
            security=security,
            username="" if security == NO_TLS else USERNAME,
            password="" if security == NO_TLS else PASSWORD,
        )

    yield start
    while running:
        running.pop().stop()
    # It leaves connections that were open to the collector, which warns of each.
    gc.collect()


def mail(server: MailServer, certificate: Path) -> SmtpMail:
    trust = trustRootFromCertificates([Certificate.loadPEM(certificate.read_bytes())])
    return SmtpMail(server, reactor, SeededEntropy(), trust)


async def refused(sender: SmtpMail) -> str:
    """Return what the log says of a message that is not taken."""
    with capturedLogs() as events, pytest.raises(MailNotSent) as caught:
        await sender.send(TO, "Your code", TEXT)
    assert str(caught.value) == "The verification code could not be sent."
    told = " ".join(str(formatEvent(event)) for event in events)
    for secret in (PASSWORD, "123456"):
        assert secret not in told
    return told


@pytest.mark.parametrize("security", [STARTTLS, TLS, NO_TLS])
@pytest_twisted.ensureDeferred
async def test_mail_arrives(
    security: str, serve: Serve, postmaster: Postmaster, certificate: Path
) -> None:
    """As it was written: dots at the beginning of a line, letters of any language."""
    sender = mail(serve(security), certificate)
    assert verifyObject(IMail, sender)
    await sender.send(TO, "Välkommen", TEXT)
    (envelope,) = postmaster.taken
    assert envelope.mail_from == "no-reply@example.org"
    assert envelope.rcpt_tos == [TO]
    assert envelope.content.isascii()
    message = message_from_bytes(envelope.content, policy=default)
    assert message["From"] == "FlexiCharge <no-reply@example.org>"
    assert message["To"] == TO
    assert message["Subject"] == "Välkommen"
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == TEXT.splitlines()
    expected = [] if security == NO_TLS else [USERNAME.encode()]
    assert postmaster.signed_in == expected


@pytest_twisted.ensureDeferred
async def test_several_messages_go_their_own_ways(
    serve: Serve, postmaster: Postmaster, certificate: Path
) -> None:
    """None waits for another."""
    sender = mail(serve(STARTTLS), certificate)
    for number in range(3):
        await sender.send(TO, f"No. {number}", TEXT)
    subjects = [
        message_from_bytes(envelope.content)["Subject"] for envelope in postmaster.taken
    ]
    assert subjects == ["No. 0", "No. 1", "No. 2"]
    ids = {message_from_bytes(each.content)["Message-ID"] for each in postmaster.taken}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("command", "answer", "numbers"),
    [
        ("MAIL", "553 5.1.8 no-reply@example.org is not welcome, 123456", "553 5.1.8"),
        ("RCPT", "550 5.1.1 No such user here: 123456", "550 5.1.1"),
        ("RCPT", "450 Later", "450"),
        ("DATA", "554 5.7.1 Spam: Your code is 123456", "554 5.7.1"),
        ("DATA", "451 123456", "451"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_refusal_is_told_by_its_numbers(
    command: str,
    answer: str,
    numbers: str,
    serve: Serve,
    postmaster: Postmaster,
    certificate: Path,
) -> None:
    """The server may repeat what it was sent, codes too: its words are not kept."""
    postmaster.says[command] = answer
    told = await refused(mail(serve(STARTTLS), certificate))
    assert told.endswith(f"Error {numbers}")
    assert not postmaster.taken


@pytest.mark.parametrize("security", [STARTTLS, TLS])
@pytest_twisted.ensureDeferred
async def test_a_wrong_password_is_told(
    security: str, serve: Serve, postmaster: Postmaster, certificate: Path
) -> None:
    """To whoever reads the log, who can mend it; the password is not."""
    server = serve(security)
    wrong = MailServer(
        host=server.host,
        port=server.port,
        sender=server.sender,
        security=security,
        username=USERNAME,
        password=f"not-{PASSWORD}",
    )
    assert "535 5.7.8" in await refused(mail(wrong, certificate))
    assert PASSWORD not in repr(wrong)
    assert not postmaster.taken


@pytest_twisted.ensureDeferred
async def test_nothing_is_said_in_clear(
    serve: Serve, postmaster: Postmaster, certificate: Path
) -> None:
    """Of a server that knows no STARTTLS, or where somebody hides that it does."""
    plain = serve(NO_TLS)
    wanted = MailServer(
        host=plain.host,
        port=plain.port,
        sender=plain.sender,
        username=USERNAME,
        password=PASSWORD,
    )
    assert "TLSRequiredError" in await refused(mail(wanted, certificate))
    assert not postmaster.taken
    assert not postmaster.signed_in


@pytest_twisted.ensureDeferred
async def test_nobody_is_signed_in_where_nobody_can_be(
    serve: Serve, postmaster: Postmaster, certificate: Path
) -> None:
    """Mail goes as whom it was to go as, or not at all."""
    server = serve(
        STARTTLS, authenticator=None, auth_exclude_mechanism=["LOGIN", "PLAIN"]
    )
    assert "AUTHRequiredError" in await refused(mail(server, certificate))
    assert not postmaster.taken


@pytest.mark.parametrize("security", [STARTTLS, TLS])
@pytest_twisted.ensureDeferred
async def test_a_server_that_is_another_gets_nothing(
    security: str,
    serve: Serve,
    postmaster: Postmaster,
    certificate: Path,
    tmp_path: Path,
) -> None:
    """By its name, or by who vouches for it."""
    elsewhere = certificate_for(tmp_path, "192.0.2.1")
    assert "VerificationError" in await refused(
        mail(serve(security, elsewhere), elsewhere)
    )
    assert "certificate verify failed" in await refused(
        mail(serve(security, certificate), elsewhere)
    )
    assert not postmaster.taken
    assert not postmaster.signed_in


@pytest_twisted.ensureDeferred
async def test_nobody_there_is_told(certificate: Path) -> None:
    """At once."""
    server = MailServer(host=HOST, port=free_ports()[0], sender="no-reply@example.org")
    assert "ConnectionRefusedError" in await refused(mail(server, certificate))
