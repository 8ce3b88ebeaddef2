"""Each limit of the table, reached from outside: what it says is what a client hears."""

import asyncio
import json
import re
import signal
import sys
from contextlib import AsyncExitStack

import pytest
from server_mock import KEY, event
from server_processes import running
from server_sockets import Heard, Line, chunks, request

from fuzz.client.http_client import Target
from mock_server import Settings, create_app
from mock_server.control.limits_table import limits
from mock_server.serving import listening
from mock_server.settings import OPTIONS

TOLD = {"max_body": 50_000, "max_order_events": 2, "max_connections": 2}
"""Small ones where they can be chosen; the bodies below stay under the others' limits."""

HEAD = request(framing=b"")
SOON = 20.0


def entries(count: int) -> dict:
    body = event("R{d:1}")
    body["payload"]["refund_items"] = [{}] * count
    return body


async def to_its_end(line: Line, **parts) -> Heard:
    """All that a connection says: what cannot be read is answered as HTTP/1.0, without a word
    that the connection ends."""
    return await line.say(request(b"", **parts), expect=99)


async def too_many_events(line: Line) -> Heard:
    for body in (event("P{d:9}"), event("F{d:1}")):
        assert (await line.post(body)).status == 200
    return await line.post(event("R{d:1}"))


async def too_many_connections(line: Line) -> Heard:
    async with AsyncExitStack() as held:
        for _ in range(TOLD["max_connections"]):
            _, writer = await asyncio.open_connection("127.0.0.1", line.port)
            held.callback(writer.close)
            writer.write(HEAD[:-1])
        await asyncio.sleep(0.1)
        heard = await line.post(event("X"))
    await asyncio.sleep(0.1)  # until the server has seen that they are gone
    return heard


async def asked(line: Line, path: str, body: bytes = b"") -> Heard:
    head = f"{'POST' if body else 'GET'} /_mock/v1{path} HTTP/1.1\r\nHost: localhost\r\n"
    return await line.say(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)


BEYOND = {
    "request line": lambda line: to_its_end(line, path="/" + "a" * 9000),
    "one header, its name or its value": lambda line: to_its_end(line, changes={"X": "a" * 9000}),
    "headers of a request": lambda line: to_its_end(
        line, changes={f"X-{n}": "" for n in range(130)}
    ),
    "body, as sent and after decompression": lambda line: line.post("x" * 60_000),
    "nesting of a body": lambda line: line.post(b"[" * 65 + b"]" * 65),
    "one integer": lambda line: line.post(b'{"a": ' + b"9" * 309 + b"}"),
    "idempotency key": lambda line: line.post(event("X"), **{"Hakuna-Idempotency-Key": "k" * 256}),
    "events of one order": too_many_events,
    "open connections": too_many_connections,
    "time from the first byte of a request to the end of its headers": lambda line: line.say(
        HEAD[:-2]
    ),
    "pause inside a body": lambda line: line.say(HEAD + b"Content-Length: 9\r\n\r\n{"),
    "time for a whole body": lambda line: line.say(
        HEAD + chunks(b"{", end=b""), *[b"1\r\n \r\n"] * 60, gap=0.1
    ),
    "`wait` for an event": lambda line: asked(line, "/events?wait=61"),
}
ROOMY = {
    "one string": lambda line: line.post({"a": "x" * 132_000}),
    "entries in a list of line items": lambda line: line.post(entries(10_001)),
    "body of a control call": lambda line: asked(line, "/check", b" " * (17 * 1024**2)),
}
"""Those that need the usual --max-body."""


@pytest.mark.parametrize(
    "limit", [item for item in limits() if item.says], ids=lambda item: item.name
)
async def test_beyond_a_limit_a_client_hears_what_the_table_says_and_the_next_is_served(limit):
    told = {} if limit.name in ROOMY else TOLD
    async with listening(create_app(Settings(port=0, **told))) as here:
        (in_force,) = [item for item in limits(here.settings) if item.name == limit.name]
        line = Line(int(here.url.rsplit(":", 1)[1]))
        async with asyncio.timeout(SOON):
            heard = await {**BEYOND, **ROOMY}[limit.name](line)
        assert heard.status == 400
        assert in_force.says in heard.data.decode()
        if "then the connection is closed" in limit.client:
            assert heard.closed
        if "`invalid_request_parameters`" in limit.client:
            assert json.loads(heard.replies[0].body)["error"]["error_code"] == (
                "invalid_request_parameters"
            )
        assert (await line.post(event("X#other"))).status == 200


async def test_the_control_api_shows_the_values_in_force():
    async with listening(create_app(Settings(port=0, max_worlds=7))) as here:
        line = Line(int(here.url.rsplit(":", 1)[1]))
        shown = {row["name"]: row for row in await line.get("/limits")}
    assert shown["worlds"]["value"] == "7"
    assert shown["worlds"]["flag"] == "--max-worlds"
    assert {row["basis"] for row in shown.values()} == {"house"}
    assert len(shown) == len(limits())


def test_every_flag_that_bounds_something_stands_in_the_table():
    bounding = {name for name in OPTIONS if name.startswith("max_") or name.endswith("_limit")}
    named = {limit.flag.removeprefix("--").replace("-", "_") for limit in limits() if limit.flag}
    assert named == bounding


def test_no_key_stands_in_a_limit():
    assert KEY not in str(limits())


def test_a_process_that_may_open_few_files_takes_fewer_connections_and_says_so(tmp_path):
    command = ("bash", "-c", f"ulimit -n 300; exec {sys.executable} -m mock_server")
    with running(command, tmp_path, log_format="quiet") as server:
        message = server.err.read_text()
        target = Target(server.here["url"])
        shown = target.ask("GET", "/_mock/v1/limits").json()
        target.close()
        assert server.end(signal.SIGTERM) == 0
    (fit,) = re.findall(r"at most (\d+) connections at once: this process may open 300", message)
    (connections,) = [row["value"] for row in shown if row["name"] == "open connections"]
    assert connections.startswith(f"{fit},")
    assert 0 < int(fit) < 300
