"""The Android app of October 2022 (AND22), as far as a server can still serve it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, frozen
from websockets.sync.client import connect

from tests.clients.gson import GsonRow, row_of, rows_in, used
from tests.clients.ios import RESERVATION
from tests.clients.swift import string_of
from tests.clients.wire import PATIENCE_S, ClientBroke, Wire

LIVE = ("chargingPercent", "chargingPower", "chargedSoFar")
FULL = 100


@frozen
class Row:
    """A transaction, as the app keeps it."""

    number: int
    charger: int
    user_id: str
    percent: int
    kwh: float
    price_per_kwh: str
    opened_at: int

    @classmethod
    def of(cls, row: GsonRow) -> Row:
        """Return the transaction of a row."""
        row.integer("meterStart")
        for key in ("client_token", "paymentID", "session_id"):
            row.text(key)
        if not isinstance(row.keys.get("paymentConfirmed"), bool):
            raise ClientBroke("paymentConfirmed is no Boolean")
        return cls(
            used(row.integer("transactionID")),
            used(row.integer("chargerID")),
            used(row.text("userID")),
            used(row.integer("currentChargePercentage")),
            used(row.double("kwhTransfered")),
            used(row.text("pricePerKwh")),
            used(row.integer("timestamp")),
        )


@define
class Android2022:
    """The app on one phone; it never shows a token, not even to its socket."""

    wire: Wire
    ws: str

    def reserve(self, charger: int) -> str:
        """Ask a charger to wait; return its word."""
        path = f"/reservations/{charger}"
        return string_of(self.wire.send_json("PUT", path, RESERVATION).expect(201))

    def open_payment(self, charger: int, user_id: str) -> int:
        """Open a payment; return the transaction."""
        body = {"userID": user_id, "chargerID": charger}
        row = row_of(
            self.wire.send_json("POST", "/transactions/session", body).expect(201)
        )
        used(row.text("client_token"))
        return used(row.integer("transactionID"))

    def look(self, transaction: int) -> Row:
        """Look at a transaction."""
        answer = self.wire.get(f"/transactions/{transaction}").expect(200)
        if isinstance(row_of(answer).keys.get("pricePerKwh"), float | int):
            raise ClientBroke("the price was text")
        return Row.of(row_of(answer))

    def start(self, transaction: int) -> None:
        """Start with Klarna's word."""
        body = {"transactionID": transaction, "authorization_token": "klarna-says-yes"}
        path = f"/transactions/start/{transaction}"
        self.wire.send_json("PUT", path, body).expect_success()

    def stop(self, transaction: int) -> Row:
        """Stop; the answer is an array with a row."""
        path = f"/transactions/stop/{transaction}"
        rows = rows_in(self.wire.send_json("PUT", path, {}).expect_success())
        if not rows:
            raise ClientBroke("no row")
        return Row.of(rows[0])

    @contextmanager
    def live(self, user_id: str) -> Iterator[Live]:
        """Listen to a user's live metrics."""
        with connect(f"{self.ws}/user/{user_id}") as socket:
            yield Live(socket)


@frozen
class Live:
    """The app's socket."""

    socket: Any

    def next_percent(self) -> float:
        """Return the next percentage; a frame that lacks anything is discarded."""
        return float(self.next_frame()[3]["values"]["chargingPercent"]["value"])

    def next_frame(self) -> list[Any]:
        """Return the next frame that shows something."""
        frame: list[Any] = json.loads(self.socket.recv(timeout=PATIENCE_S))
        for key in LIVE:
            shown = frame[3]["values"][key]
            float(shown["value"])
            if not isinstance(shown["unit"], str):
                raise ClientBroke(f"no unit: {shown}")
        return frame
