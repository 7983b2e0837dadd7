"""Fakes, clocks and the harness that knows both sides."""
