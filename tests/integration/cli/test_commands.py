"""The commands that work on a server's data, on a real database."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.cli import main
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.key_files import load_or_make_server_key, open_ring
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.tokens import SignedTokens
from flexicharge.model.account import ADMINS, Account, AccountStatus
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import BlockingDatabase, run_now
from flexicharge.storage.migrate import migrate

EMAIL = "admin@example.org"
PASSWORD = "Sommar-2027"


@pytest.fixture
def database(
    fresh_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[BlockingDatabase]:
    """A migrated database, which the settings of the commands lead to."""
    where = parse_dsn(fresh_dsn)
    environ = {
        "DATABASE_HOST": where["host"],
        "DATABASE_NAME": where["dbname"],
        "DATABASE_USERNAME": where["user"],
        "DATABASE_PASSWORD": "any",
        "BYPASS_KLARNA": "1",
        "DATA_DIR": str(tmp_path / "data"),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    migrate(fresh_dsn)
    with closing(BlockingDatabase(fresh_dsn)) as connected:
        yield connected


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Put text on standard input, which is no terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def account(database: BlockingDatabase) -> Account:
    """Return the administrator's account."""
    return run_now(PostgresAccounts(database).get_account_by_email(EMAIL))


def fits(stored: Account, password: str) -> bool:
    """Tell whether a password opens an account."""

    async def at_once(work: Callable[[], bool]) -> bool:
        return work()

    hasher = ThreadedHasher(at_once)  # type: ignore[arg-type]  # only for bool here
    return run_now(hasher.verify(stored.password_hash, password))


def test_an_administrator_is_made_with_the_password_from_standard_input(
    database: BlockingDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The account may sign in and is an administrator; the password is not shown."""
    typed(monkeypatch, f"{PASSWORD}\n")
    assert main(["admin", "create", EMAIL]) == 0
    made = account(database)
    assert made.groups == ("Admins",)
    assert fits(made, PASSWORD)
    assert PASSWORD not in capsys.readouterr().out


def test_a_generated_password_is_printed_once_and_works(
    database: BlockingDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed last is the password."""
    assert main(["admin", "create", "--generate", EMAIL]) == 0
    password = capsys.readouterr().out.splitlines()[-1]
    assert fits(account(database), password)


def test_an_existing_account_keeps_its_password(
    database: BlockingDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Asking again changes nothing, and says so."""
    typed(monkeypatch, PASSWORD)
    main(["admin", "create", EMAIL])
    assert main(["admin", "create", "--generate", EMAIL]) == 0
    assert fits(account(database), PASSWORD)
    assert "the one it had" in capsys.readouterr().out


def test_administrators_are_listed(
    database: BlockingDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them, in the order they were made, and who may not sign in."""
    emails = [f"admin{number}@example.org" for number in range(61)]
    now = 1_800_000_000.0
    accounts = PostgresAccounts(database)
    for number, email in enumerate(emails):
        made = Account(
            account_id=email,
            email=email,
            password_hash="",
            status=AccountStatus.FORCE_CHANGE_PASSWORD,
            enabled=number != 60,
            groups=(ADMINS,) if number else (),
            created_at=now + number,
            modified_at=now,
        )
        run_now(accounts.add_account(made))
    assert main(["admin", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        *(f"{email}  FORCE_CHANGE_PASSWORD" for email in emails[1:-1]),
        f"{emails[-1]}  disabled",
    ]


def test_a_weak_password_is_one_line_and_a_failure(
    database: BlockingDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Scripts see the exit code, people the reason."""
    typed(monkeypatch, "short")
    assert main(["admin", "create", EMAIL]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith("flexicharge admin: Password did not conform")
    assert complaint.count("\n") == 1


def test_a_token_is_one_the_server_takes(
    database: BlockingDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is signed with the server's key and names its issuer and the account."""
    main(["admin", "create", "--generate", EMAIL])
    capsys.readouterr()
    assert main(["token", EMAIL, "--public-url", "https://charge.example.org"]) == 0
    keys = open_ring(tmp_path / "data/keys", 0.0)
    tokens = SignedTokens(keys, "https://charge.example.org", SystemEntropy())
    token = capsys.readouterr().out.strip()
    made = account(database)
    caller = tokens.read(token, made.created_at + 1)
    assert caller.user_id == made.account_id
    assert caller.is_admin


def test_a_token_for_nobody_is_refused_with_a_cure(
    database: BlockingDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing on standard output that a script could take for a token."""
    assert main(["token", EMAIL]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert f"flexicharge admin create {EMAIL}" in said.err


def test_a_charger_gets_a_password_and_loses_it(
    database: BlockingDatabase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is stored is the fingerprint the gateway compares with."""
    chargers = PostgresChargers(database)
    run_now(chargers.add_charger(None, "abc111", (57.7, 14.1)))
    assert main(["charger", "password", "abc111"]) == 0
    password = capsys.readouterr().out.strip()
    assert len(bytes.fromhex(password)) == 20
    key = load_or_make_server_key(tmp_path / "data/keys", SystemEntropy())
    stored = run_now(chargers.get_station("abc111")).credential
    assert stored == key.station_credential(password)

    assert main(["charger", "password", "abc111", "--clear"]) == 0
    assert run_now(chargers.get_station("abc111")).credential is None


def test_a_charger_nobody_knows_gets_no_password(
    database: BlockingDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed that somebody could put into a charger."""
    assert main(["charger", "password", "nobody"]) == 1
    said = capsys.readouterr()
    assert not said.out
    assert said.err == "flexicharge charger: there is no charger nobody\n"


def test_a_certificate_for_a_charger_nobody_knows_is_issued_with_a_warning(
    database: BlockingDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be put on record later; for one that is, nothing is said."""
    run_now(PostgresChargers(database).add_charger(None, "CP-7", (57.7, 12.0)))
    assert main(["ca", "issue", "CP-7"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["ca", "issue", "CP-8"]) == 0
    assert "warning: there is no charger CP-8 on record" in capsys.readouterr().err
