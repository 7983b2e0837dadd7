"""When sessions were last heard of here, also by what cannot be stored."""

from __future__ import annotations

from attrs import define, field


@define(eq=False)
class Heard:
    """POSIX times by session; 0 for one that was never heard of in this process."""

    _metered_at: dict[int, float] = field(factory=dict, init=False)
    _reported_at: dict[int, float] = field(factory=dict, init=False)

    def metered(self, session_id: int, at: float) -> None:
        """A reading came, with an energy or without."""
        self._metered_at[session_id] = at

    def reported(self, session_id: int, at: float) -> None:
        """A status of its connector came."""
        self._reported_at[session_id] = at

    def last_metered(self, session_id: int) -> float:
        """Return when the last reading came."""
        return self._metered_at.get(session_id, 0.0)

    def last_heard(self, session_id: int) -> float:
        """Return when anything came."""
        return max(
            self.last_metered(session_id), self._reported_at.get(session_id, 0.0)
        )

    def forget(self, session_id: int) -> None:
        """Drop what is remembered about a session that is over."""
        self._metered_at.pop(session_id, None)
        self._reported_at.pop(session_id, None)
