"""Mail by SMTP, with the server's end of the connection in the test's hands."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.logger import capturedLogs, formatEvent
from twisted.python.failure import Failure

from flexicharge.errors import MailNotSent
from flexicharge.identity.smtp import NO_TLS, TLS, MailServer, SmtpMail
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import SeededEntropy

TO = "driver@example.com"
SERVER = MailServer(
    host="192.0.2.25", port=25, sender="no-reply@example.org", security=NO_TLS
)


class Line(StringTransport):
    """A connection that can be cut."""

    aborting = False

    def abortConnection(self) -> None:
        self.aborting = True

    def startTLS(self, context: Any) -> None:
        self.write(b"<TLS>")


class Talk:
    """One message on its way, and the server it goes to."""

    def __init__(self, server: MailServer = SERVER, text: str = "123456") -> None:
        self.reactor = MemoryReactorClock()
        self.reactor.advance(1_800_000_000)
        sender = SmtpMail(server, self.reactor, SeededEntropy())
        self.sent: Deferred[None] = fire(sender.send(TO, "Your code", text))
        self.line = Line()
        self.client: Any = None

    def connect(self) -> None:
        """Take the connection, and greet."""
        _, _, factory, _, _ = self.reactor.tcpClients[0]
        self.client = factory.buildProtocol(None)
        self.client.makeConnection(self.line)
        self.say("220 mail.example.org")

    def say(self, *lines: str) -> None:
        """Have the server say something."""
        for line in lines:
            self.client.dataReceived(f"{line}\r\n".encode())

    def hang_up(self) -> None:
        """Lose the connection."""
        self.client.connectionLost(Failure(ConnectionDone()))

    def heard(self) -> bytes:
        """Return what was said to the server since the last time."""
        said = self.line.value()
        self.line.clear()
        return said


def failed(talk: Talk) -> None:
    """See that the message is known not to be sent."""
    with pytest.raises(MailNotSent):
        result_of(talk.sent)


def test_a_server_that_never_answers_is_given_up() -> None:
    """After 20 seconds in all, wherever it stopped; the connection is cut."""
    for said in ([], ["250 hello"], ["250 hello", "250 ok", "250 ok", "354 go on"]):
        talk = Talk()
        talk.connect()
        talk.reactor.advance(10)
        talk.say(*said)
        talk.reactor.advance(9.9)
        assert not talk.sent.called
        talk.reactor.advance(0.1)
        failed(talk)
        assert talk.line.aborting
        talk.hang_up()
        assert not talk.reactor.getDelayedCalls()


def test_a_server_that_cannot_be_reached_is_given_up() -> None:
    """Packets to it may just vanish."""
    talk = Talk()
    talk.reactor.advance(19.9)
    assert not talk.sent.called
    talk.reactor.advance(0.1)
    failed(talk)


def test_mail_is_sent_once_the_server_took_it() -> None:
    """Whoever waits need not wait for goodbyes, which have five seconds."""
    talk = Talk()
    talk.connect()
    talk.say("250 hello", "250 ok", "250 ok", "354 go on")
    assert not talk.sent.called
    talk.heard()
    talk.say("250 taken")
    assert result_of(talk.sent) is None
    talk.reactor.advance(4.9)
    assert not talk.line.aborting
    talk.reactor.advance(0.1)
    assert talk.line.aborting


def test_what_is_said_is_not_kept() -> None:
    """Twisted keeps it for its errors unless it is told not to: passwords, codes."""
    talk = Talk()
    talk.connect()
    talk.say("250 hello", "250 ok", "250 ok", "354 go on", "250 taken")
    assert talk.client._wrappedProtocol.log.str() == b""


def test_a_goodbye_ends_it() -> None:
    """Nothing is left behind then."""
    talk = Talk()
    talk.connect()
    talk.say("250 hello", "250 ok", "250 ok", "354 go on", "250 taken")
    talk.heard()
    talk.say("250 reset")
    assert talk.heard() == b"QUIT\r\n"
    talk.say("221 bye")
    talk.hang_up()
    assert not talk.reactor.getDelayedCalls()


def test_a_lost_connection_is_told() -> None:
    """Whether the server took the message then is not known; it is told as not sent."""
    talk = Talk()
    talk.connect()
    talk.say("250 hello", "250 ok", "250 ok", "354 go on")
    talk.hang_up()
    failed(talk)
    assert not talk.reactor.getDelayedCalls()


@pytest.mark.parametrize("answer", ["554 no", "500 what?", "hello?"])
def test_a_server_that_is_none_is_told(answer: str) -> None:
    """Whatever listens there."""
    talk = Talk()
    talk.connect()
    talk.say(answer)
    failed(talk)


def test_what_is_said_before_tls_counts_for_nothing() -> None:
    """Somebody in between may put answers behind that to STARTTLS."""
    talk = Talk(evolve(SERVER, security="starttls"))
    talk.connect()
    talk.say("250-hello", "250 STARTTLS")
    assert talk.heard().endswith(b"STARTTLS\r\n")
    talk.client.dataReceived(b"220 go on\r\n250-hello\r\n250 AUTH PLAIN\r\n")
    assert talk.heard().startswith(b"<TLS>EHLO ")
    assert not talk.sent.called
    talk.say("250 hello")
    assert talk.heard() == b"MAIL FROM:<no-reply@example.org>\r\n"


def test_tls_from_the_first_byte() -> None:
    """Nothing is said in clear, not even a greeting."""
    talk = Talk(evolve(SERVER, security=TLS, port=465))
    _, port, factory, _, _ = talk.reactor.tcpClients[0]
    assert port == 465
    client = factory.buildProtocol(None)
    client.makeConnection(talk.line)
    assert talk.heard()[:1] == b"\x16"  # a TLS handshake record


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@b.se\r\nBcc: c@d.se", "Your code"),
        ("a@b.se>\r\nRCPT TO:<c@d.se", "Your code"),
        ("a@b.se, c@d.se", "Your code"),
        ("nobody", "Your code"),
        ("a@b.se", "Your code\r\nBcc: c@d.se"),
        ("a@b.se", "Your code\nBcc: c@d.se"),
        ("a@b.se", "Your code\rBcc: c@d.se"),
    ],
)
def test_nobody_writes_headers_or_commands(to: str, subject: str) -> None:
    """What would is not sent at all."""
    reactor = MemoryReactorClock()
    sender = SmtpMail(SERVER, reactor, SeededEntropy())
    with pytest.raises(MailNotSent):
        result_of(sender.send(to, subject, "123456"))
    assert not reactor.tcpClients


@pytest.mark.parametrize(
    "text", ["\r\n.\r\nMAIL FROM:<x@y.se>\r\n", "\n.\n", ".", "\r.\r", "a\n.b"]
)
def test_a_text_cannot_end_itself(text: str) -> None:
    """A line with a dot alone ends a message (RFC 5321 §4.5.2)."""
    talk = Talk(text=text)
    talk.connect()
    talk.say("250 hello", "250 ok", "250 ok")
    talk.heard()
    talk.say("354 go on")
    while getattr(talk.line, "producer", None):
        talk.line.producer.resumeProducing()
    said = talk.heard()
    assert said.count(b"\r\n.\r\n") == 1
    assert said.endswith(b"\r\n.\r\n")
    assert b"\n" not in said.replace(b"\r\n", b"")


def test_what_is_too_long_is_not_sent() -> None:
    """Dots are doubled within what is sent at one go, and no more is."""
    reactor = MemoryReactorClock()
    sender = SmtpMail(SERVER, reactor, SeededEntropy())
    with capturedLogs() as events, pytest.raises(MailNotSent):
        result_of(sender.send(TO, "Your code", "123456\n" * 4096))
    told = " ".join(str(formatEvent(event)) for event in events)
    assert "too long" in told
    assert "123456" not in told
    assert not reactor.tcpClients


def test_whoever_gives_up_ends_it() -> None:
    """It is no failure of the mail server."""
    talk = Talk()
    talk.connect()
    talk.sent.cancel()
    with pytest.raises(CancelledError):
        result_of(talk.sent)
    assert talk.line.aborting
