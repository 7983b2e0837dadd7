"""Which test plays each action over the wire, and a table of them for people."""

from __future__ import annotations

from typing import Final

from flexicharge.ocpp.v16.actions import ACTIONS, Profile

WITHIN: Final = "tests.oca"
Covered = dict[str, str]

# What a charger may send, and the test in which it does.
FROM_CHARGER_IN: Final[Covered] = {
    "Authorize": "test_states::test_r2_authorized",
    "BootNotification": "test_cold_boot::test_001_cold_boot",
    "DataTransfer": "test_between::test_064_vendor_message_to_us",
    "DiagnosticsStatusNotification": "test_firmware::test_045_1_diagnostics",
    "FirmwareStatusNotification": "test_firmware::test_044_1_update_installed",
    "Heartbeat": "test_cold_boot::test_001_cold_boot",
    "LogStatusNotification": "test_logs_and_firmware::test_079_security_log",
    "MeterValues": "test_sessions_mirrored::test_070_sampled_values",
    "SecurityEventNotification": (
        "test_certificates::test_077_charger_certificate_found_invalid"
    ),
    "SignCertificate": "test_certificates::test_074_new_charger_certificate",
    "SignedFirmwareStatusNotification": (
        "test_logs_and_firmware::test_080_signed_update_installed"
    ),
    "StartTransaction": "test_states::test_r3_charging",
    "StatusNotification": "test_states::test_r1_booted",
    "StopTransaction": "test_regular_charging::test_005_1_cable_pulled_at_the_car",
}

# What an operator may have a charger asked, and the test in which one does.
TO_CHARGER_IN: Final[Covered] = {
    "CancelReservation": "test_reservations_over::test_051_cancel",
    "CertificateSigned": "test_certificates::test_074_new_charger_certificate",
    "ChangeAvailability": "test_outages::test_034_unavailable_survives_a_power_cut",
    "ChangeConfiguration": "test_configuration::test_021_set_a_key",
    "ClearCache": "test_between::test_061_clear_cache",
    "ClearChargingProfile": "test_smart_charging::test_067_clear_profiles",
    "DataTransfer": "test_sessions_mirrored::test_062_vendor_message_to_the_charger",
    "DeleteCertificate": "test_certificates::test_076_delete_a_certificate",
    "ExtendedTriggerMessage": "test_certificates::test_074_new_charger_certificate",
    "GetCompositeSchedule": "test_smart_charging::test_066_composite_schedule",
    "GetConfiguration": "test_configuration::test_019_1_read_all_keys",
    "GetDiagnostics": "test_firmware::test_045_1_diagnostics",
    "GetInstalledCertificateIds": (
        "test_certificates::test_075_1_install_manufacturer_root"
    ),
    "GetLocalListVersion": "test_local_list::test_042_2_list_version_empty",
    "GetLog": "test_logs_and_firmware::test_079_security_log",
    "InstallCertificate": "test_certificates::test_075_1_install_manufacturer_root",
    "RemoteStartTransaction": (
        "test_remote_commands::test_010_remote_start_cable_in_first"
    ),
    "RemoteStopTransaction": "test_remote_commands::test_012_remote_stop",
    "ReserveNow": "test_reservations::test_046_reserve_then_charge",
    "Reset": "test_resetting::test_013_hard_reset_idle",
    "SendLocalList": "test_local_list::test_043_4_send_list_full",
    "SetChargingProfile": "test_smart_charging::test_056_default_profile",
    "SignedUpdateFirmware": "test_logs_and_firmware::test_080_signed_update_installed",
    "TriggerMessage": "test_remote_trigger::test_054_trigger_each_message",
    "UnlockConnector": "test_unlocking::test_017_1_unlock_idle_loose_cable",
    "UpdateFirmware": "test_firmware::test_044_1_update_installed",
}


def as_markdown() -> str:
    """Return a table of all actions, each with the test of each direction it has."""
    rows = [
        "| action | profile | from the charger | to the charger |",
        "|---|---|---|---|",
    ]
    for name, action in ACTIONS.items():
        tests = [
            _cell(covered.get(name)) for covered in (FROM_CHARGER_IN, TO_CHARGER_IN)
        ]
        rows.append(f"| {name} | {_word(action.profile)} | {' | '.join(tests)} |")
    return "\n".join([*rows, ""])


def _cell(test: str | None) -> str:
    return "" if test is None else f"`{test}`"


def _word(profile: Profile) -> str:
    return "security extension" if profile is Profile.SECURITY else str(profile)
