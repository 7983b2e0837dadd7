"""What handshakes ask for, and where they come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.gateway.paths import (
    ChargerPath,
    StandardPath,
    UnknownPath,
    UserPath,
    path_of,
)
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.model.site import Protocol


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/charger/abc117", ChargerPath("abc117")),
        ("/connector/abc117", ChargerPath("abc117")),
        ("/CHARGER/abc117", ChargerPath("abc117")),
        ("/charger/extra/abc117", ChargerPath("abc117")),
        ("//charger//abc117/", ChargerPath("abc117")),
        ("/charger/a%20b%2Fc", ChargerPath("a b/c")),
        ("/chargerplus", ChargerPath("chargerplus")),
        ("/", ChargerPath("")),
        ("/charger/", ChargerPath("")),
        ("/charger/abc117?x=1", ChargerPath("abc117")),
        ("/user/2f1c", UserPath("2f1c")),
        ("/user/2f1c?token=t", UserPath("2f1c")),
        ("/user/a/b", UnknownPath()),
        ("/ocpp/abc", StandardPath("abc")),
        ("/OCPP/abc/", StandardPath("abc")),
        ("//ocpp///abc?x=1", StandardPath("abc")),
        ("/ocpp/abc/abc", StandardPath("abc")),
        ("/ocpp/some/where/abc", StandardPath("abc")),
        ("/ocpp/1.6/abc", StandardPath("abc", Protocol.OCPP_1_6)),
        ("/ocpp/1.6J/abc", StandardPath("abc", Protocol.OCPP_1_6)),
        ("/ocpp/ocpp1.6/abc/abc", StandardPath("abc", Protocol.OCPP_1_6)),
        ("/ocpp1.6/abc", StandardPath("abc", Protocol.OCPP_1_6)),
        ("/ocpp/v16/abc", StandardPath("abc", Protocol.OCPP_1_6)),
        ("/ocpp/2.0.1/abc", StandardPath("abc", Protocol.OCPP_2_0_1)),
        ("/ocpp/1.6", StandardPath("1.6")),
        ("/ocpp/1.5/abc", StandardPath("abc")),
        ("/ocpp1.6", ChargerPath("ocpp1.6")),
        ("/ocpp/a%2Fb", UnknownPath()),
        ("/ocpp", UnknownPath()),
        ("/ocpp/", UnknownPath()),
        ("/some/where", UnknownPath()),
    ],
)
def test_a_path_says_who_connects(uri: str, expected: object) -> None:
    """First segment the kind, last the identity; one segment alone is a serial."""
    assert path_of(uri) == expected


@given(st.text(max_size=40))
def test_no_path_is_a_crash(text: str) -> None:
    """Whatever stands in the request line means something, if only nothing."""
    assert path_of("/" + text) is not None


@pytest.mark.parametrize(
    ("address", "forwarded", "peer"),
    [
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "spoofed", "spoofed"),
        ("unix", "203.0.113.9", "unix"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:10.0.0.1", None, "::ffff:10.0.0.1"),
        ("::ffff:203.0.113.9", "198.51.100.1", "::ffff:203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
        ("2001:db8:1::1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:192.0.2.7", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7:51234, 10.0.0.2:80", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "203.0.113.7, [2001:db8:1::2]:443", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, unknown", "unknown"),
        ("10.0.0.1", "203.0.113.7, [10.0.0.1", "[10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.1:", "10.0.0.1:"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.1:x", "10.0.0.1:x"),
        ("10.0.0.1", "203.0.113.7, [10.0.0.2]:80", "203.0.113.7"),
    ],
)
def test_only_trusted_proxies_are_believed(
    address: str, forwarded: str | None, peer: str
) -> None:
    """The last hop that is not a proxy of ours is the client."""
    proxies = TrustedProxies.of(("10.0.0.0/8", "2001:db8:1::/48", "::ffff:192.0.2.7"))
    assert proxies.peer(address, forwarded) == peer


@pytest.mark.parametrize(
    ("address", "said", "secured"),
    [
        ("10.0.0.1", "https", True),
        ("10.0.0.1", "WSS", True),
        ("10.0.0.1", "https, http", False),
        ("10.0.0.1", "http", False),
        ("10.0.0.1", None, False),
        ("203.0.113.9", "https", False),
    ],
)
def test_only_trusted_proxies_tell_of_tls(
    address: str, said: str | None, secured: bool
) -> None:
    """Anybody can send a header; the proxy's own word comes last."""
    assert TrustedProxies.of(("10.0.0.0/8",)).secured(address, said) is secured
