"""Reservations as an operator orders them, and as they then stand."""

from __future__ import annotations

from typing import Any, Final

from .scene import TAG, JsonObject, Reply, Scene

RESERVE: Final = "ReserveNow"
CANCEL: Final = "CancelReservation"
HELD_S: Final = 900.0
NUMBER: Final = 7


def wanted(scene: Scene, connector: int = 1, **more: Any) -> JsonObject:
    """Return a ReserveNow of a quarter of an hour."""
    return {
        "connectorId": connector,
        "expiryDate": scene.charger.now(ago=-HELD_S),
        "idTag": TAG,
        "reservationId": NUMBER,
        **more,
    }


def reserve(scene: Scene, reply: Reply, connector: int = 1, **more: Any) -> JsonObject:
    """Order a reservation; return the command as it is on record."""
    return scene.tell(RESERVE, wanted(scene, connector, **more), reply)


def held(scene: Scene, connector: int = 1, **more: Any) -> None:
    """Have a connector held, and say so."""
    reserve(scene, "Accepted", connector, **more)
    scene.charger.report(connector, "Reserved")
    assert status(scene) == "active"


def reservation(scene: Scene) -> JsonObject:
    """Return the only reservation on record."""
    [only] = scene.reservations()
    return only


def status(scene: Scene) -> str:
    """Return how the only reservation stands."""
    return str(reservation(scene)["status"])
