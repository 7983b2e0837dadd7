"""The page on which people try the API out."""

from __future__ import annotations

import re

import pytest
from twisted.internet.task import Clock

from flexicharge.rest.desk import Desk
from flexicharge.rest.docs import ASSETS, DocsApi, packaged_assets
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import FakeIdentity


@pytest.fixture
def docs(clock: Clock) -> HttpClient:
    """A client of the page with the files that are installed."""
    desk = Desk(identity=FakeIdentity(), entropy=SeededEntropy(), clock=clock)
    api = DocsApi(desk, packaged_assets())
    return HttpClient(http_site(Door([api.app]), clock))


def test_people_are_led_to_the_page(docs: HttpClient) -> None:
    """As the original led them: from the root, and to the path with a slash."""
    root, page = docs.get("/"), docs.get("/swagger")
    assert (root.status, root.header("Location")) == (302, "/swagger")
    assert (page.status, page.header("Location")) == (301, "/swagger/")


def test_the_page_needs_nothing_from_elsewhere(docs: HttpClient) -> None:
    """Every file it names is served here; the browser is told to ask nobody else."""
    page = docs.get("/swagger/")
    assert page.status == 200
    assert page.header("Content-Type") == "text/html; charset=utf-8"
    assert b"FlexiCharge API" in page.body
    named = re.findall(rb'(?:src|href)="([^"]+)"', page.body)
    assert len(named) == 4
    for name in named:
        file = docs.get(f"/swagger/{name.decode()}")
        assert file.status == 200, name
        assert file.body
    policy = page.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert "http" not in policy
    script = docs.get("/swagger/start.js")
    assert script.header("Content-Type") == "text/javascript; charset=utf-8"
    assert b'"../openapi.json"' in script.body


@pytest.mark.parametrize("name", ["index.html", "..%2fdocs.py", "setup.py", "%2e%2e"])
def test_no_other_file_is_served(docs: HttpClient, name: str) -> None:
    """Only those that the page names."""
    assert docs.get(f"/swagger/{name}").status == 404


def test_the_files_are_those_of_the_package() -> None:
    """A renamed file would leave the page blank; this would be the first to notice."""
    assets = packaged_assets()
    assert set(assets) == set(ASSETS)
    assert b"SwaggerUIBundle" in assets["swagger-ui-bundle.js"]
