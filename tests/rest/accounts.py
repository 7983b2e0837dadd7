"""What the tests of accounts over HTTP have in common."""

from __future__ import annotations

from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import HttpClient, Response
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
OFFICE = "office@example.com"
NEW = "An0ther-word"
PROBLEM = {
    "message",
    "code",
    "time",
    "requestId",
    "statusCode",
    "retryable",
    "retryDelay",
}


def post(
    api: HttpClient, what: str, token: str | None = None, **fields: object
) -> Response:
    """Send what people send, as JSON."""
    return api.request("POST", f"/auth/{what}", token=token, json=fields)


def refusal_of(response: Response) -> tuple[int, str]:
    """Return status and code of an error; check the form of all the rest of it."""
    body = response.json
    assert response.header("content-type") == "application/json; charset=utf-8"
    assert set(body) == PROBLEM
    assert isinstance(body["message"], str)
    assert body["statusCode"] == response.status
    return response.status, body["code"]


def office_token(people: People) -> str:
    """Return the token of a new administrator."""
    result_of(people.identity.make_admin(OFFICE, PASSWORD))
    return result_of(people.token_of(OFFICE))


def driver_token(people: People) -> str:
    """Return the token of somebody who has just signed up."""
    result_of(people.join(EMAIL))
    return result_of(people.token_of(EMAIL))


def user_id_of(people: People, email: str = EMAIL) -> str:
    """Return the number of somebody's account."""
    return result_of(people.accounts.get_account_by_email(email)).account_id
