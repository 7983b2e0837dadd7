"""The root certificates that stations trust (security whitepaper §5)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from hashlib import sha256
from typing import Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.charging.beliefs.root_names import (
    HashData,
    named_by_station,
    named_by_us,
    named_in,
)
from flexicharge.interfaces import IAlarms, ICertificateAuthority
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.confirmations import Outcome, installed_certificates

KIND: Final = "roots"
MAX_ROOTS: Final = 100
DONE_OR_ABSENT: Final = (Outcome.DONE, Outcome.ABSENT)


class RootState(StrEnum):
    """Whether a station trusts a root."""

    ACCEPTED = "accepted"  # it took it, and has not listed it since
    INSTALLED = "installed"  # it has listed it
    GONE = "gone"


@frozen(kw_only=True)
class TrustedRoot:
    """A root at a station. `certificate` is its PEM if it is one that we have sent.

    `differs` tells that the station hashes that to something else than we do.
    """

    certificate_type: str
    certificate: str = ""
    hash_data: HashData | None = None
    state: RootState
    differs: bool = False
    at: float

    @property
    def name(self) -> str:
        """What it is kept under: one root is one, however often it is listed."""
        names = ("",) if self.hash_data is None else self.hash_data.folded
        text = self.certificate or "\n".join(names)
        digest = sha256(f"{self.certificate_type}\n{text}".encode()).hexdigest()
        return digest[:32]


@frozen
class Roots:
    """Which roots stations have taken, listed, and lost."""

    _roots: Drawer[TrustedRoot]
    _authority: ICertificateAuthority
    _alarms: IAlarms

    async def installed(self, answered: Answered) -> None:
        """Believe the answer to an InstallCertificate; a refusal changes nothing."""
        if answered.is_done:
            root = TrustedRoot(
                certificate_type=text_of(answered.asked.get("certificateType")),
                certificate=str(answered.asked.get("certificate")),
                state=RootState.ACCEPTED,
                at=answered.at,
            )
            await self._keep(answered, [root])

    async def listed(self, answered: Answered) -> None:
        """Believe a list of roots of one type: others of that type are gone."""
        if answered.said is None or answered.outcome not in DONE_OR_ABSENT:
            return
        type_ = text_of(answered.asked.get("certificateType"))
        known = [one for one in await self._known(answered) if _is_there(one, type_)]
        seen: list[TrustedRoot] = []
        if answered.is_done:
            listed = installed_certificates(answered.said)[:MAX_ROOTS]
            named = [hashes for one in listed if (hashes := named_by_station(one))]
            seen = [self._seen(answered, type_, hashes, known) for hashes in named]
        names = {one.name for one in seen}
        gone = [one for one in known if one.name not in names]
        await self._keep(answered, [*_gone(gone, answered.at), *seen])

    async def deleted(self, answered: Answered) -> None:
        """Believe the answer to a DeleteCertificate; what is not found is gone."""
        if answered.outcome in DONE_OR_ABSENT:
            asked = named_in(answered.asked["certificateHashData"])
            known = await self._known(answered)
            gone = [one for one in known if _is_there(one) and self._is(one, asked)]
            await self._keep(answered, _gone(gone, answered.at))

    async def all(self, station_id: int) -> tuple[TrustedRoot, ...]:
        """Return a station's roots, the last one that changed first."""
        known = (await self._roots.all(station_id)).values()
        return tuple(sorted(known, key=lambda one: one.at, reverse=True))

    def _seen(
        self,
        answered: Answered,
        type_: str,
        hashes: HashData,
        known: Collection[TrustedRoot],
    ) -> TrustedRoot:
        """Return what a root on a station's list is, as far as we know it."""
        root = TrustedRoot(
            certificate_type=type_,
            hash_data=hashes,
            state=RootState.INSTALLED,
            at=answered.at,
        )
        same = next((one for one in known if self._is(one, hashes)), None)
        if same is not None:
            return evolve(root, certificate=same.certificate)
        ours = next((one for one in known if self._has_serial(one, hashes)), None)
        if ours is None:
            return root
        self._tell(answered.station, hashes)
        return evolve(root, certificate=ours.certificate, differs=True)

    def _is(self, root: TrustedRoot, hashes: HashData) -> bool:
        named = named_by_us(self._authority, root.certificate, hashes.hash_algorithm)
        if named is None:
            named = root.hash_data
        return named is not None and named.folded == hashes.folded

    def _has_serial(self, root: TrustedRoot, hashes: HashData) -> bool:
        named = named_by_us(self._authority, root.certificate, hashes.hash_algorithm)
        return named is not None and named.folded_serial == hashes.folded_serial

    def _tell(self, station: Station, hashes: HashData) -> None:
        self._alarms.raise_alarm(
            "a root's hash is not ours",
            serial_number=station.serial_number,
            certificate=hashes.serial_number,
        )

    async def _known(self, answered: Answered) -> list[TrustedRoot]:
        """Return a station's roots, those first that we have ourselves."""
        known = (await self._roots.all(answered.station.station_id)).values()
        return sorted(known, key=lambda one: not one.certificate)

    async def _keep(self, answered: Answered, new: list[TrustedRoot]) -> None:
        """Keep what is new; where there are too many, the first that went go."""
        station_id = answered.station.station_id
        await self._roots.put(station_id, {one.name: one for one in new}, answered.at)
        known = await self._roots.all(station_id)
        gone = [(one.at, name) for name, one in known.items() if not _is_there(one)]
        too_many = max(len(known) - MAX_ROOTS, 0)
        await self._roots.drop(
            station_id, [name for _, name in sorted(gone)[:too_many]]
        )


def _is_there(root: TrustedRoot, type_: str | None = None) -> bool:
    """Tell whether a station still has a root, and if asked whether of that type."""
    return root.state is not RootState.GONE and type_ in (None, root.certificate_type)


def _gone(roots: list[TrustedRoot], at: float) -> list[TrustedRoot]:
    return [evolve(one, state=RootState.GONE, at=at) for one in roots]
