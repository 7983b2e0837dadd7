"""How every `IAccountStore` lists accounts."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from flexicharge.interfaces.accounts import AccountsAsked
from flexicharge.model.account import (
    CITY,
    COUNTRY,
    EMAIL,
    EMAIL_VERIFIED,
    FAMILY_NAME,
    LISTED_BY,
    NAME,
    PHONE_NUMBER,
    STATUS,
    STREET_ADDRESS,
    SUB,
    USER_STATUS,
    USERNAME,
    ZIP_CODE,
    AccountStatus,
)

from .cases_accounts import IDA
from .stores import T0, Stores

EVA = evolve(
    IDA,
    account_id="eva-2",
    email="eva_1@example.org",
    status=AccountStatus.CONFIRMED,
    enabled=False,
    groups=("Users", "Admins"),
    created_at=T0 + 1.5,
    name="Öyvind",
    family_name="100% safe",
    phone_number="+1",
    street_address="Åvägen 1",
    zip_code="1",
    city="Oslo",
    country="",
    email_verified=False,
)
BO = evolve(EVA, account_id="bo", email="bo@example.org", groups=())
TESTER = evolve(IDA, account_id="tester", email="tester@self-test.invalid")

# By which name, beginning with what, who is listed.
SEARCHES: Final[tuple[tuple[str, str, list[str]], ...]] = (
    (USERNAME, "EVA", ["eva-2"]),
    (SUB, "b", ["bo"]),
    (EMAIL, "Ida@", [IDA.account_id]),
    (EMAIL, "eva%", []),
    (EMAIL, "eva_", ["eva-2"]),
    (EMAIL, "b_", []),
    (EMAIL, "", [IDA.account_id, "bo", "eva-2"]),
    (EMAIL_VERIFIED, "TRUE", [IDA.account_id]),
    (EMAIL_VERIFIED, "false", ["bo", "eva-2"]),
    (STATUS, "enabled", [IDA.account_id]),
    (STATUS, "Dis", ["bo", "eva-2"]),
    (USER_STATUS, "confirmed", ["bo", "eva-2"]),
    (USER_STATUS, "UNC", [IDA.account_id]),
    (NAME, "id", [IDA.account_id]),
    (NAME, "öy", ["bo", "eva-2"]),
    (NAME, "ÖYV", ["bo", "eva-2"]),
    (FAMILY_NAME, "100%", ["bo", "eva-2"]),
    (FAMILY_NAME, "åKES", [IDA.account_id]),
    (PHONE_NUMBER, "+46", [IDA.account_id]),
    (STREET_ADDRESS, "åvÄ", ["bo", "eva-2"]),
    (ZIP_CODE, "553 ", [IDA.account_id]),
    (CITY, "jönk", [IDA.account_id]),
    (COUNTRY, "Sverige", [IDA.account_id]),
    (COUNTRY, "Sverige och mer", []),
    (EMAIL, "' OR true --", []),
    (EMAIL, "\\", []),
    (EMAIL, "ida\0", []),
    (EMAIL, "\ud800", []),
)


async def made(stores: Stores) -> None:
    """Add three accounts, and one of the self tests."""
    await stores.self_tests.prepare("self-test", b"", [TESTER], T0)
    for account in (EVA, BO, IDA):
        await stores.accounts.add_account(account)


async def listed(
    stores: Stores, by: str | None = None, prefix: str = "", limit: int = 60
) -> list[str]:
    """Return the numbers of those who are listed."""
    asked = AccountsAsked(limit=limit, listed_by=by, prefix=prefix)
    return [one.account_id for one in await stores.accounts.get_accounts(asked)]


async def test_accounts_are_listed_as_they_were_made(stores: Stores) -> None:
    """The oldest first; of one moment by number; those of self tests not at all."""
    await made(stores)
    found = await stores.accounts.get_accounts(AccountsAsked(limit=60))
    assert found == (IDA, BO, EVA)


async def test_a_list_goes_on_after_any_place(stores: Stores) -> None:
    """Whether there is an account at that place any more or not."""
    await made(stores)
    for place, rest in (
        ((T0, IDA.account_id), [BO, EVA]),
        ((T0 + 1.5, "bo"), [EVA]),
        ((T0 + 1.5, "c"), [EVA]),
        ((T0 + 1, ""), [BO, EVA]),
        ((T0 + 1.5, "eva-2"), []),
    ):
        asked = AccountsAsked(limit=60, after=place)
        assert await stores.accounts.get_accounts(asked) == tuple(rest)
    first = await stores.accounts.get_accounts(AccountsAsked(limit=1))
    assert first == (IDA,)


async def test_a_group_lists_its_members(stores: Stores) -> None:
    """Whichever other groups they are in."""
    await made(stores)
    admins = AccountsAsked(limit=60, group="Admins")
    assert await stores.accounts.get_accounts(admins) == (EVA,)
    nobody = AccountsAsked(limit=60, group="Admin")
    assert await stores.accounts.get_accounts(nobody) == ()


async def test_accounts_are_listed_by_what_they_begin_with(stores: Stores) -> None:
    """In whatever case; no character has a meaning of its own."""
    await made(stores)
    for by, prefix, numbers in SEARCHES:
        assert await listed(stores, by, prefix) == numbers, (by, prefix)


async def test_every_name_of_a_list_is_understood(stores: Stores) -> None:
    """And a limit counts only those who are wanted."""
    await made(stores)
    for by in LISTED_BY:
        assert len(await listed(stores, by)) == 3
    assert await listed(stores, USER_STATUS, "CONF", limit=1) == ["bo"]
