"""What `flexicharge simulate` shows while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from attrs import define, field
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from flexicharge.cli.simulate_answers import answers_of
from flexicharge.cli.simulate_report import duration, milliseconds
from flexicharge.simulator.tally import Tally

REFRESH_S: Final = 0.5
LINE_EVERY_S: Final = 10.0
MISHAPS_SHOWN: Final = 8
BAR_WIDTH: Final = 40


@define(eq=False, kw_only=True)
class Screen:
    """A table that follows a simulation; without a terminal a line now and then.

    `clock` is the reactor's: the screen is redrawn by it, never by a thread. A `quiet`
    one says nothing but steps that matter to whoever repeats the run.
    """

    console: Console
    clock: IReactorTime
    quiet: bool = False
    _live: Live | None = field(default=None, init=False)
    _loop: LoopingCall | None = field(default=None, init=False)
    _log = Logger()

    def step(self, text: str) -> None:
        """Say what is being done."""
        if not self.quiet:
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def follow(self, view: View) -> None:
        """Begin to show a simulation."""
        if self.quiet:
            return
        if self.console.is_terminal:
            self._live = Live(
                view, console=self.console, auto_refresh=False, transient=True
            )
            self._live.start()
            self._begin(REFRESH_S, self._live.refresh)
        else:
            self._begin(LINE_EVERY_S, lambda: self.step(view.line()))

    def leave(self) -> None:
        """Stop showing it."""
        loop, self._loop = self._loop, None
        if loop is not None and loop.running:
            loop.stop()
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _begin(self, every_s: float, show: Callable[[], object]) -> None:
        self._loop = LoopingCall(show)
        self._loop.clock = self.clock
        self._loop.start(every_s, now=False).addErrback(
            lambda why: self._log.failure("the screen stopped", why)
        )


@define(eq=False, kw_only=True)
class View:
    """A simulation at this moment, as rich draws it and as one line."""

    title: str
    tally: Tally
    clock: IReactorTime
    lasts_s: float
    pace: float
    _began_at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._began_at = self.clock.seconds()

    @property
    def passed_s(self) -> float:
        """How much of the scenario is over."""
        return min(self.clock.seconds() - self._began_at, self.lasts_s)

    def line(self) -> str:
        """Return it as one line."""
        tally = self.tally
        parts = [f"{tally.now[what]} {what}" for what in tally.now]
        parts += [f"{tally.total[what]} {what}" for what in ("visits", "bills")]
        parts.append(f"{tally.mishaps.total()} mishaps")
        return f"{duration(self.passed_s)}: {', '.join(parts)}"

    def __rich__(self) -> Group:
        grid = Table.grid(padding=(0, 3))
        tables = [each for each in self._tables() if each.row_count]
        grid.add_row(*tables)
        return Group(Text(self.title, style="bold"), self._bar(), grid)

    def _bar(self) -> Table:
        bar = Table.grid(padding=(0, 1))
        shown = ProgressBar(self.lasts_s, self.passed_s, width=BAR_WIDTH)
        times = f"{duration(self.passed_s)} of {duration(self.lasts_s)}"
        bar.add_row(shown, Text(times))
        return bar

    def _tables(self) -> Iterable[Table]:
        tally = self.tally
        yield _table("now", [(what, f"{n:,}") for what, n in tally.now.items()])
        yield _table("so far", [(what, f"{n:,}") for what, n in tally.total.items()])
        answers = [
            (each.what, *(milliseconds(each.percentile_s(p)) for p in (50, 99)))
            for each in answers_of(tally, self.pace)
        ]
        yield _table("answers (p50, p99)", answers)
        worst = tally.mishaps.most_common(MISHAPS_SHOWN)
        yield _table("mishaps", [(what, f"{n:,}") for what, n in worst])


def _table(title: str, rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for row in rows:
        table.add_row(Text(row[0]), *(Text(cell, justify="right") for cell in row[1:]))
    return table
