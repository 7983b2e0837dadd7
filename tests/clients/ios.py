"""The iOS app of October 2022 (IOS), and the Swift code in FLU that is like it.

Both were written for a server that asked for no token (design §7.9).
"""

from __future__ import annotations

from attrs import define, frozen

from tests.clients.people import Somebody
from tests.clients.swift import object_of, objects_in, string_of
from tests.clients.wire import Answer, Wire, json_of

USER_AGENT = "FlexiCharge/1 CFNetwork/1390 Darwin/22.0.0"
EVERYBODY = "2i3h52-3kn34k6-2k3n5"
EMBEDDED_CHARGER = "100010"
POLICY = "Password did not conform with policy: "
RESERVATION = {
    "connectorId": "1",
    "idTag": "1",
    "reservationId": "1",
    "parentIdTag": "1",
}


@frozen
class MapCharger:
    """A charger of the map's list."""

    number: int
    site: int
    location: list[float]
    serial_number: str
    status: str


@frozen
class MapSite:
    """A site of the map's list; its price is text."""

    number: int
    name: str
    location: list[float]
    price: str
    reservation_amount: int


@define
class Ios:
    """The app on one phone; it never shows a token."""

    wire: Wire

    @classmethod
    def calling(cls, port: int) -> Ios:
        """Return the app, with the server's address compiled in."""
        return cls(Wire(port, {"User-Agent": USER_AGENT, "Accept": "*/*"}))

    # getting in; each returns what the app shows, "" for success

    def sign_up(self, person: Somebody) -> str:
        """Sign up; of a password's refusal it cuts off the words that are the same."""
        answer = self.wire.send_json("POST", "/auth/sign-up", person.credentials)
        if answer.status == 200:
            return ""
        row = object_of(answer)
        row.integer("statusCode")
        message = row.text("message")
        if row.text("code") == "InvalidPasswordException":
            return message[len(POLICY) :]
        return message

    def verify(self, email: str, code: str) -> str:
        """Confirm the address."""
        answer = self.wire.send_json(
            "POST", "/auth/verify", {"username": email, "code": code}
        )
        return "" if answer.status == 200 else object_of(answer).text("message")

    def sign_in(self, person: Somebody) -> bool:
        """Sign in; a `code` in the body means that it failed."""
        answer = self.wire.send_json("POST", "/auth/sign-in", person.credentials)
        row = object_of(answer)
        if "code" in row.keys:
            return False
        row.text("email")
        row.text("accessToken")
        return True

    def forget(self, email: str) -> int:
        """Ask for a code."""
        return self.wire.send("POST", f"/auth/forgot-password/{email}").status

    def confirm_forgotten(self, email: str, code: str, password: str) -> int:
        """Set a new password."""
        body = {"username": email, "password": password, "confirmationCode": code}
        path = "/auth/confirm-forgot-password"
        return self.wire.send_json("POST", path, body).status

    # the map

    def chargers(self) -> dict[int, MapCharger]:
        """Return the chargers, by number."""
        rows = objects_in(self.wire.get("/chargers"))
        shown = [
            MapCharger(
                row.integer("chargerID"),
                row.integer("chargePointID"),
                row.doubles("location"),
                row.text("serialNumber"),
                row.text("status"),
            )
            for row in rows
        ]
        return {charger.number: charger for charger in shown}

    def charge_points(self) -> dict[int, MapSite]:
        """Return the sites, by number; a price that is a number crashes the app."""
        rows = objects_in(self.wire.get("/chargePoints"))
        shown = [
            MapSite(
                row.integer("chargePointID"),
                row.text("name"),
                row.doubles("location"),
                row.text("price"),
                row.integer("klarnaReservationAmount"),
            )
            for row in rows
        ]
        return {site.number: site for site in shown}

    # a charge

    def begin(self, number: int) -> str:
        """Ask a charger to wait; return its word. `Accepted` opens Klarna."""
        path = f"/reservations/{number}"
        return string_of(self.wire.send_json("PUT", path, RESERVATION).expect(201))

    def open_klarna(self, charger: str) -> int:
        """Open a payment; return the transaction. The number of a charger is text."""
        body = {"userID": EVERYBODY, "chargerID": charger}
        answer = self.wire.send_json("POST", "/transactions/session", body)
        row = object_of(answer.expect(201))
        row.text("client_token")
        return row.integer("transactionID")

    def start(self, transaction: int) -> None:
        """Start; a colon stands before the number, only 201 and some JSON will do."""
        answer = self.start_or_not(transaction, f":{transaction}").expect(201)
        json_of(answer.in_utf8())

    def start_or_not(self, transaction: int, written: str) -> Answer:
        """Start as the Swift code in FLU does, which goes on whatever is answered."""
        body = {"transactionID": transaction, "authorization_token": "klarna-says-yes"}
        return self.wire.send_json("PUT", f"/transactions/start/{written}", body)

    def stop(self, number: int) -> Answer:
        """Do what it takes for stopping; whatever is answered is ignored."""
        return self.wire.send_json(
            "PUT", f"/chargers/{number}", {"status": "Available"}
        )
