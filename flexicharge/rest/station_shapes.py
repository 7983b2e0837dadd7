"""A station as its operators read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from flexicharge.charging.beliefs.availability import Agreement, ConnectorState
from flexicharge.charging.beliefs.connection import Connection
from flexicharge.model.entry import Means
from flexicharge.model.site import (
    MAX_CONNECTORS,
    Connector,
    Protocol,
    Registration,
    StationOnRecord,
)
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.v16.commands import Availability
from flexicharge.rest.charger_fields import Number
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.places import Place
from flexicharge.rest.times import iso_of

OcppNumber = Annotated[int, Meta(ge=1, le=MAX_CONNECTORS)]
Profile = Annotated[int, Meta(ge=0, le=3)]

OCPP_VERSION: Final = {
    Protocol.OCPP_1_6: "1.6",
    Protocol.OCPP_2_0_1: "2.0.1",
    Protocol.OCPP_2_1: "2.1",
}


class StationConnector(Shape):
    """A connector: `connectorId` is its number on the station, as OCPP has it.

    `connectorID` is its public number, under which drivers know it. The rest is there
    where a single station is asked for. `errorCode`, `info`, `vendorId` and
    `vendorErrorCode` are what it said of the connector last, if anything.
    `availability` is what that was told to be and has agreed to, `agreement` whether
    it says that it is: `pending` until it has said something since.
    """

    connectorId: OcppNumber
    connectorID: Number
    status: ConnectorStatus
    errorCode: str | UnsetType = UNSET
    info: str | UnsetType = UNSET
    vendorId: str | UnsetType = UNSET
    vendorErrorCode: str | UnsetType = UNSET
    availability: Availability | UnsetType = UNSET
    agreement: Agreement | UnsetType = UNSET


class StationConnection(Shape):
    """How a station came in the last time, and since when that was so.

    `means` is what it proved with who it is, `securityProfile` what its connection
    comes up to. `tlsVersion`, `cipherSuite` and `certificate` (the serial number of its
    own, in hexadecimal digits) are there where there was TLS to this server.
    """

    means: Means
    securityProfile: Profile
    address: str
    at: str
    tlsVersion: str | UnsetType = UNSET
    cipherSuite: str | UnsetType = UNSET
    certificate: str | UnsetType = UNSET


class Station(Shape, kw_only=True):
    """A station. Times are RFC 3339 in UTC, and null for what never was.

    `ocppVersion` is null where it speaks FlexiCharge's own dialect. `connectedSince`
    is there while it is connected, `lastSeen` when it was lost. `password` is there
    once: in the answer to whoever had one generated. `connection` is there where a
    single standard station is asked for that ever came in.
    """

    serialNumber: str
    protocol: Protocol
    ocppVersion: str | None
    connected: bool
    connectedSince: str | None
    lastSeen: str | None
    registrationStatus: Registration
    securityProfile: Profile
    hasPassword: bool
    vendor: str
    model: str
    firmwareVersion: str
    lastBoot: str | None
    chargePointID: Whole | None
    location: Place
    connectors: list[StationConnector]
    connection: StationConnection | UnsetType = UNSET
    password: str | UnsetType = UNSET


def station_shape_of(
    record: StationOnRecord,
    now: float,
    states: Iterable[ConnectorState] = (),
    password: str | UnsetType = UNSET,
    connection: Connection | None = None,
) -> Station:
    """Return a station as operators read it, with what its connectors said."""
    station, boot = record.station, record.station.boot
    known = {state.connector_id: state for state in states}
    is_here = record.connected_since is not None and record.gone_at is None
    return Station(
        serialNumber=station.serial_number,
        protocol=station.protocol,
        ocppVersion=OCPP_VERSION.get(station.protocol),
        connected=is_here,
        connectedSince=iso_or_none(record.connected_since) if is_here else None,
        lastSeen=iso_or_none(record.gone_at),
        registrationStatus=station.registration,
        securityProfile=station.security_profile,
        hasPassword=station.credential is not None,
        vendor=boot.vendor if boot else "",
        model=boot.model if boot else "",
        firmwareVersion=boot.firmware if boot else "",
        lastBoot=iso_or_none(boot.booted_at) if boot else None,
        chargePointID=record.site_id,
        location=[record.latitude, record.longitude],
        connectors=[
            _connector_of(each, now, known.get(each.number))
            for each in station.connectors
        ],
        connection=UNSET if connection is None else _connection_of(connection),
        password=password,
    )


def _connection_of(last: Connection) -> StationConnection:
    return StationConnection(
        means=last.means,
        securityProfile=last.profile,
        address=last.peer,
        at=iso_of(last.at),
        tlsVersion=last.tls_version or UNSET,
        cipherSuite=last.cipher_suite or UNSET,
        certificate=last.certificate or UNSET,
    )


def iso_or_none(at: float | None) -> str | None:
    """Return a POSIX time as RFC 3339 has it, None for none."""
    return None if at is None else iso_of(at)


def _connector_of(
    connector: Connector, now: float, state: ConnectorState | None
) -> StationConnector:
    said = None if state is None else state.reported
    wanted = None if state is None else state.wanted
    return StationConnector(
        connectorId=connector.number,
        connectorID=connector.connector_id,
        status=connector.shown_at(now),
        errorCode=(said and said.error_code) or UNSET,
        info=(said and said.info) or UNSET,
        vendorId=(said and said.vendor_id) or UNSET,
        vendorErrorCode=(said and said.vendor_error_code) or UNSET,
        availability=wanted.availability if wanted else UNSET,
        agreement=(state and state.agreement) or UNSET,
    )
