"""What a charger of OCPP 1.6 does and answers when the server asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import UnusableValue
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import Call, JsonObject
from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.schemas import gravest, schemas
from flexicharge.ocpp.v16.times import posix_of
from flexicharge.simulator.standard import jobs, phrases
from flexicharge.simulator.standard.configuration import (
    AUTHORIZE_REMOTE,
    Configuration,
)
from flexicharge.simulator.standard.jobs import Jobs
from flexicharge.simulator.standard.outlet import Outlet
from flexicharge.simulator.standard.reservation import Reservation
from flexicharge.simulator.standard.smart import SmartCharging
from flexicharge.simulator.standard.tags import Tags
from flexicharge.simulator.standard.trust import Trust
from flexicharge.simulator.timers import Timers

ACCEPTED: Final = "Accepted"
REJECTED: Final = "Rejected"
UNSUPPORTED: Final = "NotSupported"
UNLOCK_REASON: Final = "UnlockCommand"
RESERVED_AS: Final = {
    ConnectorStatus.AVAILABLE: ACCEPTED,
    ConnectorStatus.RESERVED: "Occupied",
    ConnectorStatus.UNAVAILABLE: "Unavailable",
    ConnectorStatus.FAULTED: "Faulted",
}
RESETS: Final = {"Hard": "HardReset", "Soft": "SoftReset"}


class Refusal(Exception):
    """An order that is answered with an error."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code.value)
        self.code: Final = code


class Obedient(Protocol):
    """The charger that is asked."""

    configuration: Configuration
    tags: Tags
    smart: SmartCharging
    jobs: Jobs
    trust: Trust

    @property
    def needs_connector(self) -> bool:
        """True if it starts only where a connector is named."""

    @property
    def outlets(self) -> Sequence[Outlet]:
        """Its connectors, in the order of their numbers."""

    def now(self) -> float:
        """Return what the charger's own clock shows."""

    def authorize(self, tag: str, decided: Callable[[bool], None]) -> None:
        """Have it decided whether a tag may charge."""

    def trigger(self, message: str, connector: int | None) -> None:
        """Say something because the server wants to hear it."""

    def restart(self, reason: str) -> None:
        """Start up again; charges end for this reason."""

    def reconfigured(self, key: str) -> None:
        """A key of the configuration has been set."""


@define(eq=False)
class Orders:
    """Reads the server's Calls. `calendar` is the clock that times of day are kept by.

    What an order brings about begins once it is answered: `afterwards`.
    """

    _charger: Obedient
    _calendar: IReactorTime
    _handlers: Mapping[str, Callable[[JsonObject], JsonObject]] = field(init=False)
    _then: list[Callable[[], object]] = field(factory=list, init=False)
    _expiries: Timers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._expiries = Timers(self._calendar)
        self._handlers = {
            "CancelReservation": self._cancel_reservation,
            "CertificateSigned": self._certificate_signed,
            "ChangeAvailability": self._change_availability,
            "ChangeConfiguration": self._change_configuration,
            "ClearCache": self._clear_cache,
            "ClearChargingProfile": self._clear_profile,
            "DataTransfer": self._data_transfer,
            "DeleteCertificate": self._delete_certificate,
            "ExtendedTriggerMessage": self._trigger,
            "GetCompositeSchedule": self._composite,
            "GetConfiguration": self._get_configuration,
            "GetDiagnostics": self._get_diagnostics,
            "GetInstalledCertificateIds": self._installed_certificates,
            "GetLocalListVersion": self._list_version,
            "GetLog": self._get_log,
            "InstallCertificate": self._install_certificate,
            "RemoteStartTransaction": self._remote_start,
            "RemoteStopTransaction": self._remote_stop,
            "ReserveNow": self._reserve,
            "Reset": self._reset,
            "SendLocalList": self._send_list,
            "SetChargingProfile": self._set_profile,
            "SignedUpdateFirmware": self._signed_update,
            "TriggerMessage": self._trigger,
            "UnlockConnector": self._unlock,
            "UpdateFirmware": self._update,
        }

    def take(self, call: Call) -> JsonObject:
        """Return the answer to an order; raise `Refusal`."""
        handler = self._handlers.get(call.action)
        if handler is None:
            known = call.action in ACTIONS
            code = ErrorCode.NOT_SUPPORTED if known else ErrorCode.NOT_IMPLEMENTED
            raise Refusal(code)
        schema = schemas().requests[call.action]
        if not schema.allows(call.payload):
            raise Refusal(gravest(schema.violations(call.payload)).code)
        return handler(call.payload)

    def carry_out(self) -> None:
        """Do what the order that was just answered brings about."""
        then, self._then = self._then, []
        for do in then:
            do()

    def cut_power(self) -> None:
        """Forget what was about to be done; reservations outlive the power."""
        self._then.clear()

    # charging

    def _remote_start(self, asked: JsonObject) -> JsonObject:
        tag, profile = asked["idTag"], asked.get("chargingProfile")
        outlet = self._startable(tag, asked.get("connectorId"))
        if outlet is None:
            return _status(REJECTED)
        if profile is not None:
            word = self._charger.smart.take(outlet.number, profile, remote=True)
            if word != ACCEPTED:
                return _status(REJECTED)
        self._then.append(lambda: self._start(outlet, tag))
        return _status(ACCEPTED)

    def _startable(self, tag: str, number: int | None) -> Outlet | None:
        """Return where a tag can begin: the connector named, or one with a car."""
        if number is None and self._charger.needs_connector:
            return None
        outlets = [
            each
            for each in self._charger.outlets
            if number in (None, each.number) and each.is_open_to(tag)
        ]
        with_car = [each for each in outlets if each.car is not None]
        return next(iter(with_car or outlets), None)

    def _start(self, outlet: Outlet, tag: str) -> None:
        def decided(good: bool) -> None:
            if good and outlet.is_open_to(tag):
                outlet.authorize(tag)

        if self._charger.configuration.flag(AUTHORIZE_REMOTE):
            self._charger.authorize(tag, decided)
        else:
            decided(good=True)

    def _remote_stop(self, asked: JsonObject) -> JsonObject:
        for outlet in self._charger.outlets:
            running = outlet.transaction
            if running and running.charge.transaction_id == asked["transactionId"]:
                self._then.append(lambda outlet=outlet: outlet.stop("Remote"))  # type: ignore[misc]
                return _status(ACCEPTED)
        return _status(REJECTED)

    def _unlock(self, asked: JsonObject) -> JsonObject:
        outlet = self._outlet(asked["connectorId"])
        if outlet is None:
            return _status(UNSUPPORTED)
        self._then.append(lambda: outlet.stop(UNLOCK_REASON))
        return _status("Unlocked")

    # reservations

    def _reserve(self, asked: JsonObject) -> JsonObject:
        outlet = self._outlet(asked["connectorId"])
        if outlet is None:
            return _status(REJECTED)
        held, number = outlet.reservation, asked["reservationId"]
        is_renewed = held is not None and held.reservation_id == number
        word = RESERVED_AS.get(outlet.status, "Occupied")
        if is_renewed and outlet.status is ConnectorStatus.RESERVED:
            word = ACCEPTED
        if word == ACCEPTED:
            reservation = Reservation(
                reservation_id=number,
                tag=asked["idTag"],
                expires_at=_posix(asked["expiryDate"]),
                parent=asked.get("parentIdTag"),
            )
            self._then.append(lambda: self._hold(outlet, reservation))
        return _status(word)

    def _hold(self, outlet: Outlet, reservation: Reservation) -> None:
        def expired() -> None:
            if outlet.reservation is reservation:
                outlet.cancel_reservation()

        outlet.reserve(reservation)
        left_s = max(reservation.expires_at - self._charger.now(), 0.0)
        self._expiries.after(left_s, expired)

    def _cancel_reservation(self, asked: JsonObject) -> JsonObject:
        for outlet in self._charger.outlets:
            held = outlet.reservation
            if held is not None and held.reservation_id == asked["reservationId"]:
                self._then.append(outlet.cancel_reservation)
                return _status(ACCEPTED)
        return _status(REJECTED)

    # the charger itself

    def _change_availability(self, asked: JsonObject) -> JsonObject:
        number, operative = asked["connectorId"], asked["type"] == "Operative"
        outlets = [o for o in self._charger.outlets if number in (0, o.number)]
        if not outlets:
            return _status(REJECTED)
        is_busy = any(outlet.transaction is not None for outlet in outlets)
        self._then += [
            lambda outlet=outlet: outlet.change_availability(operative=operative)  # type: ignore[misc]
            for outlet in outlets
        ]
        return _status("Scheduled" if is_busy and not operative else ACCEPTED)

    def _reset(self, asked: JsonObject) -> JsonObject:
        reason = RESETS[asked["type"]]
        self._then.append(lambda: self._charger.restart(reason))
        return _status(ACCEPTED)

    def _change_configuration(self, asked: JsonObject) -> JsonObject:
        key = asked["key"]
        word = self._charger.configuration.change(key, asked["value"])
        if word == ACCEPTED:
            self._then.append(lambda: self._charger.reconfigured(key))
        return _status(word)

    def _get_configuration(self, asked: JsonObject) -> JsonObject:
        return self._charger.configuration.told(asked.get("key", ()))

    def _trigger(self, asked: JsonObject) -> JsonObject:
        message, connector = asked["requestedMessage"], asked.get("connectorId")
        if connector not in (None, 0) and self._outlet(connector) is None:
            return _status(REJECTED)
        self._then.append(lambda: self._charger.trigger(message, connector))
        return _status(ACCEPTED)

    def _data_transfer(self, asked: JsonObject) -> JsonObject:
        known = asked["vendorId"] == phrases.VENDOR
        return _status("UnknownMessageId" if known else "UnknownVendorId")

    # tags

    def _clear_cache(self, asked: JsonObject) -> JsonObject:
        return _status(self._charger.tags.clear_cache())

    def _list_version(self, asked: JsonObject) -> JsonObject:
        return {"listVersion": self._charger.tags.list_version()}

    def _send_list(self, asked: JsonObject) -> JsonObject:
        return _status(self._charger.tags.take_list(asked))

    # power

    def _set_profile(self, asked: JsonObject) -> JsonObject:
        number = asked["connectorId"]
        if number and self._outlet(number) is None:
            return _status(REJECTED)
        word = self._charger.smart.take(number, asked["csChargingProfiles"])
        return _status(word)

    def _clear_profile(self, asked: JsonObject) -> JsonObject:
        return _status(self._charger.smart.clear(asked))

    def _composite(self, asked: JsonObject) -> JsonObject:
        number = asked["connectorId"]
        if number and self._outlet(number) is None:
            return _status(REJECTED)
        return self._charger.smart.composite(asked)

    # jobs

    def _get_diagnostics(self, asked: JsonObject) -> JsonObject:
        return {"fileName": self._charger.jobs.upload(jobs.DIAGNOSTICS)}

    def _get_log(self, asked: JsonObject) -> JsonObject:
        name = self._charger.jobs.upload(jobs.LOG, asked["requestId"])
        return _status(ACCEPTED) | {"filename": name}

    def _update(self, asked: JsonObject) -> JsonObject:
        self._charger.jobs.update(jobs.FIRMWARE, _posix(asked["retrieveDate"]))
        return {}

    def _signed_update(self, asked: JsonObject) -> JsonObject:
        starts_at = _posix(asked["firmware"]["retrieveDateTime"])
        number = asked["requestId"]
        self._charger.jobs.update(jobs.SIGNED_FIRMWARE, starts_at, number)
        return _status(ACCEPTED)

    # certificates

    def _certificate_signed(self, asked: JsonObject) -> JsonObject:
        return _status(self._charger.trust.signed(asked["certificateChain"]))

    def _install_certificate(self, asked: JsonObject) -> JsonObject:
        use, pem = asked["certificateType"], asked["certificate"]
        return _status(self._charger.trust.install(use, pem))

    def _installed_certificates(self, asked: JsonObject) -> JsonObject:
        return self._charger.trust.told(asked["certificateType"])

    def _delete_certificate(self, asked: JsonObject) -> JsonObject:
        return _status(self._charger.trust.delete(asked["certificateHashData"]))

    def _outlet(self, number: int | None) -> Outlet | None:
        outlets = self._charger.outlets
        return next((each for each in outlets if each.number == number), None)


def _status(word: str) -> JsonObject:
    return {"status": word}


def _posix(text: str) -> float:
    """Return a time of the server's; raise `Refusal` for what is none."""
    try:
        return posix_of(text)
    except UnusableValue:
        raise Refusal(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION) from None
