"""Small real things that stand behind the HTTP side in its tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import Factory, define, field
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest
from zope.interface import implementer

from flexicharge.charging.views import Reserved, SessionView
from flexicharge.errors import NotAuthorized, TokenError
from flexicharge.interfaces import IIdentity, IPricing
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.account import ADMINS, Caller, SignedIn
from flexicharge.model.session import Session, SessionState
from flexicharge.model.tariff import Price
from flexicharge.rest.bodies import read_body
from flexicharge.rest.replies import json_reply
from flexicharge.rest.statuses import answering

NOW = 1_800_000_000.0
DRIVER = Caller(user_id="user-1", groups=frozenset(), expires_at=NOW + 3600)
ADMIN = Caller(user_id="user-0", groups=frozenset({ADMINS}), expires_at=NOW + 3600)


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


@implementer(IIdentity)
@define
class FakeIdentity:
    """Knows two tokens: `driver` and `admin`; says so after `waiting_for`."""

    waiting_for: Deferred[None] | None = None

    async def sign_up(self, email: str, password: str) -> None:
        """Sign nobody up."""

    async def verify(self, email: str, code: str) -> None:
        """Verify nothing."""

    async def sign_in(self, email: str, password: str) -> SignedIn:
        """Sign nobody in."""
        raise NotAuthorized

    async def admit(self, token: str) -> Caller:
        """Return whose token it is."""
        if self.waiting_for is not None:
            await self.waiting_for
        known = {"driver": DRIVER, "admin": ADMIN}
        if token not in known:
            raise TokenError("jwt malformed")
        return known[token]


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
    raising: BaseException | None = None
    waiting_for: Deferred[None] | None = None
    finished: list[str] = field(factory=list, init=False)

    @app.route("/echo", methods=["GET", "POST"])
    @answering()
    async def echo(self, request: IRequest) -> bytes:
        """Answer with the fields of the body."""
        if self.raising is not None:
            raise self.raising
        body = read_body(request)
        if self.waiting_for is not None:
            await self.waiting_for
        self.finished.append("echo")
        return json_reply(request, body)

    @app.route("/echo/Words/<word>", methods=["GET"])
    async def word(self, request: IRequest, word: str) -> bytes:
        """Answer with a part of the path."""
        return json_reply(request, word)

    @app.route("/echo/Words/first", methods=["GET"])
    async def first(self, request: IRequest) -> bytes:
        """Answer that a literal won."""
        return json_reply(request, "the literal route")

    @app.route("/echo/Words/<word>", methods=["PUT"])
    async def put_word(self, request: IRequest, word: str) -> bytes:
        """Answer with a part of the path."""
        return json_reply(request, ["put", word])
