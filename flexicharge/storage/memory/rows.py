"""Rows of the tables that no value of the model stands for as it is."""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.invoice import EntryKind
from flexicharge.model.site import BootFact, Protocol, Registration
from flexicharge.model.status import ConnectorStatus


@frozen(kw_only=True)
class StationRow:
    """A station; it is here while `connected_since` is set and `gone_at` is None."""

    station_id: int
    serial_number: str
    protocol: Protocol
    site_id: int | None
    latitude: float
    longitude: float
    credential: bytes | None = None
    connected_since: float | None = None
    gone_at: float | None = None
    boot: BootFact | None = None
    for_self_tests: bool = False
    registration: Registration = Registration.ACCEPTED
    security_profile: int = 0
    next_credential: bytes | None = None
    next_security_profile: int | None = None


@frozen(kw_only=True)
class ConnectorRow:
    """A connector; one that was retired keeps its row and its number."""

    connector_id: int
    station_id: int
    number: int
    status: ConnectorStatus
    status_at: float | None = None
    retired_at: float | None = None


@frozen(kw_only=True)
class PaymentRow:
    """A payment opened with a provider for a session, as it was kept last."""

    session_id: int
    provider: str
    client_token: str
    provider_session_id: str
    updated_at: float

    def is_same_as(self, other: PaymentRow) -> bool:
        """Tell whether both are the same provider's same payment for one session."""
        return (self.session_id, self.provider, self.provider_session_id) == (
            other.session_id,
            other.provider,
            other.provider_session_id,
        )


@frozen(kw_only=True)
class LedgerRow:
    """What is owed for a session, in öre; of a charge with its priced hours as JSON."""

    session_id: int
    amount_ore: int
    brackets: str
    at: float
    kind: EntryKind = EntryKind.CHARGE


@frozen(kw_only=True)
class FactRow:
    """Something a station said, in its own words; the table gives it its number."""

    fact_id: int = 0
    station_id: int
    session_id: int | None
    kind: str
    at: float
    claimed: str
    key: str = ""


@frozen(kw_only=True)
class CodeRow:
    """A confirmation code, as its MAC, and how often one was tried."""

    code_mac: bytes
    expires_at: float
    attempts: int = 0
