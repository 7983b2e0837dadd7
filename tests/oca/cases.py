"""The cases there are, and which of them a test's name says that it plays."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen


@frozen
class Case:
    """A case by its title, and the section that it stands in."""

    title: str
    section: int


def numbers_in(test_name: str) -> tuple[str, ...]:
    """Return the cases that a test plays, by its name; none if it plays none.

    `test_050_1_2_…` plays 050_1 and 050_2, `test_015_016_…` both of these.
    """
    match = re.match(r"test_((?:(?:\d{3}|r\d)(?:_\d)*_)+)", test_name)
    if match is None:
        return ()
    numbers: list[str] = []
    for base, parts in re.findall(r"(\d{3}|r\d)_((?:\d_)*)", match[1]):
        found = parts.rstrip("_").split("_") if parts else []
        numbers += [f"{base}_{part}" for part in found] or [base.upper()]
    return tuple(numbers)


def is_twin(test_name: str) -> bool:
    """Tell whether a test plays the same scene gone wrong."""
    return re.match(r"test_(?:\d{3}_|r\d_|\d_)+twin_", test_name) is not None


CASES_FIRST: Final = {
    "R1": Case("Booted", 0),
    "R2": Case("Authorized", 0),
    "R3": Case("Charging", 0),
    "R4": Case("Installed certificates received", 0),
    "001": Case("Cold boot", 1),
    "003": Case("Plug in first", 2),
    "004_1": Case("Identify first", 2),
    "004_2": Case("Identify first, nobody plugs in", 2),
    "005_1": Case("Cable pulled at the car, stop and unlock on", 2),
    "007": Case("Start with cached tag", 3),
    "010": Case("Remote start, cable in first", 4),
    "011_1": Case("Remote start first", 4),
    "011_2": Case("Remote start, nobody plugs in", 4),
    "012": Case("Remote stop", 4),
    "013": Case("Hard reset, idle", 5),
    "014": Case("Soft reset, idle", 5),
    "017_1": Case("Unlock, idle, loose cable", 6),
    "017_2": Case("Unlock, idle, fixed cable", 6),
    "018_1": Case("Unlock in a session", 6),
    "030": Case("Unlock fails", 6),
    "031": Case("Unlock, unknown connector", 6),
    "019_1": Case("Read all keys", 7),
    "019_2": Case("Read one key", 7),
    "021": Case("Set a key", 7),
    "040_1": Case("Set an unknown key", 7),
    "040_2": Case("Set a bad value", 7),
    "023_1": Case("Unknown tag", 8),
    "023_2": Case("Expired tag", 8),
    "023_3": Case("Blocked tag", 8),
    "024": Case("Cable lock fails", 8),
    "026": Case("Remote start refused", 8),
    "028": Case("Remote stop refused", 8),
    "032_1": Case("Power cut, sessions stopped afterwards", 9),
    "037_1": Case("Offline start, valid tag", 9),
    "037_3": Case("Offline start, invalid tag, charger stops on invalid", 9),
    "039": Case("Whole session offline", 9),
    "042_1": Case("List version, not supported", 11),
    "042_2": Case("List version, empty", 11),
    "043_1": Case("Send list, not supported", 11),
    "043_3": Case("Send list, failed", 11),
    "043_4": Case("Send list, full", 11),
    "043_5": Case("Send list, differential", 11),
    "044_1": Case("Update, installed", 12),
    "044_2": Case("Update, download failed", 12),
    "044_3": Case("Update, installation failed", 12),
    "045_1": Case("Diagnostics", 12),
    "045_2": Case("Diagnostics, upload failed", 12),
    "046": Case("Reserve, then charge", 13),
    "047": Case("Reserve, expires", 13),
    "048_1": Case("Reserve, Faulted", 13),
    "048_2": Case("Reserve, Occupied", 13),
    "048_3": Case("Reserve, Unavailable", 13),
    "048_4": Case("Reserve, Rejected", 13),
    "049": Case("Reserve the whole charger", 13),
    "051": Case("Cancel", 13),
    "052": Case("Cancel refused", 13),
    "053": Case("Reserved by a family of tags", 13),
    # asked of chargers only, and mirrored by us
    "002": Case("Boot, Pending", 19),
    "005_2": Case("Cable pulled, unlock afterwards", 19),
    "005_3": Case("Cable pulled, session goes on", 19),
    "008": Case("Start by local list", 19),
    "015": Case("Hard reset in a session", 19),
    "016": Case("Soft reset in a session", 19),
    "027": Case("Remote start on connector 0", 19),
    "032_2": Case("Power cut, session resumed", 19),
    "034": Case("Unavailable survives a power cut", 19),
    "036": Case("Meter values after an outage", 19),
    "037_2": Case("Offline, invalid tag, goes on without energy", 19),
    "038": Case("Stop while offline", 19),
    "041": Case("Start in fault", 19),
    "043_2": Case("List version mismatch", 19),
    "050_1": Case("Reserve whole charger, Faulted", 19),
    "050_2": Case("Reserve whole charger, Occupied", 19),
    "050_3": Case("Reserve whole charger, Unavailable", 19),
    "050_4": Case("Reserve whole charger, Rejected", 19),
}
