"""Mail by SMTP (RFC 5321): each message over a connection of its own, handed over once.

Whether it is tried again is for whoever asked for it to decide: they are told.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from io import BytesIO
from typing import Any, Final

from attrs import field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.ssl import optionsForClientTLS, platformTrust
from twisted.logger import Logger
from twisted.mail.smtp import (
    DNSNAME,
    SUCCESS,
    ESMTPSender,
    SMTPClient,
    SMTPClientError,
)
from twisted.protocols.basic import FileSender
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.errors import MailNotSent, ParameterInvalid
from flexicharge.identity.addresses import email_of
from flexicharge.interfaces.people import IEntropy, IMail

STARTTLS: Final = "starttls"
TLS: Final = "tls"
NO_TLS: Final = "none"

WITHIN_S: Final = 20.0
FAREWELL_S: Final = 5.0
# Twisted doubles leading dots (§4.5.2) only inside of what it sends at one go.
MAX_MESSAGE: Final = FileSender.CHUNK_SIZE
NOT_SENT: Final = "The verification code could not be sent."

_POLICY: Final = SMTP.clone(cte_type="7bit", linesep="\n")
_ENHANCED_STATUS: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 2034


@frozen(kw_only=True)
class MailServer:
    """Who takes our mail; `sender` is an address, with or without a name.

    `security` is `STARTTLS`, `TLS` or `NO_TLS`. Without a `username` we do not sign in.
    """

    host: str
    port: int
    sender: str
    security: str = STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)


@implementer(IMail)
class SmtpMail:
    """Hands mail to a server that has proven by its certificate who it is.

    Certificates are checked against those the system trusts, unless `trust` is another
    trust root of Twisted's.
    """

    _log = Logger()

    def __init__(
        self,
        server: MailServer,
        reactor: Any,
        entropy: IEntropy,
        trust: Any = None,
    ) -> None:
        self._server, self._reactor, self._entropy = server, reactor, entropy
        self._trust = platformTrust() if trust is None else trust

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand over one message within 20 seconds; raise `MailNotSent`.

        The log says why. Of what the server said it keeps the numbers alone: it may
        have repeated what is in the message.
        """
        try:
            letter = self._letter(to, subject, text)
            handing_over = Deferred.fromCoroutine(self._hand_over(letter))
            await handing_over.addTimeout(WITHIN_S, self._reactor)
        except CancelledError:
            raise
        except Exception as why:  # of the network, TLS, SMTP, the message itself
            self._log.error(
                "mail was not taken by {host}, port {port}: {why}",
                host=self._server.host,
                port=self._server.port,
                why=_told(why),
            )
            raise MailNotSent(NOT_SENT) from None

    def _letter(self, to: str, subject: str, text: str) -> _Letter:
        recipient = email_of(to)
        name, sender = parseaddr(self._server.sender)
        message = EmailMessage(policy=_POLICY)
        message["From"] = Address(name, addr_spec=sender)
        message["To"] = Address(addr_spec=recipient)
        message["Subject"] = subject
        message["Date"] = datetime.fromtimestamp(self._reactor.seconds(), UTC)
        message["Message-ID"] = f"<{self._entropy.uuid()}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody answers to it
        message.set_content(text)
        content = message.as_bytes()
        if len(content) > MAX_MESSAGE:
            raise ParameterInvalid("The message is too long.")
        return _Letter(sender, recipient, content)

    async def _hand_over(self, letter: _Letter) -> None:
        delivery = _Delivery(self._server, letter, self._context(), self._reactor)
        await self._endpoint().connect(_Once(delivery))
        await delivery.outcome

    def _endpoint(self) -> IStreamClientEndpoint:
        endpoint = HostnameEndpoint(
            self._reactor, self._server.host, self._server.port, timeout=WITHIN_S
        )
        if self._server.security == TLS:
            return wrapClientTLS(self._context(), endpoint)
        return endpoint

    def _context(self) -> Any:
        if self._server.security == NO_TLS:
            return None
        return optionsForClientTLS(self._server.host, trustRoot=self._trust)


@frozen
class _Letter:
    sender: str
    recipient: str
    content: bytes = field(repr=False)


class _Once(Factory):
    """Makes one protocol, which is there already."""

    noisy = False

    def __init__(self, protocol: _Delivery) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: object) -> _Delivery:
        return self._protocol


class _Delivery(ESMTPSender):
    """One message on its way; `outcome` fires once the server took it, or fails."""

    debug = False  # it would keep what is said, passwords too
    transport: Any

    def __init__(
        self, server: MailServer, letter: _Letter, context: Any, clock: Any
    ) -> None:
        super().__init__(
            server.username.encode(), server.password.encode(), context, DNSNAME
        )
        self.requireAuthentication = bool(server.username)
        self.requireTransportSecurity = server.security != NO_TLS
        self._letter, self._clock = letter, clock
        self._asked_for_sender = self._is_over = False
        self._cut: Any = None
        self.outcome: Deferred[None] = Deferred(lambda _: self._give_up())

    def getMailFrom(self) -> str | None:
        if self._asked_for_sender:
            return None
        self._asked_for_sender = True
        return self._letter.sender

    def getMailTo(self) -> list[bytes]:
        return [self._letter.recipient.encode()]

    def getMailData(self) -> BytesIO:
        return BytesIO(self._letter.content)

    def esmtpState_starttls(self, code: int, resp: bytes) -> None:
        # What came in clear behind the answer was not said by whoever has the key.
        self.clearLineBuffer()
        super().esmtpState_starttls(code, resp)

    def sentMail(
        self, code: int, resp: Any, numOk: int, addresses: Any, log: Any
    ) -> None:
        if code in SUCCESS and numOk:
            self._end(None)
            return
        if addresses and not numOk:
            _, code, resp = addresses[-1]
        self._end(Failure(SMTPClientError(code, resp)))

    def sendError(self, exc: Exception) -> None:
        self._end(Failure(exc))
        SMTPClient.sendError(self, exc)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self._end(reason)
        if self._cut is not None and self._cut.active():
            self._cut.cancel()

    def _end(self, outcome: Failure | None) -> None:
        """Tell how it went, and give the server a moment to say goodbye."""
        if self._is_over:
            return
        self._is_over = True
        self._cut = self._clock.callLater(FAREWELL_S, self.transport.abortConnection)
        self.outcome.callback(outcome)

    def _give_up(self) -> None:
        self._is_over = True
        self.transport.abortConnection()


def _told(why: Exception) -> str:
    """Return what the log may say of a failure."""
    if not isinstance(why, SMTPClientError):
        return f"{type(why).__name__}: {why}"
    enhanced = _ENHANCED_STATUS.match(why.resp or b"")
    numbers = f"{why.code} {enhanced[0].decode() if enhanced else ''}".strip()
    return f"{type(why).__name__} {numbers}"
