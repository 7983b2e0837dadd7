"""All that there is to know of stations, by subject, and which answer is about what."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from attrs import define, field

from flexicharge.charging.beliefs import (
    availability,
    certificates,
    composites,
    configuration,
    connection,
    features,
    jobs,
    local_list,
    profiles,
    reservations,
    roots,
    security_events,
    start_profiles,
)
from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.credentials import Credentials
from flexicharge.charging.beliefs.doubts import Doubts
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.floods import Floods
from flexicharge.charging.beliefs.job import Job
from flexicharge.charging.beliefs.list_push import ListPushes
from flexicharge.charging.beliefs.objections import Objections
from flexicharge.charging.beliefs.overdue import Overdue
from flexicharge.charging.beliefs.reservation import StationReservation
from flexicharge.charging.beliefs.seams import BeliefSeams
from flexicharge.charging.beliefs.tallies import Tallies

Learn = Callable[[Answered], Coroutine[Any, Any, None]]


@define(eq=False)
class Subjects:
    """One place for each subject. None of them asks a station anything."""

    _seams: BeliefSeams
    availabilities: availability.Availabilities = field(init=False)
    certificates: certificates.Certificates = field(init=False)
    composites: composites.Composites = field(init=False)
    configurations: configuration.Configurations = field(init=False)
    connections: connection.Connections = field(init=False)
    credentials: Credentials = field(init=False)
    doubts: Doubts = field(init=False)
    features: features.Features = field(init=False)
    floods: Floods = field(init=False)
    jobs: jobs.Jobs = field(init=False)
    lists: local_list.LocalLists = field(init=False)
    objections: Objections = field(init=False)
    overdue: Overdue = field(init=False)
    profiles: profiles.Profiles = field(init=False)
    pushes: ListPushes = field(init=False)
    reservations: reservations.Reservations = field(init=False)
    roots: roots.Roots = field(init=False)
    security_events: security_events.SecurityEvents = field(init=False)
    tallies: Tallies = field(init=False)
    _learners: dict[str, tuple[Learn, ...]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._open_core()
        self._open_charging()
        self._open_security()
        self._learners = self._who_learns_what()

    async def learn(self, answered: Answered) -> None:
        """Hand an answer to everybody whom it tells something."""
        await self.features.learn(answered)
        for learn in self._learners.get(answered.action, ()):
            await learn(answered)

    def _open_core(self) -> None:
        seams, book = self._seams, self._seams.book
        self.availabilities = availability.Availabilities(
            Drawer(book, availability.WANTED, availability.Wanted),
            Drawer(book, availability.REPORTED, availability.Reported),
        )
        self.configurations = configuration.Configurations(
            Drawer(book, configuration.KIND, configuration.KnownKey)
        )
        self.connections = connection.Connections(
            Drawer(book, connection.KIND, connection.Connection)
        )
        self.credentials = Credentials(seams.chargers, seams.credential_of)
        self.features = features.Features(Drawer(book, features.KIND, features.Feature))
        self.jobs = jobs.Jobs(Drawer(book, jobs.KIND, Job), seams.alarms)
        self.overdue = Overdue(seams)
        self.tallies = Tallies(book)
        self.floods = Floods(book, self.tallies)

    def _open_charging(self) -> None:
        seams, book = self._seams, self._seams.book
        self.lists = local_list.LocalLists(
            Drawer(book, local_list.KIND, local_list.KeptEntry)
        )
        self.pushes = ListPushes(
            self.lists, self.configurations, self.features, seams.tags, seams.clock
        )
        self.profiles = profiles.Profiles(
            Drawer(book, profiles.KIND, profiles.BelievedProfile),
            start_profiles.StartProfiles(
                Drawer(book, start_profiles.KIND, start_profiles.StartProfile)
            ),
            seams.transactions,
        )
        self.composites = composites.Composites(
            Drawer(book, composites.KIND, composites.ComparedSchedule), self.profiles
        )
        self.reservations = reservations.Reservations(
            Drawer(book, reservations.KIND, StationReservation),
            seams.tags,
        )
        self.doubts = Doubts(
            self.reservations, seams.clock, seams.background, seams.settles_doubts
        )

    def _open_security(self) -> None:
        seams, book = self._seams, self._seams.book
        self.objections = Objections(seams.authority, book, seams.alarms)
        self.roots = roots.Roots(
            Drawer(book, roots.KIND, roots.TrustedRoot), seams.authority, seams.alarms
        )
        self.certificates = certificates.Certificates(
            Drawer(book, certificates.KIND, certificates.IssuedCertificate),
            seams.authority,
            book,
            seams.alarms,
            seams.clock,
            seams.background,
        )
        self.security_events = security_events.SecurityEvents(
            Drawer(book, security_events.KIND, security_events.SummedEvent),
            book,
            seams.alarms,
        )

    def _who_learns_what(self) -> dict[str, tuple[Learn, ...]]:
        return {
            "CancelReservation": (self.reservations.cancelled,),
            "CertificateSigned": (self.certificates.signed,),
            "ChangeAvailability": (self.availabilities.changed,),
            "ChangeConfiguration": (
                self.configurations.changed,
                self.credentials.answered,
            ),
            "ClearChargingProfile": (self.profiles.cleared,),
            "DeleteCertificate": (self.roots.deleted,),
            "GetCompositeSchedule": (self.composites.told,),
            "GetConfiguration": (self.configurations.told,),
            "GetInstalledCertificateIds": (self.roots.listed,),
            "GetLocalListVersion": (self.lists.told,),
            "InstallCertificate": (self.roots.installed,),
            "RemoteStartTransaction": (self.profiles.ordered,),
            "RemoteStopTransaction": (self.overdue.ordered,),
            "ReserveNow": (self.reservations.made,),
            "SendLocalList": (self.lists.sent,),
            "SetChargingProfile": (self.profiles.set,),
            **dict.fromkeys(jobs.KIND_OF, (self.jobs.answered,)),
        }
