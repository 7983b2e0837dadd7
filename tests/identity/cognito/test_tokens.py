"""Which access tokens let somebody in."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from jwt import PyJWS
from twisted.internet.task import Clock

from flexicharge.errors import IdentityAway, TokenError
from flexicharge.identity.cognito.keys import PoolKeys
from flexicharge.identity.cognito.tokens import PoolTokens
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import signing_key
from tests.identity.cognito.aws import (
    POOL,
    SUB,
    FakeKeySite,
    There,
    another_key,
    jwk,
    token,
)


def refused(there: There, shown: str) -> str:
    """Return what is said of a token that does not let anybody in."""
    with pytest.raises(TokenError) as caught:
        result_of(there.identity.admit(shown))
    return str(caught.value)


def test_a_token_says_who_its_owner_is(there: There) -> None:
    """Subject, groups and end are those of the token."""
    shown = there.token(**{"cognito:groups": ["Admins", "Users"]})
    caller = result_of(there.identity.admit(shown))
    assert caller.user_id == SUB
    assert caller.groups == {"Admins", "Users"}
    assert caller.is_admin
    assert caller.expires_at == there.clock.seconds() + 3600


def test_whoever_is_in_no_group_is_no_admin(there: There) -> None:
    """AWS leaves the claim out then."""
    assert not result_of(there.identity.admit(there.token())).is_admin


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/other"}, "issuer"),
        ({"iss": "http://localhost:8080"}, "issuer"),
        ({"token_use": "id"}, "not an access token"),
        ({"client_id": "another-app"}, "audience"),
        ({"exp": 1}, "expired"),
        ({"iat": 1_800_000_061}, "not active"),
        ({"sub": 7}, "malformed"),
        ({"cognito:groups": "Admins"}, "malformed"),
        ({"exp": "never"}, "malformed"),
        ({"without": "exp"}, "malformed"),
        ({"without": "client_id"}, "malformed"),
        ({"without": "sub"}, "malformed"),
        ({"key": "another"}, "invalid signature"),
        ({"kid": "another"}, "unknown signing key"),
        ({"kid": ""}, "unknown signing key"),
        ({"kid": "k" * 129}, "unknown signing key"),
    ],
)
def test_a_token_of_another_kind_lets_nobody_in(
    there: There, claims: dict[str, Any], says: str
) -> None:
    """Each is refused for its own reason, and AWS is not asked about its owner."""
    if "key" in claims:
        claims = {"key": another_key()}
    assert says in refused(there, there.token(**claims))
    assert not there.aws.requests("GetUser")


def _part(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()


def _nested(deep: int) -> str:
    words = b'{"alg":' + b"[" * deep + b"]" * deep + b"}"
    return base64.urlsafe_b64encode(words).rstrip(b"=").decode()


def _tampered(whole: str) -> str:
    head, _, signature = whole.split(".")
    return f"{head}.{_part({'sub': 'somebody else'})}.{signature}"


def _signed(algorithm: str, key: Any, **header: Any) -> str:
    return jwt.encode(
        {"sub": SUB}, key, algorithm=algorithm, headers={"kid": "one", **header}
    )


NO_TOKENS = {
    "nested": f"{_nested(3000)}.{_part({})}.x",
    "nothing": "",
    "a word": "x",
    "three words": "a.b.c",
    "no ASCII": "é.é.é",
    "a list": f"{_part([])}.{_part({})}.x",
    "a number for a key": f"{_part({'alg': 'RS256', 'kid': 7})}.{_part({})}.x",
    "too long": "x" * 8193,
    "critical": _signed("RS256", signing_key().private, crit=["b64"], b64=False),
    "claims missing": _signed("RS256", signing_key().private),
}
TAMPERED = {
    "changed": _tampered(token(1_800_000_000)),
    "unsigned": f"{_part({'alg': 'RS256', 'kid': 'one'})}..",
}


@pytest.mark.parametrize("name", NO_TOKENS)
def test_what_is_no_token_lets_nobody_in(there: There, name: str) -> None:
    """Whatever it is made of."""
    assert refused(there, NO_TOKENS[name]) in ("jwt malformed", "unknown signing key")
    assert not there.aws.requests("GetUser")


@pytest.mark.parametrize("name", TAMPERED)
def test_a_token_is_as_it_was_signed(there: There, name: str) -> None:
    """Nobody makes another one of it."""
    assert refused(there, TAMPERED[name]) == "invalid signature"


@pytest.mark.parametrize(
    "shown",
    [
        _signed("none", ""),
        _signed("HS256", jwk()["n"]),
        _signed("RS384", signing_key().private),
        _signed("RS512", signing_key().private),
        _signed("PS256", signing_key().private),
    ],
    ids=["none", "HMAC under what is public", "RS384", "RS512", "PS256"],
)
def test_another_algorithm_is_refused(there: There, shown: str) -> None:
    """Before any key is looked at."""
    assert refused(there, shown) == "invalid algorithm"
    assert there.keys.fetched == 0


def test_a_token_ends_by_our_clock(there: There, clock: Clock) -> None:
    """Also one that was good a moment ago."""
    shown = there.token()
    clock.advance(3599)
    result_of(there.identity.admit(shown))
    clock.advance(1)
    assert refused(there, shown) == "jwt expired"


def test_aws_may_be_a_minute_ahead(there: There) -> None:
    """Clocks are not that good."""
    result_of(there.identity.admit(there.token(iat=1_800_000_060)))


def test_a_token_dies_with_its_key(there: There, clock: Clock) -> None:
    """That its signature was verified once does not help it."""
    shown = there.token()
    result_of(there.identity.admit(shown))
    there.keys.keys = [jwk("two", another_key())]
    later = there.token(kid="two", key=another_key())
    result_of(there.identity.admit(later))
    clock.advance(1)
    assert refused(there, shown) == "unknown signing key"


def test_without_keys_nobody_is_let_in_or_out(there: There) -> None:
    """It is not the token's fault."""
    there.keys.away = True
    with pytest.raises(IdentityAway):
        result_of(there.identity.admit(there.token()))


def test_a_decoder_that_gives_up_lets_nobody_in(clock: Clock) -> None:
    """At the header as at what is signed: nobody's request fails by such a token."""

    class TooDeep(PyJWS):
        def get_unverified_header(self, jwt: str | bytes) -> dict[str, Any]:
            raise RecursionError

    class DeepInside(PyJWS):
        def decode_complete(self, *_: Any, **__: Any) -> dict[str, Any]:
            raise RecursionError

    keys = PoolKeys(FakeKeySite().fetch, clock)
    for jws in (TooDeep(["RS256"]), DeepInside(["RS256"])):
        read = PoolTokens(POOL, keys, jws=jws).read
        with pytest.raises(TokenError, match="jwt malformed"):
            result_of(read(token(clock.seconds()), clock.seconds()))


def test_memory_of_tokens_is_bounded(clock: Clock) -> None:
    """The one seen longest ago is verified anew: it shows if its key became another."""
    site = FakeKeySite()
    read = PoolTokens(POOL, PoolKeys(site.fetch, clock), remembered=2).read
    now = clock.seconds()
    oldest, *newer = (token(now, jti=name, exp=int(now) + 9000) for name in "abc")
    for shown in (oldest, *newer):
        result_of(read(shown, now))
    site.keys = [jwk("one", another_key())]
    clock.advance(3600)
    for _ in range(2):
        for shown in newer:
            assert result_of(read(shown, clock.seconds())).user_id == SUB
    with pytest.raises(TokenError, match="invalid signature"):
        result_of(read(oldest, clock.seconds()))
