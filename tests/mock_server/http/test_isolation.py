"""A world is an API key: two of them never see each other."""

import pytest
from server_mock import KEY, LISTS, OTHER_KEY

from contracts.shorthand import bodies

STORY = "P{d:1, p:1>d} F{d:1} R{d:1}@5 X#9"


async def narrowed(mock, key):
    """What a key may see."""
    paths = (*(f"{item}?limit=1000" for item in LISTS), "/worlds", "/verdict", "/settings")
    return {path: (await mock.control(path, key=key)).json for path in paths}


async def test_one_shop_s_events_are_invisible_to_the_other(mock):
    await mock.play(STORY, key=KEY)
    await mock.play("P#2{a:1}", key=OTHER_KEY)
    for path in LISTS:
        own = await mock.get(path, key=KEY)
        other = await mock.get(path, key=OTHER_KEY)
        assert not [row for row in other if row in own]
    assert [row["order_id"] for row in await mock.get("/orders", key=OTHER_KEY)] == ["ord-2"]


async def test_what_one_shop_does_changes_nothing_for_the_other(mock):
    await mock.play(STORY, key=OTHER_KEY)
    before = await narrowed(mock, OTHER_KEY)
    await mock.play(STORY, key=KEY)
    await mock.put_settings({"enforcement": "reject", "rules": {"over-refund": "off"}}, key=KEY)
    await mock.send(b"{", key=KEY)
    await mock.reset(key=KEY)
    assert await narrowed(mock, OTHER_KEY) == before


async def test_the_same_order_id_in_two_worlds_is_two_orders(mock):
    await mock.play("P{d:1}", key=KEY)
    (reply,) = await mock.play("P{d:7}", key=OTHER_KEY)
    assert reply.rules == []
    quantities = {
        key: (await mock.get("/orders/ord-1", key=key))["lines"][0]["ordered"]
        for key in (KEY, OTHER_KEY)
    }
    assert quantities == {KEY: 1, OTHER_KEY: 7}


async def test_an_event_is_found_in_its_own_world_only(mock):
    (reply,) = await mock.play("P{d:1}", key=KEY)
    assert (await mock.control(f"/events/{reply.event_id}", key=KEY)).status == 200
    assert (await mock.control(f"/events/{reply.event_id}", key=OTHER_KEY)).status == 404
    assert (await mock.control("/events/latest", key=OTHER_KEY)).status == 404
    request = reply.headers["Hakuna-Mock-Request"]
    assert (await mock.control(f"/requests/{request}", key=OTHER_KEY)).status == 404


async def test_keys_are_compared_to_the_letter(mock):
    await mock.play("P{d:1}", key="sk_test_" + "abc")
    await mock.play("P{d:1}", key="sk_test_" + "ABC")
    await mock.play("P{d:1}", key="sk_test_" + "abc_")
    assert len(await mock.get("/worlds")) == 3


async def test_the_public_name_of_a_world_does_not_give_its_key_away(mock):
    await mock.play("P{d:1}")
    world = await mock.world_id(KEY)
    assert KEY not in world
    assert KEY.removeprefix("sk_test_") not in world


async def test_the_key_and_the_world_s_name_narrow_alike(mock):
    await mock.play(STORY, key=KEY)
    await mock.play(STORY, key=OTHER_KEY)
    world = await mock.world_id(KEY)
    for path in (*LISTS, "/worlds", "/settings", "/orders/ord-1", "/events/latest"):
        assert await mock.get(f"{path}?world={world}") == await mock.get(path, key=KEY)


async def test_a_key_and_another_world_s_name_contradict_each_other(mock):
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    reply = await mock.control(f"/events?world={await mock.world_id(OTHER_KEY)}", key=KEY)
    assert reply.status == 400
    assert "different worlds" in reply.said


async def test_the_same_page_of_events_can_be_played_in_a_hundred_worlds(mock):
    keys = [f"sk_test_shop{number}" for number in range(100)]
    for body in bodies(STORY):
        for key in keys:
            assert (await mock.send(body, key=key)).status == 200
    rows = await mock.get("/worlds")
    assert [(row["orders"], row["events"]) for row in rows] == [(1, 4)] * 100
    assert len({row["id"] for row in rows}) == 100


@pytest.mark.parametrize("path", [*LISTS, "/worlds", "/verdict", "/settings"])
async def test_reading_under_a_new_key_does_not_make_a_world(mock, path):
    await mock.control(path, key=KEY)
    assert await mock.get("/worlds") == []
