"""The type that bills are set in: Noto Sans, for Latin, Greek and Cyrillic letters.

What it has no letter for is printed as `?`, so that nobody takes a gap for a name.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pymupdf_fonts

FAMILY: Final = "Noto Sans"
STYLES: Final = {"": "notos", "B": "notosbo"}
UNKNOWN: Final = "?"

# It says of each font, on the standard error stream, what it leaves out of a document.
logging.getLogger("fontTools.subset").setLevel(logging.ERROR)


@contextmanager
def font_files() -> Iterator[dict[str, Path]]:
    """Lend the files of each style for a while: the package has none, only bytes."""
    with TemporaryDirectory(prefix="flexicharge-") as folder:
        files = {style: Path(folder) / f"{name}.ttf" for style, name in STYLES.items()}
        for style, file in files.items():
            file.write_bytes(pymupdf_fonts.fontbuffers[STYLES[style]]())
        yield files


def printable(text: str, letters: Container[int]) -> str:
    """Return a text with only what a font can print: `letters` are its code points.

    Accents are put on their letters. White space is a blank, control and format
    characters are left out.
    """
    return "".join(
        _printable(character, letters)
        for character in unicodedata.normalize("NFC", text)
    ).strip()


def _printable(character: str, letters: Container[int]) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    return character if ord(character) in letters else UNKNOWN
