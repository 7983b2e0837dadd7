"""The Flutter app of October 2023 (FLU); its User-Agent is Dart's."""

from __future__ import annotations

from typing import TypeVar

from attrs import define, field, frozen

from tests.clients.dart import DartMap, map_of, maps_in
from tests.clients.people import Somebody
from tests.clients.wire import Answer, ClientBroke, Wire, bearer

USER_AGENT = "Dart/3.1 (dart:io)"
STOPS = 9999
ChargeT = TypeVar("ChargeT", "Ongoing", "Historic")


@frozen
class Site:
    """A site as the app shows it."""

    number: int
    address: str
    location: list[float]
    price: int
    reservation_amount: int


@frozen
class MapCharger:
    """A charger as the app shows it."""

    number: int
    site: int
    location: list[float]
    serial_number: str
    status: str

    @classmethod
    def of(cls, row: DartMap) -> MapCharger:
        """Return the charger of a map."""
        return cls(
            row.integer("connectorID"),
            row.integer("chargePointID"),
            row.numbers("location"),
            row.text("serialNumber"),
            row.text("status"),
        )


@frozen
class Ongoing:
    """A charge that goes on; every number is an `int`."""

    number: int
    connector: int
    user_id: str
    started_at: int
    kwh: int
    percent: int
    price_per_kwh: int

    @classmethod
    def of(cls, row: DartMap) -> Ongoing:
        """Return the charge of a map."""
        return cls(
            row.integer("transactionID"),
            row.integer("connectorID"),
            row.text("userID"),
            row.integer("startTimestamp"),
            row.integer("kwhTransferred"),
            row.integer("currentChargePercentage"),
            row.integer("pricePerKWh"),
        )


@frozen
class Historic:
    """A charge that is over; every number is an `int`."""

    number: int
    connector: int
    started_at: int
    ended_at: int
    kwh: int
    price: int
    discount: int

    @classmethod
    def of(cls, row: DartMap) -> Historic:
        """Return the charge of a map."""
        return cls(
            row.integer("transactionID"),
            row.integer("connectorID"),
            row.integer("startTimestamp"),
            row.integer("endTimestamp"),
            row.integer("kwhTransferred"),
            row.integer("price"),
            row.integer("discount"),
        )


@define
class Flutter:
    """The app on one driver's phone."""

    wire: Wire
    token: str = field(default="", init=False)
    user_id: str = field(default="", init=False)
    chargers: dict[int, MapCharger] = field(factory=dict, init=False)

    @classmethod
    def calling(cls, port: int) -> Flutter:
        """Return the app, with the server's address compiled in."""
        return cls(Wire(port, {"User-Agent": USER_AGENT}))

    # getting in; each returns what the app shows, "" for success

    def sign_up(self, person: Somebody) -> str:
        """Sign up; an empty body is all right, a refusal has a message."""
        return self._told("/auth/sign-up", person.credentials)

    def verify(self, email: str, code: str) -> str:
        """Confirm the address."""
        return self._told("/auth/verify", {"username": email, "code": code})

    def sign_in(self, person: Somebody) -> str:
        """Sign in; the body is read as JSON whatever the status is."""
        answer = self.wire.send_json("POST", "/auth/sign-in", person.credentials)
        row = map_of(answer)
        if answer.status != 200:
            return row.text("message")
        self.token, self.user_id = row.text("accessToken"), row.text("user_id")
        return ""

    def forget(self, email: str) -> str:
        """Ask for a code."""
        return self._shown(self.wire.send("POST", f"/auth/forgot-password/{email}"))

    def confirm_forgotten(self, email: str, code: str, password: str) -> str:
        """Set a new password."""
        body = {"username": email, "password": password, "confirmationCode": code}
        return self._told("/auth/confirm-forgot-password", body)

    # the map

    def load_map(self) -> dict[int, Site]:
        """Load all chargers, then the sites one by one; return the sites."""
        rows = maps_in(self.wire.get("/chargers").expect(200))
        shown = [MapCharger.of(row) for row in rows]
        self.chargers = {charger.number: charger for charger in shown}
        return {number: self._site(number) for number in {c.site for c in shown}}

    def charger(self, number: int) -> MapCharger:
        """Return one charger."""
        return MapCharger.of(map_of(self.wire.get(f"/chargers/{number}").expect(200)))

    def free_charger_without_token(self, number: int) -> Answer:
        """Say that a charger is available again; whatever is answered is ignored."""
        return self.wire.send_json(
            "PUT", f"/chargers/{number}", {"status": "Available"}
        )

    # a charge

    def create_payment(self, number: int) -> int:
        """Reserve; nothing but 201 will do."""
        body = {"connectorID": number, "paymentType": "klarna"}
        answer = self.wire.send_json("POST", "/transaction", body, self.token)
        row = map_of(answer.expect(201))
        row.text("klarnaClientToken")
        return row.integer("transactionID")

    def start(self, session: int) -> Ongoing:
        """Start with Klarna's word; nothing but 200 and an object will do."""
        body = {"transactionID": session, "authorization_token": "klarna-said-yes"}
        path = f"/transaction/start/{session}"
        answer = self.wire.send_json("PUT", path, body, self.token)
        return self._known(Ongoing.of(map_of(answer.expect(200))))

    def look(self, session: int) -> Ongoing:
        """Look at a charge that goes on."""
        return self._known(Ongoing.of(self._read(session)))

    def receipt(self, session: int) -> Historic:
        """Look at a charge that is over."""
        return self._known(Historic.of(self._read(session)))

    def stop(self) -> Historic:
        """Stop 9999, which is all that it ever stops."""
        path = f"/transaction/stop/{STOPS}"
        answer = self.wire.send("PUT", path, None, bearer(self.token))
        return self._known(Historic.of(map_of(answer.expect(200))))

    def history(self) -> list[Historic]:
        """Return the driver's charges."""
        path = f"/transaction/userTransactions/{self.user_id}"
        rows = maps_in(self.wire.get(path, self.token).expect(200))
        return [self._known(Historic.of(row)) for row in rows]

    def _read(self, session: int) -> DartMap:
        return map_of(self.wire.get(f"/transaction/{session}", self.token).expect(200))

    def _known(self, charge: ChargeT) -> ChargeT:
        """Return a charge whose charger is on the map; it throws over another."""
        if charge.connector not in self.chargers:
            raise ClientBroke(f"{charge.connector} is not on the map")
        return charge

    def _site(self, number: int) -> Site:
        row = map_of(self.wire.get(f"/chargePoints/{number}").expect(200))
        return Site(
            row.integer("chargePointID"),
            row.text("address"),
            row.numbers("location"),
            row.integer("price"),
            row.integer("klarnaReservationAmount"),
        )

    def _told(self, path: str, body: dict[str, str]) -> str:
        return self._shown(self.wire.send_json("POST", path, body))

    def _shown(self, answer: Answer) -> str:
        if answer.expect(200, 400).status == 200:
            return ""
        return map_of(answer).text("message")
