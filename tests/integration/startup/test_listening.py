"""Ports are bound, or somebody is told why not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from flexicharge.errors import StartUpFailed
from flexicharge.startup.listening import HTTP, OCPP, bind, port_of

HERE = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that somebody listens on."""
    with closing(bind(HTTP, HERE, 0)) as listening:
        yield port_of(listening)


def test_a_bound_port_takes_connections(taken: int) -> None:
    """They wait there until the reactor runs."""
    socket.create_connection((HERE, taken), timeout=5).close()


def test_the_socket_never_blocks_the_reactor() -> None:
    """It is ready to be handed over."""
    with closing(bind(OCPP, HERE, 0)) as listening:
        assert not listening.getblocking()


def test_a_taken_port_is_named_with_the_cure(taken: int) -> None:
    """Which setting, which port, and a command that works."""
    with pytest.raises(StartUpFailed) as caught:
        bind(OCPP, HERE, taken)
    message = str(caught.value)
    assert f"OCPP_PORT={taken} is in use on 127.0.0.1" in message
    assert message.endswith("OCPP_PORT=1338 twistd -n flexicharge")


def test_somebody_elses_address_is_named_by_its_setting() -> None:
    """An address of the documentation network is none of this machine's."""
    with pytest.raises(StartUpFailed, match=r"HTTP_INTERFACE=192\.0\.2\.1 cannot be"):
        bind(HTTP, "192.0.2.1", 0)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_ipv6_takes_ipv4_too_where_the_page_says_so() -> None:
    """`::` is every address there is."""
    with closing(bind(HTTP, "::", 0)) as listening:
        for address in (HERE, "::1"):
            socket.create_connection((address, port_of(listening)), timeout=5).close()


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python knows no IPv6")
def test_a_machine_without_ipv6_is_told_like_any_other() -> None:
    """An IPv6 address either works or is refused by its setting's name."""
    try:
        bind(HTTP, "2001:db8::1", 0).close()
    except StartUpFailed as why:
        assert "HTTP_INTERFACE=2001:db8::1" in str(why)
    else:
        pytest.fail("nobody has an address of the documentation network")
