"""Whose address a connection comes from, behind proxies that we trust."""

from __future__ import annotations

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from attrs import frozen

# What some proxies add to an address: the port, and brackets around those of IPv6.
WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]+|\[([0-9a-fA-F:.]+)\](?::[0-9]+)?")


@frozen
class TrustedProxies:
    """The networks whose `X-Forwarded-For` is believed."""

    _networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, networks: tuple[str, ...]) -> TrustedProxies:
        """Return the proxies in these addresses or networks (CIDR)."""
        return cls(tuple(ip_network(network, strict=False) for network in networks))

    def peer(self, address: str, forwarded_for: str | None) -> str:
        """Return the client's address: the last hop that is not a proxy of ours.

        A hop that is no address at all is none of ours.
        """
        hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
        peer = address
        while self._trusts(peer) and hops:
            peer = _bare(hops.pop())
        return peer

    def secured(self, address: str, forwarded_proto: str | None) -> bool:
        """Tell whether a proxy of ours says that it was spoken to over TLS."""
        said = (forwarded_proto or "").rpartition(",")[2].strip().lower()
        return said in ("https", "wss") and self._trusts(address)

    def _trusts(self, address: str) -> bool:
        return any(
            parsed in network
            for parsed in _forms_of(address)
            for network in self._networks
        )


def _bare(hop: str) -> str:
    """Return a hop without its port and its brackets."""
    match = WITH_PORT.fullmatch(hop)
    return match[1] or match[2] if match else hop


def _forms_of(address: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """Return an address as the number it is: a mapped one is an IPv4 address as well.

    So a socket for both kinds shows whoever comes over IPv4 (RFC 4291 §2.5.5.2).
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ()
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (parsed,) if mapped is None else (parsed, mapped)
