import asyncio

import pytest
from server_mock import EVENT_ID, KEY, OTHER_KEY, event

from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from mock_server.server_state import SERVER

STORY = "P{d:3, p:3>d} F{d:1} R{d:1}@5 P#2{a:1} X#3"
WITHIN = 5
"""Seconds: only a guard against hanging."""


async def test_accepted_events_are_listed_oldest_first_as_they_were_sent(mock):
    replies = await mock.play(STORY)
    await mock.send(b"{")
    rows = await mock.get("/events")
    assert [row["event_id"] for row in rows] == [reply.event_id for reply in replies]
    assert [row["body"] for row in rows] == bodies(STORY)
    assert [row["type"] for row in rows] == [body["type"] for body in bodies(STORY)]
    seqs = [row["seq"] for row in rows]
    assert seqs == sorted(set(seqs))


async def test_an_event_has_its_id_order_time_body_findings_and_number(start_mock):
    now = parse_instant("2026-01-01T00:00:00Z")
    mock = await start_mock(clock=lambda: now)
    replies = await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
    row = (await mock.get("/events"))[-1]
    assert {"event_id", "type", "order_id", "received_at", "body", "findings", "seq"} <= set(row)
    assert row["received_at"] == "2026-01-01T00:00:00.000Z"
    assert row["order_id"] == "ord-1"
    (finding,) = row["findings"]
    assert finding["rule"] == "refund-missing-protection"
    assert finding["event_id"] == row["event_id"] == replies[-1].event_id


async def test_a_wait_over_all_worlds_misses_no_event_that_is_still_judged(mock):
    """A large body may be judged for a second, while others with higher numbers are done."""
    server = mock.client.app[SERVER]
    server.next_seq(in_work=True)
    await mock.play("P{d:1}")
    assert len(await mock.get("/events")) == 1, "what was accepted is listed"
    assert await mock.get("/events?after=0&wait=0.05") == []
    server.in_work.clear()
    assert len(await mock.get("/events?after=0&wait=5")) == 1


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("type=order_placed", [0, 3]),
        ("type=order_cancelled", [4]),
        ("type=order_line_items_cancelled", []),
        ("order_id=ord-1", [0, 1, 2]),
        ("order_id=ord-3", [4]),
        ("order_id=ord", []),
        ("order_id=", []),
        ("type=order_placed&order_id=ord-2", [3]),
        ("limit=2", [0, 1]),
        ("order_id=ord-1&limit=1", [0]),
    ],
)
async def test_filters_choose_among_them(mock, query, places):
    await mock.play(STORY)
    rows = await mock.get("/events")
    assert await mock.get(f"/events?{query}") == [rows[place] for place in places]


async def test_the_headers_count_all_that_match_not_only_this_page(mock):
    await mock.play(STORY)
    assert (await mock.control("/events?limit=1")).counts == (5, 0)
    assert (await mock.control("/events?order_id=ord-1&limit=1")).counts == (3, 0)


async def test_after_and_limit_page_through_all_of_them_without_gaps(mock):
    await mock.play(STORY)
    seen, after = [], 0
    while page := await mock.get(f"/events?limit=2&after={after}"):
        seen += page
        after = page[-1]["seq"]
    assert seen == await mock.get("/events")


async def test_a_page_has_100_rows_unless_more_are_asked_for_and_never_more_than_1000(mock):
    for number in range(1005):
        await mock.send(event(f"X#{number}"))
    sizes = {
        query: len(await mock.get(f"/events{query}"))
        for query in ("", "?limit=101", "?limit=1000", "?limit=1001", "?limit=99999")
    }
    assert list(sizes.values()) == [100, 101, 1000, 1000, 1000]


async def test_a_number_from_before_a_restart_begins_with_the_next_event_and_says_so(mock):
    await mock.play("P{d:1}")
    waiting = asyncio.create_task(mock.control("/events?after=900&wait=20"))
    await asyncio.sleep(0.1)
    (reply,) = await mock.play("F{d:1}")
    found = await waiting
    assert [row["event_id"] for row in found.json] == [reply.event_id]
    assert found.headers["Hakuna-Mock-After"] == "1"
    assert "Hakuna-Mock-After" not in (await mock.control("/events?after=1")).headers


async def test_one_event_is_found_by_its_id_and_the_latest_by_its_name(mock):
    replies = await mock.play(STORY)
    rows = await mock.get("/events")
    for reply, row in zip(replies, rows, strict=True):
        assert await mock.get(f"/events/{reply.event_id}") == row
    assert await mock.get("/events/latest") == rows[-1]


async def test_the_latest_of_all_worlds_is_the_last_that_came(mock):
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P#2{d:1}", key=OTHER_KEY)
    await mock.play("F{d:1}", key=KEY)
    assert (await mock.get("/events/latest"))["type"] == "order_fulfillment_added"
    assert (await mock.get("/events/latest", key=OTHER_KEY))["order_id"] == "ord-2"


@pytest.mark.parametrize("name", ["latest", "evt-0", "", "%2e%2e", "%00", "a%2Fb"])
async def test_an_event_that_is_not_there_is_404(mock, name):
    reply = await mock.control(f"/events/{name}")
    assert reply.status == 404
    assert reply.said


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=1.5",
        "limit=",
        "limit=%D9%A1",
        "limit=99999999999999999999",
        "after=-1",
        "after=x",
        "wait=x",
        "wait=-1",
        "wait=61",
        "wait=nan",
        "wait=inf",
        "wait=1e9",
        "type=order_paid",
        "type=",
        "type=Order_Placed",
        "ordr_id=ord-1",
        "limits=1",
    ],
)
async def test_a_bad_parameter_is_refused_in_words(mock, query):
    await mock.play("P{d:1}")
    reply = await mock.control(f"/events?{query}")
    assert reply.status == 400
    assert query.split("=")[0] in reply.said


@pytest.mark.parametrize(
    ("query", "meant"), [("ordr_id=1", "order_id"), ("type=order_plced", "order_placed")]
)
async def test_a_misspelt_name_gets_a_hint(mock, query, meant):
    assert f"did you mean {meant}?" in (await mock.control(f"/events?{query}")).said


async def test_wait_answers_at_once_where_there_is_something(mock):
    await mock.play("P{d:1}")
    async with asyncio.timeout(WITHIN):
        assert len(await mock.get("/events?wait=60")) == 1


async def test_wait_holds_the_answer_until_a_matching_event_comes(mock):
    waiting = asyncio.ensure_future(mock.get("/events?wait=60&order_id=ord-2", key=KEY))
    await asyncio.sleep(0.1)
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P#2{d:1}", key=OTHER_KEY)
    await mock.send(b"{", key=KEY)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    (reply,) = await mock.play("P#2{d:1}", key=KEY)
    async with asyncio.timeout(WITHIN):
        (row,) = await waiting
    assert row["event_id"] == reply.event_id


async def test_wait_ends_empty_when_nothing_comes(mock):
    async with asyncio.timeout(WITHIN):
        assert await mock.get("/events?wait=0.2") == []


async def test_wait_looks_beyond_after(mock):
    await mock.play("P{d:1}")
    last = (await mock.get("/events/latest"))["seq"]
    waiting = asyncio.ensure_future(mock.get(f"/events?wait=60&after={last}"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await mock.play("F{d:1}")
    async with asyncio.timeout(WITHIN):
        assert [row["type"] for row in await waiting] == ["order_fulfillment_added"]


async def test_nobody_who_waits_misses_an_event(mock):
    """Fifty readers follow with cursors of their own while fifty events come in."""

    async def follow():
        seen, after = [], 0
        while len(seen) < 50:
            rows = await mock.get(f"/events?wait=30&after={after}&limit=7")
            seen += [row["event_id"] for row in rows]
            after = rows[-1]["seq"] if rows else after
        return seen

    async def publish():
        for number in range(50):
            await mock.play(f"X#{number}")

    async with asyncio.timeout(30):
        *told, _ = await asyncio.gather(*(follow() for _ in range(50)), publish())
    assert all(item == told[0] for item in told)
    assert len(set(told[0])) == 50


async def test_a_replay_wakes_nobody(mock):
    changes = {"Hakuna-Idempotency-Key": "k"}
    await mock.send(event("P{d:1}"), changes=changes)
    last = (await mock.get("/events/latest"))["seq"]
    waiting = asyncio.ensure_future(mock.get(f"/events?wait=0.5&after={last}"))
    await mock.send(event("P{d:1}"), changes=changes)
    assert await waiting == []


async def test_a_reader_that_went_away_waits_no_longer(line):
    """Thousands of forgotten polls would all be woken by every event."""

    async def tasks() -> int:
        await asyncio.sleep(0.3)
        return len(asyncio.all_tasks())

    before = await tasks()
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"GET /_mock/v1/events?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.transport.abort()
    assert await tasks() < before + 25


async def test_the_page_for_people_leads_to_the_event_and_keeps_the_narrowing(mock):
    (reply,) = await mock.play("X")
    lead = await mock.ask("GET", f"/_mock/events/{reply.event_id}?world=w-1", {})
    assert lead.status == 303
    assert lead.headers["Location"] == f"/_mock/v1/events/{reply.event_id}?world=w-1"


async def test_seeded_ids_are_ids_like_any_other(start_mock):
    mock = await start_mock(seed=5)
    assert EVENT_ID.fullmatch((await mock.play("X"))[0].event_id)
