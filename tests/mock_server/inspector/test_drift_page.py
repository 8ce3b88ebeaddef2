"""The page of drift: what we assumed beside what the provider did, in a real browser."""

# ruff: noqa: ARG002 - a toy looks at what it needs

import json

import pytest
from inspected import HTML, ask, barriers, play
from inspected import SCRIPT as HOSTILE
from running_mock import running_mock
from toy_provider import Provider, error
from toy_server import toy_server

from mock_server import Settings
from mock_server.proxy.address import Address
from mock_server.proxy.upstream import Upstream

RETURN = "P{d:1,p:1>d} F{d:1} R{d:1}@5"


class Hostile(Provider):
    """Refuses a forgotten plan in words that would like to be markup."""

    def says(self, request, verdict, reply):
        found = any(finding.rule == "refund-missing-protection" for finding in verdict.findings)
        return error(422, "bad", HOSTILE) if found else reply


@pytest.fixture
def proxied_mock():
    with toy_server(Hostile("refund-missing-protection")) as toy:
        upstream = Upstream(Address(toy.url), time_limit=5)
        with running_mock(Settings(port=0), upstream) as here:
            yield here


def test_both_sides_stand_beside_each_other(proxied_mock, open_page):
    with pytest.raises(KeyError):
        play(proxied_mock, RETURN)  # the provider refuses the last event
    page = open_page(f"{proxied_mock.url}/_mock/drift")
    group = page.locator("#refund-missing-protection")
    assert "is accepted with 200" in group.locator(".assumed").inner_text()
    assert "422 bad" in group.locator(".did").inner_text()
    group.locator("summary").first.click()
    group.get_by_role("link", name="req-3").first.click()
    assert "hakuna-mock would have said 200" in page.inner_text("#provider-said")
    page.click("[aria-labelledby=provider-said] a")
    assert page.url.endswith("/_mock/drift")
    assert page.title() == "Drift · hakuna-mock"


def test_the_page_is_clean_narrow_or_wide_empty_or_full(proxied_mock, open_page):
    page = open_page(f"{proxied_mock.url}/_mock/drift")
    assert "Nothing was sent on yet" in page.inner_text("main")
    assert barriers(page) == []
    with pytest.raises(KeyError):
        play(proxied_mock, RETURN)
    for path in ("/drift", "/requests/req-3"):
        page.goto(f"{proxied_mock.url}/_mock{path}")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert barriers(page) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_twin_is_the_control_apis_document(proxied_mock):
    ids = play(proxied_mock, "P{d:1}")
    twin = ask(f"{proxied_mock.url}/_mock/drift.json").json
    assert twin == ask(f"{proxied_mock.url}/_mock/v1/drift").json
    assert twin["exchanges"] == len(ids) == 1
    assert twin["format"] == "hakuna-mock drift"


def test_without_a_provider_the_page_says_how_to_get_one(mock):
    page = ask(f"{mock.url}/_mock/drift", headers=HTML).text
    assert "hakuna-mock proxy --upstream" in page
    assert 'href="/_mock/drift"' not in page.split("<main")[0]
    assert json.loads(ask(f"{mock.url}/_mock/drift.json").body)["exchanges"] == 0
