"""The only wiring: which provider stands behind which seam, and how all ends."""

from flexicharge.service.back_end import BackEnd, People, Stores
from flexicharge.service.server import build

__all__ = ["BackEnd", "People", "Stores", "build"]
