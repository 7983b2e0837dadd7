"""A server as people start it, with accounts in a user pool: the endpoints of apps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.identity.cognito.pool import Pool
from tests.integration.cognito.conftest import REGION, Moto
from tests.integration.conftest import fresh_database, open_to_all
from tests.integration.server import ServerProcess, running

EMAIL = "driver@example.com"
ADMIN = "admin@example.com"
PASSWORD = "Passw0rd!"
OTHER = "0ther-Passw0rd"


def settings_of(dsn: str, pool: Pool) -> dict[str, str]:
    """Return what a server is told that has its people in a pool."""
    database = parse_dsn(dsn)
    return {
        "DATABASE_HOST": database["host"],
        "DATABASE_PORT": database.get("port", "5432"),
        "DATABASE_NAME": database["dbname"],
        "DATABASE_USERNAME": database["user"],
        "DATABASE_PASSWORD": database.get("password", "unneeded"),
        "BYPASS_KLARNA": "1",
        "IDENTITY": "cognito",
        "AWS_REGION": REGION,
        "USER_POOL": pool.pool_id,
        "USER_POOL_ID": pool.client_id,
        "USER_POOL_SECRET": pool.client_secret,
        "AWS_ENDPOINT_URL": pool.endpoint_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "COGNITO_CHECK_EVERY": "0",
        "RUN_OCPP_TEST": "1",
    }


@pytest.fixture(scope="module")
def server(moto: Moto, postgres_dsn: str) -> Iterator[ServerProcess]:
    """A server with an administrator in its pool, who has to choose a password."""
    pool = moto.make_pool()
    moto.client.admin_create_user(
        UserPoolId=pool.pool_id, Username=ADMIN, TemporaryPassword=PASSWORD
    )
    moto.client.admin_add_user_to_group(
        UserPoolId=pool.pool_id, Username=ADMIN, GroupName="Admins"
    )
    with (
        fresh_database(postgres_dsn) as dsn,
        open_to_all() as directory,
        running(directory, **settings_of(dsn, pool)) as server,
    ):
        yield server
    said = "".join(server.said)
    for secret in (pool.client_secret, PASSWORD, OTHER):
        assert secret not in said


@pytest.fixture(scope="module")
def admin_token(server: ServerProcess) -> str:
    """A token of the administrator, who has chosen one."""
    told = {"username": ADMIN, "password": PASSWORD}
    status, challenge = server.ask("POST", "/admin/sign-in", told)
    assert status == 400
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    told = {"username": ADMIN, "password": OTHER, "session": challenge["Session"]}
    status, signed_in = server.ask("POST", "/admin/force-change-password", told)
    assert status == 200
    return str(signed_in["accessToken"])


def test_a_driver_comes_and_goes(server: ServerProcess, admin_token: str) -> None:
    """Each answer is what the apps know, whoever has the accounts."""
    told = {"username": EMAIL, "password": PASSWORD}
    assert server.ask("POST", "/auth/sign-up", told)[0] == 200
    status, refusal = server.ask("POST", "/auth/sign-up", told)
    assert (status, refusal["code"]) == (400, "UsernameExistsException")
    status, refusal = server.ask("POST", "/auth/sign-in", told)
    assert (status, refusal["code"]) == (400, "UserNotConfirmedException")
    code = {"username": EMAIL, "code": "123456"}
    assert server.ask("POST", "/auth/verify", code)[0] == 200
    status, signed_in = server.ask("POST", "/auth/sign-in", told)
    assert (status, signed_in["email"]) == (200, EMAIL)
    token, user_id = signed_in["accessToken"], signed_in["user_id"]
    path = "/auth/user-information"
    assert server.ask("PUT", path, {"city": "Växjö"}, token)[0] == 204
    status, known = server.ask("GET", path, token=token)
    assert (status, known["username"], known["city"]) == (200, EMAIL, "Växjö")
    assert server.ask("GET", "/admin/users", token=token)[0] == 403
    status, listed = server.ask("GET", "/admin/users", token=admin_token)
    assert status == 200
    assert {user_id} < {user["Username"] for user in listed["Users"]}
    path = f"/admin/users/{EMAIL}"
    assert server.ask("PUT", f"{path}/disable", {}, admin_token)[0] == 200
    assert server.ask("GET", "/auth/user-information", token=token)[0] == 401
    assert server.ask("DELETE", path, token=admin_token)[0] == 200
    status, refusal = server.ask("GET", path, token=admin_token)
    assert (status, refusal["code"]) == (400, "UserNotFoundException")
    wrong = server.ask("POST", "/auth/sign-in", told)
    assert (wrong[0], wrong[1]["code"]) == (400, "NotAuthorizedException")


def test_the_server_tests_itself(server: ServerProcess) -> None:
    """With people who are in no pool."""
    status, report = server.ask("GET", "/tests/ocpp")
    assert status == 200
    assert report["failedTests"] == []
    assert report["successfulTests"]
