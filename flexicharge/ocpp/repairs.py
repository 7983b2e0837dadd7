"""What had to be mended in a frame, whatever protocol it is of."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen
class Repair:
    """What a rule made of what; `where` names the place. `raw` is as it came.

    None in `repaired` is what was taken out, or let pass although it is wrong.
    """

    quirk_id: str
    where: str
    raw: Any
    repaired: Any = None
