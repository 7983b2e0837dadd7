"""The OpenAPI 3.1 document, read off what the routes are declared with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from attrs import define, field, frozen
from klein import Klein

from flexicharge.rest.bearer import SCHEME
from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.declared.asked import (
    Nothing,
    body_schema,
    may_be_a_form,
    needs_a_body,
    parameters,
)
from flexicharge.rest.declared.gives import Told
from flexicharge.rest.declared.shapes import schemas_of
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import ATTRIBUTE, Operation
from flexicharge.rest.station_fields import SERIAL
from flexicharge.rest.statuses import Problem
from flexicharge.rest.tag_fields import TAG

TITLE: Final = "FlexiCharge API"
VERSION: Final = "1.0.0"
ABOUT: Final = f"""\
Chargers, charges and people of a charging network.

Chargers and drivers' live metrics come over WebSocket, on the other port. Here apps and
operators ask. Paths are found whatever their case; a slash at the end, or a doubled one
after the first segment, changes nothing. Bodies are JSON, or where said so a form, of
at most {MAX_BODY // 1024} KiB; larger ones are 413. Every answer may be read by scripts
of any origin. A method that a path does not have is 405, a path that is not there 404,
both as a page.

Where it says what clients need, AND is the Android app, FLU the Flutter app, IOS the
iOS app, GUI the admin site, MYP the site "my pages"; PYT, BPT and JST are test suites.
"""
PARAMETER: Final = re.compile(r"<(\w+)>")
# What stands in paths. Whatever else is sent there names nothing and is 404.
ID: Final = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 512}
PATH: Final[Mapping[str, Mapping[str, Any]]] = {
    "connector_id": {"type": "integer", "minimum": 100_000, "maximum": 999_999},
    "serial_number": {"type": "string", "minLength": 1, "maxLength": 36},
    "site_id": ID,
    "transaction_id": ID,
    "number": ID,
    "serial": {"type": "string", "pattern": SERIAL},
    "id_tag": {"type": "string", "pattern": TAG},
}
# What the connection says before any route is asked.
TOO_LONG: Final = (
    Told(414, "The path and its query are too long.", shape=Problem),
    Told(431, "The head of the request is too long.", shape=Problem),
)
TOO_LARGE: Final = Told(413, "The body is too large.", shape=Problem)
FORM: Final = "application/x-www-form-urlencoded"


@frozen
class Route:
    """A path, a method, and what it does."""

    path: str
    method: str
    operation: Operation = field(eq=id)  # each is declared once

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in the path."""
        return PARAMETER.findall(self.path)

    @property
    def told(self) -> list[Told]:
        """All answers that there are, those of the connection too."""
        operation = self.operation
        told = operation.told(
            has_path=bool(self.parameters), takes_body=self.method != "GET"
        )
        if self.parameters or operation.in_query:
            told.extend(TOO_LONG)
        if operation.asks is not Nothing and not operation.in_query:
            told.append(TOO_LARGE)
        return told


def routes_of(apps: Iterable[Klein]) -> Iterator[Route]:
    """Yield all routes; raise `ValueError` for one that is declared with nothing."""
    for app in apps:
        for rule in app.url_map.iter_rules():
            operation = getattr(app.endpoints[rule.endpoint], ATTRIBUTE, None)
            if operation is None:
                raise ValueError(f"{rule.rule} has no declaration")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Route(rule.rule, method, operation)


def openapi_of(apps: Iterable[Klein], desk: Desk) -> dict[str, Any]:
    """Return the document of some apps: of the same routes the very same one."""
    routes = sorted(routes_of(apps), key=lambda one: one.path)
    flags = {route.operation.who.open_by for route in routes} - {""}
    opened = frozenset(flag for flag in flags if getattr(desk, flag))
    return _written(tuple(routes), opened)


@lru_cache(maxsize=8)
def _written(routes: tuple[Route, ...], opened: frozenset[str]) -> dict[str, Any]:
    """Return a document; writing one takes some 50 ms."""
    return _Document(routes, opened).write()


@define
class _Document:
    """A document in the making, with all types that answers are declared with."""

    _routes: tuple[Route, ...]
    _opened: frozenset[str]
    _shapes: list[Any] = field(factory=list, init=False)
    _schemas: tuple[dict[str, Any], ...] = field(default=(), init=False)

    def write(self) -> dict[str, Any]:
        """Return the document."""
        for route in self._routes:
            for told in route.told:
                if told.shape is not None and told.shape not in self._shapes:
                    self._shapes.append(told.shape)
        self._schemas, components = schemas_of(tuple(self._shapes))
        paths: dict[str, dict[str, Any]] = {}
        for route in self._routes:
            path = PARAMETER.sub(r"{\1}", route.path)
            paths.setdefault(path, {})[route.method.lower()] = self._operation(route)
        bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        return {
            "openapi": "3.1.0",
            "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
            "servers": [{"url": "/"}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {SCHEME: bearer},
            },
        }

    def _operation(self, route: Route) -> dict[str, Any]:
        operation = route.operation
        summary, _, more = operation.means.partition("\n")
        found: dict[str, Any] = {
            "operationId": _identifier(route),
            "tags": [_tag(route)],
            "summary": summary.rstrip("."),
            "responses": self._responses(route),
            "security": operation.who.security(self._opened),
        }
        if about := _about(more, operation.clients):
            found["description"] = about
        if asked := _parameters(route):
            found["parameters"] = asked
        if operation.asks is not Nothing and not operation.in_query:
            found["requestBody"] = _body(operation.asks)
        return found

    def _responses(self, route: Route) -> dict[str, Any]:
        by_status: dict[int, list[Told]] = {}
        for told in route.told:
            by_status.setdefault(told.status, []).append(told)
        return {
            str(status): self._response(by_status[status])
            for status in sorted(by_status)
        }

    def _response(self, ways: list[Told]) -> dict[str, Any]:
        content: dict[str, list[dict[str, Any]]] = {}
        for told in ways:
            if told.media_type:
                schema = self._schema(told)
                known = content.setdefault(told.media_type, [])
                if schema not in known:
                    known.append(schema)
        says = dict.fromkeys(told.says for told in ways)
        response: dict[str, Any] = {"description": " Or: ".join(says)}
        if content:
            response["content"] = {
                media_type: {"schema": _any_of(schemas)} if any(schemas) else {}
                for media_type, schemas in content.items()
            }
        headers = dict.fromkeys(name for told in ways for name in told.headers)
        if headers:
            response["headers"] = {
                name: {"schema": {"type": "string"}} for name in headers
            }
        return response

    def _schema(self, told: Told) -> dict[str, Any]:
        if told.shape is None:
            return told.schema or {}
        return self._schemas[self._shapes.index(told.shape)]


def _any_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _parameters(route: Route) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": PATH.get(name, TEXT)}
        for name in route.parameters
    ]
    if route.operation.in_query:
        return [*in_path, *parameters(route.operation.asks)]
    return in_path


def _body(kind: type[Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": body_schema(kind)}}
    if may_be_a_form(kind):
        content[FORM] = {"schema": body_schema(kind, form=True)}
    return {"required": needs_a_body(kind), "content": content}


def _about(more: str, clients: tuple[str, ...]) -> str:
    known = "\n".join(f"- {one}" for one in clients)
    told = [more.strip(), f"What clients need:\n\n{known}" if clients else ""]
    return "\n\n".join(part for part in told if part)


def _tag(route: Route) -> str:
    return route.path.split("/")[1].partition(".")[0] or "docs"


def _identifier(route: Route) -> str:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", route.path) if word]
    return "_".join([route.method.lower(), *words])


def path_of(document: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    """Return what a document says of a path as it was asked for; None for nothing.

    Of several the one counts that has a literal where they first differ, as at the
    door.
    """
    asked = [one for one in path.partition("?")[0].lower().split("/") if one]
    best: tuple[tuple[bool, ...], Mapping[str, Any]] | None = None
    for template, found in document["paths"].items():
        own = [one for one in template.split("/") if one]
        if len(own) != len(asked) or not all(map(_fits, own, asked)):
            continue
        rank = tuple(one.startswith("{") for one in own)
        if best is None or rank < best[0]:
            best = (rank, cast("Mapping[str, Any]", found))
    return best[1] if best else None


def _fits(own: str, asked: str) -> bool:
    return own.startswith("{") or own.lower() == asked
