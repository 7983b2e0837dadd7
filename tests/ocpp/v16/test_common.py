"""A charger's requests in everybody's words."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from flexicharge.errors import UnusableValue
from flexicharge.model import requests as common
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.v16 import requests as said
from flexicharge.ocpp.v16.common import in_common
from flexicharge.ocpp.v16.samples import MeterValue, Quantity, Sample

AT = 1_800_000_000.0
START = said.StartTransaction(
    connector_id=1, id_tag="Tag", meter_start_wh=100, timestamp_at=AT
)
STOP = said.StopTransaction(
    transaction_id=5, meter_stop_wh=700, timestamp_at=AT, reason="Remote"
)


def test_boots_and_statuses_carry_over() -> None:
    """Connector 0 stays 0: the charger itself."""
    boot = said.BootNotification(
        charge_point_vendor="V", charge_point_model="M", firmware_version="1"
    )
    assert in_common(boot, 1) == common.Boot(vendor="V", model="M", firmware="1")
    status = said.StatusNotification(
        connector_id=0, status=ConnectorStatus.FAULTED, error_code="OtherError"
    )
    assert in_common(status, 1) == common.StatusReport(
        connector_hint=0, status=ConnectorStatus.FAULTED, error_code="OtherError"
    )


def test_heartbeats_and_tags_carry_over() -> None:
    """As far as there are words for them."""
    assert in_common(said.Heartbeat(), 1) == common.Heartbeat()
    assert in_common(said.Authorize("A"), 1) == common.Authorize()


def test_a_start_is_known_again_by_its_facts() -> None:
    """Connector, tag in any case, time and register; nothing else."""
    start = in_common(START, 1)
    assert isinstance(start, common.Started)
    assert (start.connector_hint, start.meter_start_wh, start.claimed_at) == (
        1,
        100,
        AT,
    )
    again = in_common(evolve(START, id_tag="TAG", reservation_id=4), 1)
    assert again == start
    changes: list[dict[str, Any]] = [
        {"connector_id": 2},
        {"id_tag": "Other"},
        {"meter_start_wh": 101},
        {"timestamp_at": AT + 1},
    ]
    for change in changes:
        other = in_common(evolve(START, **change), 2)
        assert isinstance(other, common.Started)
        assert other.key != start.key


def test_a_stop_is_known_again_by_its_facts() -> None:
    """Transaction, time and register."""
    stop = in_common(STOP, 1)
    assert isinstance(stop, common.Stopped)
    assert (stop.meter_stop_wh, stop.reason, stop.claimed_at) == (700, "Remote", AT)
    other = in_common(evolve(STOP, transaction_id=6), 1)
    assert isinstance(other, common.Stopped)
    assert other.key != stop.key


@pytest.mark.parametrize(
    "request_",
    [evolve(START, meter_start_wh=-1), evolve(STOP, meter_stop_wh=10**13)],
)
def test_a_register_that_no_meter_has_is_refused(
    request_: said.ChargerRequest,
) -> None:
    """Below zero, or beyond all chargers."""
    with pytest.raises(UnusableValue):
        in_common(request_, 1)


def values(connector_id: int, *samples: Sample) -> said.MeterValues:
    return said.MeterValues(
        connector_id=connector_id,
        transaction_id=5,
        meter_values=(MeterValue(AT, samples),),
    )


def test_readings_tell_the_newest_state() -> None:
    """Register, power and state of charge."""
    metered = values(
        1,
        Sample("1.5", Quantity(unit="kWh")),
        Sample("7000", Quantity(unit="W", measurand="Power.Active.Import")),
        Sample("40", Quantity(unit="Percent", measurand="SoC")),
    )
    assert in_common(metered, 2) == common.Metered(
        connector_hint=1, register_wh=1500, power_w=7000, percent=40
    )


def test_the_main_meter_is_nobodys_session() -> None:
    """Unless there is one connector only; nor is a connector that is not there."""
    energy = Sample("9", Quantity(unit="Wh"))
    assert in_common(values(0, energy), 1) == common.Metered(
        connector_hint=1, register_wh=9
    )
    for connector_id in (0, 7):
        assert in_common(values(connector_id, energy), 2) == common.Metered(
            connector_hint=None
        )


def test_readings_that_tell_nothing_are_taken() -> None:
    """Voltages alone."""
    voltage = Sample("230", Quantity(unit="V", measurand="Voltage"))
    assert in_common(values(1, voltage), 1) == common.Metered(connector_hint=1)


@pytest.mark.parametrize(
    "request_",
    [
        said.DataTransfer(vendor_id="v"),
        said.FirmwareStatusNotification("Idle"),
        said.SignCertificate("PEM"),
    ],
)
def test_what_has_no_common_word_is_a_vendors_message(
    request_: said.ChargerRequest,
) -> None:
    """It is answered, and that is all."""
    assert in_common(request_, 1) == common.UnknownVendorMessage()
