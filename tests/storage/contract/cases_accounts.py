"""What every `IAccountStore` does."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    NameTaken,
    TooManyRequests,
)
from flexicharge.model.account import (
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
)

from .stores import T0, Stores, is_refused

SIGN_UP = CodePurpose.SIGN_UP
RIGHT, WRONG = b"\x00right\xff", b"wrong"
IDA = Account(
    account_id="4b1f7f0e-0000-4000-8000-000000000001",
    email="ida@example.org",
    password_hash="$argon2id$x",
    status=AccountStatus.UNCONFIRMED,
    enabled=True,
    groups=(),
    created_at=T0,
    modified_at=T0,
    name="Ida",
    family_name="Åkesson",
    phone_number="+46701234567",
    street_address="Gjuterigatan 5",
    zip_code="553 18",
    city="Jönköping",
    country="Sverige",
    email_verified=True,
    generation=7,
    kept_token="jti",
)
BO = evolve(IDA, account_id="bo", email="bo@example.org")
STRANGERS = ("", "nobody", "ida@example.org\0", "\ud800")


async def test_an_account_is_found_as_it_was_made(stores: Stores) -> None:
    """By its number, and by its e-mail address in any case."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.add_account(evolve(BO, groups=("Admins",), enabled=False))
    assert await stores.accounts.get_account(IDA.account_id) == IDA
    assert await stores.accounts.get_listed_account(IDA.account_id) == IDA
    assert await stores.accounts.get_account_by_email("ida@example.org") == IDA
    assert await stores.accounts.get_account_by_email("IDA@Example.ORG") == IDA
    found = await stores.accounts.get_account("bo")
    assert (found.groups, found.enabled) == (("Admins",), False)


async def test_an_address_is_kept_in_lower_case(stores: Stores) -> None:
    """However it was written when the account was made."""
    await stores.accounts.add_account(evolve(IDA, email="Ida@Example.org"))
    assert await stores.accounts.get_account(IDA.account_id) == IDA


async def test_an_address_has_one_account(stores: Stores) -> None:
    """A second one, whatever its case, is refused and leaves nothing behind."""
    await stores.accounts.add_account(IDA)
    with pytest.raises(NameTaken):
        await stores.accounts.add_account(evolve(BO, email="IDA@example.org"))
    with pytest.raises(AccountUnknown):
        await stores.accounts.get_account("bo")


async def test_an_account_that_is_not_there_is_unknown(stores: Stores) -> None:
    """Also under names that could not even be stored."""
    await stores.accounts.add_account(IDA)
    store = stores.accounts
    for name in STRANGERS:
        for asked in (
            store.get_account(name),
            store.get_listed_account(name),
            store.get_account_by_email(name),
            store.change_account(name, AccountChange(), T0),
            store.delete_account(name),
            store.add_to_group(name, "Admins", T0),
        ):
            with pytest.raises(AccountUnknown):
                await asked
        with pytest.raises(CodeMismatch):
            await store.try_code(name, SIGN_UP, RIGHT, T0)


async def test_an_address_that_no_column_holds_is_refused(stores: Stores) -> None:
    """It would be found under another one's name."""
    await is_refused(
        stores.accounts.add_account(evolve(IDA, email="i\0da@example.org"))
    )
    with pytest.raises(AccountUnknown):
        await stores.accounts.get_account(IDA.account_id)


async def test_a_name_is_stored_without_nul(stores: Stores) -> None:
    """Free text is mended, so that nobody is locked out by it."""
    await stores.accounts.add_account(evolve(IDA, name="I\0da", family_name="\ud800"))
    found = await stores.accounts.get_account(IDA.account_id)
    assert (found.name, found.family_name) == ("Ida", "?")


async def test_an_account_is_in_a_group_once(stores: Stores) -> None:
    """Groups stay in the order of joining; joining again is nothing new."""
    await stores.accounts.add_account(IDA)
    for seconds, group in enumerate(("Admins", "Users", "Admins"), 1):
        await stores.accounts.add_to_group(IDA.account_id, group, T0 + seconds)
    found = await stores.accounts.get_account(IDA.account_id)
    assert found == evolve(IDA, groups=("Admins", "Users"), modified_at=T0 + 2)


async def test_a_code_is_good_once(stores: Stores) -> None:
    """Used up, it is a code like any wrong one."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)
    await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0)
    with pytest.raises(CodeMismatch):
        await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0)


async def test_a_code_is_for_its_account(stores: Stores) -> None:
    """Without a code of one's own nothing fits."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.add_account(BO)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)
    with pytest.raises(CodeMismatch):
        await stores.accounts.try_code("bo", SIGN_UP, RIGHT, T0)
    await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0)


async def test_a_code_needs_an_account(stores: Stores) -> None:
    """There is nobody to give it to."""
    for name in ("", "nobody"):
        with pytest.raises(AccountUnknown):
            await stores.accounts.put_code(name, SIGN_UP, RIGHT, T0 + 600)


async def test_a_code_is_right_until_its_time_is_up(stores: Stores) -> None:
    """At that moment it is too old; a wrong one is wrong at any time."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)

    async def attempt(code: bytes, at: float) -> None:
        await stores.accounts.try_code(IDA.account_id, SIGN_UP, code, at)

    with pytest.raises(CodeExpired):
        await attempt(RIGHT, T0 + 600)
    with pytest.raises(CodeMismatch):
        await attempt(WRONG, T0 + 600)
    await attempt(RIGHT, T0 + 599.999)


async def test_a_code_may_be_tried_five_times(stores: Stores) -> None:
    """From the sixth attempt on not even the right one is taken."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)
    for _ in range(5):
        with pytest.raises(CodeMismatch):
            await stores.accounts.try_code(IDA.account_id, SIGN_UP, WRONG, T0)
    for code in (RIGHT, WRONG, RIGHT):
        with pytest.raises(TooManyRequests):
            await stores.accounts.try_code(IDA.account_id, SIGN_UP, code, T0)


async def test_the_fifth_attempt_may_be_the_right_one(stores: Stores) -> None:
    """Four slips are forgiven; one that came too late counts as a slip."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)
    for _ in range(3):
        with pytest.raises(CodeMismatch):
            await stores.accounts.try_code(IDA.account_id, SIGN_UP, WRONG, T0)
    with pytest.raises(CodeExpired):
        await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 700)
    await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0)


async def test_a_new_code_takes_the_place_of_the_old(stores: Stores) -> None:
    """The old one is wrong from then on, and attempts start again."""
    await stores.accounts.add_account(IDA)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, WRONG, T0 + 1)
    for _ in range(6):
        with pytest.raises((CodeMismatch, TooManyRequests)):
            await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0)
    await stores.accounts.put_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 600)
    with pytest.raises(CodeMismatch):
        await stores.accounts.try_code(IDA.account_id, SIGN_UP, WRONG, T0)
    await stores.accounts.try_code(IDA.account_id, SIGN_UP, RIGHT, T0 + 500)
