"""The built-in provider does what every provider does."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from attrs import define, field

from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.model.events import ACCOUNTS
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import People
from tests.identity.contract.cases import CASES


@define(eq=False)
class BuiltInWorld:
    """The built-in provider on a store in memory."""

    people: People
    signed_out: list[Any] = field(factory=list)
    _numbers: Any = field(factory=count)

    def __attrs_post_init__(self) -> None:
        self.people.bus.subscribe(ACCOUNTS, self.signed_out.append)

    @property
    def identity(self) -> BuiltInIdentity:
        """The provider."""
        return self.people.identity

    def address(self) -> str:
        """Return an address that nobody has."""
        return f"driver{next(self._numbers)}@example.com"

    def code_for(self, email: str) -> str:
        """Return the code in the newest mail."""
        return self.people.mail.code_for(email)


@pytest.mark.parametrize("name", CASES)
def test_the_built_in_provider(people: People, name: str) -> None:
    """Each case of the contract, by its name."""
    result_of(CASES[name](BuiltInWorld(people)))
