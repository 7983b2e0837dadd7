"""Access tokens: what is in them, and every kind that is not accepted."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from zope.interface.verify import verifyObject

from flexicharge.errors import TokenError
from flexicharge.identity.keys import SigningKeys
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces.people import ITokens
from flexicharge.model.account import ADMINS, Account, AccountStatus
from flexicharge.testing.identity import ISSUER, SeededEntropy, signing_keys

NOW = 1_800_000_000.7
SUBJECT = "7a4fdc2e-6d1c-4a0b-9a53-5b1e1d0f6f11"


def tokens_of(keys: SigningKeys | None = None, issuer: str = ISSUER) -> SignedTokens:
    return SignedTokens(keys or signing_keys(), issuer, SeededEntropy())


def account_in(*groups: str) -> Account:
    return Account(
        account_id=SUBJECT,
        email="driver@example.com",
        password_hash="",
        status=AccountStatus.CONFIRMED,
        enabled=True,
        groups=groups,
        created_at=NOW,
        modified_at=NOW,
    )


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(**changes: object) -> str:
    """Return a token signed with our key; a change to None takes a claim out."""
    claims = {**claims_of(tokens_of().issue(account_in(), NOW)), **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    keys = signing_keys()
    return jwt.encode(claims, keys.private, "RS256", headers={"kid": keys.kid})


def refused(token: str, at: float = NOW) -> str:
    with pytest.raises(TokenError) as caught:
        tokens_of().read(token, at)
    return str(caught.value)


def test_a_token_has_the_form_of_cognitos() -> None:
    """Any JWT library can check it with the public key, and finds the usual claims."""
    keys = signing_keys()
    assert verifyObject(ITokens, tokens_of())
    token = tokens_of().issue(account_in(ADMINS), NOW)
    header = jwt.get_unverified_header(token)
    assert header == {"alg": "RS256", "kid": keys.kid, "typ": "JWT"}
    claims = jwt.decode(
        token,
        keys.public,
        algorithms=["RS256"],
        issuer=ISSUER,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims.pop("jti")
    assert claims.pop("client_id")
    assert claims.pop("scope")
    assert claims == {
        "sub": SUBJECT,
        "username": SUBJECT,
        "iss": ISSUER,
        "token_use": "access",
        "cognito:groups": [ADMINS],
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
    }


def test_groups_are_absent_for_who_is_in_none() -> None:
    """There is no empty list of groups."""
    assert "cognito:groups" not in claims_of(tokens_of().issue(account_in(), NOW))


def test_no_two_tokens_are_the_same() -> None:
    """Each has an id of its own."""
    tokens = tokens_of()
    assert tokens.issue(account_in(), NOW) != tokens.issue(account_in(), NOW)


def test_a_token_is_read_by_whoever_has_the_key() -> None:
    """After a restart, or in another process, it stands for the same person."""
    token = tokens_of().issue(account_in(ADMINS), NOW)
    caller = tokens_of().read(token, NOW)
    assert caller.user_id == SUBJECT
    assert caller.is_admin
    assert caller.expires_at == 1_800_003_600.0


def test_a_token_lasts_an_hour_of_the_given_time() -> None:
    """The wall clock plays no part: these tokens are years away from it."""
    token = tokens_of().issue(account_in(), NOW)
    assert tokens_of().read(token, 1_800_003_599.9).user_id == SUBJECT
    assert refused(token, 1_800_003_600.0) == "jwt expired"


def test_a_token_from_the_future_is_not_active() -> None:
    """A minute is forgiven to another machine's clock, not more."""
    token = tokens_of().issue(account_in(), NOW)
    assert tokens_of().read(token, NOW - 59.0).user_id == SUBJECT
    assert refused(token, NOW - 62.0) == "jwt not active"


def test_a_token_without_signature_is_refused() -> None:
    """`alg: none` proves nothing."""
    header = {"alg": "none", "typ": "JWT", "kid": signing_keys().kid}
    unsigned = f"{part(header)}.{part(claims_of(signed()))}."
    assert refused(unsigned) == "invalid algorithm"


def test_a_token_signed_with_the_public_key_is_refused() -> None:
    """The public key is no HMAC secret, whatever the header says."""
    public = signing_keys().public.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": signing_keys().kid}
    signing_input = f"{part(header)}.{part(claims_of(signed()))}"
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = f"{signing_input}.{text_of(mac.sign(signing_input.encode(), public))}"
    assert refused(forged) == "invalid algorithm"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_of_the_same_key_is_refused(algorithm: str) -> None:
    """RS256 is the one that we sign with."""
    forged = jwt.encode(claims_of(signed()), signing_keys().private, algorithm)
    assert refused(forged) == "invalid algorithm"


def test_a_token_of_another_key_is_refused() -> None:
    """Even when it claims our key id."""
    stranger = SigningKeys(rsa.generate_private_key(65537, 2048))
    assert refused(tokens_of(stranger).issue(account_in(), NOW)) == "invalid signature"
    forged = jwt.encode(
        claims_of(signed()),
        stranger.private,
        "RS256",
        headers={"kid": signing_keys().kid},
    )
    assert refused(forged) == "invalid signature"


@pytest.mark.parametrize("headers", [{}, {"kid": "other"}])
def test_a_token_that_names_another_key_is_refused(headers: dict[str, str]) -> None:
    """Without our key id even our signature does not count."""
    token = jwt.encode(claims_of(signed()), signing_keys().private, "RS256", headers)
    assert refused(token) == "unknown signing key"


def test_a_token_of_another_issuer_is_refused() -> None:
    """A test server with the same key is not this server."""
    token = tokens_of(issuer="http://elsewhere.example").issue(account_in(), NOW)
    assert refused(token) == "jwt issuer invalid"


def test_an_id_token_is_refused() -> None:
    """Only access tokens give access."""
    assert refused(signed(token_use="id")) == "jwt is not an access token"


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "1900000000"},
        {"iat": None},
        {"iss": None},
        {"token_use": None},
        {"cognito:groups": ADMINS},
    ],
)
def test_a_token_with_other_claims_is_malformed(changes: dict[str, object]) -> None:
    """Every claim that decides something must be there, and of its type."""
    assert refused(signed(**changes)) == "jwt malformed"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b",
        "..",
        "a.b.c",
        "å.ä.ö",
        "\udcff.x.y",
        "a.b.c.d",
        "x" * 8193,
        "bnVsbA.bnVsbA.bnVsbA",
    ],
)
def test_what_is_no_token_is_malformed(token: str) -> None:
    """Anything may stand in a header."""
    assert refused(token) == "jwt malformed"


def test_a_huge_token_is_not_even_read() -> None:
    """A valid signature does not make 8 KiB of claims worth reading."""
    assert refused(signed(padding="x" * 8192)) == "jwt malformed"


def test_a_changed_token_is_refused() -> None:
    """No letter of the payload or the signature can be exchanged."""
    head, payload, signature = signed().split(".")
    claims = {**claims_of(signed()), "cognito:groups": [ADMINS]}
    assert refused(f"{head}.{part(claims)}.{signature}") == "invalid signature"
    other = "A" if signature[10] != "A" else "B"
    damaged = signature[:10] + other + signature[11:]
    assert refused(f"{head}.{payload}.{damaged}") == "invalid signature"


def part(content: dict[str, Any]) -> str:
    return text_of(json.dumps(content).encode())


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
