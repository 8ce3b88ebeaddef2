"""GET /stream: server-sent events on a real socket."""

import asyncio
import json

import pytest
from server_mock import KEY, OTHER_KEY, event

import mock_server.control.resources.stream as stream_module
from mock_server import Settings, create_app
from mock_server.server_state import SERVER
from mock_server.store.protocol import StoreUnavailableError
from mock_server.store.worker_thread import LARGE_BODY

PATIENCE = 5.0


class Heard:
    """A reader of the stream, message by message."""

    def __init__(self, response) -> None:
        self.response = response
        self.hello: dict = {}

    async def message(self) -> dict[str, str]:
        """The next message; comments count, too (as `comment`)."""
        told: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self.response.content.readline()).decode()
                assert line, "the stream ended"
                if line == "\n":
                    if told and set(told) != {"retry"}:
                        return told
                    told = {}
                    continue
                name, _, value = line.rstrip("\n").partition(":")
                told[name or "comment"] = value.strip()

    async def request(self) -> dict:
        """The next request that is told, with its id."""
        while True:
            message = await self.message()
            if message.get("event") == "request":
                data = json.loads(message["data"])
                assert str(data["seq"]) == message["id"]
                return data

    async def ended(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.response.content.read()


async def listen(mock, query: str = "", **headers: str) -> Heard:
    response = await mock.client.get(f"/_mock/v1/stream{query}", headers=headers)
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    heard = Heard(response)
    hello = await heard.message()
    assert hello["event"] == "hello"
    heard.hello = json.loads(hello["data"])
    assert heard.hello["server"] == mock.client.app[SERVER].instance
    return heard


async def test_a_request_is_told_as_it_happens(mock):
    heard = await listen(mock)
    (reply,) = await mock.play("R{d:1}")
    told = await heard.request()
    assert told["event_id"] == reply.event_id
    assert (told["type"], told["order_id"]) == ("order_refund_added", "ord-1")
    assert (told["status"], told["findings"]) == (200, ["unknown-order"])
    assert told["world"] == await mock.world_id(KEY)


async def test_refused_requests_are_told_too_also_those_of_no_world(mock):
    heard = await listen(mock)
    await mock.send(b"{")
    await mock.send(event("X"), changes={"Authorization": None})
    first, second = await heard.request(), await heard.request()
    assert (first["status"], first["event_id"]) == (400, None)
    assert (second["status"], second["world"]) == (401, None)


async def test_it_begins_with_what_comes_next(mock):
    await mock.play("P{d:1}")
    heard = await listen(mock)
    (reply,) = await mock.play("F{d:1}")
    assert (await heard.request())["event_id"] == reply.event_id


async def test_a_reader_that_comes_back_gets_what_it_missed(mock):
    heard = await listen(mock)
    await mock.play("P{d:1}")
    last = await heard.request()
    heard.response.close()
    missed = [reply.event_id for reply in await mock.play("F{d:1} R{d:1}@5")]
    again = await listen(mock, **{"Last-Event-ID": str(last["seq"])})
    assert [(await again.request())["event_id"] for _ in missed] == missed
    by_query = await listen(mock, f"?after={last['seq']}")
    assert [(await by_query.request())["event_id"] for _ in missed] == missed


@pytest.mark.parametrize("where", ["Last-Event-ID", "after"])
async def test_a_number_from_before_a_restart_means_from_now_on_and_hello_says_so(mock, where):
    await mock.play("P{d:1} F{d:1}")
    query, headers = ("?after=900", {}) if where == "after" else ("", {where: "900"})
    heard = await listen(mock, query, **headers)
    assert (heard.hello["after"], heard.hello["restarted"]) == (2, True)
    (reply,) = await mock.play("R{d:1}@5")
    assert (await heard.request())["event_id"] == reply.event_id
    again = await listen(mock, **{"Last-Event-ID": "3"})
    assert (again.hello["after"], again.hello["restarted"]) == (3, False)


async def test_nonsense_in_last_event_id_means_from_now_on(mock):
    await mock.play("P{d:1}")
    for nonsense in ("x", "-1", "9" * 40, "１"):
        heard = await listen(mock, **{"Last-Event-ID": nonsense.encode().decode("latin-1")})
        (reply,) = await mock.play("F{d:1}")
        assert (await heard.request())["event_id"] == reply.event_id


async def test_a_key_or_a_world_narrows_it(mock):
    await mock.play("X", key=OTHER_KEY)
    world = await mock.world_id(OTHER_KEY)
    narrow = await listen(mock, f"?world={world}")
    by_key = await listen(mock, Authorization=f"Bearer {OTHER_KEY}")
    await mock.play("P{d:1}", key=KEY)
    (reply,) = await mock.play("X#2", key=OTHER_KEY)
    assert (await narrow.request())["event_id"] == reply.event_id
    assert (await by_key.request())["event_id"] == reply.event_id


async def test_unknown_worlds_and_parameters_are_errors(mock):
    assert (await mock.control("/stream?world=w-nothing")).status == 404
    assert (await mock.control("/stream?afer=1")).status == 400


async def test_a_silent_stream_says_that_it_is_alive(mock, monkeypatch):
    monkeypatch.setattr(stream_module, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(stream_module, "LOOK_SECONDS", 0.02)
    heard = await listen(mock)
    assert (await heard.message())["comment"] == "still here"


async def test_a_reset_is_told(mock):
    await mock.play("P{d:1}")
    heard = await listen(mock)
    await mock.reset()
    assert (await heard.message())["event"] == "reset"
    await mock.play("P{d:1}")
    assert (await heard.request())["type"] == "order_placed"


async def test_a_burst_is_told_completely_and_in_order(mock):
    heard = await listen(mock)
    sent = [reply.event_id for n in range(200) for reply in await mock.play(f"X#{n}")]
    assert [(await heard.request())["event_id"] for _ in sent] == sent


async def test_hostile_ids_stay_inside_their_message(mock):
    heard = await listen(mock)
    body = event("X")
    body["payload"]["order_id"] = "a\n\nevent: reset\ndata: {}\n\n\u2028\r\nid: 9"
    await mock.send(body)
    assert (await heard.request())["order_id"] == body["payload"]["order_id"]


async def test_all_streams_end_with_the_server(aiohttp_client):
    app = create_app(Settings())
    client = await aiohttp_client(app)
    streams = [await client.get("/_mock/v1/stream") for _ in range(20)]
    await app.shutdown()
    for stream in streams:
        await Heard(stream).ended()


async def test_a_reader_that_left_is_forgotten(aiohttp_client, monkeypatch):
    monkeypatch.setattr(stream_module, "LOOK_SECONDS", 0.02)
    app = create_app(Settings())
    client = await aiohttp_client(app)
    before = len(asyncio.all_tasks())
    for _ in range(20):
        (await client.get("/_mock/v1/stream")).close()
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > before + 3:
            app[SERVER].announce()
            await asyncio.sleep(0.02)


async def test_the_door_is_the_same_as_everywhere_under_mock(mock):
    reply = await mock.control("/stream", headers={"Host": "evil.example"})
    assert reply.status == 403
    reply = await mock.control("/stream", headers={"Origin": "https://evil.example"})
    assert reply.status == 403


async def test_a_large_request_that_is_judged_aside_is_told_though_later_ones_are_done(mock):
    heard = await listen(mock)
    server = mock.client.app[SERVER]
    run, began, released = server.worker.run, asyncio.Event(), asyncio.Event()

    async def slowly(job):
        def first() -> object:
            return job()

        judged = await run(first)
        began.set()
        await released.wait()
        return judged

    server.worker.run = slowly
    large = asyncio.create_task(mock.send({**event("P{d:1}"), "note": "x" * LARGE_BODY}))
    async with asyncio.timeout(PATIENCE):
        await began.wait()
    (small,) = await mock.play("P{d:1}", key=OTHER_KEY)
    released.set()
    told = [(await heard.request())["event_id"] for _ in range(2)]
    assert told == [(await large).event_id, small.event_id]


async def test_a_reset_is_told_though_the_store_could_not_be_read_just_then(mock, monkeypatch):
    monkeypatch.setattr(stream_module, "LOOK_SECONDS", 0.01)
    heard = await listen(mock)
    server = mock.client.app[SERVER]
    read, failures = server.store.read, iter([True])

    async def failing_once():
        if next(failures, False):
            raise StoreUnavailableError("the disk is full")
        return await read()

    monkeypatch.setattr(server.store, "read", failing_once)
    server.announce_reset()
    assert (await heard.message())["event"] == "reset"
