"""What people type on a command line."""

from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from flexicharge.cli.words import address, count, positive


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "٣", ""])
def test_a_count_is_a_whole_number_from_1_on(text: str) -> None:
    """Anything else is said to be none."""
    with pytest.raises(ArgumentTypeError, match="is not a whole number from 1 on"):
        count(text)
    assert count("12") == 12


@pytest.mark.parametrize("text", ["fast", "1,5", ""])
def test_a_number_is_a_number(text: str) -> None:
    """What is no number is told apart from one that is too small."""
    with pytest.raises(ArgumentTypeError, match="is not a number"):
        positive(text)


@pytest.mark.parametrize("text", ["ws://[::1", "ws://127.0.0.1:99999", "ws://:1337"])
def test_an_address_that_cannot_be_is_refused(text: str) -> None:
    """Whatever is wrong with it, what would be right is shown."""
    with pytest.raises(ArgumentTypeError, match="is not like ws://host:port"):
        address("ws")(text)
