"""A pool's keys are fetched when they are needed, and no more often."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from flexicharge.errors import IdentityAway, TokenError
from flexicharge.identity.cognito.keys import PoolKeys
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import signing_key
from tests.identity.cognito.aws import FakeKeySite, another_key, jwk


@pytest.fixture
def site() -> FakeKeySite:
    return FakeKeySite()


@pytest.fixture
def keys(site: FakeKeySite, clock: Clock) -> PoolKeys:
    return PoolKeys(site.fetch, clock)


def test_a_key_is_fetched_once(keys: PoolKeys, site: FakeKeySite) -> None:
    """Nothing is fetched before somebody asks, nor twice."""
    assert site.fetched == 0
    for _ in range(3):
        found = result_of(keys.get("one"))
        assert found.public_numbers() == signing_key().public.public_numbers()
    assert site.fetched == 1


def test_everybody_who_waits_shares_one_fetch(
    keys: PoolKeys, site: FakeKeySite
) -> None:
    """Also when one of them gives up."""
    site.holding = True
    waiting = [fire(keys.get("one")) for _ in range(3)]
    waiting[0].addErrback(lambda _: None).cancel()
    site.let_go()
    assert site.fetched == 1
    assert result_of(waiting[1]) == result_of(waiting[2])


def test_a_new_key_is_found(keys: PoolKeys, site: FakeKeySite) -> None:
    """A rotation needs no restart; an old key that is published still is good."""
    result_of(keys.get("one"))
    site.keys.append(jwk("two", another_key()))
    expected = another_key().public_key().public_numbers()
    assert result_of(keys.get("two")).public_numbers() == expected
    result_of(keys.get("one"))
    assert site.fetched == 2


def test_a_key_that_was_withdrawn_is_good_no_longer(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """An hour later, that is, or as soon as somebody asks for a newer one."""
    result_of(keys.get("one"))
    site.keys = [jwk("two", another_key())]
    clock.advance(3599)
    result_of(keys.get("one"))
    clock.advance(1)
    with pytest.raises(TokenError):
        result_of(keys.get("one"))


def test_whoever_asks_for_a_known_key_does_not_wait(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """Old keys are renewed behind the back of those who use them."""
    result_of(keys.get("one"))
    clock.advance(3600)
    site.holding = True
    result_of(keys.get("one"))
    assert site.fetched == 2
    site.let_go()


def test_at_most_five_fetches_a_minute(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """Whoever invents key ids makes us fetch no more than that (contract §7.2)."""
    for number in range(20):
        with pytest.raises(TokenError, match="unknown signing key"):
            result_of(keys.get(f"invented-{number}"))
        clock.advance(1)
    assert site.fetched == 5
    clock.advance(40)
    with pytest.raises(TokenError):
        result_of(keys.get("invented"))
    assert site.fetched == 6
    result_of(keys.get("one"))


def test_known_keys_stay_while_none_can_be_fetched(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """Whoever has a token of a key we know is let in; of others we cannot tell."""
    result_of(keys.get("one"))
    site.away = True
    clock.advance(7200)
    with capturedLogs() as events:
        result_of(keys.get("one"))
        with pytest.raises(IdentityAway):
            result_of(keys.get("two"))
    told = [str(formatEvent(event)) for event in events]
    assert told == ["the pool's keys cannot be fetched: ConnectionRefusedError"] * 2
    site.away = False
    result_of(keys.get("one"))
    with pytest.raises(TokenError):
        result_of(keys.get("two"))


def test_without_any_key_nobody_is_told_that_their_token_is_bad(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """The admin site signs its user out at any 401."""
    site.away = True
    for _ in range(9):
        with pytest.raises(IdentityAway):
            result_of(keys.get("one"))
    assert site.fetched == 5
    site.away = False
    clock.advance(60)
    result_of(keys.get("one"))


def test_keys_that_are_no_use_are_passed_over(
    keys: PoolKeys, site: FakeKeySite
) -> None:
    """Only RSA keys of some size that are for signatures verify a token."""
    small = rsa.generate_private_key(65537, 1024)
    site.keys = [
        jwk("for-encryption", use="enc"),
        jwk("small", small),
        jwk("broken", n="@"),
        {"kid": "private", **json.loads(_private())},
        {"kid": "curve", "kty": "EC", "crv": "P-256", "x": "x", "y": "y"},
        jwk("one"),
    ]
    result_of(keys.get("one"))
    for kid in ("for-encryption", "small", "broken", "private", "curve"):
        with pytest.raises(TokenError):
            result_of(keys.get(kid))


def _private() -> str:
    from jwt.algorithms import RSAAlgorithm

    return RSAAlgorithm.to_jwk(signing_key().private)


def test_an_empty_set_is_taken_for_a_failure(
    keys: PoolKeys, site: FakeKeySite, clock: Clock
) -> None:
    """No pool is without a key: what says so is not believed."""
    result_of(keys.get("one"))
    site.keys = []
    clock.advance(3600)
    result_of(keys.get("one"))
    result_of(keys.get("one"))
