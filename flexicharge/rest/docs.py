"""The API's document, and the page that people try it out on."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from klein import Klein
from twisted.web.iweb import IRequest

from flexicharge.errors import NotThere, StartUpFailed
from flexicharge.rest.bearer import ANYBODY
from flexicharge.rest.declared.gives import Itself, Json, Told
from flexicharge.rest.desk import Desk
from flexicharge.rest.operations import Call, operation
from flexicharge.rest.replies import bytes_reply, empty, html_reply

PACKAGE: Final = "flask_swagger_ui"  # whoever packs the page's files for Python
ASSETS: Final = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
START: Final = "start.js"
# Nothing is fetched from anywhere else. The page sets styles of its own accord.
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
DAY: Final = b"public, max-age=86400"
PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FlexiCharge API</title>
<link rel="icon" href="favicon-32x32.png" type="image/png">
<link rel="stylesheet" href="swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
SCRIPT: Final = b"""\
SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#api",
  deepLinking: true,
  persistAuthorization: true,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout"
});
"""
A_PAGE: Final = Told(
    200, "The page.", media_type="text/html", schema={"type": "string"}
)
ELSEWHERE: Final = Told(302, "It is there.", media_type="", headers=("Location",))
FOR_GOOD: Final = Told(301, "It is there.", media_type="", headers=("Location",))


class AssetUnknown(NotThere):
    """The page has no such file."""


class DocsApi:
    """The document at `/openapi.json`, Swagger UI at `/swagger/`; for everybody."""

    app = Klein()

    def __init__(self, desk: Desk, assets: Mapping[str, bytes]) -> None:
        self.desk = desk
        self.document: dict[str, Any] = {}
        self._assets = {**assets, START: SCRIPT}

    @app.route("/", methods=["GET"])
    @operation(who=ANYBODY, gives=Itself((ELSEWHERE,)))
    async def root(self, call: Call[Any]) -> bytes:
        """Lead people to the documentation."""
        return _elsewhere(call.request, 302, b"/swagger")

    @app.route("/openapi.json", methods=["GET"])
    @operation(who=ANYBODY, gives=Json(dict[str, Any], says="OpenAPI 3.1."))
    async def openapi(self, call: Call[Any]) -> Any:
        """Answer with this document."""
        return self.document

    @app.route("/swagger", methods=["GET"])
    @operation(who=ANYBODY, gives=Itself((A_PAGE, FOR_GOOD)))
    async def page(self, call: Call[Any]) -> bytes:
        """Answer with Swagger UI: every call with "Try it out"."""
        if not call.request.path.endswith(b"/"):
            return _elsewhere(call.request, 301, b"/swagger/")
        call.request.setHeader(b"Content-Security-Policy", POLICY)
        return html_reply(call.request, PAGE)

    @app.route("/swagger/<asset>", methods=["GET"])
    @operation(
        who=ANYBODY,
        gives=Itself(
            tuple(
                Told(200, "The file.", media_type=kind.partition(";")[0])
                for kind in ASSETS.values()
            )
        ),
    )
    async def asset(self, call: Call[Any], asset: str) -> bytes:
        """Answer with a file of that page."""
        if asset not in self._assets:
            raise AssetUnknown(asset)
        kind = ASSETS.get(asset, ASSETS["swagger-ui-bundle.js"])
        call.request.setHeader(b"Cache-Control", DAY)
        return bytes_reply(call.request, self._assets[asset], kind)


def packaged_assets() -> dict[str, bytes]:
    """Return Swagger UI's files, from the package that brings them.

    Raise `StartUpFailed` if it is not installed as it ought to be.
    """
    spec = find_spec(PACKAGE)  # found, not imported: it stands on a web framework
    if spec is None or spec.origin is None:
        raise StartUpFailed(f"{PACKAGE} is missing: install FlexiCharge with pip.")
    dist = Path(spec.origin).parent / "dist"
    try:
        return {name: (dist / name).read_bytes() for name in ASSETS}
    except OSError as why:
        raise StartUpFailed(
            f"A file of Swagger UI cannot be read ({why}): install FlexiCharge anew."
        ) from why


def _elsewhere(request: IRequest, status: int, where: bytes) -> bytes:
    request.setHeader(b"Location", where)
    return empty(request, status)
