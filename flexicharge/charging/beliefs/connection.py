"""How a station came in the last time (OCA 085 to 087)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.model.entry import Entry, Means
from flexicharge.model.site import Station

KIND: Final = "connection"
LAST: Final = "last"


@frozen(kw_only=True)
class Connection:
    """What a station showed, from where and over what, at a POSIX time.

    Where there was no TLS to us, what tells of it is ''; so is the serial number where
    there was no certificate.
    """

    means: Means
    profile: int
    peer: str
    tls_version: str = ""
    cipher_suite: str = ""
    certificate: str = ""
    at: float


@frozen
class Connections:
    """Keeps a station's last connection."""

    _last: Drawer[Connection]

    async def noted(self, station: Station, entry: Entry, peer: str, at: float) -> None:
        """Keep how a station came in."""
        tls = entry.tls
        certificate = None if tls is None else tls.certificate
        connection = Connection(
            means=entry.means,
            profile=entry.profile,
            peer=peer,
            tls_version="" if tls is None else tls.version,
            cipher_suite="" if tls is None else tls.suite,
            certificate="" if certificate is None else certificate.serial_number,
            at=at,
        )
        await self._last.put(station.station_id, {LAST: connection}, at)

    async def last(self, station: Station) -> Connection | None:
        """Return a station's last connection, if there was one since this is kept."""
        return (await self._last.all(station.station_id)).get(LAST)
