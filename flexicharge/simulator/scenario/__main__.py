"""`python -m flexicharge.simulator.scenario` prints the page on scenario files."""

from __future__ import annotations

import sys

from flexicharge.simulator.scenario.page import scenarios_page

if __name__ == "__main__":
    sys.stdout.write(scenarios_page())
