"""PDF documents, read as somebody's viewer reads them."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader


def pages_of(document: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(document)).pages]


def text_of(document: bytes) -> str:
    """Return the text of all pages."""
    return "\n".join(pages_of(document))
