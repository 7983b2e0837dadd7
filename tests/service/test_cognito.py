"""A server whose people are in Cognito, without sockets and without AWS."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from attrs import evolve
from twisted.internet import reactor
from twisted.internet.task import Clock

from flexicharge.config import CognitoPool
from flexicharge.errors import (
    IdentityAway,
    StartUpFailed,
    TokenError,
    TooManyRequests,
)
from flexicharge.identity.cognito.identity import OpenPool
from flexicharge.identity.threads import at_once
from flexicharge.service import BackEnd
from flexicharge.service.cognito import open_pool
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.memory import people
from flexicharge.testing.town import Town
from tests.identity.cognito.aws import POOL, SUB, FakeAws, FakeKeySite, token

TOLD = CognitoPool(
    region=POOL.region,
    pool_id=POOL.pool_id,
    client_id=POOL.client_id,
    client_secret=POOL.client_secret,
    endpoint_url="http://127.0.0.1:9",
    issuer_url="",
    check_every_s=7.0,
)


class CognitoTown(Town):
    """A town whose people are in a pool."""

    def __init__(self, clock: Clock) -> None:
        self.aws = FakeAws()
        super().__init__(clock)

    def start(self) -> None:
        """Start a server as usual, but for where people are."""
        super().start()
        self.back_end.halt()
        pool = OpenPool(
            pool=POOL,
            ask=self.aws,
            fetch_keys=FakeKeySite().fetch,
            check_every_s=5.0,
        )
        self.back_end = BackEnd(
            clock=self.clock,
            settings=self.settings,
            stores=self.stores,
            people=evolve(people(self.entropy), pool=pool),
            authority=known_authority(self.settings, self.clock, self.entropy),
            probe=self.stores.chargers.get_charge_points,
            own_ports=self.own_ports,
        )
        self.now(self.back_end.recover())
        self.back_end.start()


@pytest.fixture
def town(clock: Clock) -> CognitoTown:
    return CognitoTown(clock)


def watch(town: CognitoTown, shown: str) -> Any:
    return town.connect(f"/user/{SUB}", headers={"Authorization": f"Bearer {shown}"})


def test_a_token_of_the_pool_opens_a_live_socket(town: CognitoTown) -> None:
    """Its subject is the user's number."""
    assert watch(town, token(town.clock.seconds())).is_open


def test_a_token_of_our_own_opens_none(town: CognitoTown) -> None:
    """Somebody may have an account from the time before; nobody's token of that."""
    caller, own = town.driver()
    headers = {"Authorization": f"Bearer {own}"}
    assert not town.connect(f"/user/{caller.user_id}", headers=headers).is_open


@pytest.mark.parametrize("error", [IdentityAway("away"), TooManyRequests("busy")])
def test_a_live_socket_can_be_asked_for_again(
    town: CognitoTown, error: Exception
) -> None:
    """While AWS is away nobody is told that their token is bad."""
    town.aws.answers["GetUser"] = error
    refused = watch(town, token(town.clock.seconds()))
    assert not refused.is_open
    assert "503" in str(refused.protocol.close_reason)


def test_a_live_socket_is_closed_with_its_account(town: CognitoTown) -> None:
    """Whoever noticed it."""
    peer = watch(town, token(town.clock.seconds()))
    town.aws.refuse("GetUser", "UserNotFoundException", "User does not exist.")
    town.advance(5)
    with pytest.raises(TokenError):
        result_of(town.back_end.identity.admit(token(town.clock.seconds())))
    town.flush()
    assert peer.protocol.is_over
    assert peer.protocol.close_code == 4401


def test_the_server_goes_on_testing_itself(town: CognitoTown) -> None:
    """With people of its own, who are not in the pool."""
    run = town.back_end.self_tests
    assert run is not None
    running = fire(run.run())
    while not running.called:
        town.lines.flush()
        town.advance(0.25)
    assert result_of(running).failed == ()


def test_a_pool_is_opened_without_asking_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What settings say is what is used; nobody listens at that address."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    opened = open_pool(reactor, TOLD, at_once)
    assert opened.pool == evolve(POOL, endpoint_url="http://127.0.0.1:9")
    assert opened.check_every_s == 7.0


def test_without_the_sdk_the_start_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody needs it who has accounts of their own."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "flexicharge.identity.cognito.aws", raising=False)
    with pytest.raises(StartUpFailed, match=r"pip install 'flexicharge\[cognito\]'"):
        open_pool(reactor, TOLD, at_once)
