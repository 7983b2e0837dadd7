"""How standard chargers get in: paths, subprotocols, and who is let in at all."""

from __future__ import annotations

import pytest
from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from flexicharge.errors import StationUnknown
from flexicharge.gateway.subprotocols import SPOKEN
from flexicharge.model.site import Protocol, Registration
from flexicharge.testing.town import Town
from flexicharge.wire import Wire

from .arriving import alarms, arrive, enrol, headers, record, status, town_with

ODD_REQUEST = (
    b"GET /ocpp/CP-7 HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: ocpp1.6, ocpp1.6\r\n\r\n"
)
BOOT = [2, "1", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]


def booted(town: Town, path: str, **how: object) -> bool:
    """Tell whether a charger that comes in there has its boot accepted."""
    peer = arrive(town, path, **how)
    peer.say(*BOOT)
    [[kind, message_id, answer]] = peer.heard()
    return (kind, message_id, answer["status"]) == (3, "1", "Accepted")


@pytest.mark.parametrize(
    "path",
    [
        "/ocpp/CP-7",
        "/ocpp/1.6/CP-7",
        "/ocpp/ocpp1.6/CP-7/CP-7",
        "//ocpp//CP%2D7/",
        "/ocpp/cp-7",
        "/charger/CP-7",
        "/CP-7",
    ],
)
def test_a_standard_charger_is_itself_on_every_path(town: Town, path: str) -> None:
    """The record says what is spoken, not the path."""
    enrol(town)
    assert booted(town, path)


def test_letters_count_where_two_names_differ_in_nothing_else(town: Town) -> None:
    """A name as it stands comes first; in other letters, the one in capitals."""
    enrol(town, "BOX")
    enrol(town, "box")
    for path, identity in (("box", "box"), ("BOX", "BOX"), ("Box", "BOX")):
        peer = arrive(town, f"/ocpp/{path}")
        assert list(town.back_end.supervisor.present) == [identity]
        peer.lose()


def test_a_dialect_charger_is_itself_on_the_standard_path(town: Town) -> None:
    """Whatever it offers there is confirmed, and it is answered in the dialect."""
    peer = arrive(town, "/ocpp/abc117", protocols=["ocpp9"])
    assert peer.protocol.websocket_protocol_in_use == "ocpp9"
    peer.say(2, "1", "Heartbeat", {})
    assert peer.heard()[0][:3] == [3, "1", "Heartbeat"]


def test_what_an_identity_cannot_be_is_not_found(town: Town) -> None:
    """Before anybody looks it up."""
    assert status(arrive(town, "/ocpp/a%2Fb")) == 404
    assert status(arrive(town, "/ocpp")) == 404


# subprotocols (OCA 088)


@pytest.mark.parametrize(
    ("offered", "answer"),
    [
        (["ocpp0.1", "ocpp1.6"], "ocpp1.6"),
        (["ocpp2.0.1", "ocpp1.6"], "ocpp1.6"),
        (["OCPP1.6"], "OCPP1.6"),
        ([], None),
    ],
)
def test_one_of_ours_is_agreed_to(
    town: Town, offered: list[str], answer: str | None
) -> None:
    """As it was offered; with none offered, the record decides."""
    enrol(town)
    with capturedLogs() as logs:
        peer = arrive(town, protocols=offered)
    assert peer.is_open
    assert peer.protocol.websocket_protocol_in_use == answer
    said = [formatEvent(event) for event in logs]
    told = (
        f"offered {', '.join(offered) or 'nothing'!r}, agreed {answer or 'nothing'!r}"
    )
    assert any(told in line for line in said)


def test_nothing_in_common_is_no_upgrade(town: Town) -> None:
    """A later protocol is not agreed to until it is spoken."""
    enrol(town)
    for offered in (["ocpp0.1"], ["ocpp2.0.1", "ocpp2.1"]):
        assert status(arrive(town, protocols=offered)) == 400
    assert not town.back_end.supervisor.present


def test_a_record_of_a_protocol_that_is_not_spoken_lets_nobody_in(town: Town) -> None:
    """Its charger would be spoken to in another one."""
    enrol(town, protocol=Protocol.OCPP_2_0_1)
    assert Protocol.OCPP_2_0_1 not in SPOKEN
    assert status(arrive(town)) == 400


class ByHand(TwistedProtocol):
    """A client that says what Autobahn's cannot."""

    def __init__(self) -> None:
        self.received = b""

    def dataReceived(self, data: bytes) -> None:
        """Keep what the server says."""
        self.received += data


def test_a_request_without_its_connection_header_is_taken(town: Town) -> None:
    """It is put right, and told in the log (field note Q2)."""
    enrol(town)
    wire = Wire.connect(town.back_end.gateway, Factory.forProtocol(ByHand))
    with capturedLogs() as logs:
        wire.client.write(ODD_REQUEST)
        wire.flush()
    said = wire.client.protocol.received
    assert said.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol: ocpp1.6\r\n" in said
    wrong = [event["mended"] for event in logs if "mended" in event]
    assert wrong == ["subprotocol-twice, connection-header"]


# strangers


def test_a_stranger_is_not_found(town: Town) -> None:
    """By default nobody gets a record by connecting."""
    with capturedLogs() as logs:
        peer = arrive(town, "/ocpp/nobody")
    assert status(peer) == 404
    assert any("'nobody' from 127.0.0.1" in formatEvent(event) for event in logs)
    with pytest.raises(StationUnknown):
        record(town, "nobody")


def test_strangers_of_one_address_are_limited(town: Town) -> None:
    """After ten in ten minutes the log has no word of them any more."""
    for number in range(10):
        assert status(arrive(town, f"/ocpp/nobody-{number}")) == 404
    with capturedLogs() as logs:
        peer = arrive(town, "/ocpp/nobody-10")
    assert (status(peer), headers(peer)["retry-after"]) == (429, "60")
    levels = {
        event["log_level"].name for event in logs if "refused" in formatEvent(event)
    }
    assert levels == {"debug"}
    assert status(arrive(town, "/ocpp/nobody", address="192.0.2.9")) == 404
    enrol(town)
    assert arrive(town).is_open


def test_a_stranger_on_the_dialects_path_is_told_on_the_socket(town: Town) -> None:
    """As the contract has it, whatever is offered."""
    peer = arrive(town, "/charger/nobody")
    assert peer.heard()[0][2] == "SecurityError"
    assert not peer.is_open


@pytest.mark.parametrize(
    ("policy", "registration"),
    [("pending", Registration.PENDING), ("accept", Registration.ACCEPTED)],
)
def test_strangers_are_taken_in_where_that_is_wanted(
    clock: Clock, policy: str, registration: Registration
) -> None:
    """They get a record with one connector, that of a charger of OCPP 1.6."""
    town = town_with(clock, UNKNOWN_CHARGERS=policy)
    peer = arrive(town, "/ocpp/new-1")
    assert peer.is_open
    station = record(town, "new-1")
    assert station.registration is registration
    assert station.protocol is Protocol.OCPP_1_6
    assert [connector.number for connector in station.connectors] == [1]
    peer.say(*BOOT)
    assert peer.heard()[0][2]["status"] == registration


def test_a_stranger_that_speaks_nothing_of_ours_gets_no_record(clock: Clock) -> None:
    """Neither by what it offers nor by the path that it comes on."""
    town = town_with(clock, UNKNOWN_CHARGERS="accept")
    assert status(arrive(town, "/ocpp/new-1", protocols=["ocpp2.0.1"])) == 400
    assert status(arrive(town, "/ocpp/2.0.1/new-1", protocols=[])) == 400
    with pytest.raises(StationUnknown):
        record(town, "new-1")
    assert arrive(town, "/ocpp/1.6/new-1", protocols=[]).is_open


def test_strangers_cannot_fill_the_database(clock: Clock) -> None:
    """A hundred records an hour, then an alarm; who has one comes in all the same."""
    town = town_with(clock, UNKNOWN_CHARGERS="pending")
    for number in range(100):
        path, address = f"/ocpp/new-{number}", f"192.0.2.{number}"
        assert arrive(town, path, address=address).is_open
    peer = arrive(town, "/ocpp/new-100")
    assert (status(peer), headers(peer)["retry-after"]) == (503, "3600")
    assert alarms(town) == {"too many unknown stations": 1}
    town.peers[0].lose()
    assert arrive(town, "/ocpp/new-0").is_open
    town.clock.advance(36)
    assert arrive(town, "/ocpp/new-100").is_open


def test_while_the_database_is_away_a_stranger_is_sent_away(clock: Clock) -> None:
    """Its record could not be made; that costs nobody else a place."""
    town = town_with(clock, UNKNOWN_CHARGERS="accept")
    town.world.faults.fail_next("put_station", before_commit=True)
    peer = arrive(town, "/ocpp/new-1")
    assert status(peer) == 503
    assert arrive(town, "/ocpp/new-1").is_open
