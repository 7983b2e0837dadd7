"""Frames and dialects: bytes to values and back; no input or output."""
