"""What an operator reads first: where everything is, and what to think twice about."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Final

from attrs import define
from twisted.application.service import Service
from twisted.logger import Logger

from flexicharge.config import Settings
from flexicharge.model.demo import DEMO_CHARGER
from flexicharge.startup.database import OUTBOX, OpenDatabase
from flexicharge.startup.listening import reachable
from flexicharge.storage.embedded import default_data_dir

# Where `flexicharge demo` looks if it is told nothing.
DEMO_HTTP_PORT: Final = 8080
DEMO_OCPP_PORT: Final = 1337


@define(eq=False)
class Greeting(Service):
    """Says it all once, when everything before it has started."""

    _settings: Settings
    _database: OpenDatabase
    _seeded: bool
    _log = Logger()

    def startService(self) -> None:
        """Write the first lines of the log that are meant for people."""
        super().startService()
        for line in introduction(self._settings, self._database, self._seeded):
            self._log.info("{line}", line=line)
        for line in second_thoughts(self._settings):
            self._log.warn("{line}", line=line)


def introduction(
    settings: Settings, database: OpenDatabase, seeded: bool
) -> Iterator[str]:
    """Yield where everything is, and what to do next."""
    at = f" on {settings.http_interface}" if settings.http_interface else ""
    yield f"HTTP: port {settings.http_port}{at}, for people at {settings.public_url}"
    at = f" on {settings.ocpp_interface}" if settings.ocpp_interface else ""
    yield f"WebSocket: port {settings.ocpp_port}{at}, for chargers and live metrics"
    if settings.ocpp_tls_port is not None:
        yield f"WebSocket over TLS: port {settings.ocpp_tls_port}{at}"
    if settings.ocpp_mtls_port is not None:
        yield (
            f"WebSocket over TLS with client certificates: "
            f"port {settings.ocpp_mtls_port}{at}"
        )
    yield f"Database: {database.where}"
    if settings.cognito is not None:
        yield f"Accounts: in the Cognito user pool {settings.cognito.pool_id}"
    elif settings.mail is not None:
        yield f"Mail: by {settings.mail.host}, port {settings.mail.port}"
    yield f"Data directory: {database.data_dir}"
    if settings.demo_charger:
        yield (
            f"Played by this server: charger {DEMO_CHARGER}, 100000 in the demo "
            "network, at which everything works"
        )
    if settings.demo_seed:
        since = "now, into an empty database" if seeded else "since its first start"
        yield f"The demo network is in ({since})"
        watch = " ".join(("flexicharge demo", *_demo_options(settings, database)))
        yield f"To watch a first charge: {watch}"


def _demo_options(settings: Settings, database: OpenDatabase) -> Iterator[str]:
    """Yield what the demonstration cannot guess about this server."""
    if settings.http_port != DEMO_HTTP_PORT or settings.http_interface:
        at = reachable(settings.http_interface)
        yield f"--url http://{at}:{settings.http_port}"
    if settings.ocpp_port != DEMO_OCPP_PORT or settings.ocpp_interface:
        at = reachable(settings.ocpp_interface)
        yield f"--ws ws://{at}:{settings.ocpp_port}"
    if database.data_dir != default_data_dir():
        yield f"--outbox {quote(str(database.data_dir / OUTBOX))}"


def second_thoughts(settings: Settings) -> Iterator[str]:
    """Yield what was asked for, or left as it is, and is not for every network."""
    if settings.charger_auth == "serial":
        yield (
            "CHARGER_AUTH=serial: whoever knows a serial number can pose as that "
            "charger, unless it has a password (flexicharge charger password). "
            "CHARGER_AUTH=password demands one of all"
        )
    if settings.unknown_chargers == "accept":
        yield (
            "UNKNOWN_CHARGERS=accept: whoever connects under a new name becomes a "
            "charger of this network, and sessions there are billed"
        )
    if settings.tls is not None and settings.tls.static_rsa:
        yield (
            "OCPP_TLS_STATIC_RSA=1: what chargers send over the cipher suites without "
            "forward secrecy can be read by whoever gets the server's RSA key later"
        )
    if settings.user_socket_auth == "open":
        yield (
            "USER_SOCKET_AUTH=open: whoever knows a user's number can watch that user "
            "charge. It is for apps of 2022 only"
        )
    if settings.legacy_open:
        yield (
            "LEGACY_OPEN=1: whoever reaches /transactions and /reservations can "
            "reserve and charge without signing in, and can see and stop what others "
            "do so. It is for apps of 2022 only"
        )
    if settings.bypass_klarna and not settings.embedded_database:
        yield "BYPASS_KLARNA=1: drivers charge for free, no money is collected"
    if settings.mail is not None and settings.mail.security == "none":
        yield (
            "SMTP_SECURITY=none: codes that open accounts, and SMTP_PASSWORD, go to "
            "the mail server in clear"
        )
    mails_itself = settings.mail is not None or settings.cognito is not None
    if not mails_itself and not settings.embedded_database:
        yield (
            "SMTP_HOST is not set: nobody is mailed a code, they are only written "
            "down, in the log too"
        )
    if settings.ocpp_self_tests:
        yield (
            "RUN_OCPP_TEST=1: the server is about to test itself, and does so for "
            "whoever asks for /tests/ocpp"
        )
