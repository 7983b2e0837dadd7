"""What goes over the wire to AWS, and what is made of what comes back.

The peer is a small HTTP server of the test's own: it says what moto never says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_twisted
from attrs import define, evolve, field
from twisted.internet import reactor
from twisted.logger import capturedLogs, formatEvent
from twisted.web.resource import Resource
from twisted.web.server import Site

from flexicharge.errors import IdentityAway, NameTaken, StartUpFailed, TooManyRequests
from flexicharge.identity.cognito.answers import User, read
from flexicharge.identity.cognito.aws import Aws
from flexicharge.identity.cognito.calls import Cognito
from flexicharge.identity.cognito.pool import Pool
from flexicharge.identity.cognito.refusals import plainly, told
from flexicharge.identity.threads import FewThreads
from tests.integration.cognito.conftest import THREADS
from tests.integration.server import free_ports

SECRET = "the-secret-of-the-app-client"
PASSWORD = "Passw0rd!"
ARN = "User: arn:aws:iam::123456789012:user/us is not authorized to perform"


@define(eq=False)
class Peer(Resource):
    """Answers as it is told, and keeps what it was sent."""

    isLeaf = True
    status: int = 200
    body: bytes = b"{}"
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(factory=list)

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def render_POST(self, request: Any) -> bytes:
        headers = {
            name.decode().lower(): values[0].decode()
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        operation = headers["x-amz-target"].rpartition(".")[2]
        self.asked.append((operation, json.loads(request.content.read()), headers))
        request.setResponseCode(self.status)
        request.setHeader("Content-Type", "application/x-amz-json-1.1")
        return self.body

    def refuse(self, code: str, message: str, status: int = 400) -> None:
        """Refuse whatever is asked from now on."""
        self.status = status
        self.body = json.dumps({"__type": code, "message": message}).encode()


@define
class Wire:
    """A peer, and our way to it."""

    peer: Peer
    cognito: Cognito


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Wire, FewThreads]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "the-access-key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-key")
        patch.delenv("AWS_PROFILE", raising=False)
        peer, threads = Peer(), FewThreads(reactor, "aws", THREADS)
        port = reactor.listenTCP(0, Site(peer), interface="127.0.0.1")
        threads.startService()
        pool = Pool(
            region="eu-west-1",
            pool_id="eu-west-1_Ab12Cd34E",
            client_id="client",
            client_secret=SECRET,
            endpoint_url=f"http://127.0.0.1:{port.getHost().port}",
        )
        aws = Aws(pool, threads.run, THREADS)
        yield Wire(peer, Cognito(pool, aws)), threads
        pytest_twisted.blockon(threads.stopService())
        aws.close()
        pytest_twisted.blockon(port.stopListening())


@pytest.fixture
def wire(made: tuple[Wire, FewThreads]) -> Wire:
    wire, _ = made
    wire.peer.status, wire.peer.body = 200, b"{}"
    wire.peer.asked.clear()
    return wire


@pytest_twisted.ensureDeferred
async def test_a_stranger_is_asked_for_with_a_secret_hash(wire: Wire) -> None:
    """Nobody's credentials are needed, and the secret itself is never sent."""
    await wire.cognito.sign_in("ida@example.com", PASSWORD, office=False)
    ((operation, body, headers),) = wire.peer.asked
    assert operation == "InitiateAuth"
    assert body == {
        "ClientId": "client",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {
            "USERNAME": "ida@example.com",
            "PASSWORD": PASSWORD,
            "SECRET_HASH": "FcMoI1S6KS3JafzeS5cpp5UG+XFG23gu5a6UyGTMqac=",
        },
    }
    assert "authorization" not in headers
    assert SECRET not in f"{body}{headers}"


@pytest_twisted.ensureDeferred
async def test_what_an_administrator_does_is_signed(wire: Wire) -> None:
    """With the credentials that the AWS SDK finds."""
    await wire.cognito.for_office("AdminGetUser", Username="ida")
    ((_, body, headers),) = wire.peer.asked
    assert body == {"UserPoolId": "eu-west-1_Ab12Cd34E", "Username": "ida"}
    assert "Credential=the-access-key/" in headers["authorization"]


@pytest_twisted.ensureDeferred
async def test_what_aws_would_refuse_is_for_aws_to_refuse(wire: Wire) -> None:
    """boto3 would show a password that is too short for it in its error."""
    wire.peer.refuse("UsernameExistsException", "User already exists")
    with pytest.raises(NameTaken), told(plainly):
        await wire.cognito.for_anybody("SignUp", "", Password="")
    assert wire.peer.asked[0][1]["Password"] == ""


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("AccessDeniedException", 400, IdentityAway),
        ("com.amazonaws.cognito#ResourceNotFoundException", 400, IdentityAway),
        ("TooManyRequestsException", 400, TooManyRequests),
        ("InternalErrorException", 500, IdentityAway),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_awss_own_stays_so(
    wire: Wire, code: str, status: int, error: type[Exception]
) -> None:
    """Neither the caller nor the log sees accounts, resources or what was sent."""
    wire.peer.refuse(code, f"{ARN} {PASSWORD}", status)
    with capturedLogs() as events, pytest.raises(error) as caught, told(plainly):
        await wire.cognito.for_anybody("SignUp", "ida", Password=PASSWORD)
    seen = str(caught.value) + " ".join(str(formatEvent(event)) for event in events)
    for secret in ("arn:", "123456789012", PASSWORD, SECRET):
        assert secret not in seen
    if error is IdentityAway:
        assert f"SignUp: {code.rpartition('#')[2]}" in seen


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Service Unavailable</html>",
        b"",
        b"[]",
        b'{"Username": {}}',
        b'{"Username": "ida", "UserCreateDate": "soon"}',
    ],
)
@pytest_twisted.ensureDeferred
async def test_an_answer_that_is_none_is_an_outage(wire: Wire, body: bytes) -> None:
    """As of a proxy that speaks for AWS."""
    wire.peer.body = body
    with capturedLogs() as events, pytest.raises(IdentityAway):
        read(await wire.cognito.for_office("AdminGetUser", Username="ida"), User)
    said = [str(formatEvent(event)) for event in events]
    assert any(line.startswith("Cognito") for line in said)


@pytest_twisted.ensureDeferred
async def test_nobody_there_is_an_outage(made: tuple[Wire, FewThreads]) -> None:
    """The log says what could not be asked, and no more."""
    wire, threads = made
    endpoint = f"http://127.0.0.1:{free_ports()[0]}"
    nowhere = evolve(wire.cognito.pool, endpoint_url=endpoint)
    aws = Aws(nowhere, threads.run, THREADS)
    with capturedLogs() as events, pytest.raises(IdentityAway):
        await aws("GetUser", {"AccessToken": "the-token"})
    aws.close()
    (said,) = [str(formatEvent(event)) for event in events]
    assert said == "Cognito cannot be asked for GetUser: EndpointConnectionError"


def test_settings_of_the_sdk_that_are_broken_stop_the_start(
    made: tuple[Wire, FewThreads], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts the server can mend them."""
    wire, threads = made
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(StartUpFailed, match="ProfileNotFound"):
        Aws(wire.cognito.pool, threads.run, THREADS)
