"""Settings of services that are used only if they are asked for."""

from __future__ import annotations

import pytest

from flexicharge.config import (
    CognitoPool,
    MailServer,
    SettingsRefused,
    read_settings,
)

COGNITO = {
    "IDENTITY": "cognito",
    "AWS_REGION": "eu-west-1",
    "USER_POOL": "eu-west-1_Ab12Cd34E",
    "USER_POOL_ID": "1h57kf5cpq17m0eml12",
    "USER_POOL_SECRET": "a secret",
}
MAIL = {"SMTP_HOST": "smtp.example.org", "SMTP_FROM": "no-reply@example.org"}


def refused(environ: dict[str, str]) -> dict[str, str]:
    """Return the violations of an environment, as text by variable name."""
    with pytest.raises(SettingsRefused) as caught:
        read_settings(environ)
    return {violation.name: str(violation) for violation in caught.value.violations}


def test_accounts_are_our_own_unless_it_is_said() -> None:
    """The original's CI filled the variables of AWS with a word."""
    unneeded = dict.fromkeys(COGNITO, "UNNEEDED ?") | {"IDENTITY": "builtin"}
    for environ in ({}, unneeded):
        settings = read_settings(environ)
        assert settings.identity == "builtin"
        assert settings.cognito is None


def test_a_pool_is_read_by_the_contracts_names() -> None:
    """Contract §1; AWS is reached as usual, and asked about a token every 5 s."""
    settings = read_settings(COGNITO)
    assert settings.cognito == CognitoPool(
        region="eu-west-1",
        pool_id="eu-west-1_Ab12Cd34E",
        client_id="1h57kf5cpq17m0eml12",
        client_secret="a secret",
        endpoint_url="",
        issuer_url="",
        check_every_s=5.0,
    )
    assert "a secret" not in repr(settings)


def test_a_server_may_stand_in_for_aws() -> None:
    """For tests, or instead of it."""
    settings = read_settings(
        COGNITO
        | {
            "AWS_ENDPOINT_URL": "http://localhost:9229/",
            "COGNITO_ISSUER": "http://localhost:9229/local_1",
            "COGNITO_CHECK_EVERY": "60",
        }
    )
    assert settings.cognito is not None
    assert settings.cognito.endpoint_url == "http://localhost:9229"
    assert settings.cognito.issuer_url == "http://localhost:9229/local_1"
    assert settings.cognito.check_every_s == 60.0


def test_all_that_a_pool_lacks_is_told_at_once() -> None:
    """With the way out for whoever did not mean it."""
    wrong = refused({"IDENTITY": "cognito", "USER_POOL_SECRET": " "})
    assert set(wrong) == set(COGNITO) - {"IDENTITY"}
    assert "is not set, but accounts are to be in Cognito" in wrong["AWS_REGION"]
    assert "or set IDENTITY=builtin" in wrong["AWS_REGION"]


def test_what_is_wrong_about_a_pool_is_told_once() -> None:
    """A value that cannot be read is not missing."""
    environ = COGNITO | {
        "AWS_REGION": "eu west",
        "USER_POOL": "../x",
        "AWS_ENDPOINT_URL": "localhost",
        "COGNITO_CHECK_EVERY": "-1",
    }
    with pytest.raises(SettingsRefused) as caught:
        read_settings(environ)
    assert sorted(violation.name for violation in caught.value.violations) == [
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "COGNITO_CHECK_EVERY",
        "USER_POOL",
    ]
    assert set(refused({"IDENTITY": "aws"})) == {"IDENTITY"}


def test_mail_goes_nowhere_unless_a_server_is_named() -> None:
    """Whatever else is set."""
    unneeded = {"SMTP_HOST": "", "SMTP_PORT": "x", "SMTP_SECURITY": "?"}
    for environ in ({}, unneeded):
        assert read_settings(environ).mail is None


@pytest.mark.parametrize(
    ("security", "port"), [("", 587), ("starttls", 587), ("tls", 465), ("none", 25)]
)
def test_the_port_follows_the_security(security: str, port: int) -> None:
    """Unless it is set."""
    mail = read_settings(MAIL | {"SMTP_SECURITY": security}).mail
    assert mail == MailServer(
        host="smtp.example.org",
        security=security or "starttls",
        port=port,
        sender="no-reply@example.org",
        username="",
        password="",
    )
    other = read_settings(MAIL | {"SMTP_SECURITY": security, "SMTP_PORT": "2525"}).mail
    assert other is not None
    assert other.port == 2525


def test_the_password_of_the_mail_server_is_not_shown() -> None:
    """As no secret is."""
    secret = MAIL | {"SMTP_USERNAME": "flexicharge", "SMTP_PASSWORD": "a secret"}
    settings = read_settings(secret)
    assert settings.mail is not None
    assert settings.mail.password == "a secret"
    assert "a secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"SMTP_HOST": "smtp.example.org"}, {"SMTP_FROM"}),
        (MAIL | {"SMTP_FROM": "FlexiCharge"}, {"SMTP_FROM"}),
        (MAIL | {"SMTP_FROM": "a@b.se\r\nBcc: c@d.se"}, {"SMTP_FROM"}),
        (MAIL | {"SMTP_FROM": "A\u200b <a@b.se>"}, {"SMTP_FROM"}),
        (MAIL | {"SMTP_HOST": "smtp.example.org:587"}, {"SMTP_HOST"}),
        (MAIL | {"SMTP_HOST": "smtp://example.org"}, {"SMTP_HOST"}),
        (MAIL | {"SMTP_PORT": "0"}, {"SMTP_PORT"}),
        (MAIL | {"SMTP_SECURITY": "ssl"}, {"SMTP_SECURITY"}),
        (MAIL | {"SMTP_USERNAME": "flexicharge"}, {"SMTP_PASSWORD"}),
        (MAIL | {"SMTP_PASSWORD": "a secret"}, {"SMTP_USERNAME"}),
    ],
)
def test_what_is_wrong_about_mail_is_told(
    environ: dict[str, str], names: set[str]
) -> None:
    """All of it, when the server starts and not when somebody waits for a code."""
    assert set(refused(environ)) == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_HOST", "192.0.2.25"),
        ("SMTP_HOST", "2001:db8::25"),
        ("SMTP_HOST", "localhost"),
        ("SMTP_FROM", '"FlexiCharge, Jönköping" <no-reply@example.org>'),
    ],
)
def test_what_is_right_is_taken_as_it_is(name: str, value: str) -> None:
    """Hosts by number, senders with a name."""
    mail = read_settings(MAIL | {name: value}).mail
    assert mail is not None
    assert value in (mail.host, mail.sender)
