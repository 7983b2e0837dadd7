"""Virtual chargers and drivers, on sockets or on the in-memory wire."""
