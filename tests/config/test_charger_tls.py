"""Settings of the ports that speak TLS, and of who may come in there."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.config import SettingsRefused, read_settings


def refused(environ: dict[str, str]) -> dict[str, str]:
    """Return what is wrong with settings, by variable."""
    with pytest.raises(SettingsRefused) as caught:
        read_settings(environ)
    return {each.name: str(each) for each in caught.value.violations}


def test_tls_is_off_by_default() -> None:
    """And what it would show is not looked at."""
    settings = read_settings({"OCPP_TLS_KEYS": "/a", "OCPP_TLS_STATIC_RSA": "maybe"})
    assert settings.tls is None
    assert settings.ocpp_tls_port is None
    assert settings.ocpp_mtls_port is None


@pytest.mark.parametrize("port", ["OCPP_TLS_PORT", "OCPP_MTLS_PORT"])
def test_one_port_is_enough(port: str) -> None:
    """Everything else follows: our own certificates, for the public host."""
    environ = {port: "0", "PUBLIC_URL": "https://charge.example.org:8443"}
    tls = read_settings(environ).tls
    assert tls is not None
    assert tls.host == "charge.example.org"
    assert (tls.certificates, tls.keys, tls.client_authorities) == ((), (), ())
    assert (tls.static_rsa, tls.operator) == (False, "")


def test_files_are_listed_with_commas() -> None:
    """One certificate may be named in the singular."""
    environ = {
        "OCPP_TLS_PORT": "1339",
        "OCPP_TLS_CERTIFICATES": "/etc/ec.pem, /etc/rsa.pem,",
        "OCPP_TLS_KEYS": "/etc/ec.key,/etc/rsa.key",
        "OCPP_TLS_HOST": "192.0.2.1",
    }
    tls = read_settings(environ).tls
    assert tls is not None
    assert tls.certificates == (Path("/etc/ec.pem"), Path("/etc/rsa.pem"))
    assert tls.keys == (Path("/etc/ec.key"), Path("/etc/rsa.key"))
    assert tls.host == "192.0.2.1"
    one = read_settings({"OCPP_TLS_PORT": "0", "OCPP_TLS_CERTIFICATE": "/a.pem"}).tls
    assert one is not None
    assert one.certificates == (Path("/a.pem"),)


def test_each_certificate_has_its_key() -> None:
    """In the same order, or in its own file."""
    environ = {
        "OCPP_TLS_PORT": "0",
        "OCPP_TLS_CERTIFICATES": "/a,/b",
        "OCPP_TLS_KEYS": "/a",
    }
    wrong = refused(environ)
    assert set(wrong) == {"OCPP_TLS_KEYS"}
    assert "not as many files" in wrong["OCPP_TLS_KEYS"]


def test_no_two_listeners_share_a_port() -> None:
    """Each is told of the first that has it."""
    environ = {"PORT": "8080", "OCPP_TLS_PORT": "1337", "OCPP_MTLS_PORT": "8080"}
    wrong = refused(environ)
    assert "is the same as OCPP_PORT" in wrong["OCPP_TLS_PORT"]
    assert "is the same as PORT" in wrong["OCPP_MTLS_PORT"]
    read_settings({"OCPP_TLS_PORT": "0", "OCPP_MTLS_PORT": "0"})


def test_ports_that_were_bound_take_the_place_of_none() -> None:
    """Those that are off stay off."""
    settings = read_settings({"OCPP_TLS_PORT": "0"})
    bound = settings.listening_on(81, 1337, tls_port=40_001)
    assert (bound.ocpp_tls_port, bound.ocpp_mtls_port) == (40_001, None)


def test_strangers_are_refused_unless_told_otherwise() -> None:
    """By one of three words."""
    assert read_settings({}).unknown_chargers == "reject"
    assert set(refused({"UNKNOWN_CHARGERS": "maybe"})) == {"UNKNOWN_CHARGERS"}
