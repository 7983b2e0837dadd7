"""The ways to be refused for want of a token."""

from __future__ import annotations

from typing import Any

import pytest
from klein import Klein
from twisted.internet.task import Clock

from flexicharge.errors import DatabaseAway, IdentityAway, TooManyRequests
from flexicharge.model.account import Caller
from flexicharge.rest.bearer import ADMIN, OLD_APP, USER
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.operations import Call, operation
from flexicharge.testing.http import HttpClient, Response
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import FakeIdentity

NONE = "No authorization token was found"
FORMAT = "Format is Authorization: Bearer [token]"


class WhoApi:
    """Answers who calls."""

    app = Klein()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @app.route("/who", methods=["GET"])
    @operation(who=USER, gives=Json(str))
    async def who(self, call: Call[Any]) -> str:
        """Answer with the caller."""
        return call.caller.user_id

    @app.route("/admin", methods=["GET"])
    @operation(who=ADMIN, gives=Json(str))
    async def admin(self, call: Call[Any]) -> str:
        """Answer with the caller, if an admin."""
        return call.caller.user_id

    @app.route("/old", methods=["GET"])
    @operation(who=OLD_APP, gives=Json(str))
    async def old(self, call: Call[Any]) -> str:
        """Answer with the caller, who may be a guest."""
        return call.caller.user_id


def client(clock: Clock, *, legacy_open: bool) -> HttpClient:
    """Return a client of that API, where `driver` and `admin` are tokens."""
    desk = Desk(
        identity=FakeIdentity(),
        entropy=SeededEntropy(),
        clock=clock,
        legacy_open=legacy_open,
    )
    return HttpClient(http_site(Door([WhoApi(desk).app]), clock))


@pytest.fixture
def who(clock: Clock) -> HttpClient:
    """A client where everybody needs a token."""
    return client(clock, legacy_open=False)


def test_old_apps_come_as_guests_where_they_may(clock: Clock, who: HttpClient) -> None:
    """Without a token, and only so: a bad one is refused all the same."""
    opened = client(clock, legacy_open=True)
    assert opened.get("/old").json == "guest"
    assert opened.get("/old", token="driver").json == "user-1"
    assert opened.get("/old", token="forged").status == 401
    assert opened.get("/who").status == 401
    assert who.get("/old").status == 401


def assert_refused(response: Response, message: str) -> None:
    assert response.status == 401
    assert response.header("content-type") == "application/json; charset=utf-8"
    assert response.json == {
        "status": 401,
        "code": "unauthorizedError",
        "message": message,
    }


def test_a_token_says_who_calls(who: HttpClient) -> None:
    """The scheme's case and the blanks around the token do not matter."""
    for header in ("Bearer driver", "bearer driver", "BEARER   driver  "):
        assert who.get("/who", authorization=header).json == "user-1"


def test_without_a_header_there_is_no_token(who: HttpClient) -> None:
    """An empty header is none."""
    assert_refused(who.get("/who"), NONE)
    assert_refused(who.get("/who", authorization=""), NONE)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "driver", "Basic driver", "Bearer driver driver", "Bearer:driver"],
)
def test_another_form_of_header_is_told_the_right_one(
    who: HttpClient, header: str
) -> None:
    """Only a scheme and a token make one."""
    assert_refused(who.get("/who", authorization=header), FORMAT)


def test_two_headers_are_one_too_many(who: HttpClient) -> None:
    """Which of them an intermediary checked cannot be known."""
    connection = who.connect()
    connection.send(
        b"GET /who HTTP/1.1\r\nHost: x\r\n"
        b"Authorization: Bearer driver\r\nAuthorization: Bearer admin\r\n\r\n"
    )
    assert_refused(connection.response(), FORMAT)


@pytest.mark.parametrize("token", [b"x", b"\xff\xfe", b"x" * 9000])
def test_a_bad_token_is_told_what_is_wrong(who: HttpClient, token: bytes) -> None:
    """The message is the identity's; no bytes make the server fail."""
    connection = who.connect()
    connection.send(
        b"GET /who HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + b"\r\n\r\n"
    )
    assert_refused(connection.response(), "jwt malformed")


def test_an_admin_may_do_what_admins_may(who: HttpClient) -> None:
    """The group decides."""
    assert who.get("/admin", token="admin").json == "user-0"
    assert_refused(who.get("/admin"), NONE)


def test_a_driver_is_no_admin(who: HttpClient) -> None:
    """The refusal is plain text, as the original's was."""
    response = who.get("/admin", token="driver")
    assert response.status == 403
    assert response.body == b"Insufficient scope"
    assert response.header("content-type") == "text/plain; charset=utf-8"
    assert (
        response.header("www-authenticate")
        == 'Bearer scope="Admins", error="Insufficient scope"'
    )


@pytest.mark.parametrize(
    ("why", "status", "codes"),
    [
        (IdentityAway("gone"), 503, ["identityError"]),
        (TooManyRequests("slowly"), 429, ["tooManyRequests"]),
        (DatabaseAway(), 503, ["dbError"]),
    ],
)
def test_nobody_is_let_in_unseen(
    clock: Clock, why: Exception, status: int, codes: list[str]
) -> None:
    """While nobody can say whose a token is, the answer is to come back later."""

    class Unreachable(FakeIdentity):
        async def admit(self, token: str) -> Caller:
            raise why

    desk = Desk(identity=Unreachable(), entropy=SeededEntropy(), clock=clock)
    answer = HttpClient(http_site(Door([WhoApi(desk).app]), clock)).get(
        "/who", token="driver"
    )
    assert (answer.status, answer.json) == (status, codes)
    assert answer.header("Retry-After") == "5"
