"""Where settings come from: options before the environment before the `.env` file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen
from dotenv import dotenv_values

from flexicharge.config.declaration import Variable
from flexicharge.errors import StartUpFailed

DOTENV: Final = ".env"


@frozen
class Source:
    """One place settings are read from, such as `.env`; `values` by variable name."""

    place: str
    values: Mapping[str, str | None]


@frozen
class Found:
    """What somebody wrote for a variable, never blank, and how they would find it."""

    text: str
    spelling: str
    place: str


@frozen
class Sources:
    """All places, the strongest first."""

    places: tuple[Source, ...]

    def find(self, variable: Variable) -> Found | None:
        """Return what the strongest place that names a variable says, unless blank.

        A blank there is "not set", whatever weaker places say.
        """
        for source in self.places:
            for name in (variable.name, *variable.aliases):
                text = source.values.get(name)
                if text is not None:
                    said = text.strip()
                    return Found(said, name, source.place) if said else None
        return None


def read_dotenv(directory: Path) -> Mapping[str, str | None]:
    """Return what the `.env` file of a directory says; nothing if there is none.

    Values are taken as they stand: a `$` in a password is a `$`. Raise `StartUpFailed`
    if there is a file that cannot be read.
    """
    try:
        return dotenv_values(directory / DOTENV, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise StartUpFailed(
            f"{directory / DOTENV} cannot be read ({why}). Make it a readable UTF-8 "
            "text file, or remove it."
        ) from why
