"""A charger of OCPP 1.6J that says exactly what a test wants said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from attrs import define, field

from flexicharge.model.site import StationChanges
from flexicharge.testing.peers import Peer
from flexicharge.testing.town import Town

SUBPROTOCOL: Final = "ocpp1.6"
BOOT: Final = {"chargePointVendor": "Volta", "chargePointModel": "One"}
JsonObject = dict[str, Any]


@define(eq=False)
class Refusal(Exception):
    """The server answered with a CALLERROR."""

    code: str
    description: str
    details: JsonObject


@define(eq=False)
class StandardCharger:
    """A charger at `/ocpp/<identity>`; its clock is that of the town, unless told."""

    town: Town
    identity: str
    peer: Peer = field(init=False)
    said: dict[str, str] = field(factory=dict, init=False)  # actions, by message id
    _peers: list[Peer] = field(factory=list, init=False)
    _last_id: int = field(default=0, init=False)
    _answers: dict[str, list[Any]] = field(factory=dict, init=False)
    _calls: list[list[Any]] = field(factory=list, init=False)

    @classmethod
    def on_record(
        cls, town: Town, identity: str = "CP001", **changes: Any
    ) -> StandardCharger:
        """Put a station on record, with `connectors` and whatever; return it, away."""
        wanted = StationChanges(**{"connectors": 2, **changes})  # type: ignore[typeddict-item]
        chargers = town.stores.chargers
        town.now(chargers.put_station(identity, wanted, town.clock.seconds()))
        return cls(town, identity)

    def connect(self, **how: Any) -> StandardCharger:
        """Open a socket."""
        how = {"protocols": [SUBPROTOCOL], **how}
        self.peer = self.town.connect(f"/ocpp/{self.identity}", **how)
        self._peers.append(self.peer)
        return self

    def boot(self, **more: Any) -> JsonObject:
        """Boot, and report all connectors Available; return the answer to the boot."""
        answer = self.call("BootNotification", {**BOOT, **more})
        if answer["status"] == "Accepted":
            for number in range(len(self.record.connectors) + 1):
                self.report(number, "Available")
        return answer

    @property
    def record(self) -> Any:
        """The station's record."""
        return self.town.now(self.town.stores.chargers.get_station(self.identity))

    # what it says

    def call(self, action: str, payload: JsonObject, **how: Any) -> JsonObject:
        """Send a Call and return its result; raise `Refusal`."""
        message_id = self.send(action, payload, **how)
        answer = self.answer_to(message_id)
        if answer is None:
            raise AssertionError(f"{action} was not answered")
        if answer[0] == 4:
            raise Refusal(*answer[2:5])
        result: JsonObject = answer[2]
        return result

    def send(
        self, action: str, payload: JsonObject, message_id: str | None = None
    ) -> str:
        """Send a Call whose answer may take time; return its id."""
        message_id = self._new_id(action, message_id)
        self.peer.say(2, message_id, action, payload)
        return message_id

    def send_at_once(self, *calls: tuple[str, JsonObject]) -> list[str]:
        """Send Calls in one go, the last before the first is answered; return ids."""
        frames = [
            [2, self._new_id(action), action, payload] for action, payload in calls
        ]
        for frame in frames:
            self.peer.protocol.sendMessage(msgspec.json.encode(frame), False)
        self.peer.wire.flush()
        return [str(frame[1]) for frame in frames]

    def answer_to(self, message_id: str) -> list[Any] | None:
        """Return the frame that answers a Call, if it has come."""
        self._listen()
        return self._answers.pop(message_id, None)

    def report(
        self, number: int, status: str, error: str = "NoError", **more: Any
    ) -> None:
        """Report a connector's status."""
        payload = {"connectorId": number, "errorCode": error, "status": status, **more}
        self.call("StatusNotification", payload)

    def start(
        self, tag: str, number: int = 1, meter: int = 0, **more: Any
    ) -> JsonObject:
        """Start a transaction."""
        payload = {
            "connectorId": number,
            "idTag": tag,
            "meterStart": meter,
            "timestamp": self.now(),
            **more,
        }
        return self.call("StartTransaction", payload)

    def stop(self, transaction_id: int, meter: int, **more: Any) -> JsonObject:
        """Stop a transaction."""
        payload = {
            "transactionId": transaction_id,
            "meterStop": meter,
            "timestamp": self.now(),
            **more,
        }
        return self.call("StopTransaction", payload)

    def meter(
        self, meter: int, number: int = 1, transaction_id: int | None = None
    ) -> JsonObject:
        """Send a reading of the register."""
        value = {"timestamp": self.now(), "sampledValue": [{"value": str(meter)}]}
        payload: JsonObject = {"connectorId": number, "meterValue": [value]}
        if transaction_id is not None:
            payload["transactionId"] = transaction_id
        return self.call("MeterValues", payload)

    def now(self, ago: float = 0.0) -> str:
        """Return the time as the charger has it."""
        at = datetime.fromtimestamp(self.town.clock.seconds() - ago, UTC)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    # what it is asked

    def asked(self) -> list[list[Any]]:
        """Return the Calls that came since the last time."""
        self._listen()
        calls, self._calls = self._calls, []
        return calls

    def answer(self, call: list[Any], payload: JsonObject | str) -> None:
        """Answer a Call with a payload, or with a status alone."""
        if isinstance(payload, str):
            payload = {"status": payload}
        self.peer.say(3, call[1], payload)

    def refuse(self, call: list[Any], code: str = "NotSupported") -> None:
        """Answer a Call with a CALLERROR."""
        self.peer.say(4, call[1], code, "", {})

    @property
    def texts(self) -> list[bytes]:
        """All that the server ever said to it, over all its connections."""
        return [text for peer in self._peers for text in peer.protocol.texts]

    def _new_id(self, action: str, message_id: str | None = None) -> str:
        self._last_id += 1
        message_id = message_id or f"{self.identity}-{self._last_id}"
        self.said[message_id] = action
        return message_id

    def _listen(self) -> None:
        for frame in [frame for peer in self._peers for frame in peer.heard()]:
            if frame[0] == 2:
                self._calls.append(frame)
            else:
                self._answers[frame[1]] = frame
