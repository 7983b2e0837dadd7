"""Every command there is to a charger, given over HTTP and looked at afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .ground import TAG, Ground
from .security import Charger
from .transcript import SERVER, Transcript

NEW_PASSWORD = "another-1-of-20-long"
RESERVATION = 41
PROFILE = {
    "chargingProfileId": 5,
    "stackLevel": 1,
    "chargingProfilePurpose": "TxDefaultProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {
        "startSchedule": "2026-01-01T00:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 16.0, "numberPhases": 3},
            {"startPeriod": 3600, "limit": 10.1, "numberPhases": 3},
        ],
    },
}
TX_PROFILE = {
    **PROFILE,
    "chargingProfileId": 6,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Relative",
    "chargingSchedule": {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
    },
}


def later(minutes: float) -> str:
    """Return a time from now, as an operator writes it."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@define
class Commands:
    """An operator at a charger that has booted."""

    ground: Ground
    charger: Charger
    transcript: Transcript
    given: set[str] = field(factory=set)

    @property
    def at(self) -> str:
        """The charger's path."""
        return f"/admin/chargers/{self.charger.memory.identity}"

    @property
    def root_texts(self) -> list[str]:
        """The server's roots, in PEM."""
        roots = x509.load_pem_x509_certificates(self.ground.root.read_bytes())
        return [root.public_bytes(Encoding.PEM).decode() for root in roots]

    async def give(self, action: str, **payload: Any) -> dict[str, Any]:
        """Give a command; return the answer once all that follows it is said.

        It comes as it was given; at most an id is added.
        """
        operator, charger = self.ground.operator, self.charger
        answer = await operator.command(charger.memory.identity, action, **payload)
        heard = self.transcript.calls_by(SERVER, action)[-1]
        assert heard.payload.items() >= payload.items()
        assert heard.answer == answer
        self.given.add(action)
        await charger.settled()
        return answer

    async def demand(self, action: str, **payload: Any) -> None:
        """Give a command that has to be accepted."""
        answer = await self.give(action, **payload)
        assert answer["status"] == "Accepted", (action, answer)

    async def read(self, what: str) -> Any:
        """Return what the operator reads of the charger."""
        return await self.ground.operator.get(f"{self.at}{what}")

    async def read_until(self, what: str, is_so: Any) -> Any:
        """Return it once it is so."""
        return await self.ground.operator.get_until(f"{self.at}{what}", is_so)

    async def give_all(self) -> None:
        """Give every command, the reset last."""
        await self.configuration()
        await self.core()
        await self.triggers()
        await self.roots()
        await self.files()
        await self.local_list()
        await self.reservations()
        await self.smart_charging()
        await self.remote_transaction()
        await self.demand("Reset", type="Soft")
        await self.charger.was_reset.wait()

    async def configuration(self) -> None:
        """Read it all, change it, read what was changed; give a new password."""
        told = await self.give("GetConfiguration")
        assert len(told["configurationKey"]) == len(self.charger.memory.settings)
        await self.demand("ChangeConfiguration", key="HeartbeatInterval", value="60")
        told = await self.give("GetConfiguration", key=["HeartbeatInterval", "Nothing"])
        assert told["configurationKey"] == [
            {"key": "HeartbeatInterval", "readonly": False, "value": "60"}
        ]
        assert told["unknownKey"] == ["Nothing"]
        await self.demand(
            "ChangeConfiguration",
            key="AuthorizationKey",
            value=NEW_PASSWORD.encode().hex(),
        )

    async def core(self) -> None:
        """Everything that needs no further word."""
        await self.demand("ClearCache")
        await self.demand("ChangeAvailability", connectorId=2, type="Inoperative")
        await self.read_until("", lambda read: _shows(read, 2, "Unavailable"))
        await self.demand("ChangeAvailability", connectorId=2, type="Operative")
        await self.read_until("", lambda read: _shows(read, 2, "Available"))
        answer = await self.give("UnlockConnector", connectorId=2)
        assert answer == {"status": "Unlocked"}
        told = await self.give("DataTransfer", vendorId="OperatorsVendor", data="a,b")
        assert told == {"status": "Accepted", "data": "hello"}
        told = await self.give("DataTransfer", vendorId="Nobody")
        assert told == {"status": "UnknownVendorId"}

    async def triggers(self) -> None:
        """A heartbeat, and a certificate; it is then sent once more by hand."""
        await self.demand("TriggerMessage", requestedMessage="Heartbeat")
        await self.demand(
            "ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate"
        )
        await self.charger.certified.wait()
        await self.demand(
            "CertificateSigned", certificateChain=self.charger.memory.chain
        )

    async def roots(self) -> None:
        """Both of the server's roots are taken, one is listed and deleted."""
        use = {"certificateType": "CentralSystemRootCertificate"}
        none = await self.give("GetInstalledCertificateIds", **use)
        assert none == {"status": "NotFound"}
        for root in self.root_texts:
            await self.demand("InstallCertificate", **use, certificate=root)
        told = await self.give("GetInstalledCertificateIds", **use)
        first, *others = told["certificateHashData"]
        assert len(others) == 1
        await self.demand("DeleteCertificate", certificateHashData=first)
        told = await self.give("GetInstalledCertificateIds", **use)
        assert told["certificateHashData"] == others
        again = await self.give("DeleteCertificate", certificateHashData=first)
        assert again == {"status": "NotFound"}

    async def files(self) -> None:
        """Diagnostics, a log, firmware of both kinds."""
        to = "ftp://files.example/in/"
        told = await self.give("GetDiagnostics", location=to)
        assert told == {"fileName": "diagnostics.zip"}
        log = {"remoteLocation": to, "oldestTimestamp": later(-60)}
        told = await self.give("GetLog", logType="SecurityLog", log=log)
        assert told == {"status": "Accepted", "filename": "security.log"}
        image = "https://files.example/firmware.bin"
        told = await self.give("UpdateFirmware", location=image, retrieveDate=later(0))
        assert told == {}
        firmware = {
            "location": image,
            "retrieveDateTime": later(0),
            "signingCertificate": self.root_texts[0],
            "signature": "c2lnbmF0dXJl",
        }
        await self.demand("SignedUpdateFirmware", firmware=firmware)

    async def local_list(self) -> None:
        """None at first, then a whole one, then a change, then one that is too old."""
        assert await self.give("GetLocalListVersion") == {"listVersion": 0}
        entry = {"idTag": TAG, "idTagInfo": {"status": "Accepted"}}
        await self.demand(
            "SendLocalList",
            listVersion=1,
            updateType="Full",
            localAuthorizationList=[entry, {**entry, "idTag": "SECOND"}],
        )
        await self.demand(
            "SendLocalList",
            listVersion=2,
            updateType="Differential",
            localAuthorizationList=[{"idTag": "SECOND"}],
        )
        assert await self.give("GetLocalListVersion") == {"listVersion": 2}
        assert list(self.charger.memory.local_list) == [TAG]
        stale = await self.give(
            "SendLocalList", listVersion=1, updateType="Differential"
        )
        assert stale == {"status": "VersionMismatch"}

    async def reservations(self) -> None:
        """Held, shown, and let go."""
        await self.demand(
            "ReserveNow",
            reservationId=RESERVATION,
            connectorId=2,
            idTag=TAG,
            expiryDate=later(15),
        )
        [held] = await self.read("/reservations")
        assert (held["reservationId"], held["status"]) == (RESERVATION, "active")
        await self.demand("CancelReservation", reservationId=RESERVATION)
        [gone] = await self.read("/reservations")
        assert gone["status"] == "cancelled"

    async def smart_charging(self) -> None:
        """A profile is set, told, and cleared."""
        await self.demand(
            "SetChargingProfile", connectorId=0, csChargingProfiles=PROFILE
        )
        asked = {"connectorId": 1, "duration": 7200, "chargingRateUnit": "A"}
        told = await self.give("GetCompositeSchedule", **asked)
        assert (
            told["chargingSchedule"]["chargingSchedulePeriod"]
            == (PROFILE["chargingSchedule"]["chargingSchedulePeriod"])
        )
        await self.demand("ClearChargingProfile", id=5)
        again = await self.give("ClearChargingProfile", id=5)
        assert again == {"status": "Unknown"}

    async def remote_transaction(self) -> None:
        """Started with a profile, and stopped; the commands say what came of them."""
        await self.demand(
            "RemoteStartTransaction",
            connectorId=1,
            idTag=TAG,
            chargingProfile=TX_PROFILE,
        )
        [number] = self.charger.memory.transactions
        await self.demand("RemoteStopTransaction", transactionId=number)
        for action in ("RemoteStartTransaction", "RemoteStopTransaction"):
            [command] = await self.read_until(
                f"/commands?action={action}",
                lambda read: read[0]["transactionId"] == number,
            )
            assert command["status"] == "result"
        [charged] = await self.read("/transactions?active=false")
        assert (charged["transactionId"], charged["energyWh"]) == (number, 250)
        assert (charged["stopReason"], charged["endReason"]) == ("Remote", "station")


def _shows(read: dict[str, Any], number: int, status: str) -> bool:
    return any(
        each["connectorId"] == number and each["status"] == status
        for each in read["connectors"]
    )
