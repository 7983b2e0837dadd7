"""What really happened at a charger, to hold a server's books against.

A virtual charger keeps one `Charge` for each time that energy flowed, or that it said
so. Registers are those it *says*: an oddity of its meter is part of the truth, since
nobody else can know better.
"""

from __future__ import annotations

from attrs import define


@define(eq=False, kw_only=True)
class Charge:
    """One charge, from the start that a charger said to the end it said, if it did.

    `transaction_id` is what the server answered to the start, None while it has not;
    then nobody but the charger knows of this charge. `kept_wh` is the energy of the
    last reading that the server said it kept. `stop_wh` is the register that the
    charger said it stopped at, `stop_kept` whether the server answered that with a
    result. `cut_short` is a charge that the charger itself forgot, with its power.
    Of one that `is_refused` the server said that its tag may not charge: nobody pays.
    `clock_off_s` is by how much its times on record may be off, where the charger's own
    clock tells them.
    """

    serial_number: str
    meter_start_wh: int
    began_at: float
    transaction_id: int | None = None
    charged_wh: float = 0.0
    kept_wh: int | None = None
    stop_wh: int | None = None
    stop_kept: bool = False
    ended_at: float | None = None
    cut_short: bool = False
    is_refused: bool = False
    clock_off_s: float = 0.0

    @property
    def is_over(self) -> bool:
        """True once no more energy flows."""
        return self.ended_at is not None
