"""Sites, the stations that stand on them, and their connectors."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final, TypedDict

from attrs import field, frozen

from flexicharge.errors import ConnectorUnknown
from flexicharge.model.session import RUNNING, UNSTARTED, SessionState
from flexicharge.model.status import ConnectorStatus, shown_status

FIRST_CONNECTOR: Final = 100_000
LAST_CONNECTOR: Final = 999_999
SELF_TEST_CONNECTOR: Final = LAST_CONNECTOR  # kept back: never given to a charger
LAST_NUMBER_GIVEN_OUT: Final = SELF_TEST_CONNECTOR - 1
MAX_SERIAL: Final = 36  # in the API of the apps
MAX_IDENTITY: Final = 48  # on record, as OCPP has it
MAX_CONNECTORS: Final = 64  # of one station


class Registration(StrEnum):
    """What a station that boots is told about itself (OCPP 1.6 §4.2)."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"  # it answers us, but is to ask nothing yet
    REJECTED = "Rejected"  # it is to say nothing until the interval is over


class Protocol(StrEnum):
    """What a station speaks."""

    DIALECT = "flexicharge"
    OCPP_1_6 = "ocpp1.6"
    OCPP_2_0_1 = "ocpp2.0.1"
    OCPP_2_1 = "ocpp2.1"


@frozen(kw_only=True)
class Site:
    """A place with stations: the API's charge point; a price of None means tariff."""

    site_id: int
    name: str
    address: str
    latitude: float
    longitude: float
    sek_per_kwh: Decimal | None = None
    klarna_reservation_ore: int = 50_000


class SiteChanges(TypedDict, total=False):
    """What is to be different about a site; what is left out stays as it is.

    A price of None is a change too: from then on the tariff counts.
    """

    name: str
    address: str
    location: tuple[float, float]
    sek_per_kwh: Decimal | None
    klarna_reservation_ore: int


@frozen(kw_only=True)
class Connector:
    """One connector with its public number: the API's charger.

    `status` is the station's own last word. `session_state` is that of its open
    session, if any; `gone_at` is when its station's connection was lost, None while it
    is connected or if it never was.
    """

    connector_id: int
    station_id: int
    serial_number: str
    number: int
    site_id: int | None
    latitude: float
    longitude: float
    status: ConnectorStatus
    session_state: SessionState | None = None
    gone_at: float | None = None

    def shown_at(self, now: float) -> ConnectorStatus:
        """Return the status people are shown at a POSIX time."""
        return shown_status(
            self.status,
            reserved=self.session_state in UNSTARTED,
            charging=self.session_state in RUNNING,
            gone_for_s=None if self.gone_at is None else now - self.gone_at,
        )


@frozen(kw_only=True)
class BootFact:
    """What a station said of itself when it booted; over-long text is cut by us."""

    vendor: str = ""
    model: str = ""
    firmware: str = ""
    booted_at: float


@frozen(kw_only=True)
class Station:
    """The box behind a serial number, with its connectors in number order.

    `security_profile` is the least that it is let in with (OCPP security whitepaper
    §2): 0 none, 1 password, 2 password over TLS, 3 client certificate over TLS.
    `next_credential` is that of a password it was told and may use by now.
    """

    station_id: int
    serial_number: str
    protocol: Protocol
    credential: bytes | None = field(repr=False)  # HMAC of its password
    sek_per_kwh: Decimal | None  # its site's price
    connectors: tuple[Connector, ...]
    registration: Registration = Registration.ACCEPTED
    security_profile: int = 0
    next_credential: bytes | None = field(default=None, repr=False)
    next_security_profile: int | None = None  # it was told to rise to this one
    boot: BootFact | None = None  # its last

    def named(self, hint: int | None) -> Connector | None:
        """Return the connector that a frame's number names, if it names one.

        Chargers name a connector by its number on the station, by its public number,
        or not at all.
        """
        for connector in self.connectors:
            if hint in (connector.number, connector.connector_id):
                return connector
        return None

    def connector_for(self, hint: int | None) -> Connector:
        """Return the connector that a frame's number means, else the first.

        Raise `ConnectorUnknown` if none is in service.
        """
        if (named := self.named(hint)) is not None:
            return named
        if not self.connectors:
            raise ConnectorUnknown(self.serial_number)
        return self.connectors[0]

    def numbered(self, number: int | None) -> Connector | None:
        """Return the connector of a number on the station, and of no other kind."""
        for connector in self.connectors:
            if connector.number == number:
                return connector
        return None

    def must_come_again(self, changed: Station) -> bool:
        """Tell whether a link is not what it would be under a changed record."""
        if self.protocol is not changed.protocol:
            return True
        if self.protocol is Protocol.DIALECT:
            return False  # the FlexiCharge charger would never come back
        is_known = changed.credential in (self.credential, self.next_credential)
        return not is_known or changed.security_profile > self.security_profile

    def number_of(self, connector_id: int) -> int:
        """Return the number on the station of a connector's public one; 0 if none."""
        for connector in self.connectors:
            if connector.connector_id == connector_id:
                return connector.number
        return 0


class StationChanges(TypedDict, total=False):
    """What is to be different about a station; what is left out stays as it is.

    `connectors` is how many are in service, 1 to 64, numbered from 1; those above are
    retired. A `credential` is from then on the only one.
    """

    protocol: Protocol
    site_id: int | None
    location: tuple[float, float]
    connectors: int
    registration: Registration
    security_profile: int
    credential: bytes


@frozen(kw_only=True)
class StationOnRecord:
    """A station as its operators see it; times are POSIX seconds.

    It is connected while `connected_since` is set and `gone_at` is None.
    """

    station: Station
    site_id: int | None
    latitude: float
    longitude: float
    connected_since: float | None = None
    gone_at: float | None = None
