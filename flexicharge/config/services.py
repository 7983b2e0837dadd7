"""Services of others that the server uses if it is told to, declared like all settings.

What one of them needs is read and required only if that one is asked for.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.config import kinds
from flexicharge.config.declaration import setting

HOUR_S: Final = 3600


@frozen(kw_only=True)
class CognitoPool:
    """The user pool that people have their accounts in, and the app client we are."""

    region: str = setting(
        "AWS_REGION", kinds.WORD, "The region of the user pool.", example="eu-west-1"
    )
    pool_id: str = setting(
        "USER_POOL",
        kinds.WORD,
        "The id of the user pool.",
        example="eu-west-1_Ab12Cd34E",
    )
    client_id: str = setting(
        "USER_POOL_ID",
        kinds.WORD,
        "The id of the app client in it, whatever the variable is called. The client "
        "must allow ALLOW_USER_PASSWORD_AUTH and ALLOW_ADMIN_USER_PASSWORD_AUTH.",
        example="1h57kf5cpq17m0eml12EXAMPLE",
    )
    client_secret: str = setting(
        "USER_POOL_SECRET",
        kinds.TEXT,
        "The secret of the app client.",
        example="…",
        secret=True,
    )
    endpoint_url: str = setting(
        "AWS_ENDPOINT_URL",
        kinds.WEB_ADDRESS,
        "A server that stands in for AWS. The pool's keys are fetched from it too.",
        otherwise="AWS itself",
        example="http://localhost:5000",
    )
    issuer_url: str = setting(
        "COGNITO_ISSUER",
        kinds.WEB_ADDRESS,
        "What the pool's access tokens must be issued by.",
        otherwise="`https://cognito-idp.<AWS_REGION>.amazonaws.com/<USER_POOL>`",
        example="http://localhost:9229/local_Ab12Cd34E",
    )
    check_every_s: float = setting(
        "COGNITO_CHECK_EVERY",
        kinds.number(0, HOUR_S, "a number of seconds"),
        "How long after AWS was last asked whether the owner of a token may still come "
        "in, it is asked again. More spares the pool's quota; an account that is "
        "disabled or deleted in AWS itself is noticed that much later.",
        default="5",
        example="60",
    )


@frozen(kw_only=True)
class MailServer:
    """Who takes our mail, and how we get it there."""

    host: str = setting(
        "SMTP_HOST",
        kinds.HOST,
        "The mail server. Without one, mail is only written down: in the log, and in "
        "`outbox` in the data directory.",
        example="smtp.example.org",
    )
    security: str = setting(
        "SMTP_SECURITY",
        kinds.one_of("starttls", "tls", "none"),
        "How the connection is secured: once it is made, from its first byte, or not "
        "at all. The server's certificate must be one the system trusts.",
        default="starttls",
        example="tls",
    )
    port: int = setting(
        "SMTP_PORT",
        kinds.REMOTE_PORT,
        "The port it listens on.",
        otherwise="587, with `SMTP_SECURITY=tls` 465, with `none` 25",
        example="587",
    )
    sender: str = setting(
        "SMTP_FROM",
        kinds.MAILBOX,
        "Whom mail is from.",
        example="FlexiCharge <no-reply@example.org>",
    )
    username: str = setting(
        "SMTP_USERNAME",
        kinds.TEXT,
        "Whom to sign in as.",
        otherwise="nobody",
        example="flexicharge",
    )
    password: str = setting(
        "SMTP_PASSWORD",
        kinds.TEXT,
        "With which password; required with `SMTP_USERNAME`.",
        otherwise="none",
        example="…",
        secret=True,
    )
