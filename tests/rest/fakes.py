"""Small real things that stand behind the HTTP side in its tests."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from attrs import Factory, define, field
from klein import Klein
from twisted.internet.defer import Deferred
from zope.interface import implementer

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import TokenError
from flexicharge.interfaces import IIdentity, IPricing
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import (
    ADMINS,
    Caller,
    Delivery,
    Listing,
    PeoplePage,
    Person,
    SignedIn,
)
from flexicharge.model.commands import Verdict
from flexicharge.model.reservation import Reservation
from flexicharge.model.session import Session, SessionState
from flexicharge.model.tariff import Price
from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.bodies import read_body
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation

NOW = 1_800_000_000.0
DRIVER = Caller(user_id="user-1", groups=frozenset(), expires_at=NOW + 3600)
ADMIN = Caller(user_id="user-0", groups=frozenset({ADMINS}), expires_at=NOW + 3600)


def encoded(value: Any) -> Any:
    """A value as JSON's plain types, as a client reads it."""
    return msgspec.json.decode(msgspec.json.encode(value))


def session(**changes: Any) -> Session:
    """A session of DRIVER that was reserved ten seconds ago."""
    known: dict[str, Any] = {
        "session_id": 17,
        "station_id": 8,
        "serial_number": "abc117",
        "connector_id": 100007,
        "user_id": DRIVER.user_id,
        "state": SessionState.RESERVED,
        "opened_at": NOW - 10,
    }
    return Session(**known | changes)


def view(
    *,
    energy_wh: int = 0,
    price_ore: int | None = None,
    sek_per_kwh: str = "2.5",
    **changes: Any,
) -> SessionView:
    """What is shown of such a session; its price is sealed when it has ended."""
    ended = changes.get("state") is SessionState.ENDED
    return SessionView(
        session=session(price_ore=price_ore if ended else None, **changes),
        sek_per_kwh=Decimal(sek_per_kwh),
        energy_wh=energy_wh,
        price_ore=price_ore,
    )


def charging_view(**changes: Any) -> SessionView:
    """A session that has charged 1.5 kWh in an hour, and goes on."""
    known: dict[str, Any] = {
        "state": SessionState.CHARGING,
        "energy_wh": 1500,
        "started_at": NOW - 3600,
        "percent": 40,
    }
    return view(**known | changes)


def ended_view(**changes: Any) -> SessionView:
    """The same session, stopped and sealed."""
    known: dict[str, Any] = {
        "state": SessionState.ENDED,
        "energy_wh": 1500,
        "started_at": NOW - 3600,
        "ended_at": NOW,
        "percent": 40,
        "price_ore": 375,
    }
    return view(**known | changes)


@define
class FakeCharging:
    """Does nothing, notes what it was asked, and answers what the test says."""

    outcome: Any = Factory(charging_view)
    asked: list[tuple[Any, ...]] = field(factory=list, init=False)

    async def reserve(self, caller: Caller, connector_id: int) -> Reserved:
        """Return a reservation with a payment, unless told otherwise."""
        reserved = Reserved(
            session=session(connector_id=connector_id),
            payment=PaymentSession(
                provider="klarna", client_token="shown", provider_session_id="kept"
            ),
        )
        found = await self._answer("reserve", caller, connector_id)
        return found if isinstance(found, Reserved) else reserved

    async def open(self, caller: Caller, connector_id: int) -> Reserved:
        """Return a reservation with a payment, unless told otherwise."""
        reserved = await self.reserve(caller, connector_id)
        self.asked[-1] = ("open", caller, connector_id)
        return reserved

    async def reserve_word(self, caller: Caller, connector_id: int) -> Verdict:
        """Return the word it was told, `Accepted` if none."""
        found = await self._answer("reserve_word", caller, connector_id)
        return found if isinstance(found, Verdict) else Verdict.ACCEPTED

    async def payment_of(self, session: Session) -> PaymentSession | None:
        """Return the payment of a session."""
        return PaymentSession(
            provider="klarna", client_token="shown", provider_session_id="kept"
        )

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[SessionView, ...]:
        """Return the views it was told to."""
        found: tuple[SessionView, ...] = await self._answer(
            "of_charger", caller, connector_id
        )
        return found

    async def start(
        self, caller: Caller, session_id: int, authorization_token: str | None
    ) -> SessionView:
        """Return the view it was told to."""
        found: SessionView = await self._answer(
            "start", caller, session_id, authorization_token
        )
        return found

    async def stop(self, caller: Caller, session_id: int) -> SessionView:
        """Return the view it was told to."""
        found: SessionView = await self._answer("stop", caller, session_id)
        return found

    async def read(self, caller: Caller, session_id: int) -> SessionView:
        """Return the view it was told to."""
        found: SessionView = await self._answer("read", caller, session_id)
        return found

    async def of_user(self, caller: Caller, user_id: str) -> tuple[SessionView, ...]:
        """Return the views it was told to."""
        found: tuple[SessionView, ...] = await self._answer("of_user", caller, user_id)
        return found

    async def _answer(self, *asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if isinstance(self.outcome, Deferred):
            return await self.outcome
        return self.outcome


def held(**changes: Any) -> Reservation:
    """A connector that is held for DRIVER for the next five minutes."""
    known: dict[str, Any] = {
        "reservation_id": 17,
        "connector_id": 100007,
        "user_id": DRIVER.user_id,
        "start_at": NOW,
        "end_at": NOW + 300,
    }
    return Reservation(**known | changes)


@define
class FakeHeld:
    """Holds nothing, notes what it was asked, and answers what the test says."""

    outcome: Any = Factory(held)
    asked: list[tuple[Any, ...]] = field(factory=list, init=False)

    async def book(
        self, caller: Caller, connector_id: int, start_ms: object, end_ms: object
    ) -> Reservation:
        """Return the reservation."""
        return self._answer("book", caller, connector_id, start_ms, end_ms)

    async def read(self, caller: Caller, reservation_id: int) -> Reservation:
        """Return the reservation."""
        return self._answer("read", caller, reservation_id)

    async def of_user(self, caller: Caller, user_id: str) -> tuple[Reservation, ...]:
        """Return the reservations."""
        return self._answer("of_user", caller, user_id)

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[Reservation, ...]:
        """Return the reservations."""
        return self._answer("of_charger", caller, connector_id)

    async def cancel(self, caller: Caller, reservation_id: int) -> None:
        """Note it."""
        self._answer("cancel", caller, reservation_id)

    def _answer(self, *asked: Any) -> Any:
        self.asked.append(asked)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def person(**changes: Any) -> Person:
    """Ida, of whom nothing is known but her address."""
    known: dict[str, Any] = {
        "user_id": DRIVER.user_id,
        "attributes": {"sub": DRIVER.user_id, "email": "ida@example.com"},
        "status": "CONFIRMED",
        "enabled": True,
        "created_at": NOW - 60,
        "modified_at": NOW - 30,
    }
    return Person(**known | changes)


@implementer(IIdentity)
@define
class FakeIdentity:
    """Knows two tokens, `driver` and `admin`, and one person.

    Notes what it was asked. `outcome` is raised if it is an error; `waiting_for` delays
    the look at a token.
    """

    waiting_for: Deferred[None] | None = None
    person: Person = Factory(person)
    outcome: BaseException | None = None
    asked: list[tuple[Any, ...]] = field(factory=list, init=False)

    async def admit(self, token: str) -> Caller:
        """Return whose token it is."""
        if self.waiting_for is not None:
            await self.waiting_for
        known = {"driver": DRIVER, "admin": ADMIN}
        if token not in known:
            raise TokenError("jwt malformed")
        return known[token]

    def _note(self, *asked: Any) -> Any:
        self.asked.append(asked)
        if self.outcome is not None:
            raise self.outcome

    async def sign_up(self, email: str, password: str) -> None:
        """Note who signs up."""
        self._note("sign_up", email, password)

    async def verify(self, email: str, code: str) -> None:
        """Note the code."""
        self._note("verify", email, code)

    async def sign_in(
        self, email: str, password: str, *, office: bool = False
    ) -> SignedIn:
        """Let the person in."""
        self._note("sign_in", email, password, office)
        return SignedIn(access_token="driver", person=self.person)

    async def change_forced_password(
        self, email: str, new_password: str, session: str, *, office: bool = False
    ) -> SignedIn:
        """Let the person in."""
        self._note("change_forced_password", email, new_password, session, office)
        return SignedIn(access_token="driver", person=self.person)

    async def forgot_password(self, email: str) -> Delivery:
        """Say that a code was mailed."""
        self._note("forgot_password", email)
        return Delivery(destination="i***@e***")

    async def confirm_forgot_password(
        self, email: str, code: str, new_password: str
    ) -> None:
        """Note the password."""
        self._note("confirm_forgot_password", email, code, new_password)

    async def change_password(self, token: str, previous: str, proposed: str) -> None:
        """Note the passwords."""
        await self.admit(token)
        self._note("change_password", token, previous, proposed)

    async def whoami(self, token: str) -> Person:
        """Return the person."""
        self._note("whoami", token)
        return self.person

    async def change_me(self, token: str, attributes: Mapping[str, str]) -> Person:
        """Note what is to be changed."""
        self._note("change_me", token, dict(attributes))
        return self.person

    async def delete_me(self, token: str) -> None:
        """Note it."""
        self._note("delete_me", token)

    async def users(self, asked: Listing) -> PeoplePage:
        """Return the one person there is."""
        self._note("users", asked)
        return PeoplePage(people=(self.person,), next_token="next+page")

    async def admins(self, asked: Listing) -> PeoplePage:
        """Return the one person there is."""
        self._note("admins", asked)
        return PeoplePage(people=(self.person,))

    async def user(self, username: str) -> Person:
        """Return the person."""
        self._note("user", username)
        return self.person

    async def add_user(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Return the person."""
        self._note("add_user", email, password, dict(attributes))
        return self.person

    async def add_admin(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Return the person."""
        self._note("add_admin", email, password, dict(attributes))
        return self.person

    async def change_user(self, username: str, attributes: Mapping[str, str]) -> Person:
        """Return the person."""
        self._note("change_user", username, dict(attributes))
        return self.person

    async def remove_user(self, username: str) -> None:
        """Note it."""
        self._note("remove_user", username)

    async def set_enabled(self, username: str, enabled: bool) -> None:
        """Note it."""
        self._note("set_enabled", username, enabled)

    async def reset_password(self, username: str) -> None:
        """Note it."""
        self._note("reset_password", username)

    async def set_password(self, username: str, password: str) -> None:
        """Note it."""
        self._note("set_password", username, password)

    async def published_keys(self) -> tuple[Mapping[str, str], ...]:
        """Return one key."""
        return ({"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256"},)


@implementer(IPricing)
@define
class FixedPricing:
    """The same price in every hour: 2.505 SEK per kWh."""

    tariff: Decimal = Decimal("2.505")
    asked: list[tuple[Decimal | None, float]] = field(factory=list, init=False)

    async def advertised(self, site_sek_per_kwh: Decimal | None, at: float) -> Decimal:
        """Return the site's price, else the tariff."""
        self.asked.append((site_sek_per_kwh, at))
        return self.tariff if site_sek_per_kwh is None else site_sek_per_kwh

    async def price(self, session: Session, energy_wh: int, at: float) -> Price:
        """Return a price of nothing."""
        return Price(total_ore=0, brackets=())


@define
class EchoApi:
    """Answers with what it understood; `raising` and `waiting_for` change that."""

    app = Klein()
    desk: Desk
    raising: BaseException | None = None
    waiting_for: Deferred[None] | None = None
    finished: list[str] = field(factory=list, init=False)

    @app.route("/echo", methods=["GET", "POST"])
    @operation(who=ANYBODY, gives=Json(dict[str, Any]))
    async def echo(self, call: Call[Any]) -> Any:
        """Answer with the fields of the body."""
        if self.raising is not None:
            raise self.raising
        body = read_body(call.request)
        if self.waiting_for is not None:
            await self.waiting_for
        self.finished.append("echo")
        return body

    @app.route("/echo/Words/<word>", methods=["GET"])
    @operation(who=ANYBODY, gives=Json(str))
    async def word(self, call: Call[Any], word: str) -> str:
        """Answer with a part of the path."""
        return word

    @app.route("/echo/Words/first", methods=["GET"])
    @operation(who=ANYBODY, gives=Json(str))
    async def first(self, call: Call[Any]) -> str:
        """Answer that a literal won."""
        return "the literal route"

    @app.route("/echo/Words/<word>", methods=["PUT"])
    @operation(who=ANYBODY, gives=Json(list[str]))
    async def put_word(self, call: Call[Any], word: str) -> list[str]:
        """Answer with a part of the path."""
        return ["put", word]
