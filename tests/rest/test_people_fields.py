"""What is asked about people, as values."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.model.account import Delivery, SignedIn
from flexicharge.rest.declared.asked import read_as
from flexicharge.rest.identity_errors import NewPasswordChallenge
from flexicharge.rest.people_fields import (
    ChangedPassword,
    CodeOf,
    Credentials,
    ForcedPassword,
    ForgottenPassword,
    NewPerson,
)
from flexicharge.rest.people_shapes import code_sent, session_of
from tests.rest.fakes import person

SECRET = "S3cret-word!"
NAMES = (
    "username",
    "password",
    "code",
    "confirmationCode",
    "session",
    "accessToken",
    "previousPassword",
    "newPassword",
)


@pytest.mark.parametrize(
    "kind",
    [
        Credentials,
        CodeOf,
        ForgottenPassword,
        ForcedPassword,
        ChangedPassword,
        NewPerson,
    ],
)
def test_what_bears_a_secret_prints_none(kind: type[Any]) -> None:
    """A log line with a request in it would show nothing that opens a door."""
    assert SECRET not in repr(read_as(kind, dict.fromkeys(NAMES, SECRET)))


def test_answers_that_bear_a_secret_print_none() -> None:
    """The token and the challenge are in what is sent, and nowhere else."""
    session = session_of(SignedIn(access_token=SECRET, person=person()))
    challenge = NewPasswordChallenge(
        message="",
        code="",
        time="",
        requestId="r-1",
        statusCode=400,
        retryable=False,
        retryDelay=0,
        ChallengeName="",
        Session=SECRET,
        ChallengeParameters={},
    )
    assert repr(session) == "Session(user_id='user-1')"
    assert repr(challenge) == "NewPasswordChallenge(requestId='r-1')"


def test_where_a_code_went_is_told_as_the_provider_says() -> None:
    """A code may go by another way than mail."""
    sent = Delivery(destination="+46*****01", medium="SMS", attribute="phone_number")
    told = code_sent(sent).data.CodeDeliveryDetails
    assert told.Destination == "+46*****01"
    assert told.DeliveryMedium == "SMS"
    assert told.AttributeName == "phone_number"
