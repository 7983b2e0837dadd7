"""What we believe of a station over HTTP, for its operators."""

from __future__ import annotations

from typing import Any

from klein import Klein

from flexicharge.charging.beliefs import Beliefs
from flexicharge.errors import ConnectorUnknown
from flexicharge.interfaces.stores import IChargerStore
from flexicharge.model.site import Station
from flexicharge.rest.admin_commands import GIVING
from flexicharge.rest.bearer import ADMIN
from flexicharge.rest.declared.gives import Json
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.station_beliefs import (
    ConfigurationKey,
    Feature,
    Job,
    LocalList,
    PushedList,
    SecurityEvent,
    event_sum_of,
    feature_of,
    job_of,
    key_of,
    list_of,
    push_of,
)
from flexicharge.rest.station_certificates import Certificates, certificates_of
from flexicharge.rest.station_fields import station_named
from flexicharge.rest.station_profiles import (
    ChargingProfile,
    CompositeSchedule,
    ToldSchedule,
    WantedComposite,
    composite_of,
    profile_of,
    told_schedule_of,
)


class BeliefsApi:
    """What answers and messages taught us about a station, so far."""

    app = Klein()

    def __init__(self, desk: Desk, stations: IChargerStore, beliefs: Beliefs) -> None:
        self.desk = desk
        self._stations = stations
        self._beliefs, self._known = beliefs, beliefs.known

    @app.route("/admin/chargers/<serial>/configuration", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[ConfigurationKey]))
    async def configuration(
        self, call: Call[Any], serial: str
    ) -> list[ConfigurationKey]:
        """Answer with the keys of a station that we know of, by name.

        As GetConfiguration told them and ChangeConfiguration set them.
        """
        station = await self._station(serial)
        return list(map(key_of, await self._known.configuration(station)))

    @app.route("/admin/chargers/<serial>/localList", methods=["GET"])
    @operation(who=ADMIN, gives=Json(LocalList))
    async def local_list(self, call: Call[Any], serial: str) -> LocalList:
        """Answer with the tags that we believe to be on a station."""
        return list_of(await self._known.local_list(await self._station(serial)))

    @app.route("/admin/chargers/<serial>/localList", methods=["POST"])
    @operation(who=ADMIN, gives=Json(PushedList), errors=GIVING)
    async def push(self, call: Call[Any], serial: str) -> PushedList:
        """Bring a station's list up to all tags on record; say what was sent.

        Only what is missing, unless there is doubt of what is there. A change that is
        not taken is followed by one full list. Nothing is sent to a station that has it
        all, or has said that it keeps no list.
        """
        return push_of(await self._beliefs.push_list(await self._station(serial)))

    @app.route("/admin/chargers/<serial>/chargingProfiles", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[ChargingProfile]))
    async def profiles(self, call: Call[Any], serial: str) -> list[ChargingProfile]:
        """Answer with the charging profiles that we believe to lie on a station."""
        found = await self._known.profiles(await self._station(serial))
        return list(map(profile_of, found))

    @app.route("/admin/chargers/<serial>/chargingProfiles/composite", methods=["GET"])
    @operation(
        who=ADMIN, asks=WantedComposite, in_query=True, gives=Json(CompositeSchedule)
    )
    async def composite(
        self, call: Call[WantedComposite], serial: str
    ) -> CompositeSchedule:
        """Answer with the schedule that those profiles make of a connector from now on.

        Computed by us: the station is not asked. In amperes if nothing is said.
        """
        station, asked = await self._station(serial), call.asked
        if asked.connector_id and station.numbered(asked.connector_id) is None:
            raise ConnectorUnknown(str(asked.connector_id))
        schedule = await self._known.composite(
            station, asked.connector_id, asked.duration_s, asked.unit
        )
        return composite_of(asked, schedule, self.desk.clock.seconds())

    @app.route("/admin/chargers/<serial>/compositeSchedules", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[ToldSchedule]))
    async def composites(self, call: Call[Any], serial: str) -> list[ToldSchedule]:
        """Answer with the last schedules that a station told, beside our own of then.

        As GetCompositeSchedule asked for them, one of each connector.
        """
        found = await self._known.composites(await self._station(serial))
        return list(map(told_schedule_of, found))

    @app.route("/admin/chargers/<serial>/jobs", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[Job]))
    async def jobs(self, call: Call[Any], serial: str) -> list[Job]:
        """Answer with a station's uploads and updates, newest first."""
        found = await self._known.jobs(await self._station(serial))
        return list(map(job_of, found))

    @app.route("/admin/chargers/<serial>/certificates", methods=["GET"])
    @operation(who=ADMIN, gives=Json(Certificates))
    async def certificates(self, call: Call[Any], serial: str) -> Certificates:
        """Answer with a station's certificates and the roots that it trusts."""
        station, known = await self._station(serial), self._known
        return certificates_of(
            await known.certificates(station), await known.roots(station)
        )

    @app.route("/admin/chargers/<serial>/features", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[Feature]))
    async def features(self, call: Call[Any], serial: str) -> list[Feature]:
        """Answer with what a station has shown that it can or cannot do, by action."""
        found = await self._known.features(await self._station(serial))
        return list(map(feature_of, found))

    @app.route("/admin/chargers/<serial>/securityEvents", methods=["GET"])
    @operation(who=ADMIN, gives=Json(list[SecurityEvent]))
    async def security_events(
        self, call: Call[Any], serial: str
    ) -> list[SecurityEvent]:
        """Answer with a station's security events, summed up, the last one first."""
        found = await self._known.security_events(await self._station(serial))
        return list(map(event_sum_of, found))

    async def _station(self, serial: str) -> Station:
        record = await self._stations.station_on_record(station_named(serial))
        return record.station
