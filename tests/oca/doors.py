"""How the charger comes in: with a password, over TLS, with a certificate."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from flexicharge.model.entry import Certificate, Entry, Tls
from tests.town.entry.arriving import TLS, basic, status

from .scene import Scene

PASSWORD: Final = "3e8a51c07d9f2b64e1a7c5309f8d2b46"  # 16 bytes, the least
OTHER_PASSWORD: Final = "9b1c7f3e5a2d4860b7e1f09c3d5a6e8214c7b0f2"  # 20, the most
UPGRADED, UNAUTHORIZED, FORBIDDEN = 101, 401, 403


def enrolled(scene: Scene, **record: Any) -> None:
    """Let the operator say what the charger has to show: `password` and the like."""
    assert scene.ask("PUT", scene.at, json=record).status == 200


def knock(
    scene: Scene,
    password: str | bytes | None = None,
    tls: Tls | None = None,
    **how: Any,
) -> int:
    """Let the charger connect anew; return the HTTP status that it is answered with.

    What is open from before it closes first.
    """
    charger = scene.charger
    hang_up(scene)
    if password is not None:
        how["headers"] = basic(password, how.pop("name", charger.identity))
    charger.connect(tls=tls, **how)
    scene.town.flush()
    return status(charger.peer)


def hang_up(scene: Scene) -> None:
    """Let the charger close its connection, if it has one."""
    for peer in scene.town.peers:
        if peer.is_open:
            peer.lose()


def with_certificate(
    serial_number: str,
    common_name: str = "CP001",
    organization: str = "FlexiCharge",
) -> Tls:
    """Return a TLS session in which a client certificate was verified."""
    certificate = Certificate(
        common_name=common_name, organization=organization, serial_number=serial_number
    )
    return evolve(TLS, certificate=certificate)


def entry(scene: Scene) -> Entry:
    """Return how the charger came in that is connected."""
    link = scene.town.back_end.supervisor.present[scene.charger.identity].link
    return link.entry


__all__ = [
    "FORBIDDEN",
    "OTHER_PASSWORD",
    "PASSWORD",
    "TLS",
    "UNAUTHORIZED",
    "UPGRADED",
    "enrolled",
    "entry",
    "hang_up",
    "knock",
    "with_certificate",
]
