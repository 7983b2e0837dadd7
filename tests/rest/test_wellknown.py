"""What others need to check our tokens."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import jwt
import pytest
from twisted.internet.task import Clock

from flexicharge.errors import IdentityAway
from flexicharge.identity.keys import ANNOUNCED_S
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.wellknown import WellKnownApi
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import ISSUER, People, SeededEntropy
from tests.rest.accounts import driver_token, refusal_of, user_id_of
from tests.rest.fakes import FakeIdentity

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/.well-known/jwks.json"


class ElsewhereIdentity(FakeIdentity):
    """Tokens of a provider that publishes its keys itself."""

    async def published_keys(self) -> tuple[Mapping[str, str], ...]:
        """Return none."""
        self._note("published_keys")
        return ()


@pytest.fixture
def verifier(people: People, clock: Clock) -> HttpClient:
    """A client of somebody who got a token of ours."""
    return client(people.identity, clock, ISSUER)


def client(identity: object, clock: Clock, url: str = ISSUER) -> HttpClient:
    """Return a client of the well-known routes."""
    desk = Desk(identity=identity, entropy=SeededEntropy(), clock=clock, public_url=url)
    return HttpClient(http_site(Door([WellKnownApi(desk).app]), clock))


def test_a_token_is_verified_with_what_is_published(
    verifier: HttpClient, people: People
) -> None:
    """A library that knows the issuer alone finds the key, and believes the token."""
    token = driver_token(people)
    found = verifier.get(DISCOVERY).json
    keys = verifier.get(urlsplit(found["jwks_uri"]).path).json["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    (key,) = [one for one in keys if one["kid"] == kid]
    claims = jwt.decode(
        token,
        jwt.PyJWK(key),
        algorithms=found["id_token_signing_alg_values_supported"],
        issuer=found["issuer"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["sub"] == user_id_of(people)
    assert found["issuer"] == ISSUER


def test_only_public_halves_are_published(verifier: HttpClient) -> None:
    """Whoever has these can sign nothing."""
    (key,) = verifier.get(KEYS).json["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_no_cache_lacks_the_key_of_a_token(verifier: HttpClient) -> None:
    """A key is published for longer than caches keep the list before it is used."""
    for path in (KEYS, DISCOVERY):
        said = verifier.get(path).header("cache-control")
        kept_for = int((said or "").removeprefix("public, max-age="))
        assert 0 < kept_for < ANNOUNCED_S


def test_a_slash_at_the_end_of_our_address_is_part_of_the_issuer(
    people: People, clock: Clock
) -> None:
    """Issuers are compared to the letter, but the keys have one address."""
    found = client(people.identity, clock, ISSUER + "/").get(DISCOVERY).json
    assert found["issuer"] == ISSUER + "/"
    assert found["jwks_uri"] == ISSUER + KEYS


def test_another_issuers_keys_are_not_ours_to_publish(clock: Clock) -> None:
    """There is nothing to find then, and no key."""
    elsewhere = client(ElsewhereIdentity(), clock)
    assert elsewhere.get(KEYS).json == {"keys": []}
    answer = elsewhere.get(DISCOVERY)
    assert (answer.status, answer.body) == (404, b"")


def test_a_provider_that_is_away_is_told_as_such(clock: Clock) -> None:
    """Whoever wants the keys is asked to come back, and keeps no such answer."""
    elsewhere = ElsewhereIdentity()
    elsewhere.outcome = IdentityAway("The identity provider cannot be reached.")
    answer = client(elsewhere, clock).get(KEYS)
    assert refusal_of(answer) == (503, "InternalErrorException")
    assert answer.header("retry-after") == "30"
    assert answer.header("cache-control") is None


def test_both_are_documented(api: HttpClient) -> None:
    """Nobody needs a token for them."""
    assert len(api.get(KEYS).json["keys"]) == 1
    assert api.get(DISCOVERY).status == 200
