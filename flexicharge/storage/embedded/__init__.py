"""A private PostgreSQL in the data directory: found, made, started and stopped."""

from flexicharge.storage.embedded.datadir import default_data_dir
from flexicharge.storage.embedded.launcher import RunningPostgres, reach, start

__all__ = ["RunningPostgres", "default_data_dir", "reach", "start"]
