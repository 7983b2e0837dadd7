"""How a handler's value becomes a response."""

from __future__ import annotations

from typing import Any, Final

from attrs import Factory, frozen
from twisted.web.iweb import IRequest

from flexicharge.rest.replies import empty, json_reply

JSON_TYPE: Final = "application/json"


@frozen
class Told:
    """What a response may look like, for the document.

    `shape` is a type of `shapes`, `schema` a JSON Schema where no type says it; neither
    is a response without a body.
    """

    status: int
    says: str
    media_type: str = JSON_TYPE
    shape: Any = None
    schema: dict[str, Any] | None = None
    headers: tuple[str, ...] = ()


@frozen
class Json:
    """The value, as JSON."""

    shape: Any
    status: int = 200
    says: str = "As asked."

    def write(self, request: IRequest, value: Any) -> bytes:
        """Answer with a value of the shape."""
        return json_reply(request, value, self.status)

    def told(self) -> tuple[Told, ...]:
        """Return what is documented."""
        return (Told(self.status, self.says, shape=self.shape),)


@frozen
class Empty:
    """Nothing but a status."""

    status: int = 200
    says: str = "Done; there is no body."

    def write(self, request: IRequest, value: Any) -> bytes:
        """Answer without a body."""
        return empty(request, self.status)

    def told(self) -> tuple[Told, ...]:
        """Return what is documented."""
        return (Told(self.status, self.says, media_type=""),)


@frozen
class Itself:
    """Bytes that the handler has answered with on its own, in one of some ways."""

    ways: tuple[Told, ...] = Factory(tuple)

    def write(self, request: IRequest, value: Any) -> bytes:
        """Hand on what the handler wrote."""
        body: bytes = value
        return body

    def told(self) -> tuple[Told, ...]:
        """Return what is documented."""
        return self.ways


Gives = Json | Empty | Itself
