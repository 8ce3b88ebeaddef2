"""Runs: CI starts one, lets the shop's tests send, and reads what is new, gone and still there."""

from itertools import count

from server_mock import KEY, OTHER_KEY

from contracts.timing.rfc3339 import parse_instant

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
SHIPPED_TWICE = "P#2{d:1} F#2{d:2}"
NO_SUCH_PRODUCT = "P#3{p:1>x}"


def rules(answer) -> dict[str, list[str]]:
    return {name: [row["rule"] for row in answer[name]] for name in ("new", "still_there", "gone")}


async def start(mock, key=None) -> dict:
    reply = await mock.control("/runs", method="POST", key=key)
    assert reply.status == 200, reply.body
    return reply.json


async def test_a_run_differs_from_the_one_before(mock):
    await start(mock, KEY)
    await mock.play(f"{FORGOTTEN} {SHIPPED_TWICE}", key=KEY)
    await start(mock, KEY)
    await mock.play("P#9{d:1, p:1>d} F#9{d:1} R#9{d:1}@5", key=KEY)
    await mock.play(NO_SUCH_PRODUCT, key=KEY)
    answer = await mock.get("/runs", key=KEY)
    assert rules(answer) == {
        "new": ["protection-dangling-reference"],
        "still_there": ["refund-missing-protection"],
        "gone": ["over-fulfillment"],
    }
    (row,) = answer["still_there"]
    assert (row["severity"], row["type"]) == ("violation", "order_refund_added")
    assert row["place"] == "/payload/refund_items/*"
    assert (row["before"], row["now"]) == (1, 1)
    latest = await mock.get(f"/events/{row['event_id']}", key=KEY)
    assert latest["order_id"] == "ord-9"


async def test_the_answer_to_a_start_is_the_last_run_of_the_list(mock):
    await mock.play(FORGOTTEN, key=KEY)
    started = await start(mock, KEY)
    assert started["after"] == 3
    assert parse_instant(started["started_at"]) is not None
    assert (await mock.get("/runs", key=KEY))["runs"] == [started]


async def test_before_the_first_run_everything_is_new_and_after_it_the_past_is_the_run_before(mock):
    await mock.play(FORGOTTEN, key=KEY)
    answer = await mock.get("/runs", key=KEY)
    assert (answer["runs"], rules(answer)["new"]) == ([], ["refund-missing-protection"])
    await start(mock, KEY)
    assert rules(await mock.get("/runs", key=KEY))["gone"] == ["refund-missing-protection"]


async def test_a_run_of_one_key_says_nothing_of_another(mock):
    await mock.play(FORGOTTEN, key=OTHER_KEY)
    await start(mock, KEY)
    assert (await mock.get("/runs", key=OTHER_KEY))["runs"] == []


async def test_without_a_key_a_run_starts_in_all_worlds_at_the_same_time(start_mock):
    milliseconds = count(1_700_000_000_000)
    mock = await start_mock(clock=lambda: next(milliseconds) * 1_000_000)
    await mock.play("P{d:1}", key=KEY)
    started = await start(mock)
    assert (await mock.get("/runs", key=KEY))["runs"] == [started]
    assert (await mock.get("/runs"))["runs"] == [started]


async def test_the_page_shows_the_same(mock):
    await start(mock, KEY)
    await mock.play(FORGOTTEN, key=KEY)
    world = await mock.world_id(KEY)
    page = await mock.ask("GET", f"/_mock/runs.json?world={world}", {})
    assert page.json == await mock.get("/runs", key=KEY)
