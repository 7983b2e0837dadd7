"""The three parsers refuse what would break their apps, and take the rest."""

from __future__ import annotations

from email.message import Message
from typing import Any

import pytest

from tests.clients import dart, gson, swift
from tests.clients.wire import Answer, ClientBroke


def answer(text: str, content_type: str = "application/json; charset=utf-8") -> Answer:
    """Return an answer with some body."""
    headers = Message()
    headers["Content-Type"] = content_type
    return Answer(200, headers, text.encode())


READERS: dict[str, Any] = {
    "dart": lambda text: dart.map_of(answer(text)).integer("n"),
    "gson": lambda text: gson.row_of(answer(text)).integer("n"),
    "swift": lambda text: swift.object_of(answer(text)).integer("n"),
}


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("dart", '{"n":50.0}'),
        ("dart", '{"n":5e1}'),
        ("dart", '{"n":null}'),
        ("dart", "{}"),
        ("dart", '{"n":"50"}'),
        ("dart", "[]"),
        ("dart", ""),
        ("gson", '{"n":50.5}'),
        ("gson", '{"n":true}'),
        ("gson", "[]"),
        ("gson", ""),
        ("swift", '{"n":50.5}'),
        ("swift", '{"n":"50"}'),
        ("swift", "{}"),
        ("swift", ""),
    ],
)
def test_what_breaks_an_app(reader: str, text: str) -> None:
    """Decimals in Dart, fractions anywhere, a missing key in Swift, an empty body."""
    with pytest.raises(ClientBroke):
        READERS[reader](text)


@pytest.mark.parametrize(
    ("reader", "text", "number"),
    [
        ("dart", '{"n":50}', 50),
        ("gson", '{"n":50.0}', 50),
        ("gson", "{}", None),
        ("swift", '{"n":50}', 50),
    ],
)
def test_what_an_app_takes(reader: str, text: str, number: int | None) -> None:
    """Gson takes a decimal point with nothing behind it, and a key that is missing."""
    assert READERS[reader](text) == number


def test_text() -> None:
    """Gson makes it of numbers, the others do not; a null breaks what uses it."""
    row = '{"t":50}'
    assert gson.row_of(answer(row)).text("t") == "50"
    with pytest.raises(ClientBroke):
        dart.map_of(answer(row)).text("t")
    with pytest.raises(ClientBroke):
        swift.object_of(answer(row)).text("t")
    with pytest.raises(ClientBroke):
        gson.used(gson.row_of(answer("{}")).text("t"))
    assert swift.string_of(answer('"Accepted"')) == "Accepted"


def test_dart_reads_latin_1_unless_it_is_told() -> None:
    """Without a charset the names of Swedish sites would be garbled."""
    row = '{"t":"Jönköping"}'
    assert dart.map_of(answer(row)).text("t") == "Jönköping"
    garbled = dart.map_of(answer(row, "application/json")).text("t")
    assert garbled != "Jönköping"
