"""The Android app of October 2023 (AND): Retrofit, OkHttp and Gson.

It was demonstrated against a server that asked for no payment: it sends no
authorization token, and so needs one that charges without (design §7.13).
"""

from __future__ import annotations

from attrs import define, field, frozen

from tests.clients.gson import GsonRow, row_of, rows_in, used
from tests.clients.people import Somebody
from tests.clients.wire import Answer, Wire, bearer
from tests.integration.server import ServerProcess

USER_AGENT = "okhttp/4.9.0"
# The words it has a text for; its button is enabled for the first one alone.
STATUSES = (
    "Available",
    "Faulted",
    "Occupied",
    "Rejected",
    "Unavailable",
    "Charging",
    "Reserved",
)
PROFILE = (
    "firstName",
    "lastName",
    "phoneNumber",
    "streetAddress",
    "zipCode",
    "city",
    "country",
)


class LoginScreen(Exception):
    """A 401 sends the driver back to the login screen."""


@frozen
class MapCharger:
    """A charger on the map."""

    number: int
    site: int
    location: list[float]
    serial_number: str
    status: str

    @classmethod
    def of(cls, row: GsonRow) -> MapCharger:
        """Return the charger of a row."""
        return cls(
            used(row.integer("connectorID")),
            used(row.integer("chargePointID")),
            row.doubles("location"),
            used(row.text("serialNumber")),
            used(row.text("status")),
        )


@frozen
class Charge:
    """A charge as the app keeps it; all is nullable that the app can do without."""

    number: int | None
    connector: int
    started_at: int | None
    ended_at: int | None
    kwh: float | None
    percent: int
    price_per_kwh: str | None
    price_ore: int | None
    discount: str | None

    @classmethod
    def of(cls, row: GsonRow) -> Charge:
        """Return the charge of a row; a null percentage crashes the app."""
        return cls(
            row.integer("transactionID"),
            used(row.integer("connectorID")),
            row.integer("startTimestamp"),
            row.integer("endTimestamp"),
            row.double("kwhTransferred"),
            used(row.integer("currentChargePercentage")),
            row.text("pricePerKwh"),
            row.integer("price"),
            row.text("discount"),
        )


@define
class Android:
    """The app on one driver's phone."""

    wire: Wire
    token: str = field(default="", init=False)
    user_id: str = field(default="", init=False)

    @classmethod
    def calling(cls, port: int) -> Android:
        """Return the app, with the server's address compiled in."""
        return cls(Wire(port, {"User-Agent": USER_AGENT}))

    # getting in

    def register(self, person: Somebody) -> None:
        """Register; any 2xx will do."""
        self.wire.send_json(
            "POST", "/auth/sign-up", person.credentials
        ).expect_success()

    def verify(self, email: str, code: str) -> None:
        """Confirm the address; nothing but 200 will do."""
        self.wire.send_json(
            "POST", "/auth/verify", {"username": email, "code": code}
        ).expect(200)

    def sign_in(self, person: Somebody) -> bool:
        """Sign in; 400 is a wrong password, and no other refusal is known."""
        answer = self.wire.send_json("POST", "/auth/sign-in", person.credentials)
        if answer.expect(200, 400).status == 400:
            return False
        row = row_of(answer)
        self.token = used(row.text("accessToken"))
        self.user_id = used(row.text("user_id"))
        used(row.text("username"))
        used(row.text("email"))
        return True

    def forget(self, email: str) -> None:
        """Ask for a code; an empty body would look like no internet."""
        path = f"/auth/forgot-password/{email}"
        row_of(self.wire.send("POST", path).expect(200))

    def confirm_forgotten(self, email: str, code: str, password: str) -> bool:
        """Set a new password; 400 is shown as a wrong code."""
        body = {"username": email, "password": password, "confirmationCode": code}
        path = "/auth/confirm-forgot-password"
        answer = self.wire.send_json("POST", path, body).expect(200, 400)
        if answer.status == 400:
            return False
        row_of(answer)
        return True

    # who the driver is

    def profile(self) -> dict[str, str]:
        """Return what is known of the driver; every key must be there."""
        row = row_of(self.wire.get("/auth/user-information", self.token).expect(200))
        used(row.text("username"))
        return {key: used(row.text(key)) for key in PROFILE}

    def save_profile(self, **changed: str) -> None:
        """Save it; what was left empty is sent as such."""
        body = {**dict.fromkeys(PROFILE, ""), **changed}
        path = "/auth/user-information"
        self.wire.send_json("PUT", path, body, self.token).expect_success()

    # the map

    def chargers(self) -> list[MapCharger]:
        """Return the chargers on the map."""
        answer = self.wire.get("/chargers").expect_success()
        return [MapCharger.of(row) for row in rows_in(answer)]

    def charger(self, number: int) -> MapCharger:
        """Return one charger; its status is what the button depends on."""
        answer = self.wire.get(f"/chargers/{number}").expect_success()
        return MapCharger.of(row_of(answer))

    def charge_points(self) -> dict[int, tuple[str, str, list[float]]]:
        """Return the names, addresses and places of the sites."""
        rows = rows_in(self.wire.get("/chargePoints").expect_success())
        return {
            used(row.integer("chargePointID")): (
                used(row.text("name")),
                used(row.text("address")),
                row.doubles("location"),
            )
            for row in rows
        }

    # a charge

    def ask_for(self, number: int) -> Answer:
        """Ask for a charger; a 401 leads to the login screen."""
        body = {"connectorID": number, "paymentType": "klarna"}
        answer = self.wire.send_json("POST", "/transaction", body, self.token)
        if answer.status == 401:
            raise LoginScreen
        return answer

    def create_session(self, number: int) -> tuple[int, Charge]:
        """Reserve a charger, and look at the charge at once."""
        row = row_of(self.ask_for(number).expect_success())
        used(row.text("klarnaClientToken"))
        session = int(used(row.double("transactionID")))
        return session, self.poll(session)

    def start(self, session: int) -> Charge:
        """Start; the body is empty, and the answer must be an object."""
        path = f"/transaction/start/{session}"
        return _charge(self._put(path).expect_success())

    def poll(self, session: int) -> Charge:
        """Look at the charge, as it does every three seconds."""
        path = f"/transaction/{session}"
        return _charge(self.wire.get(path, self.token).expect(200))

    def stop(self, session: int) -> Charge:
        """Stop; crashes without both times, or with a price but no energy."""
        charge = _charge(self._put(f"/transaction/stop/{session}").expect_success())
        used(charge.started_at)
        used(charge.ended_at)
        if charge.price_ore is not None:
            used(charge.kwh)
        return charge

    def history(self) -> list[GsonRow]:
        """Return the driver's charges."""
        path = f"/transaction/userTransactions/{self.user_id}"
        return rows_in(self.wire.get(path, self.token).expect(200))

    def _put(self, path: str) -> Answer:
        return self.wire.send("PUT", path, None, bearer(self.token))


def signed_in(server: ServerProcess, person: Somebody) -> Android:
    """Return the app of a driver who has registered and signed in."""
    app = Android.calling(server.ports[0])
    app.register(person)
    app.verify(person.email, person.next_code(server))
    assert app.sign_in(person)
    return app


def _charge(answer: Answer) -> Charge:
    return Charge.of(row_of(answer))
