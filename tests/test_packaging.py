"""The wheel: it brings `twistd flexicharge`, and nothing that is Twisted's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("flexicharge", "twisted", "pyproject.toml", "setup.py", "README.md")
TWISTD = "from twisted.scripts.twistd import run; run()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built by way of a source distribution from a clean copy."""
    clean = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, clean / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, clean)
    # What twistd leaves behind in a checkout must not travel.
    (clean / "twisted/plugins/dropin.cache").write_bytes(b"stale")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist"],
        cwd=clean,
        check=True,
        capture_output=True,
    )
    [built] = (clean / "dist").glob("*.whl")
    return built


def test_the_wheel_owns_nothing_of_twisted_but_its_own_plugin(wheel: Path) -> None:
    """Installing or removing it leaves Twisted whole, and no cache comes along."""
    names = ZipFile(wheel).namelist()
    assert [name for name in names if name.startswith("twisted/")] == [
        "twisted/plugins/flexicharge_plugin.py"
    ]
    assert {name.split("/")[0].split("-")[0] for name in names} == {
        "flexicharge",
        "twisted",
    }


def test_the_wheel_has_everything_that_is_in_the_packages(wheel: Path) -> None:
    """Modules, and files that are not, such as migrations."""
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "flexicharge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= set(ZipFile(wheel).namelist())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--help"], "flexicharge  "),
        (["--nodaemon", "flexicharge", "--help"], "--http-port="),
    ],
)
def test_twistd_knows_what_was_installed(
    wheel: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    """Unpacked where Python looks, `twistd flexicharge` is there."""
    site = tmp_path / "site"
    ZipFile(wheel).extractall(site)
    done = subprocess.run(
        [sys.executable, "-P", "-c", TWISTD, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert says in done.stdout
    assert not done.stderr
