"""What a simulation came to: for people, and as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from attrs import frozen

from flexicharge.cli.simulate_answers import Answers, answers_of
from flexicharge.cli.simulate_books import Books
from flexicharge.model.money import ORE_PER_SEK
from flexicharge.model.tariff import WH_PER_KWH
from flexicharge.simulator.tally import Tally

PERCENTILES: Final = (50, 95, 99)
MISFITS_SHOWN: Final = 20
MS_PER_S: Final = 1000
SIMULATOR_FAULT: Final = "simulator: "


@frozen(kw_only=True)
class Report:
    """Figures of one run; energy in Wh, money in öre, times in seconds.

    `lasted_s` is scenario time. `removed` and `left` are the chargers that were made
    for it.
    """

    scenario: str
    seed: str
    pace: float
    lasted_s: float
    took_s: float
    chargers: int
    connected: int
    energy_wh: int
    price_ore: int
    tally: Tally
    books: Books
    removed: int = 0
    left: int = 0
    interrupted: bool = False

    @property
    def _answers(self) -> list[Answers]:
        return list(answers_of(self.tally, self.pace))

    @property
    def faults(self) -> list[str]:
        """What did not fit, in words; nothing if all is well."""
        return list(self._faults())

    def _faults(self) -> Iterator[str]:
        total = self.tally.total
        if not self.connected:
            yield "no charger could connect"
        if count := total["server errors"]:
            yield f"requests that failed by an error of the server: {count}"
        for words, count in self.tally.mishaps.items():
            if words.startswith(SIMULATOR_FAULT):
                yield f"{words}: {count}"
        yield from map(str, self.books.misfits)
        if self.left:
            yield (
                f"chargers made for it and still at the server: {self.left}; another "
                f"run with --seed {self.seed} removes them"
            )

    def as_json(self) -> str:
        """Return it as one JSON object on one line."""
        return msgspec.json.encode(self._figures()).decode()

    def _figures(self) -> dict[str, Any]:
        tally, books = self.tally, self.books
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "pace": self.pace,
            "lastedSeconds": round(self.lasted_s, 3),
            "tookSeconds": round(self.took_s, 3),
            "interrupted": self.interrupted,
            "chargers": {
                "wanted": self.chargers,
                "connected": self.connected,
                "removed": self.removed,
                "left": self.left,
            },
            "energyWh": self.energy_wh,
            "priceOre": self.price_ore,
            "total": dict(tally.total),
            "answers": {each.what: _seconds(each) for each in self._answers},
            "mishaps": dict(tally.mishaps.most_common()),
            "books": {
                "fitting": books.fitting,
                "withoutPayer": books.without_payer,
                "misfits": [str(each) for each in books.misfits],
            },
            "faults": self.faults,
        }

    def as_text(self) -> str:
        """Return it for people."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        total = self.tally.total
        yield (
            f"Simulated {duration(self.lasted_s)} of {self.scenario} in "
            f"{duration(self.took_s)} (seed {self.seed})"
        )
        yield f"  chargers  {self.connected} of {self.chargers} connected{self._gone()}"
        yield (
            f"  charges   {total['charges begun']} begun, {total['charges ended']} "
            f"ended, {total['bills']} billed"
        )
        yield f"  energy    {self.energy_wh / WH_PER_KWH:.3f} kWh"
        yield f"  money     {self.price_ore / ORE_PER_SEK:.2f} SEK"
        yield f"  requests  {total['requests']}"
        yield from _answer_lines(self._answers)
        yield from _mishap_lines(self.tally)
        yield from self._verdict()

    def _gone(self) -> str:
        return f"; {self.removed} made for it, and removed" if self.removed else ""

    def _verdict(self) -> Iterator[str]:
        books, faults = self.books, self.faults
        if books.without_payer:
            yield f"  books     charges without a payer: {books.without_payer}"
        if not faults:
            yield f"  books     every bill fits: {books.fitting}"
            return
        yield f"Did not fit: {len(faults)}"
        yield from (f"  {each}" for each in faults[:MISFITS_SHOWN])
        if len(faults) > MISFITS_SHOWN:
            yield f"  and {len(faults) - MISFITS_SHOWN} more; --json has all"


def _answer_lines(answers: Sequence[Answers]) -> Iterator[str]:
    if not answers:
        return
    width = max(len(each.what) for each in answers)
    head = "".join(f"{f'p{percent}':>10}" for percent in PERCENTILES)
    yield f"  answers   {'':{width}} {'count':>8}{head}{'longest':>10}"
    for each in answers:
        times = [each.percentile_s(percent) for percent in PERCENTILES]
        shown = "".join(f"{milliseconds(t):>10}" for t in (*times, each.longest_s))
        yield f"            {each.what:{width}} {each.count:>8}{shown}"


def _mishap_lines(tally: Tally) -> Iterator[str]:
    yield f"  mishaps   {tally.mishaps.total()}"
    for words, count in tally.mishaps.most_common():
        yield f"    {count:>8}  {words}"


def _seconds(answers: Answers) -> dict[str, float]:
    times = {f"p{p}Seconds": round(answers.percentile_s(p), 6) for p in PERCENTILES}
    longest_s = round(answers.longest_s, 6)
    return {"count": answers.count, **times, "longestSeconds": longest_s}


def milliseconds(seconds: float) -> str:
    """Return a short time for people."""
    ms = seconds * MS_PER_S
    return f"{ms:.1f} ms" if ms < 10 else f"{ms:.0f} ms"


def duration(seconds: float) -> str:
    """Return a duration for people, in the two largest units."""
    left, parts = round(seconds), []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        if count := left // size:
            parts.append(f"{count} {unit}")
        left %= size
    return " ".join(parts[:2]) or "0 s"
