"""A pool is known by what its settings say."""

from __future__ import annotations

import base64
import hashlib
import hmac

from attrs import evolve

from tests.identity.cognito.aws import POOL, SECRET


def test_the_secret_hash_is_that_of_the_contract() -> None:
    """Contract §7.2: an HMAC of name and client id, under the client's secret."""
    expected = hmac.new(SECRET.encode(), b"a@b.se1h57kf5cpq17m0eml12", hashlib.sha256)
    assert POOL.secret_hash("a@b.se") == base64.b64encode(expected.digest()).decode()


def test_the_secret_is_not_shown() -> None:
    """Neither by the pool nor by anything that holds it."""
    assert SECRET not in repr(POOL)


def test_tokens_are_those_of_aws() -> None:
    """Issuer and keys are where AWS has them, in China too."""
    issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"
    assert POOL.issuer == issuer
    assert POOL.keys_url == f"{issuer}/.well-known/jwks.json"
    chinese = evolve(POOL, region="cn-north-1", pool_id="cn-north-1_x")
    assert (
        chinese.issuer == "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x"
    )


def test_a_stand_in_publishes_the_keys_but_need_not_be_the_issuer() -> None:
    """moto writes AWS's own name into its tokens; other servers write theirs."""
    stand_in = evolve(POOL, endpoint_url="http://localhost:5000")
    assert stand_in.issuer == POOL.issuer
    keys_url = "http://localhost:5000/eu-west-1_Ab12Cd34E/.well-known/jwks.json"
    assert stand_in.keys_url == keys_url
    other = evolve(POOL, issuer_url="http://localhost:9229/x")
    assert other.issuer == "http://localhost:9229/x"
    assert other.keys_url == "http://localhost:9229/x/.well-known/jwks.json"
