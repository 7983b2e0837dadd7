"""The development outbox, read as a person would: where it is, what the mail says."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flexicharge.config import read_dotenv
from flexicharge.startup.database import OUTBOX
from flexicharge.storage.embedded.datadir import locate

CODE: Final = re.compile(r"(?<!\d)\d{6}(?!\d)")


def outbox_of_this_user(environ: Mapping[str, str], directory: Path) -> Path:
    """Return where a server keeps mail that this user runs in `directory`.

    DATA_DIR counts from the environment, then from `.env`, else the default. Raise
    `StartUpFailed` if `.env` cannot be read or the user has no home.
    """
    named = environ.get("DATA_DIR")
    if named is None:
        named = read_dotenv(directory).get("DATA_DIR")
    data_dir = Path(named.strip()) if named and named.strip() else None
    return locate(data_dir).root / OUTBOX


def newest_code(outbox: Path, address: str) -> str | None:
    """Return the six digits of the newest mail to an address, None if there is none.

    Raise `OSError` if the directory is there but cannot be read.
    """
    if not outbox.is_dir():
        return None
    for path in sorted(outbox.glob("[!.]*"), reverse=True):
        message = email.message_from_bytes(
            path.read_bytes(), policy=email.policy.default
        )
        if str(message["To"]) == address and (code := CODE.search(_text(message))):
            return code.group()
    return None


def _text(message: email.message.EmailMessage) -> str:
    body = message.get_body(("plain",))
    return "" if body is None else str(body.get_content())
