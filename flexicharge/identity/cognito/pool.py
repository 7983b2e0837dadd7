"""Which user pool, and which app client in it."""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import Final

from attrs import field, frozen

CHINA: Final = "cn-"


@frozen(kw_only=True)
class Pool:
    """A user pool and the app client whose tokens are taken.

    `endpoint_url` is that of a server which stands in for AWS, '' for AWS itself.
    `issuer_url` is what tokens must be of, '' for what AWS writes into them.
    """

    region: str
    pool_id: str
    client_id: str
    client_secret: str = field(repr=False)
    endpoint_url: str = ""
    issuer_url: str = ""

    @property
    def issuer(self) -> str:
        """What the pool's tokens say they are of."""
        return self.issuer_url or f"{self._aws}/{self.pool_id}"

    @property
    def keys_url(self) -> str:
        """Where the keys are published that its tokens are verified with."""
        if self.endpoint_url:
            return f"{self.endpoint_url}/{self.pool_id}/.well-known/jwks.json"
        return f"{self.issuer}/.well-known/jwks.json"

    def secret_hash(self, username: str) -> str:
        """Return the proof that we know the app client's secret (contract §7.2)."""
        message = f"{username}{self.client_id}".encode()
        digest = hmac.digest(self.client_secret.encode(), message, "sha256")
        return b64encode(digest).decode()

    @property
    def _aws(self) -> str:
        domain = "amazonaws.com"
        if self.region.startswith(CHINA):
            domain += ".cn"
        return f"https://cognito-idp.{self.region}.{domain}"
