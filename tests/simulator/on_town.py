"""Joins virtual chargers and drivers to a whole back end in memory."""

from flexicharge.testing.lines import WS_URL, Lines

__all__ = ["WS_URL", "Lines"]
