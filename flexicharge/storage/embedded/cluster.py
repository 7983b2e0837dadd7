"""Making a new database, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.binaries import Binaries
from flexicharge.storage.embedded.datadir import DataDir
from flexicharge.storage.embedded.files import replace, sync
from flexicharge.storage.embedded.osuser import OsUser, ProgramFailed
from flexicharge.storage.embedded.sockets import SUPERUSER

_DRAFT: Final = "postgres-new-"
_OPTIONS: Final = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
)
# The kernel says who knocks at the socket: only the database's user and root come in,
# even if somebody opens the socket's directory. Nobody comes in over TCP.
_WHO_MAY_CONNECT: Final = f"local all {SUPERUSER} peer map=owners\n"
_OWNERS: Final = 'owners "{name}" ' + f"{SUPERUSER}\nowners root {SUPERUSER}\n"


def create(data_dir: DataDir, user: OsUser, binaries: Binaries) -> None:
    """Make a new, empty database under a name of its own, then move it into place.

    What an interrupted attempt left is removed. Raise `StartUpFailed`.
    """
    for left_over in data_dir.root.glob(f"{_DRAFT}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=data_dir.root))
    user.give(draft)
    try:
        user.run(binaries.program("initdb"), "-D", draft, *_OPTIONS)
    except ProgramFailed as why:
        raise StartUpFailed(
            f"A new database could not be made in DATA_DIR={data_dir.root}: {why}"
        ) from why
    draft.rename(data_dir.pgdata)
    sync(data_dir.root)


def write_access_rules(pgdata: Path, user: OsUser) -> None:
    """State who may connect; to be called before each start of the database."""
    owners = _OWNERS.format(name=user.name)
    replace(pgdata / "pg_hba.conf", _WHO_MAY_CONNECT.encode())
    replace(pgdata / "pg_ident.conf", owners.encode())
