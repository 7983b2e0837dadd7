"""How every `IAccountStore` changes accounts, and deletes them."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    LastOfGroup,
    NameTaken,
    TooManyRequests,
)
from flexicharge.model.account import (
    ADMINS,
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
)

from .cases_accounts import BO, IDA, RIGHT, SIGN_UP, WRONG
from .stores import T0, Stores, is_refused

RESET, CHALLENGE = CodePurpose.RESET, CodePurpose.CHALLENGE
SIGNS_OUT = AccountChange(signs_out=True)


async def both(stores: Stores) -> None:
    """Add two accounts."""
    for account in (IDA, BO):
        await stores.accounts.add_account(account)


async def is_out(stores: Stores, purpose: CodePurpose) -> bool:
    """Tell whether Ida has a code for a purpose, by using it up."""
    try:
        await stores.accounts.try_code(IDA.account_id, purpose, RIGHT, T0)
    except CodeMismatch:
        return False
    return True


async def test_what_is_given_is_changed(stores: Stores) -> None:
    """And what is not stays as it was; the time of the change is kept."""
    await both(stores)
    change = AccountChange(
        email="NEW@example.org",
        email_verified=False,
        password_hash="$argon2id$y",
        status=AccountStatus.RESET_REQUIRED,
        enabled=False,
        name="",
        city="Göteborg",
    )
    changed = await stores.accounts.change_account(
        IDA.account_id, change, T0 + 1.23456789
    )
    assert changed == evolve(
        IDA,
        email="new@example.org",
        email_verified=False,
        password_hash="$argon2id$y",
        status=AccountStatus.RESET_REQUIRED,
        enabled=False,
        name="",
        city="Göteborg",
        modified_at=T0 + 1.234568,
    )
    assert await stores.accounts.get_account(IDA.account_id) == changed
    assert await stores.accounts.get_account("bo") == BO


async def test_an_account_may_stand_anywhere(stores: Stores) -> None:
    """Every word there is can be kept."""
    await both(stores)
    for status in AccountStatus:
        change = AccountChange(status=status)
        changed = await stores.accounts.change_account("bo", change, T0)
        assert changed.status is status


async def test_all_of_a_profile_can_be_changed(stores: Stores) -> None:
    """Each field on its own, and what cannot be stored is mended."""
    await both(stores)
    change = AccountChange(
        name="a\0",
        family_name="b",
        phone_number="c",
        street_address="d",
        zip_code="e",
        city="f",
        country="\ud800",
    )
    changed = await stores.accounts.change_account("bo", change, T0)
    assert (changed.name, changed.family_name, changed.phone_number) == ("a", "b", "c")
    assert (changed.street_address, changed.zip_code) == ("d", "e")
    assert (changed.city, changed.country) == ("f", "?")


async def test_an_address_stays_one_persons(stores: Stores) -> None:
    """Somebody else's is refused in any case, and nothing else is changed then."""
    await both(stores)
    change = AccountChange(email="IDA@example.org", name="Ida", signs_out=True)
    with pytest.raises(NameTaken):
        await stores.accounts.change_account("bo", change, T0 + 1)
    assert await stores.accounts.get_account("bo") == BO
    own = AccountChange(email="BO@example.org")
    assert (await stores.accounts.change_account("bo", own, T0)).email == BO.email
    await is_refused(
        stores.accounts.change_account("bo", AccountChange(email="b\0o@x.org"), T0)
    )


async def test_signing_out_begins_a_new_generation(stores: Stores) -> None:
    """The token that is kept is one of the last change, or none."""
    await both(stores)
    keeps = AccountChange(signs_out=True, kept_token="mine")
    changed = await stores.accounts.change_account(IDA.account_id, keeps, T0)
    assert (changed.generation, changed.kept_token) == (8, "mine")
    renamed = await stores.accounts.change_account(
        IDA.account_id, AccountChange(name="Eva", kept_token="other"), T0
    )
    assert (renamed.generation, renamed.kept_token) == (8, "mine")
    changed = await stores.accounts.change_account(IDA.account_id, SIGNS_OUT, T0)
    assert (changed.generation, changed.kept_token) == (9, "")


async def test_a_password_is_changed_only_while_it_is_the_known_one(
    stores: Stores,
) -> None:
    """Whoever was slower finds another one, and changes nothing."""
    await both(stores)
    await stores.accounts.put_code("bo", RESET, RIGHT, T0 + 600)

    async def change(known: Account, new: str) -> None:
        await stores.accounts.change_account(
            "bo",
            AccountChange(password_hash=new, voids_codes=True),
            T0,
            only_as=known,
        )

    with pytest.raises(AccountUnknown):
        await change(evolve(BO, password_hash="$argon2id$"), "theirs")
    assert await stores.accounts.get_account("bo") == BO
    await stores.accounts.try_code("bo", RESET, RIGHT, T0)
    await change(BO, "mine")
    with pytest.raises(AccountUnknown):
        await change(BO, "theirs")
    assert (await stores.accounts.get_account("bo")).password_hash == "mine"


async def test_an_account_is_changed_only_while_it_stands_as_it_was_seen(
    stores: Stores,
) -> None:
    """Though its password is the same; what is known of its owner may differ."""
    await both(stores)
    accounts = stores.accounts
    seen = BO
    for meanwhile in (
        SIGNS_OUT,
        AccountChange(status=AccountStatus.CONFIRMED),
        AccountChange(enabled=False),
    ):
        before = await accounts.change_account("bo", meanwhile, T0)
        with pytest.raises(AccountUnknown):
            await accounts.change_account("bo", SIGNS_OUT, T0, only_as=seen)
        assert await accounts.get_account("bo") == before
        await accounts.change_account("bo", AccountChange(name="Bo"), T0)
        change = AccountChange(password_hash="new")
        seen = await accounts.change_account("bo", change, T0, only_as=before)
    assert (seen.generation, seen.enabled) == (BO.generation + 1, False)


async def test_the_last_one_of_a_group_can_be_kept(stores: Stores) -> None:
    """Whoever is enabled, and in it; nobody is kept without being asked for."""
    accounts, disable = stores.accounts, AccountChange(enabled=False, signs_out=True)
    await accounts.add_account(evolve(IDA, groups=("Users", ADMINS)))
    await accounts.add_account(evolve(BO, groups=(ADMINS,)))
    await accounts.add_account(evolve(IDA, account_id="eve", email="e@example.org"))
    off = await accounts.change_account("bo", disable, T0, unless_last_of=ADMINS)
    assert not off.enabled
    ida = await accounts.get_account(IDA.account_id)
    for refused in (
        accounts.change_account(ida.account_id, disable, T0, unless_last_of=ADMINS),
        accounts.delete_account(ida.account_id, unless_last_of=ADMINS),
    ):
        with pytest.raises(LastOfGroup):
            await refused
    assert await accounts.get_account(ida.account_id) == ida
    for nobody in ("bo", "eve"):
        await accounts.change_account(nobody, disable, T0, unless_last_of=ADMINS)
        await accounts.delete_account(nobody, unless_last_of=ADMINS)
        for gone in (
            accounts.delete_account(nobody, unless_last_of=ADMINS),
            accounts.change_account(nobody, disable, T0, unless_last_of=ADMINS),
        ):
            with pytest.raises(AccountUnknown):
                await gone
    await accounts.delete_account(ida.account_id)


async def test_codes_are_voided_with_a_change(stores: Stores) -> None:
    """All of that account, if it is said; those of others stay."""
    await both(stores)
    for account_id in (IDA.account_id, "bo"):
        for purpose in (SIGN_UP, RESET, CHALLENGE):
            await stores.accounts.put_code(account_id, purpose, RIGHT, T0 + 600)
    await stores.accounts.change_account(IDA.account_id, AccountChange(name="x"), T0)
    assert await is_out(stores, SIGN_UP)
    voids = AccountChange(voids_codes=True)
    await stores.accounts.change_account(IDA.account_id, voids, T0)
    assert not await is_out(stores, RESET)
    assert not await is_out(stores, CHALLENGE)
    await stores.accounts.try_code("bo", RESET, RIGHT, T0)


async def test_a_code_changes_its_account_as_it_is_used(stores: Stores) -> None:
    """In one commit: what comes back is the account as it is then."""
    await both(stores)
    await stores.accounts.put_code("bo", RESET, RIGHT, T0 + 600)
    await stores.accounts.put_code("bo", CHALLENGE, RIGHT, T0 + 600)
    await stores.accounts.put_code(IDA.account_id, CHALLENGE, RIGHT, T0 + 600)
    change = AccountChange(
        password_hash="new",
        status=AccountStatus.CONFIRMED,
        signs_out=True,
        voids_codes=True,
    )
    changed = await stores.accounts.try_code("bo", RESET, RIGHT, T0 + 9, change)
    assert changed == evolve(
        BO,
        password_hash="new",
        status=AccountStatus.CONFIRMED,
        generation=BO.generation + 1,
        kept_token="",
        modified_at=T0 + 9,
    )
    assert await stores.accounts.get_account("bo") == changed
    for purpose in (RESET, CHALLENGE):
        with pytest.raises(CodeMismatch):
            await stores.accounts.try_code("bo", purpose, RIGHT, T0, change)
    assert await is_out(stores, CHALLENGE)


async def test_a_code_that_does_not_fit_changes_nothing(stores: Stores) -> None:
    """Wrong, too late, too often, or for something else."""
    await both(stores)
    change = AccountChange(name="changed", signs_out=True, voids_codes=True)
    await stores.accounts.put_code("bo", RESET, RIGHT, T0 + 600)
    with pytest.raises(CodeMismatch):
        await stores.accounts.try_code("bo", SIGN_UP, RIGHT, T0, change)
    with pytest.raises(CodeExpired):
        await stores.accounts.try_code("bo", RESET, RIGHT, T0 + 600, change)
    for _ in range(4):
        with pytest.raises(CodeMismatch):
            await stores.accounts.try_code("bo", RESET, WRONG, T0, change)
    with pytest.raises(TooManyRequests):
        await stores.accounts.try_code("bo", RESET, RIGHT, T0, change)
    assert await stores.accounts.get_account("bo") == BO


async def test_a_deleted_account_is_gone_with_its_codes(stores: Stores) -> None:
    """Its address is free again, and nobody else is touched."""
    await both(stores)
    await stores.accounts.put_code("bo", RESET, RIGHT, T0 + 600)
    await stores.accounts.put_code(IDA.account_id, RESET, RIGHT, T0 + 600)
    await stores.accounts.delete_account("bo")
    for asked in (
        stores.accounts.get_account("bo"),
        stores.accounts.get_account_by_email(BO.email),
        stores.accounts.delete_account("bo"),
        stores.accounts.put_code("bo", RESET, RIGHT, T0 + 600),
    ):
        with pytest.raises(AccountUnknown):
            await asked
    assert await is_out(stores, RESET)
    await stores.accounts.add_account(BO)
    with pytest.raises(CodeMismatch):
        await stores.accounts.try_code("bo", RESET, RIGHT, T0)


async def test_what_somebody_owes_outlives_the_account(stores: Stores) -> None:
    """Sessions stay under the number they were made under."""
    await both(stores)
    connector = await stores.chargers.add_charger(None, "abc111", (57.7, 14.1))
    session, _ = await stores.transactions.add_transaction(
        "bo", connector.connector_id, at=T0, reserved_until=T0 + 300
    )
    await stores.accounts.delete_account("bo")
    kept = await stores.transactions.get_transactions_for_user("bo")
    assert [one.session_id for one in kept] == [session.session_id]
