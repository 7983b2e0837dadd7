"""Invoices as PDF: plain A4 pages, the same bytes for the same paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fpdf import FPDF, Align, XPos, YPos
from fpdf.enums import WrapMode
from fpdf.fonts import TTFFont

from flexicharge.billing.pdf_font import FAMILY, font_files, printable
from flexicharge.billing.pdf_paper import HEADINGS, TITLE, Paper, Row

# In millimetres. The columns are as wide as the space between the margins.
MARGIN_MM: Final = 10.0
FOOT_MM: Final = 18.0
LABEL_MM: Final = 32.0
COLUMNS: Final = (
    (22.0, Align.L),
    (42.0, Align.L),
    (42.0, Align.L),
    (24.0, Align.R),
    (28.0, Align.R),
    (32.0, Align.R),
)
TITLE_MM: Final = 9.0
ROW_MM: Final = 5.2
GAP_MM: Final = 4.0
TITLE_PT: Final = 18
TEXT_PT: Final = 10
TABLE_PT: Final = 9


def draw(paper: Paper) -> bytes:
    """Return a paper as a PDF; a thousand rows take not quite a second."""
    with font_files() as files:
        pages = _Pages(paper, files)
        pages.write_paper()
        return bytes(pages.output())


class _Pages(FPDF):
    """The pages of one paper; each begins with the headings of the table."""

    def __init__(self, paper: Paper, fonts: Mapping[str, Path]) -> None:
        super().__init__(format="A4")
        self._paper = paper
        for style, file in fonts.items():
            self.add_font(FAMILY, style, file)
        cmaps = [f.cmap for f in self.fonts.values() if isinstance(f, TTFFont)]
        self._letters = frozenset[int].intersection(*map(frozenset[int], cmaps))
        self.alias_nb_pages("")  # else it would put a number for somebody's `{nb}`
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, FOOT_MM)
        self.set_title(f"{TITLE} {paper.month}")
        self.set_producer("FlexiCharge")
        self.set_creation_date(datetime.fromtimestamp(paper.printed_at, UTC))

    def header(self) -> None:
        """Begin a page; FPDF calls this."""
        if self.page_no() == 1:
            self._write_title()
            self._write_facts()
        self._write_row(HEADINGS, style="B", border="B")

    def footer(self) -> None:
        """End a page; FPDF calls this."""
        self.set_y(-FOOT_MM + GAP_MM)
        self.set_font(FAMILY, "", TABLE_PT)
        zone = self._paper.calendar.zone.key
        page = f"{TITLE} {self._paper.month}, page {self.page_no()}."
        self.cell(0, ROW_MM, f"{page} Times are those of {zone}.")

    def write_paper(self) -> None:
        """Write it all, from the title to the total."""
        self.add_page()
        for row in self._paper.rows():
            self._write_row(row)
        total = ("Total", "", "", "", "", self._paper.total)
        self._write_row(total, style="B", border="T")

    def _write_title(self) -> None:
        self.set_font(FAMILY, "B", TITLE_PT)
        self.cell(0, TITLE_MM, TITLE)
        self.set_x(self.l_margin)
        self.cell(0, TITLE_MM, self._paper.month, align=Align.R)
        self.ln(TITLE_MM + GAP_MM)

    def _write_facts(self) -> None:
        for label, text in self._paper.facts():
            self.set_font(FAMILY, "B", TEXT_PT)
            self.cell(LABEL_MM, ROW_MM, label)
            self.set_font(FAMILY, "", TEXT_PT)
            self._write_text(printable(text, self._letters))
        if self._paper.notice:
            self.ln(GAP_MM)
            self.set_font(FAMILY, "B", TEXT_PT)
            self._write_text(self._paper.notice)
        self.ln(GAP_MM)

    def _write_text(self, text: str) -> None:
        """Write what may be longer than a line: where it must, it goes on below."""
        self.multi_cell(
            0,
            ROW_MM,
            text,
            align=Align.L,
            wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _write_row(self, row: Row, *, style: str = "", border: str = "") -> None:
        self.set_font(FAMILY, style, TABLE_PT)
        for (width_mm, align), text in zip(COLUMNS, row, strict=True):
            self.cell(width_mm, ROW_MM, text, border=border or 0, align=align)
        self.ln()
