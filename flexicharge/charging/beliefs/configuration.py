"""What we believe of a station's configuration (OCPP 1.6 §5.3, §5.8, §9)."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import text_of
from flexicharge.ocpp.v16.confirmations import ConfigurationKey, Outcome, configuration
from flexicharge.ocpp.v16.secrets import masked

KIND: Final = "configuration"
AUTHORIZATION_KEY: Final = "AuthorizationKey"
SECURITY_PROFILE: Final = "SecurityProfile"
MAX_DIGITS: Final = 9


@frozen(kw_only=True)
class KnownKey:
    """A key of a station's configuration, and since when we believe it (POSIX).

    `value` is None where it was not told; of a secret it is a mask. `pending` is a
    value that comes true with the next boot. A key that the station does not know is
    `unknown`.
    """

    key: str
    value: str | None = None
    readonly: bool = False
    pending: str | None = None
    unknown: bool = False
    at: float

    @property
    def number(self) -> int | None:
        """The value as a number that is not negative; None if it is none."""
        digits = (self.value or "").strip()
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS
        return int(digits) if is_number else None


@frozen
class Configurations:
    """The stations' configurations, as they told them or as we have set them.

    A key is one key in any letter case (CiString50Type).
    """

    _keys: Drawer[KnownKey]

    async def told(self, answered: Answered) -> None:
        """Believe the answer to a GetConfiguration.

        Whoever was asked for everything has told all there is, if anything. Of one who
        was asked for some, nothing is taken that nobody has heard of.
        """
        if answered.said is None:
            return
        station_id, at = answered.station.station_id, answered.at
        old = await self._keys.all(station_id)
        told = configuration(answered.said)
        keys = [one for one in told.keys if one.key]
        new = {_name(key): _unknown(key, at) for key in told.unknown if key}
        new |= {
            _name(one.key): _known(one, old.get(_name(one.key)), at) for one in keys
        }
        is_all = bool(keys) and not answered.asked.get("key")
        if is_all:
            new = {name: key for name, key in old.items() if _stays(key)} | new
        else:
            heard_of = {*map(_name, answered.asked.get("key", ())), *old}
            new = {name: key for name, key in new.items() if name in heard_of}
        await self._keys.put(station_id, new, at, instead=is_all)

    async def changed(self, answered: Answered) -> None:
        """Believe the answer to a ChangeConfiguration; a refusal changes nothing."""
        asked = masked(answered.action, answered.asked, is_request=True)
        key, value = text_of(asked["key"]), text_of(asked["value"])
        station_id, at, name = answered.station.station_id, answered.at, _name(key)
        old = (await self._keys.all(station_id)).get(name) or KnownKey(key=key, at=at)
        if answered.is_done:
            new = evolve(old, value=value, pending=None, unknown=False, at=at)
        elif answered.outcome is Outcome.PENDING:
            new = evolve(old, pending=value, unknown=False, at=at)
        else:
            return
        await self._keys.put(station_id, {name: new}, at)

    async def booted(self, station_id: int, at: float) -> None:
        """Believe what was to come true with a boot."""
        new = {
            name: evolve(key, value=key.pending, pending=None, at=at)
            for name, key in (await self._keys.all(station_id)).items()
            if key.pending is not None
        }
        await self._keys.put(station_id, new, at)

    async def all(self, station_id: int) -> tuple[KnownKey, ...]:
        """Return all we know of a station's keys, by name."""
        return tuple((await self._keys.all(station_id)).values())

    async def number(self, station_id: int, key: str) -> int | None:
        """Return the value of a key as a number, if we believe it to be one."""
        known = (await self._keys.all(station_id)).get(_name(key))
        return None if known is None else known.number


def _name(key: str) -> str:
    return text_of(key).casefold()[:500]


def _unknown(key: str, at: float) -> KnownKey:
    return KnownKey(key=text_of(key), unknown=True, at=at)


def _known(told: ConfigurationKey, old: KnownKey | None, at: float) -> KnownKey:
    """Return a key as it was told; what is pending stays so until it shows."""
    value = None if told.value is None else text_of(told.value)
    pending = None if old is None or old.pending == value else old.pending
    return KnownKey(
        key=text_of(told.key),
        value=value,
        readonly=told.readonly,
        pending=pending,
        at=at,
    )


def _stays(key: KnownKey) -> bool:
    """Tell whether a key that was not told among all others is still of interest."""
    return key.unknown or key.pending is not None
