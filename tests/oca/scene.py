"""What the cases are played on: a charger, an operator, and what is on record."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from attrs import define, field, frozen

from flexicharge.charging.beliefs.known import Known
from flexicharge.model.account import ADMINS
from flexicharge.model.session import SessionState
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.testing.http import Connection, Response
from flexicharge.testing.standard_charger import JsonObject, StandardCharger
from flexicharge.testing.town import Town

T = TypeVar("T")
TAG: Final = "04A2B3C4"
DRIVER: Final = "driver-7"
SITE: Final = 1  # 2.50 SEK/kWh
CALL, RESULT, ERROR = 2, 3, 4


@frozen
class CallError:
    """A charger's answer to a Call that is a CALLERROR."""

    code: str = "NotSupported"


Reply = JsonObject | str | CallError


@define(eq=False, repr=False)
class Order:
    """A command that an operator has given, and that has reached the charger."""

    scene: Scene
    charger: StandardCharger
    call: list[Any]
    _reply: Connection

    @property
    def payload(self) -> JsonObject:
        """What the charger was asked."""
        asked: JsonObject = self.call[3]
        return asked

    def answer(self, reply: Reply) -> JsonObject:
        """Let the charger answer; return the command as it then is on record.

        The operator must have been told the very same.
        """
        if isinstance(reply, CallError):
            self.charger.refuse(self.call, reply.code)
        else:
            self.charger.answer(self.call, reply)
        self.scene.town.flush()
        return self.outcome()

    def outcome(self) -> JsonObject:
        """Return the command as it is on record, once the operator was answered."""
        told = self._reply.response()
        assert told.status == 200
        command: JsonObject = self.scene.get(
            f"/admin/commands/{told.json['commandId']}"
        )
        assert command["status"] == told.json["status"]
        assert command["response"] == told.json["response"]
        assert command["action"] == self.call[2]
        return command


@define(eq=False, repr=False)
class Scene:
    """A charger with two connectors on record, and an operator at the HTTP side."""

    town: Town
    charger: StandardCharger = field(init=False)
    chargers: list[StandardCharger] = field(factory=list, init=False)
    _operator: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.charger = self.add_charger("CP001")
        caller, _ = self.town.driver()
        self._operator = caller.user_id
        accounts, now = self.town.stores.accounts, self.town.clock.seconds()
        self.town.now(accounts.add_to_group(caller.user_id, ADMINS, now))
        self.put_tag(TAG, userID=DRIVER)

    def add_charger(self, identity: str, **record: Any) -> StandardCharger:
        """Put a charger on record that has not come yet, at a site with a price."""
        record = {"site_id": SITE, **record}
        self.chargers.append(StandardCharger.on_record(self.town, identity, **record))
        return self.chargers[-1]

    # what an operator does

    @property
    def token(self) -> str:
        """A token of the operator's that is good now."""
        town = self.town
        account = town.now(town.stores.accounts.get_account(self._operator))
        return town.back_end.tokens.issue(account, town.clock.seconds())

    def ask(self, method: str, path: str, **parts: Any) -> Response:
        """Send a request of the operator's."""
        return self.town.http.request(method, path, token=self.token, **parts)

    def get(self, path: str) -> Any:
        """Return what the operator reads."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json

    def put_tag(self, id_tag: str, **more: Any) -> None:
        """Put a tag on record, in place of the one of that name."""
        answer = self.ask("PUT", f"/admin/idtags/{id_tag}", json=more)
        assert answer.status in (200, 201), answer

    def remove_tag(self, id_tag: str) -> None:
        """Forget a tag."""
        assert self.ask("DELETE", f"/admin/idtags/{id_tag}").status == 204

    def order(
        self,
        action: str,
        payload: JsonObject,
        charger: StandardCharger | None = None,
        **body: Any,
    ) -> Order:
        """Give a command; it must reach the charger exactly so, and nothing else."""
        charger = charger or self.charger
        path = f"/admin/chargers/{charger.identity}/commands/{action}"
        reply = self.town.http.begin(
            "POST", path, json={"payload": payload, **body}, token=self.token
        )
        [call] = charger.asked()
        sent = {name: call[3][name] for name in call[3] if name in payload}
        assert (call[0], call[2]) == (CALL, action)
        assert list(sent.items()) == list(payload.items())
        assert set(call[3]) - set(payload) <= {"reservationId", "requestId"}
        return Order(self, charger, call, reply)

    def tell(
        self, action: str, payload: JsonObject, reply: Reply, **body: Any
    ) -> JsonObject:
        """Give a command, and let the charger answer; return what is on record."""
        return self.order(action, payload, **body).answer(reply)

    # what the charger does

    def authorize(self, id_tag: str) -> str:
        """Show a tag; return the verdict."""
        info = self.charger.call("Authorize", {"idTag": id_tag})["idTagInfo"]
        return str(info["status"])

    def charge(self, id_tag: str = TAG, meter: int = 1000, **more: Any) -> int:
        """Bring connector 1 into the state R3, "Charging"; return the transaction."""
        assert self.authorize(id_tag) == "Accepted"
        self.charger.report(1, "Preparing")
        started = self.charger.start(id_tag, 1, meter, **more)
        assert started["idTagInfo"]["status"] == "Accepted"
        self.charger.report(1, "Charging")
        return int(started["transactionId"])

    def reconnect(self, after: float = 0.0, step: float = 60.0) -> None:
        """Lose the line, and have it again some seconds later; nothing is said."""
        self.charger.peer.lose()
        self.town.advance(after, step)
        self.charger.connect()

    # what is on record

    @property
    def at(self) -> str:
        """Where the charger is in the operator's API."""
        return f"/admin/chargers/{self.charger.identity}"

    @property
    def station(self) -> Station:
        """The charger's record."""
        station: Station = self.charger.record
        return station

    def read(self, what: str) -> Any:
        """Return what the charger has taught us of something, as operators read it."""
        return self.get(f"{self.at}/{what}")

    def shown(self) -> JsonObject:
        """Return the charger as its operator reads it."""
        shown: JsonObject = self.get(self.at)
        return shown

    def statuses(self) -> list[str]:
        """Return the connectors' statuses, as their operator reads them."""
        return [each["status"] for each in self.shown()["connectors"]]

    def sessions(self) -> list[JsonObject]:
        """Return the charger's sessions, the oldest first."""
        return list(reversed(self.get(f"{self.at}/transactions")))

    def session(self, number: int) -> JsonObject:
        """Return a session with its meter values."""
        session: JsonObject = self.get(f"{self.at}/transactions/{number}")
        return session

    def facts(self, kind: str | None = None) -> list[JsonObject]:
        """Return what the charger said of sessions, the oldest first."""
        facts = reversed(self.get(f"{self.at}/facts"))
        return [fact for fact in facts if kind in (None, fact["kind"])]

    def reservations(self) -> list[JsonObject]:
        """Return the charger's reservations, the newest first."""
        reservations: list[JsonObject] = self.get(f"{self.at}/reservations")
        return reservations

    def events(self, kind: str) -> list[JsonObject]:
        """Return what happened at the charger, the oldest first."""
        events = reversed(self.get(f"{self.at}/events?kind={kind}"))
        return [event["body"] for event in events]

    def messages(self, action: str) -> list[JsonObject]:
        """Return the journal's frames of an action, the oldest first."""
        messages = reversed(self.get(f"{self.at}/messages?limit=1000"))
        return [message for message in messages if message["action"] == action]

    def commands(self, action: str = "") -> list[JsonObject]:
        """Return the commands that the charger was given, the newest first."""
        query = f"?action={action}" if action else ""
        commands: list[JsonObject] = self.get(f"{self.at}/commands{query}")
        return commands

    @property
    def known(self) -> Known:
        """What is believed of chargers."""
        return self.town.back_end.charging.beliefs.known

    def now(self, work: Awaitable[T]) -> T:
        """Return what something comes to that needs no time."""
        return self.town.now(work)

    def alarms(self, what: str) -> int:
        """Return how often an alarm was raised."""
        return self.town.back_end.alarms.raised[what]

    def owed(self) -> list[int]:
        """Return the numbers of the sessions that somebody owes something for."""
        return [
            session.session_id
            for session in self.town.world.sessions.rows.values()
            if session.state is SessionState.ENDED and session.price_ore
        ]

    # the wire

    def broken_rules(self) -> list[str]:
        """Return what the server said that no case allows.

        A CALLERROR, a frame off its schema, and a Call that nobody asked it to send.
        """
        broken: list[str] = []
        for charger in self.chargers:
            broken += [f"unasked: {call}" for call in charger.asked()]
            for text in charger.texts:
                broken += _broken(msgspec.json.decode(text), charger.said)
        return broken


def instant(text: str) -> float:
    """Return a time on the wire or of the operator's API, in POSIX seconds."""
    return datetime.fromisoformat(text).timestamp()


def _broken(frame: list[Any], said: dict[str, str]) -> list[str]:
    if frame[0] == ERROR:
        return [f"an error: {frame}"]
    if frame[0] == CALL:
        schema = schemas().requests[frame[2]]
        payload = frame[3]
    else:
        schema = schemas().confirmations[said[frame[1]]]
        payload = frame[2]
    return [] if schema.allows(payload) else [f"off schema: {frame}"]
