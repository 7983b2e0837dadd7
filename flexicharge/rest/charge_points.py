"""Charge points over HTTP: what our words call sites (contract §4.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from klein import Klein

from flexicharge.errors import AlreadyTaken, ConnectorBusy, NotThere, SiteUnknown
from flexicharge.interfaces.links import IBus
from flexicharge.interfaces.money import IPricing
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.events import RETIREMENTS, StationRetired
from flexicharge.model.money import ore
from flexicharge.model.site import Site
from flexicharge.rest.bearer import ADMIN, ANYBODY
from flexicharge.rest.charge_point_fields import (
    ChargePoint,
    ListedChargePoint,
    NewSite,
    SiteChange,
    ore_as_text,
    said_of,
)
from flexicharge.rest.declared.gives import Empty, Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.ids import number_of
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.statuses import NothingThere, Statuses, codes

NAMING: Final[Statuses] = {AlreadyTaken: codes(400, "dbUniqueConstraintError")}
RETIRING: Final[Statuses] = {ConnectorBusy: codes(409, "chargePointInUse")}


class NoSites(NotThere):
    """There is no charge point at all."""


class ChargePointsApi:
    """Everybody may see the charge points without a token; admins change them."""

    app = Klein()

    def __init__(
        self, desk: Desk, sites: IChargerStore, pricing: IPricing, bus: IBus
    ) -> None:
        self.desk = desk
        self._sites, self._pricing, self._bus = sites, pricing, bus

    @app.route("/chargePoints", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(list[ListedChargePoint]),
        errors={NotThere: NothingThere()},
        clients=("IOS crashes at launch unless `price` is a text here.",),
    )
    async def every(self, call: Call[Any]) -> list[ListedChargePoint]:
        """Answer with all charge points, by number; 404 and no body if none."""
        sites = await self._sites.get_charge_points()
        if not sites:
            raise NoSites
        advertised = {
            sek: await self._advertised(sek)
            for sek in {site.sek_per_kwh for site in sites}
        }
        return [
            ListedChargePoint(
                **said_of(site), price=ore_as_text(advertised[site.sek_per_kwh])
            )
            for site in sites
        ]

    @app.route("/chargePoints/<site_id>", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Json(ChargePoint),
        clients=("FLU shows nothing of a site unless `price` is an integer here.",),
    )
    async def one(self, call: Call[Any], site_id: str) -> ChargePoint:
        """Answer with one charge point; 404 and no body if there is none."""
        site = await self._sites.get_charge_point(number_of(site_id, SiteUnknown))
        return await self._shown(site)

    @app.route("/chargePoints", methods=["POST"])
    @operation(
        who=ADMIN,
        asks=NewSite,
        gives=Json(ChargePoint, 201, "The charge point that was made."),
        errors=NAMING,
        clients=("GUI sends no `address`, and a `price` of 0, which says nothing.",),
    )
    async def add(self, call: Call[NewSite]) -> ChargePoint:
        """Make a charge point; without a `price` the hourly tariff counts there.

        `price` is öre per kWh, `klarnaReservationAmount` öre to be reserved.
        """
        new = call.asked
        made = await self._sites.add_charge_point(
            new.name,
            new.address or "",
            new.location,
            sek_per_kwh=new.sek_per_kwh,
            klarna_reservation_ore=new.reservation_ore,
        )
        return await self._shown(made)

    @app.route("/chargePoints/<site_id>", methods=["PUT"])
    @operation(
        who=ADMIN,
        asks=SiteChange,
        gives=Json(ChargePoint),
        errors=NAMING,
        clients=("GUI sends a `price` of 0, which says nothing; it reads one object.",),
    )
    async def change(self, call: Call[SiteChange], site_id: str) -> ChargePoint:
        """Change a charge point; a `price` of null is the hourly tariff again.

        Charges that are open keep the price they were opened with.
        """
        number = number_of(site_id, SiteUnknown)
        changed = await self._sites.update_charge_point(number, **call.asked.changes)
        return await self._shown(changed)

    @app.route("/chargePoints/<site_id>", methods=["DELETE"])
    @operation(
        who=ADMIN,
        gives=Empty(204, "It is out of service, and so are its chargers."),
        errors=RETIRING,
        clients=("GUI looks for exactly 204.",),
    )
    async def remove(self, call: Call[Any], site_id: str) -> None:
        """Retire a charge point with its chargers; 409 while one of them is in use."""
        number = number_of(site_id, SiteUnknown)
        now = self.desk.clock.seconds()
        for serial_number in await self._sites.remove_charge_point(number, now):
            self._bus.publish(RETIREMENTS, StationRetired(serial_number))

    async def _shown(self, site: Site) -> ChargePoint:
        return ChargePoint(
            **said_of(site), price=ore(await self._advertised(site.sek_per_kwh))
        )

    async def _advertised(self, site_sek_per_kwh: Decimal | None) -> Decimal:
        now = self.desk.clock.seconds()
        return await self._pricing.advertised(site_sek_per_kwh, now)
