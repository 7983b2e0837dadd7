"""From what was written to checked settings.

environ-config would read these declarations too, but stops at the first value it
cannot convert; an operator is told of everything at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from attrs import define, evolve, field

from flexicharge.config.charger_tls import ChargerTls
from flexicharge.config.declaration import (
    KLARNA_TOKEN,
    WITHOUT_EFFECT,
    DatabaseAddress,
    Settings,
    Variable,
    default_public_url,
    variables_of,
)
from flexicharge.config.services import CognitoPool, MailServer
from flexicharge.config.sources import Found, Source, Sources
from flexicharge.config.violations import (
    SettingsRefused,
    Violation,
    cure_for,
    misread,
)

VARIABLE_OF: Final = dict(variables_of(Settings))
TLS_VARIABLE_OF: Final = dict(variables_of(ChargerTls))
MAIL_VARIABLE_OF: Final = dict(variables_of(MailServer))
LISTENERS: Final = {  # the port of each, and the address it listens on
    "http_port": "http_interface",
    "ocpp_port": "ocpp_interface",
    "ocpp_tls_port": "ocpp_interface",
    "ocpp_mtls_port": "ocpp_interface",
}
MAIL_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}

T = TypeVar("T")


def read_settings(
    environ: Mapping[str, str],
    *,
    options: Mapping[str, str | None] | None = None,
    dotenv: Mapping[str, str | None] | None = None,
) -> Settings:
    """Return the settings; raise `SettingsRefused` with everything that is wrong.

    All arguments are keyed by variable name. `options` outweigh `environ`, which
    outweighs `dotenv`; a blank value means "not set" (see `Sources.find`).
    """
    places = (
        Source("the options", options or {}),
        Source("the environment", environ),
        Source("the .env file", dotenv or {}),
    )
    reading = _Reading(Sources(places))
    values = {name: reading.value(variable) for name, variable in VARIABLE_OF.items()}
    for variable in WITHOUT_EFFECT:
        reading.value(variable)
    _decide(reading, values)
    if reading.violations:
        raise SettingsRefused(tuple(reading.violations))
    return Settings(**values)


@define
class _Reading:
    """Looks variables up and collects what is wrong with them."""

    sources: Sources
    violations: list[Violation] = field(factory=list)

    def found(self, variable: Variable) -> Found | None:
        return self.sources.find(variable)

    def value(self, variable: Variable) -> Any:
        """Return what was set, else the default, else None."""
        found = self.found(variable)
        if found is not None:
            try:
                return variable.kind.read(found.text)
            except ValueError:
                self.violations.append(misread(variable, found))
        return variable.kind.read(variable.default) if variable.default else None

    def refuse(self, variable: Variable, what: str, cure: str = "") -> None:
        self.violations.append(
            Violation(
                variable.name,
                what,
                variable.kind.expects,
                cure or cure_for(variable),
            )
        )


def _decide(reading: _Reading, values: dict[str, Any]) -> None:
    """Fill in what other settings decide, and check what must go together."""
    embedded = _embedded(reading, values["embedded_database"])
    values["embedded_database"] = embedded
    values["database"] = None if embedded else _database(reading)
    values["cognito"] = _cognito(reading) if values["identity"] == "cognito" else None
    values["mail"] = _mail(reading)
    if values["public_url"] is None:
        values["public_url"] = default_public_url(values["http_port"])
    values["tls"] = _tls(reading, values)
    if values["demo_seed"] is None:
        values["demo_seed"] = embedded
    if values["demo_charger"] is None:
        values["demo_charger"] = values["demo_seed"]
    values["bypass_klarna"] = _bypass(reading, values["bypass_klarna"], embedded)
    values["trusted_proxies"] = values["trusted_proxies"] or ()
    for name in ("http_interface", "ocpp_interface", "pg_binaries"):
        values[name] = values[name] or ""
    _check_ports(reading, values)


def _embedded(reading: _Reading, asked: bool | None) -> bool:
    if asked is not None:
        return asked
    host = dict(variables_of(DatabaseAddress))["host"]
    return reading.found(host) is None


def _database(reading: _Reading) -> DatabaseAddress:
    return _part(
        reading,
        DatabaseAddress,
        "is not set, but no private PostgreSQL was asked for",
        "or set USE_LOCAL_DATABASE=1",
    )


def _cognito(reading: _Reading) -> CognitoPool:
    return _part(
        reading,
        CognitoPool,
        "is not set, but accounts are to be in Cognito",
        "or set IDENTITY=builtin",
    )


def _mail(reading: _Reading) -> MailServer | None:
    if reading.found(MAIL_VARIABLE_OF["host"]) is None:
        return None
    server = _part(
        reading,
        MailServer,
        "is not set, but mail is to be sent",
        "or leave SMTP_HOST out",
    )
    if bool(server.username) != bool(server.password):
        missing = "password" if server.username else "username"
        reading.refuse(MAIL_VARIABLE_OF[missing], "is not set, but its counterpart is")
    return evolve(server, port=server.port or MAIL_PORTS[server.security])


def _tls(reading: _Reading, values: Mapping[str, Any]) -> ChargerTls | None:
    """Return what is shown on ports that speak TLS, None if there are none."""
    if values["ocpp_tls_port"] is None and values["ocpp_mtls_port"] is None:
        return None
    tls = _part(reading, ChargerTls, "is not set", "or leave the ports out")
    certificates, keys = tls.certificates or (), tls.keys or ()
    if keys and len(keys) != len(certificates):
        reading.refuse(
            TLS_VARIABLE_OF["keys"], "names not as many files as OCPP_TLS_CERTIFICATES"
        )
    return evolve(
        tls,
        host=tls.host or urlsplit(values["public_url"]).hostname,
        certificates=certificates,
        keys=keys,
        client_authorities=tls.client_authorities or (),
    )


def _part(reading: _Reading, declaration: type[T], missing: str, way_out: str) -> T:
    """Return what was set of a part that is asked for; refuse it without the rest.

    What may be left out has a default, or words for what happens otherwise.
    """
    values = {}
    for name, variable in variables_of(declaration):
        value = reading.value(variable)
        is_blank = reading.found(variable) is None
        if value is None and is_blank and not variable.otherwise:
            reading.refuse(variable, missing, f"{cure_for(variable)}; {way_out}")
        values[name] = "" if value is None else value
    return declaration(**values)


def _bypass(reading: _Reading, asked: bool | None, embedded: bool) -> bool:
    variable = VARIABLE_OF["bypass_klarna"]
    if asked is False:
        reading.refuse(variable, "is 0, but only 1 is available for now")
    if reading.found(variable) is None and not (
        embedded and reading.found(KLARNA_TOKEN) is None
    ):
        reading.refuse(variable, "must be set with KLARNA_TOKEN or a database of yours")
    return True


def _check_ports(reading: _Reading, values: dict[str, Any]) -> None:
    """Refuse one port for two listeners where they would share an address."""
    taken: list[tuple[str, int, str]] = []
    for name, interface in LISTENERS.items():
        port, address = values[name], values[interface]
        if not port:  # off, or a free one
            continue
        for other, other_port, other_address in taken:
            if port == other_port and _overlap(address, other_address):
                variable = VARIABLE_OF[other]
                reading.refuse(VARIABLE_OF[name], f"is the same as {variable.name}")
        taken.append((name, port, address))


def _overlap(one: str, other: str) -> bool:
    """Tell whether two addresses to listen on have one in common."""
    return one == other or bool({one, other} & {"", "::"})
