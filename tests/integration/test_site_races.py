"""An operator who removes a site while others act on it: only one of them wins."""

from __future__ import annotations

import pytest
import pytest_twisted

from flexicharge.errors import ConnectorBusy, ConnectorUnknown, SiteUnknown

from .desk import Desk, at_once, kinds


@pytest_twisted.ensureDeferred
async def test_charger_that_was_just_added_goes_with_its_site(desk: Desk) -> None:
    """An operator who removes the site a moment later has removed it too."""
    site = await desk.site()
    added, removed = await desk.in_turn(
        site, desk.charger("abc111", site), desk.remove(site)
    )
    assert removed == ("abc111",)
    with pytest.raises(ConnectorUnknown):
        await desk.chargers.get_charger(added.connector_id)


@pytest_twisted.ensureDeferred
async def test_charger_is_not_added_to_a_site_just_removed(desk: Desk) -> None:
    """Whoever is a moment late is told that there is no such site; nothing is made."""
    site = await desk.site()
    removed, added, changed = await desk.in_turn(
        site,
        desk.remove(site),
        desk.charger("abc111", site),
        desk.chargers.update_charge_point(site.site_id, name="B"),
    )
    assert removed == ()
    assert isinstance(added, SiteUnknown)
    assert isinstance(changed, SiteUnknown)
    assert await desk.chargers.get_chargers() == ()


@pytest_twisted.ensureDeferred
async def test_site_in_use_is_not_retired(desk: Desk) -> None:
    """A driver who comes just before the operator keeps charger and site."""
    site = await desk.site()
    connector = await desk.charger("abc111", site)
    added, removed = await desk.in_turn(
        connector, desk.add(connector, "u1"), desk.remove(site)
    )
    assert added[1] is True
    assert isinstance(removed, ConnectorBusy)
    assert await desk.chargers.get_charge_points() == (site,)


@pytest_twisted.ensureDeferred
async def test_charger_on_a_retired_site_is_not_used(desk: Desk) -> None:
    """A driver, or a car, that comes just after the operator finds no charger."""
    site = await desk.site()
    connector = await desk.charger("abc111", site)
    removed, added, started = await desk.in_turn(
        connector,
        desk.remove(site),
        desk.add(connector, "u1"),
        desk.start(connector),
    )
    assert removed == ("abc111",)
    assert isinstance(added, ConnectorUnknown)
    assert isinstance(started, ConnectorUnknown)


@pytest_twisted.ensureDeferred
async def test_site_is_removed_once(desk: Desk) -> None:
    """Of two operators who remove it at once one is told that it is gone already."""
    site = await desk.site()
    await desk.charger("abc111", site)
    removed = await at_once(*(desk.remove(site) for _ in range(4)))
    assert kinds(removed) == ["SiteUnknown"] * 3 + ["tuple"]


@pytest_twisted.ensureDeferred
async def test_one_name_is_one_sites(desk: Desk) -> None:
    """Of two sites that are given a name at once one has it."""
    one = await desk.site()
    two = await desk.chargers.add_charge_point("B", "There 2", (57.7, 14.1))
    update = desk.chargers.update_charge_point
    named = await at_once(*(update(site.site_id, name="C") for site in (one, two)))
    assert kinds(named) == ["AlreadyTaken", "Site"]
