"""What of a Cognito pool is not like accounts of our own; moto is the pool.

Where moto is not like AWS, a test says so. moto looks at no secret hash and no
confirmation code, and cannot delete an account for its owner: tests/identity/cognito
and test_wire.py see to these.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from attrs import evolve

from flexicharge.errors import (
    IdentityAway,
    NewPasswordRequired,
    NotAuthorized,
    PasswordTooWeak,
    TokenError,
)
from flexicharge.identity.cognito.identity import CognitoIdentity
from flexicharge.model.account import SignedIn
from tests.integration.cognito.conftest import Moto, World

PASSWORD = "Passw0rd!"
OTHER = "0ther-Passw0rd"


@pytest.fixture
def identity(world: World) -> CognitoIdentity:
    world.signed_out.clear()
    return world.identity


async def join(identity: CognitoIdentity, email: str) -> SignedIn:
    """Sign somebody up, and in."""
    await identity.sign_up(email, PASSWORD)
    await identity.verify(email, "123456")
    return await identity.sign_in(email, PASSWORD)


@pytest_twisted.ensureDeferred
async def test_a_session_is_used_up(identity: CognitoIdentity, email: str) -> None:
    """moto calls it a resource that is not found, as AWS calls a wrong app client."""
    await identity.add_user(email, PASSWORD, {})
    with pytest.raises(NewPasswordRequired) as caught:
        await identity.sign_in(email, PASSWORD)
    session = caught.value.session
    with pytest.raises(PasswordTooWeak):
        await identity.change_forced_password(email, "weak", session)
    await identity.change_forced_password(email, OTHER, session)
    with pytest.raises((NotAuthorized, IdentityAway)):
        await identity.change_forced_password(email, PASSWORD, session)


@pytest_twisted.ensureDeferred
async def test_what_is_done_in_aws_itself_is_noticed(
    identity: CognitoIdentity, email: str, world: World, moto: Moto
) -> None:
    """As in its console; live sockets hear of it with the next request."""
    signed_in = await join(identity, email)
    moto.client.admin_disable_user(UserPoolId=world.opened.pool.pool_id, Username=email)
    with pytest.raises(TokenError):
        await identity.admit(signed_in.access_token)


@pytest_twisted.ensureDeferred
async def test_an_account_cannot_be_deleted_where_moto_cannot(
    identity: CognitoIdentity, email: str
) -> None:
    """What a server that stands in for AWS does not know is its fault, not ours."""
    token = (await join(identity, email)).access_token
    with pytest.raises(IdentityAway):
        await identity.delete_me(token)
    await identity.admit(token)


# --- tokens


@pytest_twisted.ensureDeferred
async def test_tokens_of_another_pool_let_nobody_in(
    identity: CognitoIdentity, email: str, world: World, moto: Moto
) -> None:
    """moto signs for all pools with one key; AWS has one for each."""
    token = (await join(identity, email)).access_token
    with pytest.raises(TokenError, match="issuer"):
        await world.at(moto.make_pool()).admit(token)


@pytest_twisted.ensureDeferred
async def test_tokens_of_another_client_let_nobody_in(
    identity: CognitoIdentity, email: str, world: World, moto: Moto
) -> None:
    """Another app of the same pool is another app."""
    pool = world.opened.pool
    client_id, secret = moto.make_client(pool.pool_id)
    other = world.at(evolve(pool, client_id=client_id, client_secret=secret))
    await join(identity, email)
    token = (await other.sign_in(email, PASSWORD)).access_token
    await other.admit(token)
    with pytest.raises(TokenError, match="audience"):
        await identity.admit(token)


@pytest_twisted.ensureDeferred
async def test_an_id_token_lets_nobody_in(
    identity: CognitoIdentity, email: str, world: World, moto: Moto
) -> None:
    """The original let it pass (contract §7.2)."""
    await join(identity, email)
    answer: Any = moto.client.admin_initiate_auth(
        UserPoolId=world.opened.pool.pool_id,
        ClientId=world.opened.pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    await identity.admit(answer["AccessToken"])
    with pytest.raises(TokenError):
        await identity.admit(answer["IdToken"])
