"""What starts and stops a charge, as the drivers' apps send it (contract §4.6)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.errors import Invalid
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import MAX_SECRET, Rule, ignored, optional
from flexicharge.rest.ids import CONNECTOR, CONNECTOR_KEYS

KLARNA: Final = "klarna"


def _klarna(value: object, _: str) -> str:
    """Return the only way to pay that there is; who names none means it."""
    if not isinstance(value, str) or value.lower() != KLARNA:
        raise Invalid("invalidPaymentMethod")
    return KLARNA


def _authorization(value: object, _: str) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_SECRET:
        raise Invalid("invalidAuthorizationToken")
    return value or None


PAYMENT: Final = optional(
    Rule(
        schema={"type": "string", "pattern": "^[Kk][Ll][Aa][Rr][Nn][Aa]$"},
        read=_klarna,
        example=KLARNA,
    ),
    KLARNA,
)
AUTHORIZATION: Final = optional(
    Rule(
        schema={"type": "string", "maxLength": MAX_SECRET},
        read=_authorization,
        example="…",
    )
)


@frozen(kw_only=True)
class Wanted:
    """Which charger somebody wants; how they pay has only one answer so far."""

    connector_id: int = sent(CONNECTOR, *CONNECTOR_KEYS)
    payment: str = sent(PAYMENT, "paymentType")


@frozen(kw_only=True)
class Authorised:
    """Klarna's word that the driver will pay; AND sends none."""

    authorization_token: str | None = sent(AUTHORIZATION, "authorization_token")
    transaction_id: None = sent(ignored({}), "transactionID")
