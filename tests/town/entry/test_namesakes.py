"""Two sockets of one name: nobody is pushed off by somebody who proves less (Q32)."""

from __future__ import annotations

from twisted.internet.task import Clock

from flexicharge.testing.town import Town

from .arriving import (
    CP,
    OTHER_PASSWORD,
    PASSWORD,
    TLS,
    alarms,
    arrive,
    arrive_with_certificate,
    enrol,
    headers,
    status,
)

ELSEWHERE = "192.0.2.9"
TWO = {"two stations of one name": 1}


def test_a_namesake_without_proof_pushes_nobody_off(town: Town) -> None:
    """From wherever it comes: the first lives, and proves as much."""
    enrol(town)
    first = arrive(town)
    second = arrive(town, address=ELSEWHERE)
    assert status(second) == 409
    assert first.is_open
    assert alarms(town) == TWO


def test_a_proof_outranks_a_name(town: Town) -> None:
    """Who came with a certificate stays; who came with nothing goes."""
    enrol(town)
    first = arrive_with_certificate(town)
    assert status(arrive(town)) == 409
    assert first.is_open
    first.lose()
    nobody = arrive(town)
    assert arrive_with_certificate(town, address=ELSEWHERE).is_open
    assert not nobody.is_open


def test_a_better_proof_of_the_same_charger_is_no_alarm(town: Town) -> None:
    """It rises to a higher profile before its old socket is gone."""
    enrol(town, password=PASSWORD)
    first = arrive(town, password=PASSWORD)
    assert arrive(town, password=PASSWORD, tls=TLS).is_open
    assert not first.is_open
    assert alarms(town) == {}


def test_of_two_that_have_proven_it_the_newest_wins(town: Town) -> None:
    """From another address; from the same one the first stays while it lives."""
    enrol(town, password=PASSWORD)
    first = arrive(town, password=PASSWORD)
    assert status(arrive(town, password=PASSWORD)) == 409
    assert alarms(town) == {}
    assert arrive(town, password=PASSWORD, address=ELSEWHERE).is_open
    assert not first.is_open
    assert alarms(town) == TWO


def test_a_dead_socket_is_no_namesake(town: Town) -> None:
    """A charger that comes back waits two seconds for its old self to be silent."""
    enrol(town)
    arrive(town).wire.severed = True
    back = arrive(town, address=ELSEWHERE)
    assert not back.is_open
    town.advance(2)
    assert back.is_open
    assert alarms(town) == {}


def test_the_first_to_open_counts_while_others_wait(town: Town) -> None:
    """Two that wait for one dead socket do not push each other off."""
    enrol(town)
    arrive(town).wire.severed = True
    newcomers = [arrive(town), arrive(town, address=ELSEWHERE)]
    town.advance(2)
    town.flush()
    assert sorted(status(peer) for peer in newcomers) == [101, 409]
    assert [peer.is_open for peer in newcomers].count(True) == 1


def test_a_name_in_other_letters_is_the_same_charger(town: Town) -> None:
    """There is one socket for one record."""
    enrol(town)
    first = arrive(town)
    assert status(arrive(town, f"/ocpp/{CP.lower()}")) == 409
    assert first.is_open


# connecting for ever (Q22)


def test_a_charger_that_reconnects_endlessly_is_slowed_down(town: Town) -> None:
    """Twenty times in a minute, then it is told to wait; others are not held up."""
    enrol(town)
    enrol(town, "CP-8")
    for _ in range(20):
        peer = arrive(town)
        assert peer.is_open
        peer.lose()
    peer = arrive(town)
    assert (status(peer), headers(peer)["retry-after"]) == (503, "60")
    assert arrive(town, "/ocpp/CP-8").is_open
    assert arrive(town, address=ELSEWHERE).is_open
    town.peers[-1].lose()
    town.advance(3, step=3)
    assert arrive(town).is_open


def test_only_who_has_proven_it_uses_a_chargers_returns_up(town: Town) -> None:
    """A namesake that guesses leaves them alone."""
    enrol(town, password=PASSWORD)
    for number in range(30):
        arrive(town, password=f"guess {number}")
        town.clock.advance(30)
    assert arrive(town, password=PASSWORD).is_open


def test_a_dialect_charger_is_never_told_to_wait(town: Town, clock: Clock) -> None:
    """It would not come back."""
    for _ in range(40):
        peer = town.plug_in("abc117")
        assert peer.is_open
        peer.lose()


def test_a_record_that_changes_while_somebody_waits_counts_as_it_is_then(
    town: Town,
) -> None:
    """A password that was good two seconds ago is good no longer; so is a charger."""
    enrol(town, password=PASSWORD)
    arrive(town, password=PASSWORD).wire.severed = True
    late = arrive(town, password=PASSWORD, address=ELSEWHERE)
    enrol(town, password=OTHER_PASSWORD)
    town.advance(3)
    assert status(late) == 401
    arrive(town, password=OTHER_PASSWORD).wire.severed = True
    later = arrive(town, password=OTHER_PASSWORD, address=ELSEWHERE)
    town.now(town.stores.chargers.retire_station(CP, town.clock.seconds()))
    town.advance(3)
    assert status(later) == 404
