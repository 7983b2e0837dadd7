"""The walks: a charge by each way in, and every command."""

from __future__ import annotations

from attrs import define, field

from .charge import charge, introduce_itself, say_the_rest
from .commands import NEW_PASSWORD, Commands
from .ground import TAG, Ground
from .reading import demand_charge, demand_commands, demand_journal
from .transcript import Transcript
from .ways import plugged_in

COMMANDED = "CP-commands"


@define
class Walk:
    """What was walked: its name, and all that was said."""

    name: str
    transcript: Transcript = field(factory=Transcript)


async def a_charge(ground: Ground, profile: int) -> Walk:
    """Boot, charge, say all there is to say; it is then all on record."""
    identity, operator = f"CP-{profile}", ground.operator
    memory = await ground.put_charger(identity, profile)
    way = ground.way_by_hand(identity) if profile == 3 else ground.way(profile)
    walk = Walk(way.name)
    async with plugged_in(way, memory, walk.transcript) as charger:
        await introduce_itself(charger)
        charged = await charge(charger, TAG)
        await say_the_rest(charger)
        read = await operator.get(f"/admin/chargers/{identity}")
        assert read["connected"] is True
        assert (read["vendor"], read["model"]) == ("Mobility House", "ocpp")
        assert [each["status"] for each in read["connectors"]] == ["Available"] * 2
    await demand_charge(operator, identity, charged)
    await demand_journal(operator, identity, walk.transcript)
    return walk


async def all_commands(ground: Ground) -> Walk:
    """Give every command; the charger then comes back as it was told to.

    That is with the new password, and at last with the certificate it was given.
    """
    memory = await ground.put_charger(COMMANDED, 2)
    way = ground.way(2)
    walk = Walk(way.name)
    async with plugged_in(way, memory, walk.transcript) as charger:
        await introduce_itself(charger)
        commands = Commands(ground, charger, walk.transcript)
        await commands.give_all()
        assert commands.given == set(map(str, charger.route_map))
    anew = ground.way(2, NEW_PASSWORD)
    certified = ground.way_with(memory.key_and_chain(), COMMANDED)
    for each in (anew, certified):
        async with plugged_in(each, memory, walk.transcript) as charger:
            await introduce_itself(charger)
    await demand_commands(ground.operator, COMMANDED, walk.transcript)
    await demand_journal(ground.operator, COMMANDED, walk.transcript)
    return walk
