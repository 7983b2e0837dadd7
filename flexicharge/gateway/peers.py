"""Whose address a connection comes from, behind proxies that we trust."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from attrs import frozen


@frozen
class TrustedProxies:
    """The networks whose `X-Forwarded-For` is believed."""

    _networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, networks: tuple[str, ...]) -> TrustedProxies:
        """Return the proxies in these addresses or networks (CIDR)."""
        return cls(tuple(ip_network(network, strict=False) for network in networks))

    def peer(self, address: str, forwarded_for: str | None) -> str:
        """Return the client's address: the last hop that is not a proxy of ours."""
        hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
        peer = address
        while self._trusts(peer) and hops:
            peer = hops.pop()
        return peer

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)
