"""The settings as a page to read, and as an example file to copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flexicharge.config.charger_tls import ChargerTls
from flexicharge.config.declaration import (
    WITHOUT_EFFECT,
    DatabaseAddress,
    Settings,
    Variable,
    variables_of,
)
from flexicharge.config.services import CognitoPool, MailServer

INTRODUCTION: Final = """\
# Settings

<!-- Made by `python -m flexicharge.config page`; edit the declaration instead. -->

A setting is an option of `twistd flexicharge`, an environment variable, or a line in a
file `.env` in the working directory, and they win in this order. The first of these
that names a setting decides; if it is blank there, the setting counts as not set.
Unknown variables are ignored. Everything is checked at start-up, and everything that
is wrong is reported at once.
"""
DATABASE: Final = """\
## A PostgreSQL server of yours

Used, and all but the port required, with `USE_LOCAL_DATABASE=0`, or where that is not
set but `DATABASE_HOST` is. Ignored with the private PostgreSQL.
"""
COGNITO: Final = """\
## Accounts in AWS Cognito

Used with `IDENTITY=cognito`, ignored otherwise; the first four are required then, and
the server must be installed with `pip install 'flexicharge[cognito]'`. AWS credentials
are found as the AWS SDK finds them, in variables of the process, files or the machine's
role, and not in `.env`. What administrators do, and signing everybody out who has the
old password, needs them to allow `cognito-idp:Admin*` and `cognito-idp:List*`.
"""
MAIL: Final = """\
## Mail

Used with `SMTP_HOST`, ignored otherwise; `SMTP_FROM` is required then.
"""
TLS: Final = """\
## TLS for chargers

Used with `OCPP_TLS_PORT` or `OCPP_MTLS_PORT`, ignored otherwise; none is required then.
"""
UNUSED: Final = """\
## Known, but without effect in this version

They are part of the interface of FlexiCharge and may be set; those that are numbers
must be numbers.
"""
EXAMPLE_HEAD: Final = """\
# Copy this file to `.env` and change what you need: as it stands it changes nothing.
# Made by `python -m flexicharge.config example`; docs/settings.md says more.
"""


def settings_page() -> str:
    """Return `docs/settings.md`."""
    return "\n".join(
        (
            INTRODUCTION,
            *_table(_declared(Settings)),
            "",
            DATABASE,
            *_table(_declared(DatabaseAddress)),
            "",
            COGNITO,
            *_table(_declared(CognitoPool)),
            "",
            MAIL,
            *_table(_declared(MailServer)),
            "",
            TLS,
            *_table(_declared(ChargerTls)),
            "",
            UNUSED,
            *_table(WITHOUT_EFFECT),
            "",
        )
    )


def example_file() -> str:
    """Return `.env.example`: every variable, at its default."""
    lines = [EXAMPLE_HEAD]
    for declaration in (Settings, DatabaseAddress, CognitoPool, MailServer, ChargerTls):
        lines += (_example(variable) for variable in _declared(declaration))
    lines.append("# Without effect in this version")
    lines += (f"{variable.name}={variable.default}" for variable in WITHOUT_EFFECT)
    return "\n".join((*lines, ""))


def _declared(declaration: type[Any]) -> Iterator[Variable]:
    return (variable for _, variable in variables_of(declaration))


def _table(variables: Iterable[Variable]) -> Iterator[str]:
    yield "| Variable | Option | Expected | Default | What it does |"
    yield "|---|---|---|---|---|"
    yield from (_row(variable) for variable in variables)


def _row(variable: Variable) -> str:
    names = ", ".join(f"`{name}`" for name in (variable.name, *variable.aliases))
    option = f"`--{variable.option}`" if variable.option else ""
    default = f"`{variable.default}`" if variable.default else variable.otherwise
    cells = (names, option, variable.kind.expects, default or "none", variable.means)
    return f"| {' | '.join(cells)} |"


def _example(variable: Variable) -> str:
    note = f" Default: {variable.otherwise}." if variable.otherwise else ""
    return f"# {variable.means}{note}\n{variable.name}={variable.default}\n"
