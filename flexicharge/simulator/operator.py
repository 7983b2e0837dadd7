"""A virtual operator: what an administrator's page does over HTTP."""

from __future__ import annotations

from urllib.parse import quote

from attrs import define, frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import BadAnswer


@frozen(kw_only=True)
class Shown:
    """A charger as everybody is shown it."""

    connector_id: int
    serial_number: str
    status: str

    @classmethod
    def of(cls, charger: JsonObject) -> Shown:
        """Return what a charger's JSON says; raise `BadAnswer`."""
        number = charger.get("connectorID")
        serial_number, status = charger.get("serialNumber"), charger.get("status")
        if not (
            isinstance(number, int)
            and isinstance(serial_number, str)
            and isinstance(status, str)
        ):
            raise BadAnswer("A charger lacks connectorID, serialNumber or status")
        return cls(connector_id=number, serial_number=serial_number, status=status)


@define(eq=False, kw_only=True)
class VirtualOperator(VirtualDriver):
    """Somebody with an administrator's token; reading needs none.

    Every method raises as those of a driver do.
    """

    async def shown(self) -> list[Shown]:
        """Return all chargers as everybody is shown them."""
        return [Shown.of(charger) for charger in await self.chargers()]

    async def first_site(self) -> tuple[int, list[float]]:
        """Return the number and the place of a site; `ServerRefused` if none."""
        sites = await self._send("GET", "/chargePoints")
        try:
            return int(sites[0]["chargePointID"]), list(sites[0]["location"])
        except (LookupError, TypeError, ValueError):
            raise BadAnswer("The charge points cannot be read") from None

    async def add_charger(
        self, serial_number: str, site_id: int, location: list[float]
    ) -> Shown:
        """Make a charger on a site, and return it."""
        made = await self._send(
            "POST",
            "/chargers",
            serialNumber=serial_number,
            chargePointID=site_id,
            location=location,
        )
        if not isinstance(made, dict):
            raise BadAnswer("The new charger is not a JSON object")
        return Shown.of(made)

    async def enrol(
        self,
        serial_number: str,
        *,
        protocol: str,
        connectors: int,
        site_id: int,
        password: bytes,
    ) -> tuple[int, ...]:
        """Put a charger of a standard on record; return its connectors' numbers."""
        made = await self._send(
            "PUT",
            _path_of(serial_number),
            protocol=protocol,
            connectors=connectors,
            chargePointID=site_id,
            password=password.hex(),
        )
        try:
            return tuple(int(each["connectorID"]) for each in made["connectors"])
        except (LookupError, TypeError, ValueError):
            raise BadAnswer("The new charger's connectors cannot be read") from None

    async def withdraw(self, serial_number: str) -> None:
        """Take a charger with all its connectors out of service."""
        await self._send("DELETE", _path_of(serial_number))

    async def put_tag(self, tag: str, user_id: str) -> None:
        """Let a tag charge in the name of a user."""
        await self._send("PUT", f"/admin/idtags/{tag}", userID=user_id)

    async def remove_tag(self, tag: str) -> None:
        """Forget a tag."""
        await self._send("DELETE", f"/admin/idtags/{tag}")

    async def remove_charger(self, connector_id: int) -> None:
        """Take a charger out of service."""
        await self._send("DELETE", f"/chargers/{connector_id}")


def _path_of(serial_number: str) -> str:
    return f"/admin/chargers/{quote(serial_number, safe='')}"
