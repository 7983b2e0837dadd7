"""An HTTP client that believes the API's document, and fails where it is not true."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import msgspec
from attrs import field, frozen

from flexicharge.rest.openapi import path_of
from flexicharge.testing.http import HttpClient, Response

JSON: Final = "application/json"


@frozen
class DocumentedClient(HttpClient):
    """Checks every whole response against the document, which it asks for first."""

    document: Mapping[str, Any] = field(init=False)

    @document.default
    def _as_served(self) -> Mapping[str, Any]:
        return _read(HttpClient(self.site).get("/openapi.json").body)

    def request(self, method: str, path: str, **parts: Any) -> Response:
        """Send a request; return its response, which is one of those documented."""
        response = super().request(method, path, **parts)
        found = path_of(self.document, path)
        if method not in ("HEAD", "OPTIONS") and found and method.lower() in found:
            self._check(f"{method} {path}", found[method.lower()], response)
        return response

    def _check(self, what: str, said: Mapping[str, Any], response: Response) -> None:
        documented = said["responses"].get(str(response.status))
        if documented is None:
            raise AssertionError(f"{what}: {response.status} is not documented")
        kind = (response.header("content-type") or "").partition(";")[0]
        content = documented.get("content", {})
        if not response.body:
            if content and set(content) == {JSON}:
                raise AssertionError(f"{what}: {response.status} has no body")
            return
        if kind not in content:
            raise AssertionError(f"{what}: {response.status} as {kind!r}")
        if kind == JSON:
            self._fits(what, content[kind].get("schema", {}), response)

    def _fits(self, what: str, schema: dict[str, Any], response: Response) -> None:
        whole = {**schema, "components": self.document["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole)
        for wrong in validator.iter_errors(msgspec.json.decode(response.body)):
            raise AssertionError(f"{what}: {response.status}: {wrong}")


@lru_cache(maxsize=8)
def _read(served: bytes) -> Mapping[str, Any]:
    """Return a document; of the same text the very same one, for reading takes long."""
    document: Mapping[str, Any] = msgspec.json.decode(served)
    return document
