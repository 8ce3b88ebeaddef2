"""Many writers at once, from outside: nothing is lost, nothing counts twice, one id a key.

What a crowd leaves behind must be what some order of its events would have left: the events are
played again, one after the other in the order in which they are listed, and give the same orders.
"""

import asyncio
import itertools
from collections import Counter

import pytest
from crowd import Posted, all_at_once, one_client, posted, told
from hypothesis import given, settings
from hypothesis import strategies as st
from server_mock import event
from server_processes import MODULE, running

from contracts.shorthand import bodies

KEYS = (f"sk_test_crowd{number}" for number in itertools.count())
WRITERS = 50
FEW = settings(max_examples=max(5, settings.default.max_examples // 6))
"""Each example is dozens of connections."""


def accepted(heard: list[list]) -> list[str]:
    """The ids of all events that were accepted and are not replays."""
    return [
        reply.json["event_id"]
        for replies in heard
        for reply in replies
        if reply.status == 200 and "hakuna-mock-replayed" not in reply.headers
    ]


def counted_alike(port: int, key: str, heard: list[list]) -> None:
    """Accepted, listed, journalled, and in the timelines: the same events everywhere."""
    ids = accepted(heard)
    assert len(set(ids)) == len(ids)
    assert sorted(row["event_id"] for row in told(port, "/events", key)) == sorted(ids)
    journal = told(port, "/requests", key)
    assert len(journal) == sum(map(len, heard))
    assert sorted(
        row["event_id"] for row in journal if row["status"] == 200 and not row["replayed"]
    ) == sorted(ids)
    (world,) = told(port, "/worlds", key)
    assert world["events"] == len(ids)
    seqs = [row["seq"] for row in journal]
    assert seqs == sorted(set(seqs))


def ledger_holds(order: dict) -> None:
    for line in order["lines"]:
        gone = line["refunded"] + line["cancelled"]
        assert line["active"] + gone == line["ordered"]
        assert 0 <= line["fulfilled"] <= line["ordered"]
        assert line["active"] >= 0


async def same_as_one_by_one(port: int, key: str) -> None:
    """Play the world's events again in their order, in a world of their own, and compare."""
    other = next(KEYS)
    await one_client(port, [posted(row["body"], other) for row in told(port, "/events", key)])

    def without_ids(asked: str) -> list:
        return sorted(
            (
                row["order_id"],
                row["status"],
                row["lines"],
                [(item["type"], item["outcome"], item["findings"]) for item in row["timeline"]],
            )
            for row in told(port, "/orders?limit=1000", asked)
        )

    assert without_ids(key) == without_ids(other)


async def test_fifty_writers_on_one_order(port):
    key = next(KEYS)
    await one_client(port, [posted(event("P{d:100, p:100>d}"), key)])
    shipments = [[posted(event(f"F{{d:1}}@{n}"), key)] for n in range(1, WRITERS + 1)]
    refunds = [[posted(event(f"R{{d:1, p:1}}@{n}"), key)] for n in range(60, 60 + WRITERS)]
    heard = await all_at_once(port, shipments + refunds)
    (order,) = told(port, "/orders", key)
    line, plan = order["lines"]
    assert (line["fulfilled"], line["refunded"], line["active"]) == (50, 50, 50)
    assert (plan["refunded"], plan["active"]) == (50, 50)
    assert len(order["timeline"]) == 101
    ledger_holds(order)
    assert len(accepted(heard)) == 100
    await same_as_one_by_one(port, key)


async def test_five_hundred_writers_on_five_hundred_orders(port):
    key = next(KEYS)
    clients = [
        [
            posted(body, key)
            for body in bodies(f"P#{n}{{d:2, p:2>d}} F#{n}{{d:2}} R#{n}{{d:1, p:1}}@5")
        ]
        for n in range(500)
    ]
    heard = await all_at_once(port, clients)
    assert {reply.status for replies in heard for reply in replies} == {200}
    counted_alike(port, key, heard)
    orders = told(port, "/orders?limit=1000", key)
    assert len({row["order_id"] for row in orders}) == 500
    for order in orders:
        ledger_holds(order)
        assert [line["refunded"] for line in order["lines"]] == [1, 1]
        assert len(order["timeline"]) == 3
    assert sum(line["fulfilled"] for row in orders for line in row["lines"]) == 1000
    assert told(port, "/findings?severity=violation", key) == []


@pytest.mark.parametrize("count", [2, 100])
async def test_twins_under_one_idempotency_key_are_one_event(port, count):
    key = next(KEYS)
    await one_client(port, [posted(event("P{d:100}"), key)])
    twins = [[posted(event("F{d:1}"), key, "twins")] for _ in range(count)]
    heard = await all_at_once(port, twins)
    replies = [reply for replies in heard for reply in replies]
    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["event_id"] for reply in replies}) == 1
    assert sum("hakuna-mock-replayed" in reply.headers for reply in replies) == count - 1
    assert told(port, "/orders", key)[0]["lines"][0]["fulfilled"] == 1


async def test_many_twins_with_different_bodies_store_one_body_a_key(port):
    key = next(KEYS)
    sent = [
        posted(event(f"P#{number}-{body}{{d:1}}"), key, f"contested-{number}")
        for number in range(40)
        for body in range(2)
        for _ in range(5)
    ]
    heard = await all_at_once(port, [[item] for item in sent])
    by_name: dict[str, list] = {}
    for item, replies in zip(sent, heard, strict=True):
        by_name.setdefault(item.name, []).extend(replies)
    for replies in by_name.values():
        assert Counter(reply.status for reply in replies) == {200: 5, 400: 5}
        assert len({reply.json["event_id"] for reply in replies if reply.status == 200}) == 1
        assert all(
            "idempotency-key-reused" in reply.headers["hakuna-mock-findings"]
            for reply in replies
            if reply.status == 400
        )
    counted_alike(port, key, heard)
    assert len(told(port, "/orders?limit=1000", key)) == 40


async def test_worlds_that_write_the_same_at_once_stay_apart(port):
    keys = [next(KEYS) for _ in range(20)]
    story = bodies("P{d:9} F{d:1}@1 F{d:1}@2 R{d:1}@5")
    clients = [
        [posted(body, key, f"same-{number}") for number, body in enumerate(story)]
        for key in keys
        for _ in range(5)
    ]
    heard = await all_at_once(port, clients)
    ids = [{reply.json["event_id"] for reply in replies} for replies in heard]
    for number, key in enumerate(keys):
        mine = ids[number * 5 : number * 5 + 5]
        assert all(item == mine[0] for item in mine)
        assert len(told(port, "/events", key)) == len(story)
        assert told(port, "/orders", key)[0]["lines"][0]["fulfilled"] == 2
    assert len(set().union(*ids)) == len(keys) * len(story)


MOVES = st.tuples(st.sampled_from("FRC"), st.sampled_from(["d:1", "d:2", "p:1", "d:1, p:1"]))


@FEW
@given(
    quantity=st.integers(1, 12),
    moves=st.lists(MOVES, min_size=2, max_size=30),
    cancelled=st.integers(0, 2),
)
def test_whatever_a_crowd_does_to_one_order_one_by_one_would_have_done_it(
    port, quantity, moves, cancelled
):
    async def play() -> None:
        key = next(KEYS)
        await one_client(port, [posted(event(f"P{{d:{quantity}, p:{quantity}>d}}"), key)])
        texts = [f"{kind}{{{items}}}@{day}" for day, (kind, items) in enumerate(moves, start=1)]
        texts += [f"X@{day}" for day in range(40, 40 + cancelled)]
        heard = await all_at_once(port, [[posted(event(text), key)] for text in texts])
        assert len(accepted(heard)) == len(texts)
        (order,) = told(port, "/orders", key)
        ledger_holds(order)
        assert len(order["timeline"]) == 1 + len(texts)
        await same_as_one_by_one(port, key)

    asyncio.run(play())


@FEW
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=2, max_size=40))
def test_whatever_twins_do_a_key_names_one_event(port, pairs):
    async def play() -> None:
        key = next(KEYS)
        sent: list[Posted] = [
            posted(event(f"P#{name}-{body}{{d:1}}"), key, f"name-{name}") for name, body in pairs
        ]
        heard = await all_at_once(port, [[item] for item in sent])
        ids: dict[str, set[str]] = {}
        for item, (reply,) in zip(sent, heard, strict=True):
            if reply.status == 200:
                ids.setdefault(item.name, set()).add(reply.json["event_id"])
        assert {name: len(found) for name, found in ids.items()} == dict.fromkeys(
            {item.name for item in sent}, 1
        )
        counted_alike(port, key, heard)

    asyncio.run(play())


async def test_what_is_evicted_under_a_crowd_is_counted_exactly(tmp_path):
    """Worlds and orders go while others write: kept and evicted together are what was accepted."""
    bounds = {"max_worlds": "7", "max_orders": "5", "max_idempotency_keys": "9"}
    with running(MODULE, tmp_path, log_format="quiet", **bounds) as server:
        keys = [next(KEYS) for _ in range(30)]
        clients = [
            [posted(event(f"P#{n}{{d:1}}"), key) for n in range(12)]
            for key in keys
            for _ in range(2)
        ]
        heard = await all_at_once(server.port, clients)
        health = told(server.port, "/health")
        evicted = health["evicted"]
        assert len(accepted(heard)) == 30 * 2 * 12
        assert health["events"] + evicted["events"] == 30 * 2 * 12
        assert health["worlds"] == 7
        kept = told(server.port, "/worlds")
        assert all(row["orders"] <= 5 for row in kept)
        assert sum(row["events"] for row in kept) == health["events"]
        # In the crowd a world may go before it has many orders; alone it stays.
        await one_client(server.port, [posted(event(f"P#{n}{{d:1}}"), keys[0]) for n in range(12)])
        message = server.err.read_text()
    assert sorted(flag for flag in bounds if f"--{flag.replace('_', '-')}" in message) == sorted(
        bounds
    )
    assert message.count("\n") == 3
