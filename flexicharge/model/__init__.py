"""Frozen values and pure rules: no Twisted, no clock, no input or output."""
