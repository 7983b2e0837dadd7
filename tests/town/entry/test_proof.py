"""What standard chargers must show: security profiles 0 to 3 (OCA 073, 083-087)."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from flexicharge.model.site import Protocol
from flexicharge.testing.town import Town

from .arriving import (
    CP,
    OTHER_PASSWORD,
    PASSWORD,
    TLS,
    alarms,
    arrive,
    arrive_with_certificate,
    basic,
    credential,
    enrol,
    headers,
    record,
    status,
    town_with,
)

# nothing


def test_without_a_credential_a_name_is_enough(town: Town) -> None:
    """While `CHARGER_AUTH` is `serial`, as by default."""
    enrol(town)
    assert arrive(town).is_open
    assert not town.back_end.supervisor.present[CP].link.authenticated


def test_passwords_may_be_demanded_of_all(clock: Clock) -> None:
    """A name alone opens nothing then, for a new charger neither."""
    town = town_with(clock, CHARGER_AUTH="password", UNKNOWN_CHARGERS="accept")
    enrol(town)
    assert status(arrive(town)) == 401
    assert status(arrive(town, "/ocpp/new-1")) == 401
    enrol(town, password=PASSWORD)
    assert arrive(town, password=PASSWORD).is_open


def test_a_record_may_demand_more_than_it_has(town: Town) -> None:
    """Profile 1 without a password on record lets nobody in."""
    enrol(town, security_profile=1)
    assert status(arrive(town)) == 403


# passwords


@pytest.mark.parametrize(
    "shown",
    [PASSWORD, PASSWORD.upper(), bytes.fromhex(PASSWORD)],
)
def test_a_password_is_shown_in_digits_or_bytes(town: Town, shown: str | bytes) -> None:
    """Both spellings of one secret authenticate."""
    enrol(town, password=PASSWORD, security_profile=1)
    with capturedLogs() as logs:
        assert arrive(town, password=shown).is_open
    link = town.back_end.supervisor.present[CP].link
    assert (str(link.entry), link.authenticated) == ("password, profile 1", True)
    said = " ".join(formatEvent(event) for event in logs)
    assert "password, profile 1" in said
    assert PASSWORD not in said


def test_a_password_in_letters_may_have_colons(town: Town) -> None:
    """Sixteen to twenty bytes, as they are or as hexadecimal."""
    secret = "a:b:c:d:e:f:g:h:i"
    enrol(town, password=secret)
    assert arrive(town, password=secret).is_open
    town.peers[-1].lose()
    assert arrive(town, password=secret.encode().hex()).is_open


@pytest.mark.parametrize(
    "sent",
    [
        {},
        basic("wrong"),
        basic(PASSWORD, identity="CP-8"),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer x"},
    ],
)
def test_anything_else_is_unauthorized(town: Town, sent: dict[str, str]) -> None:
    """No upgrade, and the browser's question for a password."""
    enrol(town, password=PASSWORD)
    peer = arrive(town, headers=sent)
    assert status(peer) == 401
    assert headers(peer)["www-authenticate"] == 'Basic realm="FlexiCharge"'
    assert not town.back_end.supervisor.present


def test_a_password_is_demanded_on_every_path(town: Town) -> None:
    """Authentication belongs to the record."""
    enrol(town, password=PASSWORD)
    for path in (f"/charger/{CP}", f"/{CP}", f"/ocpp/{CP.lower()}"):
        assert status(arrive(town, path)) == 401
        assert arrive(town, path, password=PASSWORD).is_open
        town.peers[-1].lose()


def test_guessing_is_limited_and_told(town: Town) -> None:
    """Five failures in a row are an alarm, ten the end, for that address alone."""
    enrol(town, password=PASSWORD)
    for number in range(10):
        assert status(arrive(town, password=f"guess {number}")) == 401
    assert alarms(town) == {"a station cannot prove who it is": 2}
    peer = arrive(town, password=PASSWORD)
    assert (status(peer), headers(peer)["retry-after"]) == (429, "60")
    assert arrive(town, password=PASSWORD, address="192.0.2.8").is_open
    town.advance(60, step=10)
    for _ in range(2):
        town.peers[-1].lose()
        assert arrive(town, password=PASSWORD).is_open


def test_a_charger_that_succeeds_has_failed_never(town: Town) -> None:
    """A mistake now and then comes to no alarm, and costs no attempt."""
    enrol(town, password=PASSWORD)
    for _ in range(4):
        for _ in range(2):
            assert status(arrive(town, password="wrong")) == 401
        town.advance(60, step=60)
        assert arrive(town, password=PASSWORD).is_open
        town.peers[-1].lose()
    assert alarms(town) == {}


# a new password (073)


def test_both_passwords_are_good_until_the_new_one_is_shown(town: Town) -> None:
    """Its answer may have been lost; from its first use on it is the only one."""
    enrol(town, password=PASSWORD)
    chargers = town.stores.chargers
    town.now(chargers.expect_credential(CP, credential(town, OTHER_PASSWORD)))
    for password in (PASSWORD, OTHER_PASSWORD):
        assert arrive(town, password=password).is_open
        town.peers[-1].lose()
    assert record(town).credential == credential(town, OTHER_PASSWORD)
    assert record(town).next_credential is None
    assert status(arrive(town, password=PASSWORD)) == 401
    assert arrive(town, password=OTHER_PASSWORD).is_open


def test_a_first_password_counts_once_it_is_shown(town: Town) -> None:
    """Until then the charger still comes in by its name."""
    enrol(town)
    chargers = town.stores.chargers
    town.now(chargers.expect_credential(CP, credential(town, PASSWORD)))
    for sent in ({}, basic("wrong")):
        assert arrive(town, headers=sent).is_open
        town.peers[-1].lose()
    assert record(town).credential is None
    assert arrive(town, password=PASSWORD).is_open
    town.peers[-1].lose()
    assert status(arrive(town)) == 401


def test_a_new_password_is_noted_when_the_database_is_back(town: Town) -> None:
    """Nobody is refused for it, and the old one is over at once."""
    enrol(town, password=PASSWORD)
    chargers = town.stores.chargers
    town.now(chargers.expect_credential(CP, credential(town, OTHER_PASSWORD)))
    arrive(town, password=PASSWORD).lose()
    town.world.faults.away = True
    arrive(town, password=OTHER_PASSWORD).lose()
    assert status(arrive(town, password=PASSWORD)) == 401
    town.world.faults.away = False
    town.advance(6)
    assert record(town).credential == credential(town, OTHER_PASSWORD)


# TLS (086)


def test_a_password_over_tls_is_profile_two(town: Town) -> None:
    """Without TLS the same password is not enough."""
    enrol(town, password=PASSWORD, security_profile=2)
    assert status(arrive(town, password=PASSWORD)) == 403
    with capturedLogs() as logs:
        assert arrive(town, password=PASSWORD, tls=TLS).is_open
    said = f"profile 2, {TLS.version} {TLS.suite}"
    assert any(said in formatEvent(event) for event in logs)


def test_a_proxy_of_ours_may_end_tls(clock: Clock) -> None:
    """What it says counts; what anybody else says does not."""
    town = town_with(clock, TRUSTED_PROXIES="10.0.0.0/8")
    enrol(town, password=PASSWORD, security_profile=2)
    over_tls = {"X-Forwarded-Proto": "https"}
    assert status(arrive(town, password=PASSWORD, headers=over_tls)) == 403
    peer = arrive(town, password=PASSWORD, headers=over_tls, address="10.0.0.1")
    assert peer.is_open


# certificates (087)


def test_a_certificate_of_its_own_name_is_profile_three(town: Town) -> None:
    """No password is asked for then, and its serial number is in the log."""
    enrol(town, password=PASSWORD, security_profile=3)
    with capturedLogs() as logs:
        assert arrive_with_certificate(town).is_open
    assert any("certificate c0de" in formatEvent(event) for event in logs)
    assert town.back_end.supervisor.present[CP].link.entry.profile == 3


def test_a_password_does_not_stand_in_for_a_certificate(town: Town) -> None:
    """The record demands profile 3."""
    enrol(town, password=PASSWORD, security_profile=3)
    assert status(arrive(town, password=PASSWORD, tls=TLS)) == 403


@pytest.mark.parametrize("name", ["CP-8", "cp-7", ""])
def test_a_certificate_of_another_name_is_an_alarm(town: Town, name: str) -> None:
    """It must name exactly this charger, whatever else is shown."""
    enrol(town, password=PASSWORD)
    peer = arrive_with_certificate(town, name, password=PASSWORD)
    assert status(peer) == 403
    assert alarms(town) == {"a certificate of another name": 1}


def test_a_certificate_of_another_operator_is_an_alarm(clock: Clock) -> None:
    """Where `OCPP_CPO_NAME` says who we are."""
    town = town_with(clock, OCPP_CPO_NAME="FlexiCharge", OCPP_MTLS_PORT="0")
    enrol(town)
    assert status(arrive_with_certificate(town, organization="Another")) == 403
    assert alarms(town) == {"a certificate of another name": 1}
    assert arrive_with_certificate(town).is_open


# a higher profile (083, 084)


def test_the_old_profile_is_good_until_the_new_one_is_reached(town: Town) -> None:
    """A failed upgrade does not lose the charger; a successful one is for good."""
    enrol(town, password=PASSWORD, security_profile=1)
    town.now(town.stores.chargers.expect_profile(CP, 2))
    for tls in (None, TLS):
        assert arrive(town, password=PASSWORD, tls=tls).is_open
        town.peers[-1].lose()
    assert record(town).security_profile == 2
    assert record(town).next_security_profile is None
    assert status(arrive(town, password=PASSWORD)) == 403
    assert arrive(town, password=PASSWORD, tls=TLS).is_open


def test_profiles_stand_side_by_side(town: Town) -> None:
    """Each charger comes in as its own record says."""
    enrol(town, "CP-0")
    enrol(town, "CP-1", password=PASSWORD, security_profile=1)
    enrol(town, "CP-3", security_profile=3)
    assert arrive(town, "/ocpp/CP-0").is_open
    assert arrive(town, "/ocpp/CP-1", headers=basic(PASSWORD, "CP-1")).is_open
    assert arrive_with_certificate(town, "CP-3", path="/ocpp/CP-3").is_open


def test_a_dialect_charger_keeps_its_ways(town: Town) -> None:
    """The name beside its password was never looked at."""
    enrol(town, protocol=Protocol.DIALECT, password=PASSWORD)
    assert arrive(town, f"/charger/{CP}", headers=basic(PASSWORD, "x")).is_open
