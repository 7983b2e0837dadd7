"""One driver and one charger, driven step by step through a charge."""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field

from flexicharge.model.account import Caller
from flexicharge.model.session import Session
from flexicharge.testing.charger import STARTED_AT, ScriptedCharger
from flexicharge.testing.http import Connection
from flexicharge.testing.town import Town

CONNECTOR: Final = 100007
SERIAL: Final = "abc117"


@define(eq=False)
class Charge:
    """One driver and one charger, and how far the two of them have come."""

    town: Town
    charger: ScriptedCharger = field(init=False)
    caller: Caller = field(init=False)
    token: str = field(init=False)
    session_id: int = 0

    def __attrs_post_init__(self) -> None:
        self.caller, self.token = self.town.driver()
        self.plug_in()

    def plug_in(self) -> None:
        """Connect the charger and let it boot."""
        self.charger = ScriptedCharger(self.town.plug_in(SERIAL))
        self.charger.boot()
        frames = self.charger.heard()
        self.charger.answer(frames[1], "Accepted")
        self.charger.heard()

    def ask(self, method: str, path: str, body: object = None) -> Connection:
        """Send the driver's request; its answer may take time."""
        return self.town.http.begin(method, path, json=body, token=self.token)

    def read(self) -> dict[str, Any]:
        """Return the session as the driver's app reads it."""
        return _answer(self.ask("GET", f"/transaction/{self.session_id}"), 200)

    @property
    def stored(self) -> Session:
        """The session as it is stored."""
        return self.town.session(self.session_id)

    def status(self) -> str:
        """Return the word that the charger's status shows to apps."""
        return str(self.town.http.get(f"/chargers/{CONNECTOR}").json["status"])

    def reserve(self) -> None:
        """Reserve, with the charger agreeing."""
        self.charger.heard()
        body = {"connectorID": CONNECTOR, "paymentType": "klarna"}
        posted = self.ask("POST", "/transaction", body)
        [call] = self.charger.heard()
        self.charger.report("Reserved")
        self.charger.answer(call, "Accepted")
        self.charger.heard()
        self.session_id = _answer(posted, 201)["transactionID"]

    def start(self, meter_start: object = 0, at: object = STARTED_AT) -> None:
        """Reserve and start, with the charger agreeing and claiming that it is `at`."""
        self.reserve()
        started = self.ask("PUT", f"/transaction/start/{self.session_id}")
        [call] = self.charger.heard()
        self.charger.answer(call, "Accepted")
        self.charger.start(meter_start, at)
        self.charger.report("Charging")
        self.charger.heard()
        _answer(started, 200)


def _answer(connection: Connection, status: int) -> dict[str, Any]:
    """Return the object that a request was answered with."""
    response = connection.response()
    if response.status != status:
        raise AssertionError(f"{response.status}: {response.body!r}")
    answer: dict[str, Any] = response.json
    return answer
