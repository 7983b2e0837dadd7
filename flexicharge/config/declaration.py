"""Every setting, declared once: the reader, the options and the page follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve, field, fields, frozen

from flexicharge.config import kinds
from flexicharge.config.kinds import Kind

if TYPE_CHECKING:
    from flexicharge.config.charger_tls import ChargerTls
    from flexicharge.config.services import CognitoPool, MailServer

METADATA_KEY: Final = "flexicharge.variable"
DAY_S: Final = 86_400


@frozen(kw_only=True)
class Variable:
    """An environment variable.

    `default` is written as one would write it. Where it is blank, `otherwise` says in
    words what happens when the variable is not set. `example` is what a cure proposes.
    """

    name: str
    kind: Kind
    means: str
    default: str = ""
    otherwise: str = ""
    example: str = ""
    option: str = ""
    aliases: tuple[str, ...] = ()
    secret: bool = False


def setting(name: str, kind: Kind, means: str, **more: Any) -> Any:
    """Declare an attribute that is read from a variable; see `Variable`."""
    variable = Variable(name=name, kind=kind, means=means, **more)
    return field(metadata={METADATA_KEY: variable}, repr=not variable.secret)


def variables_of(declaration: type[Any]) -> Iterator[tuple[str, Variable]]:
    """Yield the attributes of a class that are settings, each with its variable."""
    for attribute in fields(declaration):
        if METADATA_KEY in attribute.metadata:
            yield attribute.name, attribute.metadata[METADATA_KEY]


@frozen(kw_only=True)
class DatabaseAddress:
    """Where a PostgreSQL server is, and how to sign in there."""

    host: str = setting(
        "DATABASE_HOST", kinds.TEXT, "The PostgreSQL server.", example="db.example.org"
    )
    port: int = setting(
        "DATABASE_PORT", kinds.REMOTE_PORT, "The port it listens on.", default="5432"
    )
    name: str = setting(
        "DATABASE_NAME", kinds.TEXT, "The database on it.", example="postgredb"
    )
    username: str = setting(
        "DATABASE_USERNAME", kinds.TEXT, "The role to sign in as.", example="postgres"
    )
    password: str = setting(
        "DATABASE_PASSWORD", kinds.TEXT, "Its password.", example="…", secret=True
    )


@frozen(kw_only=True)
class Settings:
    """What the server was told, checked. Durations are seconds."""

    http_port: int = setting(
        "PORT",
        kinds.PORT,
        "The port of the HTTP interface. 0 picks a free one.",
        default="8080",
        example="8081",
        option="http-port",
    )
    ocpp_port: int = setting(
        "OCPP_PORT",
        kinds.PORT,
        "The WebSocket port of chargers and drivers. 0 picks a free one.",
        default="1337",
        example="1338",
        option="ocpp-port",
    )
    ocpp_tls_port: int | None = setting(
        "OCPP_TLS_PORT",
        kinds.PORT,
        "The WebSocket port that speaks TLS, for chargers that show a password there "
        "(security profile 2), and for drivers. 0 picks a free one.",
        otherwise="off",
        example="1339",
        option="ocpp-tls-port",
    )
    ocpp_mtls_port: int | None = setting(
        "OCPP_MTLS_PORT",
        kinds.PORT,
        "The WebSocket port for chargers that show a certificate (security profile 3); "
        "nobody comes in there without one. 0 picks a free one.",
        otherwise="off",
        example="1340",
        option="ocpp-mtls-port",
    )
    tls: ChargerTls | None
    http_interface: str = setting(
        "HTTP_INTERFACE",
        kinds.ADDRESS,
        "The address the HTTP interface listens on; `::` is IPv6 and IPv4.",
        otherwise="all IPv4 addresses",
        example="127.0.0.1",
        option="http-interface",
    )
    ocpp_interface: str = setting(
        "OCPP_INTERFACE",
        kinds.ADDRESS,
        "The address the WebSocket port listens on; `::` is IPv6 and IPv4.",
        otherwise="all IPv4 addresses",
        example="127.0.0.1",
        option="ocpp-interface",
    )
    public_url: str = setting(
        "PUBLIC_URL",
        kinds.WEB_ADDRESS,
        "The address people reach the HTTP interface at; also the issuer of tokens.",
        otherwise="`http://localhost:<PORT>`",
        example="https://charge.example.org",
        option="public-url",
    )
    trusted_proxies: tuple[str, ...] = setting(
        "TRUSTED_PROXIES",
        kinds.NETWORKS,
        "Proxies whose word about the address of a client is taken.",
        otherwise="none",
        example="10.0.0.0/8",
        option="trusted-proxies",
    )
    data_dir: Path | None = setting(
        "DATA_DIR",
        kinds.DIRECTORY,
        "Where keys, outgoing mail and the private PostgreSQL are kept.",
        otherwise="a directory of the user's own, named when the server starts",
        example="/var/lib/flexicharge",
        option="data-dir",
    )
    embedded_database: bool = setting(
        "USE_LOCAL_DATABASE",
        kinds.ONE,
        "Whether to run a private PostgreSQL. `DATABASE_*` is ignored then, and "
        "required otherwise.",
        otherwise="1 without `DATABASE_HOST`, else 0",
        example="1",
        option="use-local-database",
    )
    database: DatabaseAddress | None
    pg_binaries: str = setting(
        "PG_BINARIES",
        kinds.BINARIES,
        "Which programs the private PostgreSQL runs: those that were installed with "
        "FlexiCharge, those of the system, or those in a directory.",
        otherwise="`wheel`, else `system`",
        example="system",
        option="pg-binaries",
    )
    demo_seed: bool = setting(
        "DEMO_SEED",
        kinds.FLAG,
        "Whether an empty database is given the demo network and prices.",
        otherwise="1 with the private PostgreSQL, else 0",
        example="1",
        option="demo-seed",
    )
    demo_charger: bool = setting(
        "DEMO_CHARGER",
        kinds.FLAG,
        "Whether the server plays the demo network's charger 100000 itself, over its "
        "own port; nobody else can then connect as that charger.",
        otherwise="as `DEMO_SEED`",
        example="1",
        option="demo-charger",
    )
    identity: str = setting(
        "IDENTITY",
        kinds.one_of("builtin", "cognito"),
        "Where people have their accounts: in this server's database, or in a user "
        "pool of AWS Cognito.",
        default="builtin",
        example="cognito",
        option="identity",
    )
    cognito: CognitoPool | None
    mail: MailServer | None
    bypass_klarna: bool = setting(
        "BYPASS_KLARNA",
        kinds.FLAG,
        "Charge without collecting money; nothing is sent to Klarna. Only 1 is "
        "available in this version.",
        otherwise="1 with the private PostgreSQL and no `KLARNA_TOKEN`, else required",
        example="1",
        option="bypass-klarna",
    )
    charger_auth: str = setting(
        "CHARGER_AUTH",
        kinds.one_of("serial", "password"),
        "What a charger without a stored password needs to connect: nothing but its "
        "serial number, or in any case a password.",
        default="serial",
        example="password",
        option="charger-auth",
    )
    unknown_chargers: str = setting(
        "UNKNOWN_CHARGERS",
        kinds.one_of("reject", "pending", "accept"),
        "What becomes of a standard charger that nobody has made a record of: it is "
        "refused, or a record is made and the charger is told to wait for an operator, "
        "or it may charge at once.",
        default="reject",
        example="pending",
        option="unknown-chargers",
    )
    user_socket_auth: str = setting(
        "USER_SOCKET_AUTH",
        kinds.one_of("token", "open"),
        "What a driver's live socket needs: an access token, or nothing but the number "
        "of the user (for old apps).",
        default="token",
        option="user-socket-auth",
    )
    legacy_open: bool = setting(
        "LEGACY_OPEN",
        kinds.FLAG,
        "Whether the old routes (`/transactions`, `/reservations`) take requests "
        "without an access token (for apps of 2022). All who send none are one and the "
        "same guest, who sees and stops what any of them reserved or charges.",
        default="0",
        option="legacy-open",
    )
    livemetrics_interval_s: float = setting(
        "LIVEMETRICS_DB_UPDATE_INTERVAL",
        kinds.milliseconds(0, DAY_S * 1000),
        "How often the metrics of a running session are written to its row. Every "
        "reading is kept for billing whatever it is.",
        default="10000",
        option="livemetrics-interval",
    )
    start_stop_answer_after_s: float = setting(
        "START_STOP_ANSWER_AFTER",
        kinds.number(0, 60, "a number of seconds"),
        "How long an app that starts or stops a session waits for the charger's word "
        "at most.",
        default="1.0",
        option="start-stop-answer-after",
    )
    session_grace_s: float = setting(
        "SESSION_GRACE",
        kinds.number(1, 7 * DAY_S, "a number of seconds"),
        "After how much silence of its charger a running session is ended from its "
        "last reading.",
        default="900",
        option="session-grace",
    )
    offline_session_grace_s: float = setting(
        "OFFLINE_SESSION_GRACE",
        kinds.number(1, 30 * DAY_S, "a number of seconds"),
        "After how much silence of its station a session at a standard (OCPP) station "
        "is ended from its last reading: without a line such a station charges on, and "
        "tells it later.",
        default="86400",
        option="offline-session-grace",
    )
    heartbeat_interval_s: int = setting(
        "HEARTBEAT_INTERVAL",
        kinds.whole(10, DAY_S, "a whole number of seconds"),
        "How often standard (OCPP) stations are told to send a heartbeat.",
        default="300",
        option="heartbeat-interval",
    )
    settle_doubts: bool = setting(
        "SETTLE_DOUBTS",
        kinds.FLAG,
        "Whether a standard (OCPP) station that never answered whether it reserves is "
        "told to cancel that, once it speaks again. 0 sends stations nothing that "
        "nobody has asked for, as a conformance test may want.",
        default="1",
        option="settle-doubts",
    )
    ping_after_s: float = setting(
        "PING_AFTER",
        kinds.number(1, DAY_S, "a number of seconds"),
        "After how much silence a connected charger is pinged.",
        default="120",
        option="ping-after",
    )
    fallback_price_ore_per_kwh: int = setting(
        "FALLBACK_PRICE_ORE_PER_KWH",
        kinds.whole(0, 100_000, "a whole number of öre"),
        "What a kWh costs in an hour that has no price.",
        default="250",
        option="fallback-price",
    )
    billing_time_zone: ZoneInfo = setting(
        "BILLING_TIME_ZONE",
        kinds.TIME_ZONE,
        "Where a month begins and ends on invoices, and what time they show. Keep it: "
        "with another one, sessions near a month's end move to another invoice.",
        default="Europe/Stockholm",
        option="billing-time-zone",
    )
    signing_key_days: int = setting(
        "SIGNING_KEY_DAYS",
        kinds.whole(1, 3650, "a whole number of days"),
        "After how many days access tokens are signed with a new key. The one before "
        "it is good until its tokens have ended.",
        default="90",
        option="signing-key-days",
    )
    ca_name: str = setting(
        "CA_NAME",
        kinds.ORGANISATION,
        "The organisation (O) in the certificates that this server issues to chargers. "
        "Keep it: chargers show certificates with the old one.",
        default="FlexiCharge",
        option="ca-name",
    )
    certificate_days: int = setting(
        "CERTIFICATE_DAYS",
        kinds.whole(1, 3650, "a whole number of days"),
        "For how long a charger's certificate is good.",
        default="398",
        option="certificate-days",
    )
    csr_strict: bool = setting(
        "CSR_STRICT",
        kinds.FLAG,
        "Whether a charger that asks for a certificate must ask in its own name (CN) "
        "and for no other organisation (O) than `CA_NAME`. What is issued bears those "
        "two in any case.",
        default="1",
        option="csr-strict",
    )
    journal_days: int = setting(
        "JOURNAL_DAYS",
        kinds.whole(0, 366, "a whole number of days"),
        "For how many days every frame from and to a charger is kept, for operators to "
        "read. Secrets in them are not. 0 keeps none.",
        default="14",
        example="90",
        option="journal-days",
    )
    event_days: int = setting(
        "EVENT_DAYS",
        kinds.whole(0, 3650, "a whole number of days"),
        "For how many days it is kept which tags were refused at a charger, and what "
        "messages of its vendor it sent. Other events stay. 0 keeps all.",
        default="90",
        option="event-days",
    )
    log_level: str = setting(
        "LOG_LEVEL",
        kinds.one_of("debug", "info", "warn", "error", "critical"),
        "The least severe messages that are logged.",
        default="info",
        option="log-level",
    )
    ocpp_self_tests: bool = setting(
        "RUN_OCPP_TEST",
        kinds.FLAG,
        "Whether the server tests itself two seconds after every start, and whether "
        "anybody may have it do so with `GET /tests/ocpp`.",
        default="0",
        aliases=("RUN_OCCP_TEST",),
    )
    self_test_stretch: float = setting(
        "OCPP_TEST_INTERVAL_MULTIPLIER",
        kinds.number(0.1, 100),
        "How many times as long as usual the self tests wait for what does not come.",
        default="1",
        example="2",
        aliases=("OCPP_TEST_INTERVAL",),
    )

    def listening_on(
        self,
        http_port: int,
        ocpp_port: int,
        *,
        tls_port: int | None = None,
        mtls_port: int | None = None,
    ) -> Settings:
        """Return these settings with the ports that were bound in place of 0."""
        default = default_public_url(self.http_port)
        url = self.public_url
        if url == default:
            url = default_public_url(http_port)
        return evolve(
            self,
            http_port=http_port,
            ocpp_port=ocpp_port,
            ocpp_tls_port=tls_port,
            ocpp_mtls_port=mtls_port,
            public_url=url,
        )


def default_public_url(http_port: int) -> str:
    """Return where a browser on the server's own machine finds the HTTP interface."""
    return f"http://localhost:{http_port}"


KLARNA_TOKEN: Final = Variable(
    name="KLARNA_TOKEN",
    kind=kinds.TEXT,
    means="Name and password at Klarna. If set, `BYPASS_KLARNA` must be set too.",
    secret=True,
)

WITHOUT_EFFECT: Final = (
    KLARNA_TOKEN,
    Variable(
        name="TEST_URL", kind=kinds.TEXT, means="Where HTTP test clients find a server."
    ),
    Variable(name="TEST_USER_USERNAME", kind=kinds.TEXT, means="Whom they sign in as."),
    Variable(
        name="TEST_USER_PASSWORD",
        kind=kinds.TEXT,
        means="With which password.",
        secret=True,
    ),
)
