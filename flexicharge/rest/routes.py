"""The paths of the API, found as the original found them.

Klein matches paths exactly; here the literal segments of a path are found whatever
their case, and written as the route has them before Klein sees them. Parameters keep
their case. Those that chargers make up, their own names and drivers' tags, may hold a
slash, if it comes percent-encoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import Factory, frozen
from klein import Klein
from twisted.web.resource import IResource

PARAMETER: Final = "<"
WITH_SLASHES: Final = frozenset({"<serial>", "<id_tag>"})
# What stands for a slash on the way through Klein: no path that is let in has one.
SLASH_WITHIN: Final = "\0"


@frozen
class Path:
    """One path of the API, and which resource answers which method.

    `segments` are as in the route: literals, and parameters as `<name>`.
    """

    segments: tuple[str, ...]
    resources: dict[str, IResource] = Factory(dict)

    def fits(self, segments: Sequence[str]) -> bool:
        """Tell whether a request's segments, as many as ours, are this path."""
        return all(map(_fits, self.segments, segments))

    @property
    def methods(self) -> str:
        """The methods that it has, as a header names them."""
        return ",".join(sorted(self.resources))

    def spelled(self, segments: Sequence[str]) -> list[bytes]:
        """Return a request's segments with our spelling of the literals.

        The root has one that is empty, as Twisted has it.
        """
        return [
            (_whole(asked) if own.startswith(PARAMETER) else own).encode()
            for own, asked in zip(self.segments, segments, strict=True)
        ] or [b""]


class Routes:
    """All paths of some Klein apps.

    Raise `ValueError` for a route that names no methods or has a parameter that is not
    exactly one segment of text: only those can be told apart here.
    """

    def __init__(self, apps: Iterable[Klein]) -> None:
        paths: dict[tuple[str, ...], Path] = {}
        for app in apps:
            resource = app.resource()
            for rule in app.url_map.iter_rules():
                segments = _segments_of(rule.rule)
                if rule.methods is None:
                    raise ValueError(f"{rule.rule} names no methods")
                path = paths.setdefault(segments, Path(segments))
                path.resources.update(dict.fromkeys(rule.methods, resource))
        self._by_length: dict[int, list[Path]] = {}
        for path in sorted(paths.values(), key=_literals_first):
            self._by_length.setdefault(len(path.segments), []).append(path)

    def fitting(self, segments: Sequence[str]) -> Path | None:
        """Return the most literal path that a request's segments are, if there is one.

        So `/chargers/available` is never the charger of that number, whatever is asked.
        """
        candidates = self._by_length.get(len(segments), ())
        return next((path for path in candidates if path.fits(segments)), None)


def asked_segments(path: bytes, postpath: Sequence[bytes]) -> list[str] | None:
    """Return the segments of a request, None if they can be nothing of ours.

    One trailing slash is dropped, and so is a doubled one after the first segment
    (contract §4.0). A segment that holds a NUL once it is decoded, or is not UTF-8,
    names nothing.
    """
    try:
        segments = [segment.decode() for segment in postpath]
    except UnicodeDecodeError:
        return None
    if not path.startswith(b"/") or any("\0" in segment for segment in segments):
        return None
    if segments and segments[-1] == "":
        segments.pop()
    if len(segments) > 2 and segments[1] == "":
        del segments[1]
    return segments


def parameter(text: str) -> str:
    """Return a parameter of a path as it was asked for, from what Klein has of it."""
    return text.replace(SLASH_WITHIN, "/")


def _fits(own: str, asked: str) -> bool:
    if not own.startswith(PARAMETER):
        return own.lower() == asked.lower()
    return bool(asked) and ("/" not in asked or own in WITH_SLASHES)


def _whole(asked: str) -> str:
    """Return a parameter as Klein takes it for one segment."""
    return asked.replace("/", SLASH_WITHIN)


def _segments_of(rule: str) -> tuple[str, ...]:
    segments = tuple(segment for segment in rule.split("/") if segment)
    for segment in segments:
        if segment.startswith(PARAMETER) != (PARAMETER in segment) or ":" in segment:
            raise ValueError(f"{rule} has a parameter that is not one segment of text")
    return segments


def _literals_first(path: Path) -> tuple[bool, ...]:
    return tuple(segment.startswith(PARAMETER) for segment in path.segments)
