"""Chargers come into service and go out of it while everybody is connected."""

from __future__ import annotations

import pytest

from flexicharge.model.account import ADMINS
from flexicharge.testing.charge import CONNECTOR, SERIAL, Charge
from flexicharge.testing.charger import ScriptedCharger
from flexicharge.testing.town import Town


@pytest.fixture
def admin(town: Town) -> str:
    """The token of an administrator."""
    caller, token = town.driver()
    accounts = town.stores.accounts
    town.now(accounts.add_to_group(caller.user_id, ADMINS, town.clock.seconds()))
    return token


def delete(town: Town, admin: str) -> int:
    """Ask for the end of the charger; return the status."""
    path = f"/chargers/{CONNECTOR}"
    return town.http.request("DELETE", path, token=admin).status


def test_a_charger_that_is_made_can_connect_at_once(town: Town, admin: str) -> None:
    """It is told the number that the answer named."""
    body = {"chargePointID": 1, "serialNumber": "new-1", "location": [57.7, 14.1]}
    made = town.http.request("POST", "/chargers", json=body, token=admin).json
    charger = ScriptedCharger(town.plug_in("new-1"))
    charger.boot()
    [_, boot_data] = charger.heard()
    assert f'"connectorID":{made["connectorID"]}' in boot_data[3]["data"]


def test_a_retired_charger_is_hung_up_on_and_not_known_again(
    town: Town, charge: Charge, admin: str
) -> None:
    """Closed with 1000; the next time it is a stranger."""
    assert delete(town, admin) == 204
    town.flush()
    gone = charge.charger.peer.protocol
    assert (gone.close_code, gone.close_reason) == (1000, "out of service")
    again = town.plug_in(SERIAL)
    assert "Serial number was not found" in str(again.heard())


def test_a_charger_that_is_not_connected_is_retired_in_silence(
    town: Town, charge: Charge, admin: str
) -> None:
    """There is nobody to hang up on, and nobody else is."""
    charge.charger.peer.lose()
    neighbour = town.plug_in("abc118")
    assert delete(town, admin) == 204
    town.flush()
    assert neighbour.is_open


def test_a_charge_keeps_its_charger_in_service(
    town: Town, charge: Charge, admin: str
) -> None:
    """409, and the charge goes on."""
    charge.start()
    assert delete(town, admin) == 409
    town.flush()
    assert charge.charger.peer.is_open
    assert charge.status() == "Charging"
