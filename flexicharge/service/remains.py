"""What the server holds of a station or a driver, for the self tests to look at."""

from __future__ import annotations

from attrs import frozen
from zope.interface import implementer

from flexicharge.actors.bus import LocalBus
from flexicharge.actors.supervisor import Supervisor
from flexicharge.charging.closing import Closing
from flexicharge.interfaces import IRemains
from flexicharge.model.events import driver_topic, station_address, station_topic
from flexicharge.model.site import Connector


@implementer(IRemains)
@frozen
class ServerRemains:
    """Looks for actors, addresses and topics of somebody who should be gone."""

    _supervisor: Supervisor
    _bus: LocalBus
    _closing: Closing

    def of_station(self, connector: Connector) -> tuple[str, ...]:
        """Return in words what is left of the station of a connector."""
        serial_number = connector.serial_number
        return self._left(
            self._supervisor.knows_station(serial_number),
            station_address(serial_number),
            station_topic(connector.station_id),
        )

    def of_user(self, user_id: str) -> tuple[str, ...]:
        """Return in words what is left of a driver's live sockets."""
        has_actor = self._supervisor.knows_driver(user_id)
        return self._left(has_actor, driver_topic(user_id))

    async def end_sessions(self, connector: Connector) -> None:
        """End every open session of a connector's station, from its last reading."""
        await self._closing.close(connector.station_id)

    def _left(self, has_actor: bool, *names: str) -> tuple[str, ...]:
        known = [f"{name} on the bus" for name in names if self._bus.is_known(name)]
        return ("its actor", *known) if has_actor else tuple(known)
