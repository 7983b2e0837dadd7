"""Medians over the rounds, as a table for people and as JSON."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from importlib.util import find_spec
from statistics import median
from typing import NamedTuple

LIBRARIES = ("twisted", "autobahn", "txpostgres", "msgspec")
HEAD = ("message", "bare µs", "ours µs", "ratio", "PostgreSQL µs")
US = 1e6


class Cost(NamedTuple):
    """Seconds of processor time that one message took in one round."""

    server_s: float
    postgres_s: float


Costs = dict[str, list[Cost]]  # by message, one for each round


def summary(bare: Costs, ours: Costs) -> dict[str, dict[str, object]]:
    """Return what each kind of message costs, in µs and as a ratio to bare."""
    return {
        message: {
            "bareUs": _median_us(bare[message], "server_s"),
            "oursUs": _median_us(ours[message], "server_s"),
            "ratio": round(
                median(
                    mine.server_s / other.server_s
                    for mine, other in zip(ours[message], bare[message], strict=True)
                ),
                2,
            ),
            "postgresUs": _median_us(ours[message], "postgres_s"),
            "bareRoundsUs": [round(cost.server_s * US, 1) for cost in bare[message]],
            "oursRoundsUs": [round(cost.server_s * US, 1) for cost in ours[message]],
        }
        for message in ours
    }


def machine() -> dict[str, object]:
    """Return what the figures were measured on, and whether `click` slows Autobahn."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "click": find_spec("click") is not None,
        **{library: version(library) for library in LIBRARIES},
    }


def as_table(figures: dict[str, dict[str, object]]) -> str:
    """Return the medians, a line for each kind of message."""
    keys = ("bareUs", "oursUs", "ratio", "postgresUs")
    return table(
        HEAD,
        [
            (message, *(str(figures[message][key]) for key in keys))
            for message in figures
        ],
    )


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return rows of cells as columns under their heads."""
    return "\n".join(
        f"{name:<12}" + "".join(f"{cell:>15}" for cell in cells)
        for name, *cells in (head, *rows)
    )


def as_json(load: dict[str, int], figures: dict[str, dict[str, object]]) -> str:
    """Return everything as one JSON object."""
    return json.dumps({"load": load, "machine": machine(), "messages": figures})


def _median_us(costs: list[Cost], part: str) -> float:
    return round(median(getattr(cost, part) for cost in costs) * US, 1)
