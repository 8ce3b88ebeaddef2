"""The clocks of worlds, as the control API sets them."""

import pytest
from server_mock import KEY, OTHER_KEY, Mock, event

from contracts.timing.rfc3339 import parse_instant
from mock_server import Settings, create_app

PLACED = event("P{d:1}")


async def test_it_is_the_world_s_own(mock):
    stopped = {"freeze": "2030-01-01T00:00:00Z"}
    assert (await mock.control("/clock", method="POST", key=KEY, body=stopped)).json == {
        "now": "2030-01-01T00:00:00.000Z",
        "frozen": True,
        "ahead_s": None,
    }
    await mock.send(PLACED)
    await mock.send(PLACED, key=OTHER_KEY)
    (mine,) = await mock.get("/events", key=KEY)
    (other,) = await mock.get("/events", key=OTHER_KEY)
    assert mine["received_at"] == "2030-01-01T00:00:00.000Z"
    assert other["received_at"] != mine["received_at"]


async def test_what_was_in_the_future_is_so_no_more_when_the_clock_is_set_forward(mock):
    later = {**PLACED, "payload": {**PLACED["payload"], "placed_at": "2099-01-01T00:00:00Z"}}
    assert "timestamp-future" in (await mock.send(later)).rules
    await mock.control("/reset", method="POST", key=KEY)
    await mock.control("/clock", method="POST", key=KEY, body={"freeze": "2099-01-01T00:00:00Z"})
    assert "timestamp-future" not in (await mock.send(later)).rules


async def test_advance_freeze_run_and_reset(start_mock):
    mock = await start_mock(clock=lambda: parse_instant("2026-01-01T00:00:00Z"))

    async def change(**asked):
        reply = await mock.control("/clock", method="POST", key=KEY, body=asked)
        return reply.json["now"][:16], reply.json["frozen"]

    assert await change(advance="14d") == ("2026-01-15T00:00", False)
    assert await change(freeze=True) == ("2026-01-15T00:00", True)
    assert await change(advance=90.5) == ("2026-01-15T00:01", True)
    assert await change(advance=1 / 3) == ("2026-01-15T00:01", True)
    assert await change(freeze=False, advance="2h") == ("2026-01-15T02:01", False)
    assert await change(reset=True) == ("2026-01-01T00:00", False)


async def test_without_a_world_all_clocks_are_set_and_those_of_new_worlds(mock):
    await mock.send(PLACED)
    await mock.control("/clock", method="POST", body={"freeze": "2030-01-01T00:00:00Z"})
    for key in (KEY, OTHER_KEY):
        assert (await mock.get("/clock", key=key))["now"] == "2030-01-01T00:00:00.000Z"


async def test_the_clock_that_serve_was_told_stands_until_it_is_told_to_run(aiohttp_client):
    stood = parse_instant("2030-01-01T00:00:00Z")
    mock = Mock(await aiohttp_client(create_app(Settings(clock=stood))))
    assert await mock.get("/clock") == {
        "now": "2030-01-01T00:00:00.000Z",
        "frozen": True,
        "ahead_s": None,
    }
    run = await mock.control("/clock", method="POST", body={"freeze": False})
    assert not run.json["frozen"]
    assert run.json["now"].startswith("2030-01-01T00:00:0")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "say what to do"),
        ([], "say what to do"),
        ({"advanse": 1}, "did you mean advance?"),
        ({"advance": "soon"}, "must be seconds, or text"),
        ({"advance": True}, "must be seconds, or text"),
        ({"advance": -5}, "must be seconds, or text"),
        ({"freeze": "tomorrow"}, "must be true, false or a point in time"),
        ({"freeze": 7}, "must be true, false or a point in time"),
        ({"reset": False}, "must be true"),
        ({"advance": "999999999w"}, "years 1 to 9999"),
    ],
)
async def test_what_is_no_change_is_refused_in_words(mock, asked, message):
    refused = await mock.control("/clock", method="POST", key=KEY, body=asked)
    assert refused.status == 400
    assert message in refused.said
