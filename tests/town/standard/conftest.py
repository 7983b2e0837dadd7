"""A standard charger with two connectors, on record and booted."""

from __future__ import annotations

import pytest

from flexicharge.model.account import ADMINS
from flexicharge.model.id_tag import IdTag
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town

TAG = "04A2B3C4"


@pytest.fixture
def charger(town: Town) -> StandardCharger:
    """A charger that has booted; the tag 04A2B3C4 is good there."""
    put_tag(town, IdTag(id_tag=TAG, user_id="driver-7"))
    charger = StandardCharger.on_record(town).connect()
    charger.boot()
    return charger


@pytest.fixture
def admin(town: Town) -> str:
    """The token of an administrator."""
    caller, token = town.driver()
    accounts = town.stores.accounts
    town.now(accounts.add_to_group(caller.user_id, ADMINS, town.clock.seconds()))
    return token


def put_tag(town: Town, tag: IdTag) -> None:
    """Put a tag on record."""
    town.now(town.stores.tags.put_tag(tag, town.clock.seconds()))
