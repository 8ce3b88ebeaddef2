"""What is used of aiohttp beside its public interface is checked when the server starts."""

import ast
import asyncio
import gc
import json
import weakref
from pathlib import Path

import pytest
from aiohttp.web_protocol import RequestHandler

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import Target
from mock_server.app import create_app
from mock_server.http import admission, aiohttp_internals, connection, slow_reader
from mock_server.serving import listening
from mock_server.settings import Settings
from mock_server.start_error import StartError


async def test_a_release_without_an_attribute_of_it_does_not_start(monkeypatch):
    monkeypatch.delattr(RequestHandler, "_waiter")
    monkeypatch.setattr(aiohttp_internals.aiohttp, "__version__", "3.99.0")
    with pytest.raises(StartError) as raised:
        async with listening(create_app(Settings(port=0))):
            pytest.fail("it listens")
    assert "aiohttp 3.99.0 does not work here" in str(raised.value)
    assert "RequestHandler._waiter" in str(raised.value)
    assert f"pip install '{aiohttp_internals.TESTED}'" in str(raised.value)


async def started_and_ended() -> weakref.ref:
    """A server that has answered an event and a control call, and has ended."""
    app = create_app(Settings(port=0))
    async with listening(app) as here:
        target = Target(here.url)
        body = json.dumps(bodies("P{d:1}")[0]).encode()
        reply = await asyncio.to_thread(target.post_event, body, usual_headers(1))
        assert reply.status == 200
        assert (await asyncio.to_thread(target.ask, "GET", "/_mock/v1/orders")).status == 200
        target.close()
    return weakref.ref(app)


def test_a_server_that_has_ended_leaves_the_memory():
    """As where each test of a suite has a fresh server: aiohttp keeps the handlers of many."""
    ended = asyncio.run(started_and_ended())
    gc.collect()
    assert ended() is None


def test_every_private_attribute_that_a_connection_uses_is_checked():
    classes = [
        node
        for module in (connection, admission, slow_reader)
        for node in ast.parse(Path(module.__file__).read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    nodes = [node for cls in classes for node in ast.walk(cls)]
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    used, assigned = set(), set()
    for node in nodes:
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self":
            (assigned if isinstance(node.ctx, ast.Store) else used).add(node.attr)
    inherited = {
        name for name in used | assigned if name.startswith("_") and name in dir(RequestHandler)
    }
    assert inherited - own <= set(aiohttp_internals.HANDLER_ATTRIBUTES)
    assert not [name for name in used - assigned - own if not hasattr(RequestHandler, name)]
