"""The paper itself, as a PDF reader sees it."""

from __future__ import annotations

from io import BytesIO

import pytest
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from flexicharge.billing.pdf import draw
from flexicharge.billing.pdf_font import printable
from flexicharge.billing.pdf_paper import Paper
from flexicharge.model.invoice import Bill, Customer, EntryKind, Invoice, InvoiceLine
from flexicharge.model.month import Month

from .ledger import DAY, NOON, STOCKHOLM
from .reading import pages_of, text_of

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
A4_PT = (595, 842)


def line(number: int, **changes: object) -> InvoiceLine:
    """Return one of many charges, each with figures of its own."""
    began_at = NOON + number * 60
    values = {
        "session_id": 1000 + number,
        "kind": EntryKind.CHARGE,
        "amount_ore": 1234 + number,
        "started_at": began_at,
        "ended_at": began_at + 1800,
        "energy_wh": 4321 + number,
        "connector_id": 100_000 + number % 9,
    }
    return InvoiceLine(**(values | changes))  # type: ignore[arg-type]


def paper(*lines: InvoiceLine, customer: Customer | None = None) -> Paper:
    """Return the paper of some lines, printed when their month was over."""
    return Paper(
        bill=Bill(
            invoice=Invoice(
                user_id="3f8a5c9e-11aa-4bd2-9b9e-0a2f5c1d7e80",
                month=Month(2027, 1),
                total_ore=sum(one.amount_ore for one in lines),
                line_count=len(lines),
                is_paid=False,
                public_id=UUID,
            ),
            lines=lines,
        ),
        customer=customer or Customer(name="Åsa Öberg", email="asa@example.org"),
        calendar=STOCKHOLM,
        printed_at=NOON + 30 * DAY,
    )


def words_of(document: bytes) -> list[str]:
    """Return every line of a document with its white space evened out."""
    return [" ".join(one.split()) for one in text_of(document).splitlines()]


def test_a_bill_says_whose_it_is_and_what_is_owed() -> None:
    """Title, month, customer, number and status, each session, and the total."""
    refund = line(0, kind=EntryKind.REFUND, amount_ore=-250)
    words = words_of(draw(paper(line(0), refund, line(1))))
    assert words == [
        "FlexiCharge Invoice 2027-01",
        "Customer Åsa Öberg",
        "E-mail asa@example.org",
        "Invoice number M2Y4YTVjOWUtMTFhYS00YmQyLTliOWUtMGEyZjVjMWQ3ZTgwOjIwMjc6MDE",
        "Status Unpaid",
        "OCR –",
        "Bankgiro –",
        "As of 2027-02-14 09:00 CET",
        "Session Start End Charger kWh SEK",
        "1000 2027-01-15 09:00 CET 2027-01-15 09:30 CET 100000 4.321 12.34",
        "1000 2027-01-15 09:00 CET 2027-01-15 09:30 CET 100000 Refund -2.50",
        "1001 2027-01-15 09:01 CET 2027-01-15 09:31 CET 100001 4.322 12.35",
        "Total 22.19",
        "FlexiCharge Invoice 2027-01, page 1. Times are those of Europe/Stockholm.",
    ]


def test_what_is_not_known_of_a_customer_is_left_out() -> None:
    """Rather than shown as a blank."""
    words = words_of(draw(paper(line(0), customer=Customer())))
    assert words[1].startswith("Invoice number")


def test_lines_that_do_not_fit_are_one_more() -> None:
    """With their sum, so that the column adds up to the total."""
    full = paper(line(0), line(1), line(2))
    cut_short = evolve(full, bill=evolve(full.bill, lines=full.bill.lines[:1]))
    words = words_of(draw(cut_short))
    assert words[9:12] == [
        "1000 2027-01-15 09:00 CET 2027-01-15 09:30 CET 100000 4.321 12.34",
        "2 more 24.71",
        "Total 37.05",
    ]


def test_every_line_is_on_some_page() -> None:
    """On as many A4 pages as it takes, each with the headings and its number."""
    lines = tuple(map(line, range(200)))
    document = draw(paper(*lines))
    reader = PdfReader(BytesIO(document))
    assert {tuple(map(round, page.mediabox[2:])) for page in reader.pages} == {A4_PT}
    pages = pages_of(document)
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert page.count("Charger") == 1
        assert f"2027-01, page {number}." in page
    rows = [row for row in words_of(document) if row[:1].isdigit()]
    assert [tuple(row.split()[i] for i in (0, -2, -1)) for row in rows] == [
        (str(1000 + n), f"{(4321 + n) / 1000:.3f}", f"{(1234 + n) / 100:.2f}")
        for n in range(200)
    ]
    assert f"Total {sum(one.amount_ore for one in lines) / 100:.2f}" in pages[-1]


def test_five_thousand_lines_are_no_trouble() -> None:
    """The last of them is on the last page, above the total, in a file to be mailed."""
    document = draw(paper(*map(line, range(5000))))
    pages = PdfReader(BytesIO(document)).pages
    last = [" ".join(row.split()) for row in pages[-1].extract_text().splitlines()]
    assert last[-3].startswith("5999 ")
    total_ore = sum(1234 + number for number in range(5000))
    assert last[-2] == f"Total {total_ore / 100:.2f}"
    assert len(pages) > 80
    assert len(document) < 500_000


def test_the_same_paper_is_the_same_bytes() -> None:
    """Nothing of the moment or the machine is in them."""
    assert draw(paper(line(0))) == draw(paper(line(0)))


def test_nobody_learns_how_it_was_made() -> None:
    """Its properties are the title and when it was printed."""
    info = PdfReader(BytesIO(draw(paper(line(0))))).metadata
    assert dict(info or {}) == {
        "/Title": "FlexiCharge Invoice 2027-01",
        "/Producer": "FlexiCharge",
        "/CreationDate": "D:20270214080000Z",
    }


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Ωραία Παπαδοπούλου", "Ωραία Παπαδοπούλου"),
        ("Щербаков Łukasz Nguyễn", "Щербаков Łukasz Nguyễn"),
        ("A\u030asa", "Åsa"),
        ("王小明 Wang", "??? Wang"),
        ("👩\u200d🔧 Ada", "?? Ada"),
        ("Bo\r\n\tEk\x00\x1b[31m", "Bo Ek[31m"),
        ("\u202eadI", "adI"),
        ("{nb} %s <b>", "{nb} %s <b>"),
    ],
)
def test_names_are_printed_as_far_as_there_are_letters(name: str, printed: str) -> None:
    """The rest is `?`; nothing that only steers a printer reaches the paper."""
    words = words_of(draw(paper(line(0), customer=Customer(name=name))))
    assert words[1] == f"Customer {printed}"


def test_a_long_name_goes_on_below_and_then_is_cut() -> None:
    """Over the width of the page nothing is printed."""
    words = words_of(draw(paper(line(0), customer=Customer(name="W" * 500))))
    end = words.index(next(w for w in words if w.startswith("Invoice number")))
    assert "".join(words[1:end]) == "Customer " + "W" * 119 + "…"
    assert len(words[1:end]) > 1


@settings(max_examples=5)
@given(st.text(st.characters(), max_size=300), st.text(st.characters(), max_size=300))
@example("\ud800", "\udfff@\0")
def test_no_name_stops_a_bill(name: str, email: str) -> None:
    """Whatever text it is: somebody chose it."""
    document = draw(paper(line(0), customer=Customer(name=name, email=email)))
    assert "Total 12.34" in words_of(document)


@given(st.text(st.characters()))
def test_only_letters_of_the_font_are_printed(text: str) -> None:
    """And no blanks around them."""
    letters = {ord(character) for character in "aeiouåäö? "}
    shown = printable(text, letters)
    assert {ord(character) for character in shown} <= letters
    assert shown == shown.strip()


def test_what_a_font_has_no_letter_for_is_marked() -> None:
    """White space stays apart, what cannot be seen is left out."""
    letters = {ord(character) for character in "ab? "}
    assert printable("a\u00a0b\u200bc\nd", letters) == "a b? ?"
    assert printable("  \0 ", letters) == ""
