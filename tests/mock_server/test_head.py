"""HEAD is answered wherever GET is: the same head, and no body."""

import asyncio

import pytest
from server_mock import CONTROL, event

from mock_server.control import ROUTES
from mock_server.inspector import ROUTES as PAGES

PATHS = sorted(
    {
        *(CONTROL + path for method, path, _ in ROUTES if method == "GET"),
        *("/_mock" + path for method, path, _ in PAGES if method == "GET"),
        "/_mock/",
        CONTROL + "/",
    }
)
CHANGING = {"Content-Length", "Date", "Hakuna-Mock-Request"}
VALUES = {
    "order_id": "ord-1",
    "rule_id": "over-refund",
    "name": "event",
    "request_id": "latest",
    "event_id": "latest",
    "form": "curl",
}


def with_values(path: str) -> str:
    for name, value in VALUES.items():
        path = path.replace(f"{{{name}:[^/]+}}", value).replace(f"{{{name}}}", value)
    return path


@pytest.mark.parametrize("path", [path for path in PATHS if not path.endswith("/stream")])
async def test_a_head_is_that_of_get(mock, path):
    await mock.send(event("P{d:1}"))
    actual = await mock.ask("GET", with_values(path), {})
    head = await mock.ask("HEAD", with_values(path), {})
    assert head.status == actual.status
    assert head.body == b""
    assert {n: v for n, v in head.headers.items() if n not in CHANGING} == {
        n: v for n, v in actual.headers.items() if n not in CHANGING
    }


async def test_the_head_of_the_stream_does_not_wait_for_events(mock):
    async with asyncio.timeout(5):
        reply = await mock.ask("HEAD", f"{CONTROL}/stream", {})
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/event-stream")


async def test_the_endpoint_of_events_knows_neither(mock):
    for method in ("GET", "HEAD"):
        assert (await mock.ask(method, "/sandbox/events", {})).status == 404
