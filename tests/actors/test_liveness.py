"""Silence is asked about; only proven death ends a link."""

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.actors.liveness import (
    PROOF_OF_DEATH_S,
    Liveness,
    Pulse,
    watch_over,
)
from flexicharge.interfaces import IChargerLink, IDriverLink
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.links import FakeChargerLink, FakeDriverLink

LIMIT = 120.0


@define(eq=False)
class Patient:
    """A watched link."""

    clock: Clock
    link: FakeChargerLink = field(init=False)
    pulse: Pulse = field(init=False)
    life: Liveness = field(init=False)
    deaths: int = 0

    def __attrs_post_init__(self) -> None:
        self.link = FakeChargerLink(heard_at=self.clock.seconds())
        self.pulse = Pulse(self.link, self.clock, LIMIT, self.die)
        self.life = watch_over(self.pulse)
        self.life.opened()

    def die(self) -> None:
        self.deaths += 1

    def speak(self) -> None:
        self.link.heard_at = self.clock.seconds()
        if self.pulse.in_doubt:
            self.life.heard()


@pytest.fixture
def patient(clock: Clock) -> Patient:
    return Patient(clock)


def test_the_fakes_are_links() -> None:
    """They promise what the real ones do."""
    assert verifyObject(IChargerLink, FakeChargerLink())
    assert verifyObject(IDriverLink, FakeDriverLink())


def test_a_talking_station_is_never_pinged(patient: Patient, clock: Clock) -> None:
    """Any traffic counts as life."""
    for _ in range(10):
        clock.advance(LIMIT - 1)
        patient.speak()
    assert patient.link.pings == 0


def test_silence_is_asked_about_and_forgiven(patient: Patient, clock: Clock) -> None:
    """A station that answers the ping starts a new silence."""
    clock.advance(LIMIT)
    assert patient.link.pings == 1
    clock.advance(PROOF_OF_DEATH_S - 1)
    patient.speak()
    clock.advance(LIMIT - 1)
    assert (patient.link.pings, patient.deaths) == (1, 0)
    clock.advance(1)
    assert patient.link.pings == 2


def test_a_station_that_does_not_answer_is_dead(patient: Patient, clock: Clock) -> None:
    """It is declared so once, and no timer is left."""
    clock.advance(LIMIT)
    clock.advance(PROOF_OF_DEATH_S)
    assert patient.deaths == 1
    patient.life.lost()
    assert clock.getDelayedCalls() == []


def test_a_doubted_station_can_prove_itself(patient: Patient) -> None:
    """Whoever asked learns it the moment something is heard."""
    proof = patient.pulse.proof(2.0)
    patient.life.doubted()
    assert patient.link.pings == 1
    patient.speak()
    assert result_of(proof) is True


def test_a_doubted_station_may_fail_to_prove_itself(
    patient: Patient, clock: Clock
) -> None:
    """After the time asked for the answer is no; the link itself has longer."""
    proof = patient.pulse.proof(2.0)
    patient.life.doubted()
    clock.advance(2.0)
    assert result_of(proof) is False
    assert patient.deaths == 0
    patient.speak()
    clock.advance(LIMIT - 1)
    assert patient.deaths == 0


def test_a_lost_link_is_no_proof_of_life(patient: Patient, clock: Clock) -> None:
    """Whoever waits is told at once."""
    proof = patient.pulse.proof(2.0)
    patient.life.doubted()
    patient.life.lost()
    assert result_of(proof) is False
    assert clock.getDelayedCalls() == []
