"""The in-memory transport that joins two real protocol ends without a socket."""

from flexicharge.wire.transport import MemoryTransport
from flexicharge.wire.wire import Wire

__all__ = ["MemoryTransport", "Wire"]
