"""Signing in, and what a wrong attempt must not tell."""

from __future__ import annotations

import jwt
import pytest
from attrs import evolve
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.errors import (
    AccountUnconfirmed,
    DatabaseAway,
    IdentityError,
    NotAuthorized,
    ServerBusy,
    Stopping,
    TooManyRequests,
)
from flexicharge.identity.passwords import NOBODYS_HASH
from flexicharge.interfaces.people import IIdentity, IMail, IPasswordHasher
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"


@pytest.fixture
def driver(people: People) -> People:
    """The people among whom one driver has joined."""
    result_of(people.join(EMAIL))
    people.hasher.verified = 0
    return people


def failure_of(
    people: People, email: str, password: str = "Wr0ng-one!"
) -> tuple[type, str]:
    with pytest.raises(IdentityError) as caught:
        result_of(people.identity.sign_in(email, password))
    return caught.type, str(caught.value)


def disable(world: MemoryWorld) -> None:
    for number, account in world.accounts.items():
        world.accounts[number] = evolve(account, enabled=False)


def test_everyone_keeps_to_the_declarations(people: People) -> None:
    """The built-in identity and the fakes provide what they say."""
    assert verifyObject(IIdentity, people.identity)
    assert verifyObject(IPasswordHasher, people.hasher)
    assert verifyObject(IMail, people.mail)


def test_the_keys_of_tokens_are_published(driver: People, clock: Clock) -> None:
    """Whoever has them can check a token without asking us."""
    token = result_of(driver.token_of(EMAIL))
    (jwk,) = result_of(driver.identity.published_keys())
    claims = jwt.decode(
        token,
        jwt.PyJWK(dict(jwk)),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == result_of(driver.identity.admit(token)).user_id


def test_the_right_password_yields_a_token(driver: People, clock: Clock) -> None:
    """The token stands for the account from now on for an hour."""
    clock.advance(10_000.0)
    signed_in = result_of(driver.identity.sign_in(" Driver@Example.com", PASSWORD))
    assert signed_in.person.email == EMAIL
    caller = driver.tokens.read(signed_in.access_token, clock.seconds())
    assert caller.user_id == signed_in.person.user_id
    assert caller.expires_at == clock.seconds() + 3600
    assert signed_in.access_token not in repr(signed_in)


@pytest.mark.parametrize("stranger", ["nobody@example.com", "no address", "\0", ""])
def test_an_unknown_account_looks_like_a_wrong_password(
    driver: People, stranger: str
) -> None:
    """The words are the same, and so is the work: one hash."""
    known = failure_of(driver, EMAIL)
    assert driver.hasher.verified == 1
    assert failure_of(driver, stranger) == known
    assert driver.hasher.verified == 2
    assert known == (NotAuthorized, "Incorrect username or password.")


def test_a_disabled_account_looks_like_a_wrong_password(
    driver: People, world: MemoryWorld
) -> None:
    """Even the right password is told nothing else."""
    wrong = failure_of(driver, EMAIL)
    disable(world)
    assert failure_of(driver, EMAIL, PASSWORD) == wrong
    assert driver.hasher.verified == 2


def test_only_the_right_password_is_told_to_confirm(people: People) -> None:
    """Whoever guesses learns nothing of the state of an account."""
    result_of(people.identity.sign_up(EMAIL, PASSWORD))
    assert failure_of(people, EMAIL)[0] is NotAuthorized
    assert failure_of(people, EMAIL, PASSWORD)[0] is AccountUnconfirmed


def test_nobody_has_a_password(people: People) -> None:
    """What unknown accounts are checked against opens none."""
    assert failure_of(people, "nobody@example.com", NOBODYS_HASH)[0] is NotAuthorized


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com", "no address"])
def test_a_hundred_wrong_passwords_are_too_many(
    driver: People, clock: Clock, email: str
) -> None:
    """From wherever they come; known or not, each further one has to wait 3 seconds."""
    for _ in range(100):
        assert failure_of(driver, email)[0] is NotAuthorized
    assert failure_of(driver, email, PASSWORD)[0] is TooManyRequests
    assert driver.hasher.verified == 100
    clock.advance(3.1)
    assert failure_of(driver, email)[0] is NotAuthorized
    assert failure_of(driver, email)[0] is TooManyRequests


def test_right_passwords_are_never_too_many(driver: People) -> None:
    """Somebody with many devices, or a test suite, signs in as often as they like."""
    for _ in range(150):
        result_of(driver.identity.sign_in(EMAIL, PASSWORD))


def test_guesses_at_one_account_do_not_lock_another(driver: People) -> None:
    """Only the address that is guessed at has to wait."""
    for _ in range(101):
        failure_of(driver, "victim@example.com")
    assert result_of(driver.identity.sign_in(EMAIL, PASSWORD))


def test_a_database_that_is_away_costs_no_guess(
    driver: People, world: MemoryWorld
) -> None:
    """It is told as such, and trying again later works."""
    world.faults.away = True
    for _ in range(20):
        with pytest.raises(DatabaseAway):
            result_of(driver.identity.sign_in(EMAIL, PASSWORD))
    world.faults.away = False
    assert result_of(driver.identity.sign_in(EMAIL, PASSWORD))


@pytest.mark.parametrize("outcome", [ServerBusy("busy"), Stopping("hashing")])
def test_a_password_nobody_looked_at_is_no_guess(
    driver: People, outcome: Exception
) -> None:
    """Neither at a sign-in nor at a change; the right one works once there is time."""
    token = result_of(driver.token_of(EMAIL))
    driver.hasher.outcome = outcome
    for _ in range(101):
        with pytest.raises(type(outcome)):
            result_of(driver.identity.sign_in(EMAIL, PASSWORD))
        with pytest.raises(type(outcome)):
            result_of(driver.identity.change_password(token, PASSWORD, "N3w-word!"))
    driver.hasher.outcome = None
    assert result_of(driver.identity.sign_in(EMAIL, PASSWORD))
