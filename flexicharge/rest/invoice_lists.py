"""Invoices with the addresses of whom they are for, as clients read them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from attrs import frozen

from flexicharge.interfaces import IInvoices
from flexicharge.model.invoice import Invoice, InvoicePage, by_user
from flexicharge.model.invoice_asked import ALL_INVOICES, InvoicesAsked
from flexicharge.rest.addressees import AddressBook, Addressees
from flexicharge.rest.invoice_shapes import (
    ListedInvoice,
    UserInvoices,
    listed,
    said_of,
    user_of,
)

MOST: Final = 10_000  # invoices in one answer

Users = dict[str, UserInvoices]


@frozen
class InvoiceLists:
    """What lists of invoices are made of; their links begin with `public_url`.

    Of long lists a part is returned, with the number that the next one is after, else
    None. They are made page by page, so that others have their turns in between.
    """

    _invoices: IInvoices
    _addressees: Addressees
    _public_url: str

    async def every(
        self, asked: InvoicesAsked, after: str | None
    ) -> tuple[list[ListedInvoice], str | None]:
        """Return everybody's invoices, newest month first."""
        found: list[ListedInvoice] = []
        book = AddressBook(self._addressees)
        async for page in self._pages(asked, after):
            found += await self._listed(page.invoices, book)
            after = page.next_after
        return found, after

    async def every_user(
        self, asked: InvoicesAsked, after: str | None
    ) -> tuple[list[UserInvoices], str | None]:
        """Return users with their invoices; who has the newest comes first."""
        users: Users = {}
        book = AddressBook(self._addressees)
        async for page in self._pages(asked, after):
            await self._add(users, page.invoices, book)
            after = page.next_after
        return list(users.values()), after

    async def of_user(self, user_id: str, asked: InvoicesAsked) -> list[UserInvoices]:
        """Return a user with their invoices, or nobody if there are none."""
        users: Users = {}
        invoices = await self._invoices.of_user(user_id, asked)
        await self._add(users, invoices, AddressBook(self._addressees))
        return list(users.values())

    async def searched(self, text: str) -> list[ListedInvoice]:
        """Return all invoices of whose e-mail address or number a text is.

        Raise as `Addressees.known` where an address cannot be looked up now.
        """
        user_id = text.strip()
        if "@" in user_id:
            person = await self._addressees.known(user_id)
            if person is None:
                return []
            user_id = person.user_id
        invoices = await self._invoices.of_user(user_id, ALL_INVOICES)
        return await self._listed(invoices, AddressBook(self._addressees))

    async def _pages(
        self, asked: InvoicesAsked, after: str | None
    ) -> AsyncIterator[InvoicePage]:
        """Yield pages to the end, or until there are enough invoices."""
        count = 0
        while True:
            page = await self._invoices.every(asked, after)
            yield page
            count += len(page.invoices)
            after = page.next_after
            if after is None or count >= MOST:
                return

    async def _listed(
        self, invoices: tuple[Invoice, ...], book: AddressBook
    ) -> list[ListedInvoice]:
        await book.look_up(one.user_id for one in invoices)
        return [
            listed(one, self._public_url, book.email_of(one.user_id))
            for one in invoices
        ]

    async def _add(
        self, users: Users, invoices: tuple[Invoice, ...], book: AddressBook
    ) -> None:
        """Add invoices to those of users who have some already."""
        await book.look_up(one.user_id for one in invoices)
        for user_id, theirs in by_user(invoices).items():
            if user_id not in users:
                users[user_id] = user_of(user_id, book.email_of(user_id))
            users[user_id].invoices += [
                said_of(one, self._public_url) for one in theirs
            ]
