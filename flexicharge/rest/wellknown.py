"""How others check our tokens without asking us: the keys, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from klein import Klein

from flexicharge.errors import NotThere
from flexicharge.identity.keys import ANNOUNCED_S
from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.desk import Desk
from flexicharge.rest.identity_errors import NOT_NOW
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.statuses import NothingThere

KEYS: Final = "/.well-known/jwks.json"
# Less than the time for which a key is published before it signs anything, so that no
# cache lacks the key of a token.
FOR_A_WHILE: Final = b"public, max-age=%d" % (ANNOUNCED_S // 2)


class KeySet(Shape):
    """Public keys (RFC 7517 §5)."""

    keys: tuple[Mapping[str, str], ...]


class Issuer(Shape):
    """Who signs tokens, and where the keys are (OpenID Connect Discovery 1.0 §3).

    Of that document only what is true here: people sign in with apps, not with us.
    """

    issuer: str
    jwks_uri: str
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    subject_types_supported: tuple[str, ...] = ("public",)
    response_types_supported: tuple[str, ...] = ()


class NotTheIssuer(NotThere):
    """Tokens are another provider's, which publishes its keys itself."""


class WellKnownApi:
    """For whoever gets to see a token of ours."""

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route(KEYS, methods=["GET"])
    @operation(who=ANYBODY, gives=Json(KeySet), errors=NOT_NOW)
    async def keys(self, call: Call[object]) -> KeySet:
        """Answer with the keys of all tokens of ours that are good."""
        keys = await self.desk.identity.published_keys()
        call.request.setHeader(b"Cache-Control", FOR_A_WHILE)
        return KeySet(keys=keys)

    @app.route("/.well-known/openid-configuration", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(Issuer),
        errors={**NOT_NOW, NotThere: NothingThere()},
    )
    async def issuer(self, call: Call[object]) -> Issuer:
        """Answer with who signs tokens; 404 if that is another provider."""
        if not await self.desk.identity.published_keys():
            raise NotTheIssuer
        call.request.setHeader(b"Cache-Control", FOR_A_WHILE)
        url = self.desk.public_url
        return Issuer(issuer=url, jwks_uri=f"{url.rstrip('/')}{KEYS}")
