"""The keys that tokens are signed with, changed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.cli import main
from flexicharge.identity.key_files import add_key, read_keys


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The directory of a server's keys, which its settings lead to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data/keys"


def kids(directory: Path) -> list[str]:
    return [key.kid for key in read_keys(directory)]


def test_a_new_key_is_put_beside_the_old(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which goes on signing for a moment, until everybody knows the new one."""
    old = add_key(directory, 1_700_000_000)
    assert main(["keys", "rotate"]) == 0
    assert kids(directory)[0] == old.kid
    new = kids(directory)[1]
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{old.kid}  made 2023-11-14 22:13:20Z  signs"
    assert second.startswith(f"{new}  made 20")
    assert second.endswith("will sign within 60 seconds")
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


def test_all_old_keys_can_be_forgotten(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When one was stolen, say: the new one signs at once."""
    old = add_key(directory, 1_700_000_000)
    assert main(["keys", "rotate", "--forget-old"]) == 0
    (new,) = kids(directory)
    assert new != old.kid
    assert capsys.readouterr().out.startswith(new)


def test_keys_are_listed_with_their_use(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing private is shown; listing changes nothing."""
    for made_at in (1_700_000_000, 1_700_100_000):
        add_key(directory, made_at)
    before = {path: path.read_bytes() for path in directory.iterdir()}
    assert main(["keys", "list", "--data-dir", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out
    over, signs = said.splitlines()
    assert over.endswith("  is over")
    assert signs.endswith("  signs")
    assert {path: path.read_bytes() for path in directory.iterdir()} == before
    assert "PRIVATE" not in said
