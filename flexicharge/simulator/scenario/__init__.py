"""Scenarios: what a simulated network does, as values and as small files."""
