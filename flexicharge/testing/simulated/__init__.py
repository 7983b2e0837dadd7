"""Simulated time: a whole network for days, in one process, repeatable from a seed."""
