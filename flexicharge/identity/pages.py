"""Long lists of people, page by page."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest
from typing import Final

import msgspec
from attrs import frozen

from flexicharge.errors import ParameterInvalid
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.persons import person_of
from flexicharge.interfaces.accounts import AccountsAsked, IAccountStore
from flexicharge.model.account import LISTED_BY, Account, Listing, PeoplePage

MAX_PAGE: Final = 60  # as Cognito's
MAX_TOKEN: Final = 512
MAX_FILTER: Final = 256
MAC_BYTES: Final = 16
NO_TOKEN: Final = "Invalid pagination token given."


@frozen(kw_only=True)
class Pages:
    """Lists accounts; where a page ended is in its token, which only we can make."""

    accounts: IAccountStore
    server_key: ServerKey

    async def read(self, asked: Listing, group: str | None = None) -> PeoplePage:
        """Return a page, of one group perhaps; raise `ParameterInvalid`."""
        _check(asked)
        found = await self.accounts.get_accounts(
            AccountsAsked(
                limit=asked.limit + 1,
                after=None if asked.token is None else self._place_of(asked.token),
                group=group,
                listed_by=asked.filter_attribute,
                prefix=asked.filter_value,
            )
        )
        shown = found[: asked.limit]
        return PeoplePage(
            people=tuple(map(person_of, shown)),
            next_token=self._token_of(shown[-1]) if len(found) > len(shown) else None,
        )

    def _token_of(self, account: Account) -> str:
        place = msgspec.json.encode((account.created_at, account.account_id))
        return urlsafe_b64encode(self._mac(place) + place).rstrip(b"=").decode()

    def _place_of(self, token: str) -> tuple[float, str]:
        """Return where a page ended; raise `ParameterInvalid`."""
        if len(token) > MAX_TOKEN:
            raise ParameterInvalid(NO_TOKEN)
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            raise ParameterInvalid(NO_TOKEN) from None
        mac, place = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not compare_digest(mac, self._mac(place)):
            raise ParameterInvalid(NO_TOKEN)
        return msgspec.json.decode(place, type=tuple[float, str])

    def _mac(self, place: bytes) -> bytes:
        return self.server_key.mac("page", place.hex())[:MAC_BYTES]


def _check(asked: Listing) -> None:
    if not 1 <= asked.limit <= MAX_PAGE:
        raise ParameterInvalid(f"limit must be from 1 to {MAX_PAGE}.")
    if asked.filter_attribute not in (None, *LISTED_BY):
        raise ParameterInvalid("Invalid filter attribute given.")
    if len(asked.filter_value) > MAX_FILTER:
        raise ParameterInvalid(
            f"A filter value must be no longer than {MAX_FILTER} characters."
        )
