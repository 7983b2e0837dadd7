"""`twistd flexicharge`: from a command line to a service, or to one message."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, ClassVar, Final

from twisted.application.service import IService, MultiService
from twisted.logger import globalLogPublisher
from twisted.python import usage

from flexicharge import service
from flexicharge.config import Settings, read_dotenv, read_settings
from flexicharge.config.declaration import Variable, variables_of
from flexicharge.errors import FlexiChargeError
from flexicharge.identity.key_files import open_ring
from flexicharge.startup.database import KEYS, OpenDatabase, open_database
from flexicharge.startup.greeting import Greeting
from flexicharge.startup.logs import LogFilter
from flexicharge.startup.open_files import allow_open_files
from flexicharge.startup.ports import bind_ports
from flexicharge.startup.seeding import seed
from flexicharge.storage import embedded
from flexicharge.storage.database import BlockingDatabase, run_now

OPTIONS: Final = tuple(
    variable for _, variable in variables_of(Settings) if variable.option
)


def _parameter(variable: Variable) -> list[str | None]:
    default = variable.default or variable.otherwise
    about = f"{variable.means} [{variable.name}; default: {default}]"
    return [variable.option, None, None, about.replace("`", "")]


class Options(usage.Options):
    """The settings that may be given on the command line."""

    longdesc = (
        "Settings are read from these options, from environment variables of the names "
        "in brackets, and from a file .env in the working directory, in this order. "
        "docs/settings.md lists them all."
    )
    optParameters: ClassVar = [_parameter(variable) for variable in OPTIONS]

    def by_variable(self) -> Mapping[str, str | None]:
        """Return what was given, by the names of environment variables."""
        return {variable.name: self[variable.option] for variable in OPTIONS}


def makeService(options: Options) -> IService:
    """Return the whole server, its ports bound and its database ready.

    Raise `SystemExit` with one message if it cannot start; nothing it started goes on
    then.
    """
    from twisted.internet import reactor

    try:
        settings = read_settings(
            os.environ,
            options=options.by_variable(),
            dotenv=read_dotenv(Path.cwd()),
        )
        allow_open_files()
        return assemble(
            reactor, settings, lambda: open_database(settings, embedded.start)
        )
    except FlexiChargeError as why:
        raise SystemExit(str(why)) from None


def assemble(
    reactor: Any, settings: Settings, opened: Callable[[], OpenDatabase]
) -> IService:
    """Return the server on a database that `opened` opens; it owns that from then on.

    Raise `StartUpFailed` or `DatabaseAway`, with everything closed again.
    """
    with ExitStack() as undo:
        database = opened()
        undo.callback(database.close)
        ports = bind_ports(settings, undo)
        settings = ports.named_in(settings)
        seeded = settings.demo_seed and _seed(database.dsn, settings, reactor.seconds())
        back_end = service.build(
            reactor,
            settings,
            ports=ports,
            dsn=database.dsn,
            postgres=database.postgres,
            keys=open_ring(database.data_dir / KEYS, reactor.seconds()),
            data_dir=database.data_dir,
        )
        undo.pop_all()
    # twistd may still fail before it starts the service: over its pid file, say.
    atexit.register(database.close)
    return _framed(back_end, settings, Greeting(settings, database, seeded))


def _seed(dsn: str, settings: Settings, now: float) -> bool:
    with closing(BlockingDatabase(dsn)) as database:
        return run_now(seed(database, settings, now))


def _framed(back_end: IService, settings: Settings, greeting: Greeting) -> IService:
    """Return the server after what shapes its log, and before what it says first."""
    root = MultiService()
    LogFilter(settings.log_level, globalLogPublisher).setServiceParent(root)
    back_end.setServiceParent(root)
    greeting.setServiceParent(root)
    return root
