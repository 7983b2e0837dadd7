"""Everything that the use cases of standard stations stand on."""

from __future__ import annotations

from attrs import frozen

from flexicharge.charging.beliefs import Beliefs
from flexicharge.charging.ending import Ending
from flexicharge.charging.heard import Heard
from flexicharge.charging.seams import Seams
from flexicharge.charging.standard.tags import Tags
from flexicharge.charging.statuses import StatusWriter
from flexicharge.charging.stopping import Stopping


@frozen(kw_only=True, repr=False)
class StandardSeams:
    """The seams of every charge, and what else there is for standard stations.

    `heartbeat_interval_s` and `retry_boot_after_s` are what stations are told.
    """

    seams: Seams
    ending: Ending
    stopping: Stopping
    statuses: StatusWriter
    heard: Heard
    tags: Tags
    beliefs: Beliefs
    heartbeat_interval_s: int = 300
    retry_boot_after_s: int = 60
