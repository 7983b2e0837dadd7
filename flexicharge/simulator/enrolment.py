"""What an installer was told of a charger: its stickers and its password."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen


@frozen(kw_only=True)
class Enrolment:
    """The public numbers of its connectors, in their order, and its password."""

    numbers: tuple[int, ...] = ()
    password: bytes | None = field(default=None, repr=False)

    def number_of(self, connector: int) -> int | None:
        """Return the public number of a connector, counted from 1, if it has one."""
        is_known = 0 < connector <= len(self.numbers)
        return self.numbers[connector - 1] if is_known else None


UNKNOWN: Final = Enrolment()
