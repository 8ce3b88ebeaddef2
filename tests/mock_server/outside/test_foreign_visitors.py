"""Every route under /_mock, asked as a hostile page or a rebound name would: refused, unchanged.

The list of routes is the server's own, so that a new one is attacked as soon as it exists.
"""

import re

import pytest
from running_mock import running_mock

from fuzz.client.http_client import Target
from mock_server import Settings
from mock_server.control import ROUTES as CALLS
from mock_server.inspector import ROUTES as PAGES

TOKEN = "a-token-of-this-test"
PLACES = sorted(
    {
        (method, re.sub(r"\{\w+(?::\[\^/\]\+)?\}", "x", prefix + path))
        for prefix, routes in (("/_mock/v1", CALLS), ("/_mock", PAGES))
        for method, path, _ in routes
    }
)
WRITING = [place for place in PLACES if place[0] != "GET"]

HOSTILE = {
    "a rebound name": {"Host": "rebound.evil.example"},
    "a rebound name with our port": {"Host": "rebound.evil.example:4258"},
    "another origin": {"Origin": "https://evil.example"},
    "a sandboxed frame": {"Origin": "null"},
    "another port of this machine": {"Origin": "http://127.0.0.1:1"},
    "another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    "another site, unseen": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "a neighbour's site": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "a frame of another site": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
    "a form of another site": {
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "Content-Type": "application/x-www-form-urlencoded",
    },
    "an event source of another site": {
        "Accept": "text/event-stream",
        "Origin": "https://evil.example",
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "cors",
    },
}


@pytest.fixture(scope="module")
def guarded():
    """Off loopback, with a token."""
    with running_mock(Settings(port=0, host="0.0.0.0", admin_token=TOKEN)) as here:
        yield here


def state(target: Target) -> list[bytes]:
    lists = ("events", "orders", "findings", "requests", "settings", "worlds")
    return [target.ask("GET", f"/_mock/v1/{name}").body for name in lists]


@pytest.mark.parametrize("who", HOSTILE)
def test_every_route_is_closed_to_foreign_pages_and_nothing_changes(shop, target, who):
    shop.play("P{d:1} F{d:1}")
    before = state(target)
    for method, path in PLACES:
        for body in (None, b'{"enforcement": "reject"}'):
            reply = target.ask(method, path, body, HOSTILE[who])
            assert reply.status == 403, (method, path)
            assert not [name for name in reply.headers if name.startswith("access-control-")]
            assert b"ord-1" not in reply.body
    assert state(target) == before


@pytest.mark.parametrize("who", HOSTILE)
def test_no_preflight_is_ever_granted(target, who):
    asked = {**HOSTILE[who], "Access-Control-Request-Method": "POST"}
    for path in {path for _, path in PLACES}:
        reply = target.ask("OPTIONS", path, None, asked)
        assert reply.status >= 400, path
        assert not [name for name in reply.headers if name.startswith("access-control-")]


def test_a_link_from_elsewhere_opens_pages_but_no_call_and_no_form(target):
    followed = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert target.ask("GET", "/_mock/events", None, followed).status == 200
    assert target.ask("GET", "/_mock/v1/events", None, followed).status == 403
    for method, path in WRITING:
        assert target.ask(method, path, b"", followed).status == 403, path


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Hakuna-Mock-Admin": ""},
        {"Hakuna-Mock-Admin": TOKEN[:-1]},
        {"Hakuna-Mock-Admin": f"{TOKEN} "[::-1]},
        {"Cookie": f"hakuna-mock-admin={TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}"},
        {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "127.0.0.1"},
    ],
    ids=["nothing", "empty", "too short", "backwards", "cookie", "bearer", "forwarded"],
)
def test_off_loopback_every_route_wants_the_token_also_from_this_machine(guarded, sent):
    target = Target(guarded.url)
    for method, path in PLACES:
        if path in ("/_mock/v1/health", "/_mock/login") or path.startswith("/_mock/static/"):
            continue
        reply = target.ask(method, path, None, sent)
        assert reply.status == 403, (method, path)
        assert TOKEN.encode() not in reply.body
    target.close()


def test_with_the_token_foreign_pages_are_still_refused(guarded):
    target = Target(guarded.url)
    for headers in HOSTILE.values():
        for method, path in PLACES:
            reply = target.ask(method, path, None, {**headers, "Hakuna-Mock-Admin": TOKEN})
            assert reply.status == 403, (method, path)
    target.close()
