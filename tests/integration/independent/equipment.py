"""What a charger does when it is told to: the other profiles of OCPP 1.6."""

from __future__ import annotations

import json
from typing import Any

from ocpp.routing import after, on
from ocpp.v16 import call, call_result
from ocpp.v16.enums import Action

from .core import Core
from .memory import iso_now

DIAGNOSTICS = ("Uploading", "Uploaded")
FIRMWARE = ("Downloading", "Downloaded", "Installing", "Installed")


class Equipped(Core):
    """Keeps a list, reservations and profiles; fetches and sends files."""

    @on(Action.get_local_list_version)
    def get_local_list_version(self) -> Any:
        """Tell which list it has."""
        return call_result.GetLocalListVersion(list_version=self.memory.list_version)

    @on(Action.send_local_list)
    def send_local_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[dict[str, Any]] | None = None,
    ) -> Any:
        """Take a whole list, or changes to the one it has."""
        memory = self.memory
        if update_type == "Differential" and list_version <= memory.list_version:
            return call_result.SendLocalList(status="VersionMismatch")
        known = {} if update_type == "Full" else memory.local_list
        changed = {each["id_tag"]: each for each in local_authorization_list or ()}
        memory.local_list = {
            tag: entry
            for tag, entry in {**known, **changed}.items()
            if "id_tag_info" in entry
        }
        memory.list_version = list_version
        return call_result.SendLocalList(status="Accepted")

    @on(Action.reserve_now)
    def reserve_now(self, connector_id: int, reservation_id: int, **_: Any) -> Any:
        """Hold a connector."""
        if connector_id in self.memory.reservations.values():
            return call_result.ReserveNow(status="Occupied")
        self.memory.reservations[reservation_id] = connector_id
        return call_result.ReserveNow(status="Accepted")

    @after(Action.reserve_now)
    def reserved(self, connector_id: int, **_: Any) -> None:
        """Report it."""
        self.follow_up(self.report(connector_id, "Reserved"))

    @on(Action.cancel_reservation)
    def cancel_reservation(self, reservation_id: int) -> Any:
        """Hold it no longer."""
        known = reservation_id in self.memory.reservations
        return call_result.CancelReservation(status="Accepted" if known else "Rejected")

    @after(Action.cancel_reservation)
    def cancelled(self, reservation_id: int) -> None:
        """Report it."""
        number = self.memory.reservations.pop(reservation_id, None)
        if number is not None:
            self.follow_up(self.report(number, "Available"))

    @on(Action.set_charging_profile)
    def set_charging_profile(
        self, connector_id: int, cs_charging_profiles: dict[str, Any]
    ) -> Any:
        """Keep a profile; its limits come as decimals, which JSON has none of."""
        profile = json.loads(json.dumps(cs_charging_profiles, default=float))
        self.memory.profiles[profile["charging_profile_id"]] = profile
        return call_result.SetChargingProfile(status="Accepted")

    @on(Action.get_composite_schedule)
    def get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str = "A"
    ) -> Any:
        """Tell the limit of the one profile that it has."""
        [profile] = self.memory.profiles.values()
        schedule = profile["charging_schedule"]
        return call_result.GetCompositeSchedule(
            status="Accepted",
            connector_id=connector_id,
            schedule_start=iso_now(),
            charging_schedule={
                "duration": duration,
                "charging_rate_unit": schedule["charging_rate_unit"],
                "charging_schedule_period": schedule["charging_schedule_period"],
            },
        )

    @on(Action.clear_charging_profile)
    def clear_charging_profile(self, id: int | None = None, **_: Any) -> Any:  # noqa: A002
        """Forget a profile."""
        known = self.memory.profiles.pop(id, None) if id is not None else None
        status = "Unknown" if known is None else "Accepted"
        return call_result.ClearChargingProfile(status=status)

    @on(Action.get_diagnostics)
    def get_diagnostics(self, **_: Any) -> Any:
        """Name the file that it sends."""
        return call_result.GetDiagnostics(file_name="diagnostics.zip")

    @after(Action.get_diagnostics)
    def diagnosed(self, **_: Any) -> None:
        """Send it."""
        self.follow_up(self.tell_of_diagnostics())

    async def tell_of_diagnostics(self) -> None:
        """Say how the upload goes."""
        for status in DIAGNOSTICS:
            await self.say(call.DiagnosticsStatusNotification(status=status))

    @on(Action.update_firmware)
    def update_firmware(self, **_: Any) -> Any:
        """Agree."""
        return call_result.UpdateFirmware()

    @after(Action.update_firmware)
    def updated(self, **_: Any) -> None:
        """Fetch it."""
        self.follow_up(self.tell_of_firmware())

    async def tell_of_firmware(self) -> None:
        """Say how the update goes."""
        for status in FIRMWARE:
            await self.say(call.FirmwareStatusNotification(status=status))
