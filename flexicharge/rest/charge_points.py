"""Charge points over HTTP: what our words call sites."""

from __future__ import annotations

from decimal import Decimal

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from flexicharge.errors import SiteUnknown
from flexicharge.interfaces.money import IPricing
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.money import ORE_PER_SEK, ore
from flexicharge.model.site import Site
from flexicharge.rest.ids import number_of
from flexicharge.rest.replies import empty, json_reply
from flexicharge.rest.statuses import answering


def charge_point_json(site: Site, price: str | int) -> dict[str, object]:
    """Return a charge point; `location` is for the apps, `coordinates` for M23."""
    place = [site.latitude, site.longitude]
    return {
        "chargePointID": site.site_id,
        "name": site.name,
        "address": site.address,
        "location": place,
        "coordinates": place,
        "price": price,
        "klarnaReservationAmount": site.klarna_reservation_ore,
    }


def ore_as_text(sek: Decimal) -> str:
    """Return kronor as öre with two decimals, as G22's NUMERIC(10,2) was written."""
    return f"{sek * ORE_PER_SEK:.2f}"


class ChargePointsApi:
    """Everybody may see the charge points; no token is asked for.

    `price` is öre per kWh now. In the list it is a string, because IOS crashes at
    launch on a number; on its own a charge point says an integer, because FLU shows
    nothing of the site for anything else. IOS reads only the list, FLU only the detail
    (contract §4.3).
    """

    app = Klein()

    def __init__(
        self, sites: IChargerStore, pricing: IPricing, clock: IReactorTime
    ) -> None:
        self._sites, self._pricing, self._clock = sites, pricing, clock

    @app.route("/chargePoints", methods=["GET"])
    @answering()
    async def every(self, request: IRequest) -> bytes:
        """Answer with all charge points, by number; 404 and no body if none."""
        sites = await self._sites.get_charge_points()
        if not sites:
            return empty(request, 404)
        advertised = {
            sek: await self._advertised(sek)
            for sek in {site.sek_per_kwh for site in sites}
        }
        listed = [
            charge_point_json(site, ore_as_text(advertised[site.sek_per_kwh]))
            for site in sites
        ]
        return json_reply(request, listed)

    @app.route("/chargePoints/<site_id>", methods=["GET"])
    @answering()
    async def one(self, request: IRequest, site_id: str) -> bytes:
        """Answer with one charge point; 404 and no body if there is none."""
        site = await self._sites.get_charge_point(number_of(site_id, SiteUnknown))
        price = ore(await self._advertised(site.sek_per_kwh))
        return json_reply(request, charge_point_json(site, price))

    async def _advertised(self, site_sek_per_kwh: Decimal | None) -> Decimal:
        now = self._clock.seconds()
        return await self._pricing.advertised(site_sek_per_kwh, now)
