"""Finding the verification code as a person would."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from flexicharge.cli.outbox import newest_code, outbox_of_this_user
from flexicharge.storage.embedded import default_data_dir


def put(outbox: Path, name: str, address: str, text: str) -> None:
    """Keep a mail as the server does."""
    message = EmailMessage()
    message["To"], message["Subject"] = address, "Your code: 000000 is not it"
    message.set_content(text)
    outbox.mkdir(exist_ok=True)
    (outbox / name).write_bytes(message.as_bytes())


def test_the_newest_mail_to_an_address_has_the_code(tmp_path: Path) -> None:
    """Older mail, other people's mail and drafts do not count."""
    put(tmp_path, "20270101T000001.eml", "a@b.example", "Your code is 111111.\n")
    put(tmp_path, "20270101T000002.eml", "a@b.example", "Your code is 222222.\n")
    put(tmp_path, "20270101T000003.eml", "c@d.example", "Your code is 333333.\n")
    put(tmp_path, ".20270101T000004.eml", "a@b.example", "Your code is 444444.\n")
    assert newest_code(tmp_path, "a@b.example") == "222222"


def test_no_mail_is_no_code(tmp_path: Path) -> None:
    """A directory that is missing, empty, or has mail without six digits."""
    assert newest_code(tmp_path / "missing", "a@b.example") is None
    assert newest_code(tmp_path, "a@b.example") is None
    put(tmp_path, "1.eml", "a@b.example", "Call 1234567 or 12345.\n")
    assert newest_code(tmp_path, "a@b.example") is None


@pytest.mark.parametrize(
    ("environ", "dotenv", "root"),
    [
        ({"DATA_DIR": "/one"}, "DATA_DIR=/two", Path("/one")),
        ({}, "DATA_DIR=/two", Path("/two")),
        ({"DATA_DIR": " "}, "DATA_DIR=/two", default_data_dir()),
        ({}, "", default_data_dir()),
    ],
)
def test_the_outbox_is_where_a_server_of_this_user_puts_it(
    tmp_path: Path, environ: dict[str, str], dotenv: str, root: Path
) -> None:
    """DATA_DIR counts from the environment before `.env`; blank means the default."""
    (tmp_path / ".env").write_text(dotenv)
    assert outbox_of_this_user(environ, tmp_path) == root.resolve() / "outbox"
