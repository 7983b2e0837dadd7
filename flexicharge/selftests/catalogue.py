"""All self tests, in the order they are run in: the original's by its names, then ours.

After one that failed, everything is connected afresh, so that the next fails only if it
has to; not so after one that only looks at what others brought about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import frozen

from flexicharge.selftests import (
    charger_cases,
    driver_cases,
    live_cases,
    stranger_cases,
)
from flexicharge.selftests.stage import Stage


@frozen
class SelfTest:
    """One test: its name in the lists, and what it does."""

    name: str
    perform: Callable[[Stage], Awaitable[None]]
    only_looks: bool = False


SELF_TESTS: Final = (
    SelfTest("BootNotification", charger_cases.boot_notification),
    SelfTest("RemoteStartTransaction", charger_cases.remote_start_transaction),
    SelfTest("RemoteStopTransaction", charger_cases.remote_stop_transaction),
    SelfTest("ReserveNow", charger_cases.reserve_now),
    SelfTest("ChargerMemoryLeak : ChargerTests", charger_cases.charger_memory_leak),
    SelfTest("MeterValues", live_cases.meter_values),
    SelfTest("UserMemoryLeak", live_cases.user_memory_leak),
    SelfTest("ChargerMemoryLeak : LiveMetricsTests", live_cases.charger_memory_leak),
    SelfTest("UnknownSerialNumber", stranger_cases.unknown_serial_number),
    SelfTest("StatusNotification", driver_cases.status_notification),
    SelfTest("StartTransaction", driver_cases.start_transaction),
    SelfTest("MeterValuesConfirmation", driver_cases.meter_values_confirmation, True),
    SelfTest(
        "LiveMetricsAuthorisation", stranger_cases.live_metrics_authorisation, True
    ),
    SelfTest("Authorisation", stranger_cases.authorisation, True),
    SelfTest("StopTransaction", driver_cases.stop_transaction),
    SelfTest("Receipt", driver_cases.receipt, True),
    SelfTest("ChargerLists", stranger_cases.charger_lists, True),
    SelfTest("ChargerMemoryLeak : DriverTests", charger_cases.charger_memory_leak),
)
