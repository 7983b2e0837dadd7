"""One visit: each habit, and each way in which a server lets a driver down.

Whatever happens, the visit ends with the car gone, and with the right bill or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred

from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import LinkLost, ServerRefused, SimulatorError
from flexicharge.simulator.naps import Naps
from flexicharge.simulator.phone import Phone, Reach
from flexicharge.simulator.scenario.values import Drivers
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.simulator.visitor import BILL_WITHIN_S, NOTICES_END_S, Visitor
from flexicharge.testing.deferreds import fire
from flexicharge.testing.simulated.town import SimulatedTown
from tests.testing.simulated.network import Network, networks

STAY_S = 1200.0


@define(eq=False)
class Unlucky:
    """A way to the town on which some requests fail: by the app's method, with what.

    One that fails with nothing is never answered.
    """

    town: SimulatedTown
    failing: dict[str, SimulatorError | None]
    ws_url: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ws_url = self.town.ws_url

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Return an open socket, or fail."""
        await self._suffer("dial")
        return await self.town.dial(factory)

    async def app(self, number: int) -> Any:
        """Return an app whose requests may fail."""
        await self._suffer("app")
        return UnluckyApp(await self.town.app(number), self._suffer)

    async def _suffer(self, what: str) -> None:
        if what in self.failing:
            why = self.failing[what]
            if why is None:
                await Deferred()
            else:
                raise why


@define(eq=False)
class UnluckyApp:
    """An app whose requests meet what is theirs before they are made."""

    _app: VirtualDriver
    _suffer: Any

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._app, name)
        if not callable(asked):
            return asked

        async def ask(*args: Any) -> Any:
            await self._suffer(name)
            return await asked(*args)

        return ask


class Bench:
    """A town with one charger and whoever comes to it."""

    def __init__(self, network: Network) -> None:
        self.network, self.town, self.tally = network, network.town, network.tally
        [self.charger] = network.population.installations
        self.naps = Naps(network.clock)
        self.charger.switch_on()
        network.pass_time(1)

    def visitor(self, reach: Reach | None = None, **habits: Any) -> Visitor:
        """Return somebody with habits, who has not come yet."""
        clock, rng = self.network.clock, Random(7)
        drivers = Drivers(**habits)
        phone = Phone(
            number=0,
            reach=reach or self.town,
            clock=clock,
            tally=self.tally,
            is_impatient=lambda: rng.random() < drivers.impatient,
        )
        return Visitor(
            phone=phone,
            stand=self.charger,
            car=Car(),
            stay_s=STAY_S,
            habits=drivers,
            rng=rng,
            clock=clock,
            tally=self.tally,
            naps=self.naps,
        )

    def visited(self, reach: Reach | None = None, **habits: Any) -> Visitor:
        """Return somebody who has come and gone."""
        visitor = self.visitor(reach, **habits)
        self.network.outcome_of(visitor.visit())
        assert self.charger.charger.car is None
        assert self.charger.screen is not Screen.CHARGING
        return visitor

    def unlucky(self, **failing: SimulatorError | None) -> Unlucky:
        """Return a way to the town on which some requests fail."""
        return Unlucky(self.town, failing)

    def now(self) -> float:
        """Return the time."""
        return self.network.clock.seconds()

    @property
    def session(self) -> Session:
        """The only session that there is, as stored."""
        [session] = self.town.world.sessions.rows.values()
        return session

    def is_right(self, visitor: Visitor) -> bool:
        """Tell whether a visitor has the final bill of their session, as it stands."""
        bill = visitor.bill
        session = self.town.world.sessions.rows[visitor.transaction_id]
        return (
            bill is not None
            and bill.is_final
            and bill.transaction_id == visitor.transaction_id == session.session_id
            and bill.energy_wh == session.energy_wh
            and bill.price_ore == session.price_ore
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A charger that is ready."""
    with networks() as make:
        yield Bench(make())


# habits


def test_a_plain_visit_ends_with_a_bill(bench: Bench) -> None:
    """Of what flowed in twenty minutes; the app asked for the stop."""
    began_at = bench.now()
    visitor = bench.visited()
    assert bench.is_right(visitor)
    assert bench.session.end_reason is EndReason.DRIVER
    assert bench.session.energy_wh == round(bench.charger.charges[0].charged_wh) > 7000
    assert bench.now() - began_at == pytest.approx(STAY_S, abs=30)
    assert (bench.tally.total["bills"], bench.tally.total["visits"]) == (1, 1)
    assert not bench.tally.mishaps


def test_one_who_abandons_gets_no_bill(bench: Bench) -> None:
    """The reservation lapses by itself, and the charger is free again."""
    visitor = bench.visited(abandons=1.0)
    assert visitor.bill is None
    assert bench.tally.total["walked away"] == 1
    bench.network.pass_time(600)
    assert bench.session.state is SessionState.CANCELLED
    assert bench.charger.charges == []
    assert bench.is_right(bench.visited())


def test_one_who_gives_up_gets_a_small_bill(bench: Bench) -> None:
    """Stopped while the charger had hardly begun."""
    began_at = bench.now()
    visitor = bench.visited(gives_up=1.0)
    assert bench.is_right(visitor)
    assert bench.session.energy_wh == 0
    assert bench.now() - began_at < 60


def test_a_double_tap_charges_once(bench: Bench) -> None:
    """Everything is sent twice; there is one session, with one charge."""
    visitor = bench.visited(impatient=1.0)
    assert bench.is_right(visitor)
    assert bench.tally.waits["POST /transaction"].count == 2
    assert len(bench.charger.charges) == len(bench.town.world.books.ledger) == 1


def test_one_who_unplugs_never_asks_for_the_stop(bench: Bench) -> None:
    """The charger says that it is over; the bill is there a little later."""
    visitor = bench.visited(unplugs=1.0)
    assert bench.is_right(visitor)
    assert bench.session.end_reason is EndReason.STATION
    assert "PUT stop" not in bench.tally.waits


def test_one_who_watches_sees_live_frames(bench: Bench) -> None:
    """On a socket that is closed when the car leaves."""
    visitor = bench.visited(watches=1.0)
    assert bench.is_right(visitor)
    assert bench.tally.total["live frames"] >= 3  # the last one as the car leaves
    bench.network.pass_time(61)  # until the server closes connections that are kept
    assert len(bench.town.lines.open) == 1


def test_one_who_looks_sees_the_bill_grow(bench: Bench) -> None:
    """Every so often, over HTTP."""
    visitor = bench.visitor(looks_every_s=300.0)
    visiting = fire(visitor.visit())
    bench.network.pass_time(650)
    assert visitor.bill is not None
    assert (visitor.bill.is_final, visitor.bill.energy_wh > 3000) == (False, True)
    bench.network.outcome_of(visiting)
    assert bench.is_right(visitor)
    assert bench.tally.waits["GET /transaction"].count >= 3


def test_one_who_forgets_the_cable_pays_nothing(bench: Bench) -> None:
    """The charger gives up in silence; the driver notices within minutes."""
    began_at = bench.now()
    visitor = bench.visited(forgets_cable=1.0)
    assert bench.is_right(visitor)
    assert (bench.session.energy_wh, bench.session.price_ore) == (0, 0)
    assert bench.now() - began_at < 300


def test_a_charge_that_ended_is_noticed(bench: Bench) -> None:
    """Nobody stays much longer at a charger that does not charge any more."""
    visiting = fire(bench.visitor().visit())
    bench.network.pass_time(100)
    bench.charger.unplug()
    left_at = bench.now()
    bench.network.outcome_of(visiting)
    assert bench.now() - left_at < NOTICES_END_S + 30


# being sent home


def test_everybody_is_sent_home(bench: Bench) -> None:
    """In mid-charge: the charge is stopped, and its bill awaited."""
    visitor = bench.visitor()
    visiting = fire(visitor.visit())
    bench.network.pass_time(400)
    bench.naps.wake()
    left_at = bench.now()
    bench.network.outcome_of(visiting)
    assert bench.now() - left_at < 5
    assert bench.is_right(visitor)
    assert (bench.session.energy_wh or 0) > 0


# a server that lets them down


def test_a_charger_that_never_gets_ready_is_left(bench: Bench) -> None:
    """After a minute, without a word to the server."""
    bench.town.kill(3600.0)
    began_at = bench.now()
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.now() - began_at == 60
    assert bench.tally.total["could not charge"] == 1
    assert bench.tally.mishaps["charge: ServerHung"] == 1
    assert bench.tally.total["requests"] == 0


def test_a_charger_without_a_number_cannot_be_asked_for(bench: Bench) -> None:
    """It may be ready and yet unknown."""
    bench.charger.charger.number = None
    visitor = bench.visited()
    assert (visitor.bill, visitor.transaction_id) == (None, 0)
    assert bench.tally.mishaps["charge: SimulatorError"] == 1


def test_a_reservation_may_be_refused(bench: Bench) -> None:
    """Somebody else has it; nobody insists, and it is counted once."""
    app = bench.network.outcome_of(bench.town.app(1))
    bench.network.outcome_of(app.reserve(bench.charger.connector_id or 0))
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.tally.total["could not charge"] == 1
    assert bench.tally.total["requests"] == 1
    assert sum(bench.tally.mishaps.values()) == 1


def test_a_server_that_is_away_is_asked_again(bench: Bench) -> None:
    """A few times; one that is back by then serves as if nothing had been."""
    reach = bench.unlucky(reserve=LinkLost("gone"))
    visiting = fire((visitor := bench.visitor(reach)).visit())
    bench.network.pass_time(4)
    reach.failing.clear()
    bench.network.outcome_of(visiting)
    assert bench.is_right(visitor)


@pytest.mark.parametrize("what", ["reserve", "app"])
def test_a_server_that_stays_away_is_given_up(bench: Bench, what: str) -> None:
    """After five times, half a minute in all."""
    began_at = bench.now()
    visitor = bench.visited(bench.unlucky(**{what: LinkLost("gone")}))
    assert visitor.bill is None
    assert bench.now() - began_at == pytest.approx(28, abs=1)
    assert bench.tally.mishaps["charge: LinkLost"] == 1


@pytest.mark.parametrize("why", [ServerRefused(503, "later"), LinkLost("gone")])
def test_a_start_that_fails_is_followed_by_a_stop(
    bench: Bench, why: SimulatorError
) -> None:
    """It may have been heard all the same; the bill says what came of it."""
    visitor = bench.visited(bench.unlucky(start=why))
    assert bench.tally.total["could not start"] == 1
    assert bench.session.state is SessionState.CANCELLED
    assert visitor.bill is not None
    assert (visitor.bill.is_final, visitor.bill.price_ore) == (True, 0)


def test_a_live_socket_that_fails_keeps_nobody_from_charging(bench: Bench) -> None:
    """It is counted, and that is all."""
    reach = bench.unlucky(dial=ServerRefused(403, "no"))
    visitor = bench.visited(reach, watches=1.0)
    assert bench.is_right(visitor)
    assert bench.tally.total["could not watch"] == 1


def test_looks_in_vain_keep_nobody_from_charging(bench: Bench) -> None:
    """The last bill is the one that was seen last."""
    reach = bench.unlucky(read=LinkLost("gone"))
    visitor = bench.visited(reach, looks_every_s=300.0)
    assert bench.is_right(visitor)
    assert bench.tally.total["looks in vain"] == 3


def test_a_stop_is_asked_for_until_it_is_taken(bench: Bench) -> None:
    """With the car at the cable all the while."""
    reach = bench.unlucky(stop=ServerRefused(500, "broken"))
    visiting = fire((visitor := bench.visitor(reach)).visit())
    bench.network.pass_time(STAY_S + 300)
    assert bench.charger.screen is Screen.CHARGING
    assert bench.tally.total["looks in vain"] > 10
    reach.failing.clear()
    bench.network.outcome_of(visiting)
    assert bench.is_right(visitor)


def test_a_bill_that_never_comes_is_given_up(bench: Bench) -> None:
    """After four hours."""
    reach = bench.unlucky(stop=LinkLost("gone"), read=LinkLost("gone"))
    began_at = bench.now()
    visitor = bench.visited(reach, unplugs=1.0)
    assert visitor.bill is None
    assert bench.tally.total["bills that never came"] == 1
    assert bench.now() - began_at == pytest.approx(STAY_S + BILL_WITHIN_S, abs=60)


def test_a_server_that_dies_in_mid_charge_bills_what_it_kept(bench: Bench) -> None:
    """The fielded charger is lost with it; grace ends the session at last."""
    visiting = fire((visitor := bench.visitor()).visit())
    bench.network.pass_time(700)
    bench.town.kill(60.0)
    bench.network.outcome_of(visiting)
    assert bench.is_right(visitor)
    [charge] = bench.charger.charges
    assert (charge.cut_short, bench.session.energy_wh) == (True, charge.kept_wh)


def test_a_server_that_hangs_is_given_up_by_the_app(bench: Bench) -> None:
    """Its database is away for longer than anybody waits for a reservation."""
    bench.town.world.faults.away = True
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.tally.total["could not charge"] == 1
