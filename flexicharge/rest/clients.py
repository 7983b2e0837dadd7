"""Where a request comes from, as far as limits are concerned."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from twisted.web.iweb import IRequest

IPV6_SUBSCRIBER: Final = 64  # the bits of an address that one customer cannot change


def client_of(request: IRequest) -> str:
    """Return what a client's attempts are counted under: its address."""
    return counted_as(str(getattr(request.getClientAddress(), "host", "")))


def counted_as(host: str) -> str:
    """Return what a host is counted under.

    Of an IPv6 address the network counts, since a customer has all addresses in it.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), IPV6_SUBSCRIBER), strict=False))


def is_at_home(host: str) -> bool:
    """Tell whether a host is this machine, over loopback or a socket in a file."""
    try:
        address = ip_address(host)
    except ValueError:
        return not host
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
