"""What makes a charge point, as clients send and read it (contract §4.3)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Final

from attrs import frozen
from msgspec import Meta

from flexicharge.errors import Invalid
from flexicharge.model.money import ORE_PER_SEK
from flexicharge.model.site import Site, SiteChanges
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, is_number, is_whole, optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.places import PLACE_KEYS, Place, place

MAX_NAME: Final = 30
MIN_ADDRESS, MAX_ADDRESS = 3, 255
MAX_ORE_PER_KWH: Final = 10_000_000
SEK_STEP: Final = Decimal("0.00001")  # what is stored of a price per kWh
MIN_ORE_PER_KWH: Final = 0.0005  # half a step, which is rounded up to one
MAX_RESERVATION_ORE: Final = 100_000_000
USUAL_RESERVATION_ORE: Final = 50_000

OreText = Annotated[str, Meta(pattern=r"^-?\d+\.\d\d$", examples=["245.50"])]


@frozen
class AsItIs:
    """Nothing is said of a price."""


AS_IT_IS: Final = AsItIs()
Price = Decimal | AsItIs | None  # in SEK per kWh; None is the hourly tariff


def _name(value: object, _: str) -> str:
    return _text(value, 1, MAX_NAME, "invalidName")


def _address(value: object, _: str) -> str:
    return _text(value, MIN_ADDRESS, MAX_ADDRESS, "invalidAddress")


def _text(value: object, shortest: int, longest: int, code: str) -> str:
    if value is not None and not isinstance(value, str):
        raise Invalid("invalidDataType")
    if value is None or not shortest <= len(value) <= longest:
        raise Invalid(code)
    return value


def _price(value: object, _: str) -> Price:
    """Return a site's own price, from öre.

    GUI sends 0 whatever a charge point costs: 0 says nothing. Null is the tariff. What
    is too little to be stored as a price would be nothing: it is refused.
    """
    if value is None:
        return None
    if not is_number(value) or not 0 <= value <= MAX_ORE_PER_KWH:
        raise Invalid("invalidPrice")
    if not value:
        return AS_IT_IS
    if value < MIN_ORE_PER_KWH:
        raise Invalid("invalidPrice")
    return (Decimal(str(value)) / ORE_PER_SEK).quantize(SEK_STEP, ROUND_HALF_UP)


def _reservation(value: object, _: str) -> int:
    if not is_whole(value) or not 0 <= value <= MAX_RESERVATION_ORE:
        raise Invalid("invalidKlarnaReservationAmount")
    return int(value)


NAME: Final = Rule(
    schema={"type": "string", "minLength": 1, "maxLength": MAX_NAME},
    read=_name,
    example="Coop, Forserum",
)
ADDRESS: Final = optional(
    Rule(
        schema={"type": "string", "minLength": MIN_ADDRESS, "maxLength": MAX_ADDRESS},
        read=_address,
        example="Jönköpingsvägen 2",
    )
)
PRICE: Final = Rule(
    schema={
        "anyOf": [
            {"type": "number", "enum": [0]},
            {
                "type": "number",
                "minimum": MIN_ORE_PER_KWH,
                "maximum": MAX_ORE_PER_KWH,
            },
            {"type": "null"},
        ]
    },
    read=_price,
    is_required=False,
    absent=AS_IT_IS,
    example=250,
)
RESERVATION: Final = optional(
    Rule(
        schema={"type": "integer", "minimum": 0, "maximum": MAX_RESERVATION_ORE},
        read=_reservation,
        example=USUAL_RESERVATION_ORE,
    ),
    USUAL_RESERVATION_ORE,
)


@frozen(kw_only=True)
class NewSite:
    """A charge point that somebody wants made; GUI never sends an address."""

    name: str = sent(NAME, "name")
    location: tuple[float, float] = sent(place("invalidcoordinates"), *PLACE_KEYS)
    address: str | None = sent(ADDRESS, "address")
    price: Price = sent(PRICE, "price")
    reservation_ore: int = sent(RESERVATION, "klarnaReservationAmount")

    @property
    def sek_per_kwh(self) -> Decimal | None:
        """Its own price, or None for the hourly tariff."""
        return self.price if isinstance(self.price, Decimal) else None


@frozen(kw_only=True)
class SiteChange:
    """What a charge point is to be from now on.

    What GUI sends as `klarnaReservationAmount` is the same for all, and not read.
    """

    name: str = sent(NAME, "name")
    location: tuple[float, float] = sent(place("invalidcoordinates"), *PLACE_KEYS)
    address: str | None = sent(ADDRESS, "address")
    price: Price = sent(PRICE, "price")

    @property
    def changes(self) -> SiteChanges:
        """What the store is to change; the rest stays as it is."""
        changes = SiteChanges(name=self.name, location=self.location)
        if self.address is not None:
            changes["address"] = self.address
        if not isinstance(self.price, AsItIs):
            changes["sek_per_kwh"] = self.price
        return changes


class SiteShape(Shape):
    """What is said of a charge point but its price.

    `location` is for the apps, `coordinates` for M23.
    """

    chargePointID: Whole
    name: str
    address: str
    location: Place
    coordinates: Place
    klarnaReservationAmount: Whole


class ChargePoint(SiteShape):
    """A charge point; `price` is öre per kWh now, whole."""

    price: int


class ListedChargePoint(SiteShape):
    """A charge point in a list; `price` is öre per kWh now, a text with decimals."""

    price: OreText


def said_of(site: Site) -> dict[str, Any]:
    """Return the attributes of `SiteShape` for a site."""
    at = [site.latitude, site.longitude]
    return {
        "chargePointID": site.site_id,
        "name": site.name,
        "address": site.address,
        "location": at,
        "coordinates": at,
        "klarnaReservationAmount": site.klarna_reservation_ore,
    }


def ore_as_text(sek: Decimal) -> str:
    """Return kronor as öre with two decimals, as G22's NUMERIC(10,2) was written."""
    return f"{sek * ORE_PER_SEK:.2f}"
