"""The ways to be refused for want of a token."""

from __future__ import annotations

import pytest
from klein import Klein
from twisted.internet.task import Clock
from twisted.web.iweb import IRequest

from flexicharge.errors import NotAllowed
from flexicharge.interfaces import IIdentity
from flexicharge.rest.bearer import caller_of
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import answering
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import FakeIdentity

NONE = "No authorization token was found"
FORMAT = "Format is Authorization: Bearer [token]"


class WhoApi:
    """Answers who calls."""

    app = Klein()

    def __init__(self, identity: IIdentity) -> None:
        self._identity = identity

    @app.route("/who", methods=["GET"])
    @answering()
    async def who(self, request: IRequest) -> bytes:
        """Answer with the caller."""
        return json_reply(request, (await caller_of(request, self._identity)).user_id)

    @app.route("/admin", methods=["GET"])
    @answering()
    async def admin(self, request: IRequest) -> bytes:
        """Answer with the caller, if an admin."""
        caller = await caller_of(request, self._identity)
        if not caller.is_admin:
            raise NotAllowed
        return json_reply(request, caller.user_id)


@pytest.fixture
def who(clock: Clock) -> HttpClient:
    """A client of that API, where `driver` and `admin` are tokens."""
    return HttpClient(http_site(Door([WhoApi(FakeIdentity()).app]), clock))


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
