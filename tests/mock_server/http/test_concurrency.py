"""Many writers at once: nothing is lost, nothing is counted twice."""

import asyncio

from server_mock import KEY, OTHER_KEY, event

from contracts.shorthand import bodies


async def test_fifty_writers_on_one_order_lose_nothing(mock):
    await mock.play("P{d:50}")
    shipments = [event(f"F{{d:1}}@{day}") for day in range(1, 51)]
    replies = await asyncio.gather(*(mock.send(body) for body in shipments))
    assert len({reply.event_id for reply in replies}) == 50
    order = await mock.get("/orders/ord-1")
    (line,) = order["lines"]
    assert (line["fulfilled"], line["active"], order["status"]) == (50, 50, "fulfilled")
    assert len(order["timeline"]) == 51


async def test_fifty_twins_under_one_idempotency_key_are_one_event(mock):
    await mock.play("P{d:50}")
    changes = {"Hakuna-Idempotency-Key": "twins"}
    body = event("F{d:1}")
    replies = await asyncio.gather(*(mock.send(body, changes=changes) for _ in range(50)))
    assert len({reply.body for reply in replies}) == 1
    assert sum("Hakuna-Mock-Replayed" in reply.headers for reply in replies) == 49
    assert (await mock.get("/orders/ord-1"))["lines"][0]["fulfilled"] == 1
    assert len(await mock.get("/events?type=order_fulfillment_added")) == 1


async def test_of_fifty_bodies_under_one_idempotency_key_exactly_one_is_stored(mock):
    changes = {"Hakuna-Idempotency-Key": "contested"}
    orders = [event(f"P#{number}{{d:1}}") for number in range(50)]
    replies = await asyncio.gather(*(mock.send(body, changes=changes) for body in orders))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 49
    assert len(await mock.get("/orders")) == 1


async def test_fifty_placements_of_one_order_keep_exactly_one(mock):
    placements = [event(f"P{{d:{quantity}}}") for quantity in range(1, 51)]
    replies = await asyncio.gather(*(mock.send(body) for body in placements))
    assert sum(reply.rules == [] for reply in replies) == 1
    assert len(await mock.get("/findings?rule=order-id-reused")) == 49
    assert len(await mock.get("/orders")) == 1


async def test_the_last_unit_is_sold_once_under_reject(start_mock):
    mock = await start_mock(enforcement="reject")
    await mock.put_settings({"rules": {"over-fulfillment": "violation"}})
    await mock.play("P{d:5}")
    shipments = [event(f"F{{d:1}}@{day}") for day in range(1, 51)]
    replies = await asyncio.gather(*(mock.send(body) for body in shipments))
    assert sorted(reply.status for reply in replies) == [200] * 5 + [400] * 45


async def test_requests_of_two_worlds_at_once_stay_apart(mock):
    story = bodies("P{d:9} F{d:1}@1 F{d:1}@2 F{d:1}@3")
    await asyncio.gather(
        *(mock.send(body, key=key) for body in story for key in (KEY, OTHER_KEY) * 5)
    )
    for key in (KEY, OTHER_KEY):
        rows = await mock.get("/events", key=key)
        assert len(rows) == 20
        assert {row["world"] for row in rows} == {await mock.world_id(key)}


async def test_journal_numbers_are_unique_and_ascend(mock):
    await asyncio.gather(*(mock.send(event(f"P#{number}{{d:1}}")) for number in range(100)))
    seqs = [row["seq"] for row in await mock.get("/requests")]
    assert seqs == sorted(set(seqs))
    assert len(seqs) == 100


async def test_a_reset_among_writers_leaves_a_world_that_adds_up(mock):
    await mock.play("P{d:100}")
    shipments = [mock.send(event(f"F{{d:1}}@{day}")) for day in range(1, 41)]
    resets = [mock.reset(key=KEY) for _ in range(3)]
    await asyncio.gather(*shipments[:20], *resets, *shipments[20:])
    (row,) = await mock.get("/worlds")
    counts = (await mock.get("/health"))["events"]
    assert row["events"] == counts == len(await mock.get("/events"))
    assert row["orders"] == len(await mock.get("/orders"))
    found = await mock.get("/findings?state=open&limit=1000")
    assert row["findings"]["violation"] == sum(item["severity"] == "violation" for item in found)
