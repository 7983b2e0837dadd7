"""Where scenario files are, and what stands in them."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from pathlib import Path
from typing import Final

from attrs import frozen

from flexicharge.simulator.scenario.complaints import nearest

SHIPPED: Final = Path(__file__).parent / "shipped"
ENDINGS: Final = (".yaml", ".yml")
MOST_BYTES: Final = 1 << 20


class Unusable(Exception):
    """There is no text to be had: why, to follow a name, and the cure."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what: Final = what
        self.cure: Final = cure


@frozen
class Source:
    """A file, and how to speak of it."""

    path: Path
    shown: str

    @property
    def identity(self) -> str:
        """The same for all spellings of a path, once `text` could be read."""
        return os.path.realpath(self.path)

    def text(self) -> str:
        """Return what stands in the file; raise `Unusable`."""
        data = self._bytes().removeprefix(BOM_UTF8)
        try:
            return data.decode()
        except UnicodeDecodeError as why:
            line = data.count(b"\n", 0, why.start) + 1
            what = f"is not UTF-8 in line {line}"
            raise Unusable(what, "Save it as UTF-8") from None

    def _bytes(self) -> bytes:
        try:
            mode = self.path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise Unusable("is a directory", "Name a file in it")
            if not stat.S_ISREG(mode):
                raise Unusable("is not a file", "Name a YAML file")
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            raise Unusable("is not there", self._instead()) from None
        except OSError as why:
            reason = f"cannot be read ({why.strerror})"
            raise Unusable(reason, "Name a file that can be read") from None
        except ValueError:  # a NUL in the path
            raise Unusable("is no path", "Name a YAML file") from None
        if len(data) > MOST_BYTES:
            cure = f"A scenario has at most {MOST_BYTES} bytes"
            raise Unusable("is too large", cure)
        return data

    def _instead(self) -> str:
        name = self.path.stem
        if name in shipped_names():
            return f"Write {name}, without an ending, for the one that ships"
        return "Mend the path"


def source_of(spelled: str | Path, beside: Source | None = None) -> Source:
    """Return the file of a shipped scenario's name or of a path; raise `Unusable`.

    A text with a directory or an ending in it is a path, as seen from the file `beside`
    it if there is one. What a path leads to is not looked at yet.
    """
    if isinstance(spelled, str) and not _is_path(spelled):
        return _shipped(spelled)
    if beside is None:
        return Source(Path(spelled), str(spelled))
    shown = os.path.normpath(Path(beside.shown).parent / spelled)
    return Source(beside.path.parent / spelled, shown)


def shipped_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with FlexiCharge, sorted."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def _shipped(name: str) -> Source:
    names = shipped_names()
    if name not in names:
        known = f"Shipped are {', '.join(names)}"
        own = "a file of yours is written with its ending .yaml"
        cure = f"{nearest(name, names)}{known}; {own}"
        raise Unusable("is not the name of a shipped scenario", cure)
    return Source(SHIPPED / f"{name}.yaml", f"{name}.yaml")


def _is_path(spelled: str) -> bool:
    separated = any(mark in spelled for mark in ("/", os.sep))
    return separated or spelled.endswith(ENDINGS)
