"""Access tokens: what is in them, and every kind that is not accepted."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt import PyJWS
from zope.interface.verify import verifyObject

from flexicharge.errors import TokenError
from flexicharge.identity.keys import KeyRing, SigningKey
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces.people import ITokens
from flexicharge.model.account import ADMINS, Account, AccountStatus
from flexicharge.testing.identity import ISSUER, SeededEntropy, signing_key

NOW = 1_800_000_000.7
SUBJECT = "7a4fdc2e-6d1c-4a0b-9a53-5b1e1d0f6f11"


def tokens_of(*keys: SigningKey, issuer: str = ISSUER) -> SignedTokens:
    ring = KeyRing(keys or [signing_key()])
    return SignedTokens(ring, issuer, SeededEntropy())


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
    key = signing_key()
    return jwt.encode(claims, key.private, "RS256", headers={"kid": key.kid})


def refused(token: str, at: float = NOW) -> str:
    with pytest.raises(TokenError) as caught:
        tokens_of().read(token, at)
    return str(caught.value)


def test_a_token_has_the_form_of_cognitos() -> None:
    """Any JWT library can check it with the public key, and finds the usual claims."""
    key = signing_key()
    assert verifyObject(ITokens, tokens_of())
    token = tokens_of().issue(account_in(ADMINS), NOW)
    header = jwt.get_unverified_header(token)
    assert header == {"alg": "RS256", "kid": key.kid, "typ": "JWT"}
    claims = jwt.decode(
        token,
        key.public,
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
    header = {"alg": "none", "typ": "JWT", "kid": signing_key().kid}
    unsigned = f"{part(header)}.{part(claims_of(signed()))}."
    assert refused(unsigned) == "invalid algorithm"


def test_a_token_signed_with_the_public_key_is_refused() -> None:
    """The public key is no HMAC secret, whatever the header says."""
    public = signing_key().public.public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": signing_key().kid}
    signing_input = f"{part(header)}.{part(claims_of(signed()))}"
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    forged = f"{signing_input}.{text_of(mac.sign(signing_input.encode(), public))}"
    assert refused(forged) == "invalid algorithm"


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_another_algorithm_of_the_same_key_is_refused(algorithm: str) -> None:
    """RS256 is the one that we sign with."""
    forged = jwt.encode(claims_of(signed()), signing_key().private, algorithm)
    assert refused(forged) == "invalid algorithm"


def test_a_token_of_another_key_is_refused() -> None:
    """Even when it claims our key id."""
    stranger = SigningKey(rsa.generate_private_key(65537, 2048), 0)
    theirs = tokens_of(stranger).issue(account_in(), NOW)
    assert refused(theirs) == "unknown signing key"
    forged = jwt.encode(
        claims_of(signed()),
        stranger.private,
        "RS256",
        headers={"kid": signing_key().kid},
    )
    assert refused(forged) == "invalid signature"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"kid": "other"},
        {"kid": ""},
        {"kid": "../../keys/signing-0.pem"},
        {"kid": "/dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": signing_key().kid.upper()},
        {"kid": "x", "jku": f"{ISSUER}/jwks", "x5u": f"{ISSUER}/cert"},
    ],
)
def test_a_token_that_names_another_key_is_refused(headers: dict[str, str]) -> None:
    """Without our key's own name not even our signature counts."""
    token = jwt.encode(claims_of(signed()), signing_key().private, "RS256", headers)
    assert refused(token) == "unknown signing key"


@pytest.mark.parametrize("kid", [None, 7, ["x"], {"kid": "x"}])
def test_a_key_whose_name_is_no_text_is_malformed(kid: object) -> None:
    """The header may be any JSON."""
    _, payload, signature = signed().split(".")
    header = part({"alg": "RS256", "typ": "JWT", "kid": kid})
    assert refused(f"{header}.{payload}.{signature}") == "jwt malformed"


def test_a_token_without_what_it_signs_is_malformed() -> None:
    """Its content is said to travel elsewhere (RFC 7797)."""
    header = {"alg": "RS256", "kid": signing_key().kid, "b64": False, "crit": ["b64"]}
    signature = signed().rpartition(".")[2]
    assert refused(f"{part(header)}..{signature}") == "jwt malformed"


def test_a_key_that_comes_with_the_token_is_not_used() -> None:
    """Anybody can sign with a key of their own (RFC 7515 §4.1.3)."""
    stranger = SigningKey(rsa.generate_private_key(65537, 2048), 0)
    for jwk, error in (
        ({**stranger.jwk, "kid": signing_key().kid}, "invalid signature"),
        (stranger.jwk, "unknown signing key"),
    ):
        headers = {"kid": jwk["kid"], "jwk": dict(jwk)}
        token = jwt.encode(claims_of(signed()), stranger.private, "RS256", headers)
        assert refused(token) == error


@pytest.mark.parametrize("client_id", ["", "another app", "FlexiCharge"])
def test_a_token_for_another_app_is_refused(client_id: str) -> None:
    """One pool may serve many; this server is one of them."""
    assert refused(signed(client_id=client_id)) == "jwt audience invalid"


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
        {"sub": [SUBJECT]},
        {"exp": None},
        {"exp": "1900000000"},
        {"exp": 1_800_003_600.5},
        {"exp": True},
        {"exp": [1_800_003_600]},
        {"iat": None},
        {"iat": False},
        {"iat": 1_800_000_000.0},
        {"client_id": None},
        {"jti": None},
        {"jti": 7},
        {"generation": "0"},
        {"generation": 0.0},
        {"generation": True},
        {"iss": None},
        {"token_use": None},
        {"cognito:groups": ADMINS},
    ],
)
def test_a_token_with_other_claims_is_malformed(changes: dict[str, object]) -> None:
    """Every claim that decides something must be there, and of its type."""
    assert refused(signed(**changes)) == "jwt malformed"


@pytest.mark.parametrize("exp", [1_900_000_000, 10**30])
def test_a_token_that_would_last_for_ever_is_refused(exp: int) -> None:
    """None of ours was ever meant to."""
    assert refused(signed(exp=exp)) == "jwt lifetime invalid"


def test_a_token_names_the_generation_it_is_of() -> None:
    """And its own id, so that tokens can be called back."""
    account = evolve(account_in(), generation=3)
    caller = tokens_of().read(tokens_of().issue(account, NOW), NOW)
    assert caller.generation == 3
    assert caller.token_id
    assert tokens_of().read(tokens_of().issue(account_in(), NOW), NOW).generation == 0


def test_a_token_of_an_older_key_is_good_while_that_key_is() -> None:
    """Also when it was seen, and remembered, before."""
    old = signing_key()
    new = SigningKey(rsa.generate_private_key(65537, 2048), int(NOW))
    ring = KeyRing([old])
    tokens = SignedTokens(ring, ISSUER, SeededEntropy())
    token = tokens.issue(account_in(), NOW)
    assert tokens.read(token, NOW).user_id == SUBJECT
    ring.replace([old, new])
    assert tokens.read(token, NOW).user_id == SUBJECT
    assert [jwk["kid"] for jwk in tokens.published_keys(NOW)] == [old.kid, new.kid]
    assert jwt.get_unverified_header(tokens.issue(account_in(), NOW + 60))["kid"] == (
        new.kid
    )
    ring.replace([new])
    for _ in range(2):
        with pytest.raises(TokenError, match="unknown signing key"):
            tokens.read(token, NOW)


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
        base64.urlsafe_b64encode(b'{"alg":' + b"[" * 3000 + b"]" * 3000 + b"}").decode()
        + ".e30.x",
    ],
    ids=range(11),
)
def test_what_is_no_token_is_malformed(token: str) -> None:
    """Anything may stand in a header."""
    assert refused(token) == "jwt malformed"


def test_a_decoder_that_gives_up_is_told_of_a_malformed_token() -> None:
    """At the header as at what is signed: nobody's request fails by such a token."""

    class TooDeep(PyJWS):
        def get_unverified_header(self, jwt: str | bytes) -> dict[str, Any]:
            raise RecursionError

    class DeepInside(PyJWS):
        def decode_complete(self, *_: Any, **__: Any) -> dict[str, Any]:
            raise RecursionError

    token = signed()
    for jws in (TooDeep(["RS256"]), DeepInside(["RS256"])):
        tokens = SignedTokens(
            KeyRing([signing_key()]), ISSUER, SeededEntropy(), jws=jws
        )
        with pytest.raises(TokenError, match="jwt malformed"):
            tokens.read(token, NOW)


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
