"""What people and administrators may expect, whichever provider has the accounts.

Each case is a coroutine on a `World`; they run on the built-in provider in memory, and
on Cognito's with moto as the pool.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import pytest

from flexicharge.errors import (
    AccountUnconfirmed,
    CodeMismatch,
    NameTaken,
    NewPasswordRequired,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
    TokenError,
    UserNotFound,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.account import Listing, Person, SignedIn

PASSWORD = "Passw0rd!"
OTHER = "0ther-Passw0rd"


class World(Protocol):
    """A provider in which nobody is yet but those of other cases."""

    identity: IIdentity
    signed_out: list[Any]

    def address(self) -> str:
        """Return an e-mail address that nobody has."""

    def code_for(self, email: str) -> str:
        """Return the code that was mailed to an address last."""


Case = Callable[[World], Coroutine[Any, Any, None]]
CASES: dict[str, Case] = {}


def case(work: Case) -> Case:
    """Add a case."""
    CASES[work.__name__] = work
    return work


async def join(world: World, email: str) -> SignedIn:
    """Sign somebody up, and in."""
    await world.identity.sign_up(email, PASSWORD)
    await world.identity.verify(email, world.code_for(email))
    return await world.identity.sign_in(email, PASSWORD)


async def invite(world: World, email: str, *, admin: bool) -> SignedIn:
    """Make an account as an administrator does, and choose its password."""
    identity = world.identity
    add = identity.add_admin if admin else identity.add_user
    made = await add(email, PASSWORD, {"name": "Ida"})
    assert made.status == "FORCE_CHANGE_PASSWORD"
    with pytest.raises(NewPasswordRequired) as caught:
        await identity.sign_in(email, PASSWORD, office=admin)
    return await identity.change_forced_password(
        email, OTHER, caught.value.session, office=admin
    )


async def stale(world: World, signed_in: SignedIn) -> None:
    """See that a token lets nobody in any more, and that this was published."""
    with pytest.raises(TokenError):
        await world.identity.admit(signed_in.access_token)
    user_id = signed_in.person.user_id
    assert user_id in [event.user_id for event in world.signed_out]


async def pages(read: Any, **asked: Any) -> list[list[Person]]:
    """Return all pages of a list."""
    found, token = [], None
    while True:
        page = await read(Listing(token=token, **asked))
        found.append(list(page.people))
        token = page.next_token
        if not token:
            return found


@case
async def somebody_signs_up_and_in(world: World) -> None:
    """The token lets in whoever signed in."""
    email = world.address()
    await world.identity.sign_up(email, PASSWORD)
    with pytest.raises(AccountUnconfirmed):
        await world.identity.sign_in(email, PASSWORD)
    await world.identity.verify(email, world.code_for(email))
    signed_in = await world.identity.sign_in(email, PASSWORD)
    assert signed_in.person.email == email
    caller = await world.identity.admit(signed_in.access_token)
    assert caller.user_id == signed_in.person.user_id
    assert not caller.is_admin


@case
async def what_somebody_tells_about_themselves_is_kept(world: World) -> None:
    """By the names of the contract, custom ones too; blanks are nothing known."""
    email = world.address()
    token = (await join(world, email)).access_token
    told = {"name": "Ida", "custom:city": "Växjö", "phone_number": "+46701234567"}
    changed = await world.identity.change_me(token, {**told, "family_name": ""})
    assert told.items() <= changed.attributes.items()
    assert "family_name" not in changed.attributes
    seen = await world.identity.whoami(token)
    assert seen.attributes == changed.attributes
    again = await world.identity.sign_in(email, PASSWORD)
    assert again.person.attributes["custom:city"] == "Växjö"


@case
async def nobody_changes_what_is_not_theirs(world: World) -> None:
    """Neither an address nor what is no attribute of people."""
    token = (await join(world, world.address())).access_token
    for name in ("email", "email_verified", "sub", "custom:role"):
        with pytest.raises(ParameterInvalid):
            await world.identity.change_me(token, {name: "x"})


@case
async def a_taken_name_and_a_weak_password_are_told(world: World) -> None:
    """In the form that the apps know."""
    email = world.address()
    with pytest.raises(PasswordTooWeak, match="Password did not conform with policy: "):
        await world.identity.sign_up(email, "weak-password")
    await join(world, email)
    with pytest.raises(NameTaken):
        await world.identity.sign_up(email, PASSWORD)


@case
async def whoever_cannot_sign_in_is_told_the_same(world: World) -> None:
    """No account, a wrong password, a disabled account."""
    email, outcomes = world.address(), set()
    await join(world, email)
    for name, password in ((world.address(), PASSWORD), (email, OTHER)):
        with pytest.raises(NotAuthorized) as caught:
            await world.identity.sign_in(name, password)
        outcomes.add(str(caught.value))
    await world.identity.set_enabled(email, False)
    for office in (False, True):
        with pytest.raises(NotAuthorized) as caught:
            await world.identity.sign_in(email, PASSWORD, office=office)
        outcomes.add(str(caught.value))
    assert outcomes == {"Incorrect username or password."}


@case
async def strangers_learn_nothing(world: World) -> None:
    """A code of nobody is wrong, and one for nobody looks as if it were mailed."""
    email, nobody = world.address(), world.address()
    await join(world, email)
    known = await world.identity.forgot_password(email)
    assert known == await world.identity.forgot_password(nobody)
    with pytest.raises(CodeMismatch):
        await world.identity.verify(nobody, "123456")


@case
async def a_forgotten_password_is_set_anew(world: World) -> None:
    """Whoever was in with the old one is out."""
    email = world.address()
    before = await join(world, email)
    await world.identity.forgot_password(email)
    await world.identity.confirm_forgot_password(email, world.code_for(email), OTHER)
    user_id = before.person.user_id
    assert user_id in [event.user_id for event in world.signed_out]
    after = await world.identity.sign_in(email, OTHER)
    assert after.person.user_id == user_id
    await world.identity.admit(after.access_token)
    with pytest.raises(NotAuthorized):
        await world.identity.sign_in(email, PASSWORD)


@case
async def whoever_is_invited_chooses_a_password(world: World) -> None:
    """What is known of them is what the administrator said."""
    signed_in = await invite(world, world.address(), admin=False)
    assert signed_in.person.attributes["name"] == "Ida"
    assert not (await world.identity.admit(signed_in.access_token)).is_admin


@case
async def an_administrator_is_one(world: World) -> None:
    """By their token, at their own site."""
    email = world.address()
    signed_in = await invite(world, email, admin=True)
    assert (await world.identity.admit(signed_in.access_token)).is_admin
    again = await world.identity.sign_in(email, OTHER, office=True)
    assert (await world.identity.admit(again.access_token)).is_admin


@case
async def an_administrator_sees_and_changes_somebody(world: World) -> None:
    """By address or by number."""
    email, moved_to = world.address(), world.address()
    user_id = (await join(world, email)).person.user_id
    by_address = await world.identity.user(email)
    assert by_address == await world.identity.user(user_id)
    assert by_address.status == "CONFIRMED"
    assert by_address.enabled
    assert 1_500_000_000 < by_address.created_at <= by_address.modified_at
    changed = await world.identity.change_user(user_id, {"family_name": "Lind"})
    assert changed.attributes["family_name"] == "Lind"
    moved = await world.identity.change_user(email, {"email": moved_to})
    assert (moved.user_id, moved.email) == (user_id, moved_to)
    same = await world.identity.change_user(moved_to, {"email": moved_to})
    assert same.attributes == moved.attributes


@case
async def nobody_gets_the_address_of_somebody_else(world: World) -> None:
    """It is what they sign in with."""
    one, other = world.address(), world.address()
    await join(world, one)
    await join(world, other)
    with pytest.raises(NameTaken):
        await world.identity.change_user(one, {"email": other})
    with pytest.raises(NameTaken):
        await world.identity.add_user(one, None, {})


@case
async def whoever_is_disabled_is_out_at_once(world: World) -> None:
    """And in again when enabled."""
    email = world.address()
    signed_in = await join(world, email)
    await world.identity.admit(signed_in.access_token)
    await world.identity.set_enabled(email, False)
    assert not (await world.identity.user(email)).enabled
    await stale(world, signed_in)
    await world.identity.set_enabled(email, True)
    again = await world.identity.sign_in(email, PASSWORD)
    await world.identity.admit(again.access_token)


@case
async def whoever_is_removed_is_gone(world: World) -> None:
    """Their token too, and the name is free."""
    email = world.address()
    signed_in = await join(world, email)
    await world.identity.admit(signed_in.access_token)
    await world.identity.remove_user(email)
    await stale(world, signed_in)
    for work in (world.identity.user, world.identity.remove_user):
        with pytest.raises(UserNotFound):
            await work(email)
    again = await join(world, email)
    assert again.person.user_id != signed_in.person.user_id


@case
async def a_password_is_changed_by_its_owner(world: World) -> None:
    """The token stays good; the old password does not."""
    email = world.address()
    token = (await join(world, email)).access_token
    with pytest.raises(NotAuthorized):
        await world.identity.change_password(token, OTHER, "N3w-Passw0rd")
    with pytest.raises(PasswordTooWeak):
        await world.identity.change_password(token, PASSWORD, "weak")
    await world.identity.change_password(token, PASSWORD, OTHER)
    await world.identity.admit(token)
    await world.identity.sign_in(email, OTHER)
    with pytest.raises(NotAuthorized):
        await world.identity.sign_in(email, PASSWORD)


@case
async def a_password_is_set_by_an_administrator(world: World) -> None:
    """It need not be changed, and tokens from before are void."""
    email = world.address()
    await world.identity.add_user(email, PASSWORD, {})
    with pytest.raises(PasswordTooWeak):
        await world.identity.set_password(email, "weak")
    await world.identity.set_password(email, OTHER)
    signed_in = await world.identity.sign_in(email, OTHER)
    await world.identity.admit(signed_in.access_token)
    await world.identity.set_password(email, PASSWORD)
    await stale(world, signed_in)
    again = await world.identity.sign_in(email, PASSWORD)
    await world.identity.admit(again.access_token)


@case
async def a_password_is_voided(world: World) -> None:
    """Tokens from before are void, too."""
    email = world.address()
    signed_in = await invite(world, email, admin=False)
    await world.identity.admit(signed_in.access_token)
    await world.identity.reset_password(email)
    assert (await world.identity.user(email)).status == "RESET_REQUIRED"
    await stale(world, signed_in)


@case
async def people_are_listed_page_by_page(world: World) -> None:
    """Each once; or those whose something begins so, whatever the case."""
    beginning, made = world.address().partition("@")[0], set()
    for number in range(5):
        email = f"{beginning}-{number}@example.com"
        city = {"custom:city": f"{beginning} Växjö"} if number < 2 else {}
        made.add((await world.identity.add_user(email, None, city)).user_id)
    asked = {"limit": 2, "filter_attribute": "email", "filter_value": f"{beginning}-"}
    found = await pages(world.identity.users, **asked)
    assert [len(page) for page in found] == [2, 2, 1]
    seen = [person.user_id for page in found for person in page]
    assert set(seen) == made
    everybody = [one for page in await pages(world.identity.users) for one in page]
    assert made <= {person.user_id for person in everybody}
    asked = {"filter_attribute": "custom:city", "filter_value": f"{beginning} växj"}
    found = await pages(world.identity.users, **asked)
    assert len([person for page in found for person in page]) == 2


@case
async def administrators_are_listed(world: World) -> None:
    """Those alone."""
    beginning = world.address().partition("@")[0]
    made = await world.identity.add_admin(f"{beginning}-a@example.com", None, {})
    await world.identity.add_user(f"{beginning}-b@example.com", None, {})
    asked = {"filter_attribute": "email", "filter_value": f"{beginning}-"}
    found = await pages(world.identity.admins, **asked)
    assert [one.user_id for page in found for one in page] == [made.user_id]


@case
async def whoever_is_disabled_is_listed_so(world: World) -> None:
    """By a word that begins so."""
    email = world.address()
    user_id = (await join(world, email)).person.user_id
    for enabled, word in ((False, "disa"), (True, "Enab")):
        await world.identity.set_enabled(email, enabled)
        asked = {"filter_attribute": "status", "filter_value": word}
        found = await pages(world.identity.users, **asked)
        people = {person.user_id: person for page in found for person in page}
        assert people[user_id].enabled is enabled
        assert {person.enabled for person in people.values()} == {enabled}


@case
async def nobody_is_listed_by_what_is_not_known(world: World) -> None:
    """Nor on a page that is none, nor on one too long."""
    for asked in (
        Listing(limit=0),
        Listing(limit=61),
        Listing(filter_attribute="password_hash"),
        Listing(filter_attribute="email", filter_value="x" * 257),
    ):
        for read in (world.identity.users, world.identity.admins):
            with pytest.raises(ParameterInvalid):
                await read(asked)


@case
async def nothing_happens_to_nobody(world: World) -> None:
    """An administrator is told."""
    it, nobody = world.identity, world.address()
    for work in (
        it.user(nobody),
        it.change_user(nobody, {"name": "x"}),
        it.remove_user(nobody),
        it.set_enabled(nobody, True),
        it.set_enabled(nobody, False),
        it.reset_password(nobody),
        it.set_password(nobody, PASSWORD),
    ):
        with pytest.raises(UserNotFound):
            await work
