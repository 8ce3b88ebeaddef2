"""What is let go when there is too much: counted, said, and never mistaken for a mistake."""

import itertools

import pytest
from server_mock import KEY, OTHER_KEY, event

from contracts.worlds.retention import Bounds
from mock_server import Settings

PLAYED = ("P#{n}{{d:1}}", "F#{n}{{d:1}}")


def keys(count: int) -> list[str]:
    return [f"sk_test_world{number}" for number in range(count)]


async def place(mock, *numbers: int, key: str = KEY) -> None:
    for number in numbers:
        await mock.play(f"P#{number}{{d:1}}", key=key)


async def kept_orders(mock, key: str = KEY) -> list[str]:
    return [row["order_id"].removeprefix("ord-") for row in await mock.get("/orders", key=key)]


class TestWorlds:
    async def test_the_least_recently_used_world_goes_and_is_counted(self, start_mock):
        mock = await start_mock(max_worlds=3)
        first, second, third, fourth = keys(4)
        for key in (first, second, third, first, fourth):
            await place(mock, 1, key=key)
        listed = await mock.control("/worlds")
        assert listed.counts == (3, 1)
        assert [row["events"] for row in listed.json] == [2, 1, 1]
        assert (await mock.get("/health"))["evicted"] == {
            "worlds": 1,
            "orders": 1,
            "events": 1,
            "idempotency_keys": 1,
        }
        assert await kept_orders(mock, second) == []

    async def test_a_later_request_of_its_key_starts_an_empty_world(self, start_mock):
        mock = await start_mock(max_worlds=1)
        await mock.put_settings({"enforcement": "reject"}, key=KEY)
        await place(mock, 1)
        await place(mock, 1, key=OTHER_KEY)
        assert (await mock.get("/settings", key=KEY))["enforcement"] == "flag"
        await place(mock, 2)
        assert await kept_orders(mock) == ["2"]

    async def test_what_evicted_worlds_did_wrong_still_fails_the_verdict_on_all(self, start_mock):
        mock = await start_mock(max_worlds=1)
        await mock.play("R{d:1}")
        await place(mock, 1, key=OTHER_KEY)
        verdict = await mock.control("/verdict?fail_on=violation")
        assert (verdict.status, verdict.json["counts"]["violation"]) == (409, 1)
        assert (await mock.control("/verdict?fail_on=violation", key=OTHER_KEY)).status == 200

    async def test_un_narrowed_lists_count_what_went_with_the_worlds(self, start_mock):
        mock = await start_mock(max_worlds=1)
        await mock.play("P{d:1} R{d:1}")
        await place(mock, 1, key=OTHER_KEY)
        for path, evicted in (("/events", 2), ("/requests", 2), ("/orders", 1)):
            assert (await mock.control(path)).counts == (1, evicted)
        assert (await mock.control("/findings")).counts[1] > 0
        covered = (await mock.get("/coverage"))["event_types"]["items"]
        assert (covered["order_placed"], covered["order_refund_added"]) == (2, 1)

    async def test_a_reset_of_all_begins_to_count_anew(self, start_mock):
        mock = await start_mock(max_worlds=1)
        for key in keys(3):
            await mock.play("R{d:1}", key=key)
        await mock.reset()
        assert set((await mock.get("/health"))["evicted"].values()) == {0}
        assert (await mock.control("/verdict?min_events=0")).status == 200


class TestOrders:
    async def test_ended_orders_go_first_then_the_least_recently_used(self, start_mock):
        mock = await start_mock(max_orders=3)
        await place(mock, 1, 2)
        await mock.play("X#2")
        await place(mock, 3)
        await mock.play("F#1{d:1}")
        await place(mock, 4)  # 2 is cancelled
        assert await kept_orders(mock) == ["1", "3", "4"]
        await place(mock, 5)  # 3 was used before 1
        assert await kept_orders(mock) == ["1", "4", "5"]
        listed = await mock.control("/orders", key=KEY)
        assert listed.counts == (3, 2)
        assert (await mock.control("/events", key=KEY)).counts == (4, 3)
        assert (await mock.control("/events", key=OTHER_KEY)).counts == (0, 0)

    async def test_an_order_that_only_waits_can_go_too(self, start_mock):
        mock = await start_mock(max_orders=1)
        await mock.play("F#1{d:1}")
        await place(mock, 2)
        await place(mock, 1)
        assert (await mock.get("/orders/ord-1"))["lines"][0]["fulfilled"] == 0

    async def test_its_events_are_gone_its_findings_still_count(self, start_mock):
        mock = await start_mock(max_orders=1)
        replies = await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
        await place(mock, 2)
        assert (await mock.control(f"/events/{replies[-1].event_id}")).status == 404
        (found,) = await mock.get("/findings?severity=violation")
        assert found["rule"] == "refund-missing-protection"
        assert (await mock.get("/worlds"))[0]["findings"]["violation"] == 1

    async def test_an_event_for_an_evicted_order_is_told_that_it_may_be_one(self, start_mock):
        mock = await start_mock(max_orders=1)
        await place(mock, 1)
        await place(mock, 2)
        await mock.play("F#1{d:1}")
        (found,) = await mock.get("/findings?rule=unknown-order")
        assert "or it is the older order that this world evicted" in found["message"]
        assert "--max-orders" in found["fix"]

    async def test_a_refusal_of_it_says_so_too(self, start_mock):
        mock = await start_mock(max_orders=1, enforcement="reject")
        await place(mock, 1, 2, 3)
        reply = (await mock.play("F#1{d:1}"))[0]
        assert reply.status == 404
        assert "2 older orders that this world evicted" in reply.errors[0]

    async def test_nothing_is_said_of_evictions_where_there_were_none(self, mock):
        await mock.play("F{d:1}")
        (found,) = await mock.get("/findings?rule=unknown-order")
        assert "evicted" not in found["message"]
        assert "max-orders" not in found["fix"]

    async def test_the_dry_run_says_it_as_well(self, start_mock):
        mock = await start_mock(max_orders=1)
        await place(mock, 1, 2)
        told = await mock.control("/check", method="POST", body=event("F#1{d:1}"), key=KEY)
        assert "evicted" in str(told.json["findings"])

    async def test_an_order_takes_no_more_events_than_a_real_one_ever_has(self, start_mock):
        mock = await start_mock(max_order_events=5)
        await mock.play("P{d:9} F{d:1}@1 F{d:1}@2 F{d:1}@3 F{d:1}@4")
        refused = (await mock.play("F{d:1}@5"))[0]
        assert (refused.status, refused.code) == (400, "invalid_request_parameters")
        assert "has 5 events, the limit of hakuna-mock" in refused.errors[0]
        assert "--max-order-events" in refused.errors[0]
        assert (await mock.get("/orders/ord-1"))["lines"][0]["fulfilled"] == 4
        await place(mock, 2)

    async def test_waiting_events_count_as_well(self, start_mock):
        mock = await start_mock(max_order_events=2)
        replies = await mock.play("F{d:1}@1 F{d:1}@2 F{d:1}@3")
        assert [reply.status for reply in replies] == [200, 200, 400]


class TestIdempotencyKeys:
    async def test_the_least_recently_used_key_goes(self, start_mock):
        mock = await start_mock(max_idempotency_keys=2)
        sent = {}
        for name in ("a", "b", "a", "c", "a", "b"):
            body = event(f"P#{name}{{d:1}}")
            reply = await mock.send(body, changes={"Hakuna-Idempotency-Key": name})
            sent.setdefault(name, []).append("Hakuna-Mock-Replayed" in reply.headers)
        assert sent == {"a": [False, True, True], "b": [False, False], "c": [False]}
        assert (await mock.get("/health"))["evicted"]["idempotency_keys"] == 2

    async def test_a_retry_under_an_evicted_key_is_told_that_it_may_be_one(self, start_mock):
        mock = await start_mock(max_idempotency_keys=1)
        for name in ("one", "two", "three", "one"):
            body = event(f"P#{name}{{d:1}}")
            await mock.send(body, changes={"Hakuna-Idempotency-Key": name})
        (found,) = await mock.get("/findings?rule=duplicate-event")
        assert "evicted 2 older idempotency keys" in found["message"]
        assert "--max-idempotency-keys" in found["message"]

    async def test_the_key_of_an_evicted_order_still_names_its_event(self, start_mock):
        mock = await start_mock(max_orders=1)
        body, named = event("P{d:1}"), {"Hakuna-Idempotency-Key": "k"}
        first = await mock.send(body, changes=named)
        await place(mock, 2)
        again = await mock.send(body, changes=named)
        assert again.event_id == first.event_id
        assert "Hakuna-Mock-Replayed" in again.headers


async def test_findings_are_bounded_and_the_verdict_still_knows_all(start_mock):
    mock = await start_mock(max_findings=5)
    for number in range(9):
        await mock.play(f"R#{number}{{d:1}}")
    listed = await mock.control("/findings", key=KEY)
    assert listed.counts == (5, 4)
    assert (await mock.get("/verdict?fail_on=never"))["counts"]["violation"] == 9


async def test_each_bound_is_said_once_to_whoever_runs_the_server(start_mock):
    message = []
    mock = await start_mock(
        max_worlds=1, max_orders=1, max_idempotency_keys=1, notice=message.append
    )
    for key, number in itertools.product(keys(3), range(4)):
        await place(mock, number, key=key)
    assert len(message) == 3
    for flag in ("--max-worlds", "--max-orders", "--max-idempotency-keys"):
        assert sum(flag in line for line in message) == 1
    assert not any(key in line for line in message for key in keys(3))


async def test_an_order_larger_than_a_world_may_be_goes_too(start_mock, monkeypatch):
    monkeypatch.setattr(Settings, "bounds", property(lambda _: Bounds(event_bytes=15_000)))
    mock = await start_mock()
    await place(mock, 1)
    replies = [(await mock.play(f"F#1{{d:1}}@{day}"))[0] for day in range(1, 9)]
    assert {reply.status for reply in replies} == {200}
    assert (await mock.control("/events", key=KEY)).counts[1] > 0
    (found, *_) = await mock.get("/findings?rule=unknown-order")
    assert "evicted" in found["message"]


@pytest.mark.parametrize("count", [1, 3])
async def test_bodies_too_large_for_a_world_push_older_orders_out(start_mock, monkeypatch, count):
    monkeypatch.setattr(Settings, "bounds", property(lambda _: Bounds(event_bytes=30_000)))
    mock = await start_mock()
    await place(mock, *range(20))
    for _ in range(count):
        await place(mock, 99)
    assert 0 < len(await kept_orders(mock)) < 20
    assert (await kept_orders(mock))[-1] == "99"
