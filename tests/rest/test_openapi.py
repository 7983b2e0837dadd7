"""The document: made of the declarations, complete, and valid."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from klein import Klein
from twisted.internet.task import Clock
from twisted.web.iweb import IRequest

from flexicharge.rest.desk import Desk
from flexicharge.rest.old_transactions import OldTransactionsApi
from flexicharge.rest.openapi import openapi_of, path_of
from flexicharge.testing.documented import DocumentedClient
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import FakeIdentity


@pytest.fixture
def document(api: HttpClient) -> dict[str, Any]:
    """The document as it is served."""
    served: dict[str, Any] = api.get("/openapi.json").json
    return served


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all operations, as `GET /path`."""
    return {
        f"{method.upper()} {path}": said
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    }


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    """Its name and number are those that the original's page had."""
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "FlexiCharge API"
    assert document["info"]["version"] == "1.0.0"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema refers to one that is not there."""

    def references(part: Any) -> list[str]:
        if isinstance(part, list):
            return [one for each in part for one in references(each)]
        if not isinstance(part, dict):
            return []
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for each in part.values() for one in references(each)]

    found = references(document)
    assert found
    for reference in found:
        name = reference.removeprefix("#/components/schemas/")
        assert name in document["components"]["schemas"], reference


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    """Each is a JSON Schema of the draft that OpenAPI 3.1 uses."""
    schemas = [
        content["schema"]
        for said in operations(document).values()
        for part in [said.get("requestBody", {}), *said["responses"].values()]
        for content in part.get("content", {}).values()
        if "schema" in content
    ]
    for schema in [*schemas, *document["components"]["schemas"].values()]:
        assert jsonschema_rs.meta.is_valid(schema)


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    """A summary, a name of its own, and every parameter of its path."""
    found = operations(document)
    names = [said["operationId"] for said in found.values()]
    assert len(set(names)) == len(names)
    for what, said in found.items():
        assert said["summary"], what
        in_path = {
            one["name"] for one in said.get("parameters", ()) if one["in"] == "path"
        }
        assert all(f"{{{name}}}" in what for name in in_path)
        assert what.count("{") == len(in_path)


def test_who_needs_a_token_is_said(document: dict[str, Any]) -> None:
    """Those routes say 401 too; those for administrators 403."""
    found = operations(document)
    token = [{"accessToken": []}]
    assert found["PUT /transaction/start/{transaction_id}"]["security"] == token
    assert found["GET /chargers"]["security"] == []
    for what, said in found.items():
        assert ("401" in said["responses"]) == bool(said["security"]), what
    assert "403" in found["DELETE /chargers/{connector_id}"]["responses"]
    assert "403" not in found["POST /transaction"]["responses"]


def test_it_says_which_client_needs_what(document: dict[str, Any]) -> None:
    """An oddity without its reason would be mended by the next one who sees it."""
    said = operations(document)["GET /chargePoints"]["description"]
    assert "IOS crashes" in said


def test_a_route_without_a_declaration_is_refused(clock: Clock) -> None:
    """So nothing can be left out of it."""

    class Secretive:
        app = Klein()

        @app.route("/secret", methods=["GET"])
        def secret(self, request: IRequest) -> bytes:
            return b""

    desk = Desk(identity=FakeIdentity(), entropy=SeededEntropy(), clock=clock)
    with pytest.raises(ValueError, match="/secret has no declaration"):
        openapi_of([Secretive().app], desk)


def test_it_is_written_once_for_the_same_routes(clock: Clock) -> None:
    """Another server has the very same, unless its routes are open to guests."""

    def written(*, legacy_open: bool) -> dict[str, Any]:
        desk = Desk(
            identity=FakeIdentity(),
            entropy=SeededEntropy(),
            clock=clock,
            legacy_open=legacy_open,
        )
        return openapi_of([OldTransactionsApi(desk, Nobody()).app], desk)

    closed, again, opened = (written(legacy_open=flag) for flag in (False, False, True))
    assert closed is again
    paths = closed["paths"].keys()
    assert opened["paths"].keys() == paths
    assert [one["security"] for one in operations(closed).values()] == [
        one["security"][1:] for one in operations(opened).values()
    ]


class Nobody:
    """Stands where charges are asked for, in a document that nobody asks."""


def test_a_client_that_believes_it_finds_what_is_not_so(api: HttpClient) -> None:
    """The tests' client fails on an answer that the document does not know."""
    client = DocumentedClient(api.site)
    said = client.document["paths"]["/chargers"]["get"]["responses"]
    assert client.get("/chargers").status == 200
    kept = said.pop("200")
    with pytest.raises(AssertionError, match="200 is not documented"):
        client.get("/chargers")
    said["200"] = {
        **kept,
        "content": {"application/json": {"schema": {"type": "null"}}},
    }
    with pytest.raises(AssertionError, match="null"):
        client.get("/chargers")
    said["200"] = {"description": "", "content": {"text/html": {}}}
    with pytest.raises(AssertionError, match="as 'application/json'"):
        client.get("/chargers")


def test_a_path_is_found_as_the_door_finds_it(document: dict[str, Any]) -> None:
    """Whatever its case; literal segments before parameters."""
    found = path_of(document, "/CHARGERS/available/?x=1")
    assert found == document["paths"]["/chargers/available"]
    assert (
        path_of(document, "/chargers/7")
        == document["paths"]["/chargers/{connector_id}"]
    )
    assert path_of(document, "/nothing") is None


def test_the_first_literal_of_a_path_decides(document: dict[str, Any]) -> None:
    """A station may be called `enable`: the door takes it for one, and no user."""
    paths = document["paths"]
    found = path_of(document, "/admin/chargers/enable")
    assert found == paths["/admin/chargers/{serial}"]
    found = path_of(document, "/admin/ida/enable")
    assert found == paths["/admin/{username}/enable"]
