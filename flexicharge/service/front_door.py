"""The way in for stations and drivers: what stands behind the gateway's ports."""

from __future__ import annotations

from typing import Any, Final

from attrs import field, frozen

from flexicharge.actors.admission import Gatekeeper
from flexicharge.actors.attempts import Attempts
from flexicharge.actors.directory import StationDirectory
from flexicharge.actors.enrolment import Enrolment
from flexicharge.actors.proof import Proof
from flexicharge.actors.supervisor import Supervisor
from flexicharge.config import Settings
from flexicharge.gateway.factory import GatewayFactory
from flexicharge.gateway.hall import FrontHall
from flexicharge.gateway.peers import TrustedProxies
from flexicharge.gateway.stations import StationHall
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces import IAlarms, IBackground, IChargerStore, IIdentity
from flexicharge.model.site import Registration

HOUR_S: Final = 3600.0
PASSWORD_TRIES: Final = 10
PASSWORD_TRIES_PER_S: Final = 300.0
RETURNS: Final = 20  # connections of one standard station in a minute
RETURNS_PER_S: Final = 60.0
STRANGERS: Final = 10  # unknown stations of one address that the log tells of
STRANGERS_PER_S: Final = 600.0
NEW_RECORDS: Final = 100  # that strangers are given in an hour

REGISTRATION_OF: Final = {
    "reject": None,
    "pending": Registration.PENDING,
    "accept": Registration.ACCEPTED,
}


@frozen(kw_only=True)
class FrontDoor:
    """Makes the factory of the gateway's ports; `proof` is what it asks for."""

    clock: Any
    settings: Settings
    server_key: ServerKey = field(repr=False)
    chargers: IChargerStore
    identity: IIdentity
    supervisor: Supervisor
    alarms: IAlarms
    background: IBackground
    proxies: TrustedProxies
    proof: Proof = field(init=False)

    @proof.default
    def _proof(self) -> Proof:
        tls = self.settings.tls
        limit = RateLimit(self.clock, PASSWORD_TRIES, PASSWORD_TRIES_PER_S)
        return Proof(
            credential_of=self.server_key.station_credential,
            password_only=self.settings.charger_auth == "password",
            attempts=Attempts(limit, self.alarms),
            alarms=self.alarms,
            operator="" if tls is None else tls.operator,
        )

    def gateway(self) -> GatewayFactory:
        """Return the factory of every WebSocket port."""
        hall = FrontHall(
            self._stations(),
            self.supervisor,
            self.identity,
            self.settings.user_socket_auth == "open",
        )
        return GatewayFactory(hall, self.clock)

    def _stations(self) -> StationHall:
        directory = StationDirectory(self.chargers, self.clock, self.background)
        return StationHall(
            directory=directory,
            enrolment=Enrolment(
                directory=directory,
                alarms=self.alarms,
                registration=REGISTRATION_OF[self.settings.unknown_chargers],
                strangers=RateLimit(self.clock, STRANGERS, STRANGERS_PER_S),
                records=RateLimit(self.clock, NEW_RECORDS, HOUR_S),
            ),
            gatekeeper=Gatekeeper(
                directory,
                self.proof,
                self.alarms,
                RateLimit(self.clock, RETURNS, RETURNS_PER_S),
                self.supervisor.present,
            ),
            supervisor=self.supervisor,
            proxies=self.proxies,
        )
