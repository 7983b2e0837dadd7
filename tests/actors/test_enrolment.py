"""Strangers with whom no TLS session comes about."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from flexicharge.actors.directory import StationDirectory
from flexicharge.actors.enrolment import Enrolment
from flexicharge.identity.limits import RateLimit
from flexicharge.testing.town import Town

PEER = "192.0.2.7"


@pytest.fixture
def enrolment(town: Town, clock: Clock) -> Enrolment:
    """One that tells of two strangers a minute."""
    return Enrolment(
        directory=StationDirectory(
            town.stores.chargers, clock, town.back_end.background
        ),
        alarms=town.back_end.alarms,
        registration=None,
        strangers=RateLimit(clock, 2, 60.0),
        records=RateLimit(clock, 1, 60.0),
    )


def test_a_scan_of_ports_fills_no_log(enrolment: Enrolment) -> None:
    """After two of an address nothing is said; another has its own."""
    with capturedLogs() as logs:
        for peer in (PEER, PEER, PEER, "192.0.2.8"):
            enrolment.turned_away(peer, "http request")
    said = [formatEvent(event) for event in logs]
    assert said == [
        f"no TLS session with {PEER}: http request",
        f"no TLS session with {PEER}: http request",
        "no TLS session with 192.0.2.8: http request",
    ]


def test_only_certificates_are_worth_an_alarm(town: Town, enrolment: Enrolment) -> None:
    """Somebody tries to be a charger, or a charger's certificate has ended."""
    enrolment.turned_away(PEER, "unsupported protocol")
    assert not town.back_end.alarms.raised
    enrolment.turned_away(PEER, "certificate verify failed")
    assert town.back_end.alarms.raised == {"a certificate was refused": 1}
