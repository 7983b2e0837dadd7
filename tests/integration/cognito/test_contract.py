"""Cognito's provider does what every provider does; moto is the pool.

moto looks at no confirmation code, and knows what begins a name letter by letter. It
voids the tokens of whoever signed in under the very name that it is given.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
import pytest_twisted
from attrs import define, field

from flexicharge.identity.cognito.identity import CognitoIdentity
from tests.identity.contract.cases import CASES
from tests.integration.cognito.conftest import World

_numbers = count()


@define(eq=False)
class CognitoWorld:
    """A pool of moto's."""

    identity: CognitoIdentity
    signed_out: list[Any] = field(factory=list)

    def address(self) -> str:
        """Return an address that nobody has."""
        return f"driver{next(_numbers)}@contract.example.com"

    def code_for(self, email: str) -> str:
        """Return a code that moto takes, as any."""
        return "123456"


@pytest.mark.parametrize("name", CASES)
@pytest_twisted.ensureDeferred
async def test_cognitos_provider(world: World, name: str) -> None:
    """Each case of the contract, by its name."""
    world.signed_out.clear()
    await CASES[name](CognitoWorld(world.identity, world.signed_out))
