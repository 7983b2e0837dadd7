"""How a command of our own is given: as an operator's, and kept like one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from flexicharge.model.station_command import StationCommand

# A station's serial number, the action, its payload, and the seconds to wait: fires
# with the command as it then stands, once what its answer means is believed.
Give = Callable[[str, str, dict[str, Any], float], Awaitable[StationCommand]]
