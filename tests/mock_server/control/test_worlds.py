import asyncio

import pytest
from server_mock import KEY, LISTS, LIVE_KEY, OTHER_KEY, event

from mock_server.server_state import SERVER

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
DEFAULT = {"enforcement": "flag", "rules": {}}

BAD_SETTINGS = {
    "a list": [],
    "a word": "reject",
    "nothing": None,
    "another enforcement": {"enforcement": "off"},
    "no enforcement": {"enforcement": None},
    "a list for a word": {"enforcement": ["reject"]},
    "rules as a list": {"rules": ["zip-format"]},
    "rules as null": {"rules": None},
    "an unknown setting": {"enforcment": "reject"},
    "an unknown rule": {"rules": {"zip-formatt": "off"}},
    "an unknown level": {"rules": {"zip-format": "error"}},
    "a number as level": {"rules": {"zip-format": 1}},
    "a list as level": {"rules": {"zip-format": []}},
    "one good, one bad": {"enforcement": "reject", "rules": {"zip-format": "loud"}},
}


async def test_worlds_are_listed_oldest_first_with_masked_keys_and_open_findings(mock):
    await mock.play(FORGOTTEN, key=KEY)
    await mock.play("P{d:1} P#2{d:1} F#3{d:1}", key=OTHER_KEY)
    first, second = await mock.get("/worlds")
    assert list(first) == ["id", "key_masked", "orders", "events", "findings"]
    assert first["key_masked"] == "sk_test_…shop"
    assert (first["orders"], first["events"]) == (1, 3)
    assert first["findings"] == {"violation": 1, "warning": 0, "advice": 0}
    assert (second["orders"], second["events"]) == (2, 3)
    assert KEY not in str(first)


async def test_a_key_narrows_the_list_to_its_own_world(mock):
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    assert [len(await mock.get("/worlds", key=key)) for key in (KEY, OTHER_KEY, None)] == [1, 1, 2]


async def test_a_deleted_world_is_gone_with_its_settings(mock):
    await mock.play(FORGOTTEN)
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    world = await mock.world_id(KEY)
    reply = await mock.control(f"/worlds/{world}", method="DELETE")
    assert (reply.status, reply.json) == (200, {"deleted": world})
    assert await mock.get("/worlds") == []
    assert (await mock.control(f"/events?world={world}")).status == 404
    for path in LISTS:
        assert await mock.get(path) == []
    assert (await mock.send(event("F{d:1}"))).status == 200
    assert await mock.get("/settings", key=KEY) == DEFAULT


async def test_deleting_what_is_not_there_is_404_with_the_nearest_name(mock):
    await mock.play("P{d:1}")
    world = await mock.world_id(KEY)
    reply = await mock.control(f"/worlds/{world}x", method="DELETE")
    assert reply.status == 404
    assert f"did you mean {world}?" in reply.said


async def test_reset_with_a_key_empties_one_world_and_keeps_its_settings(mock):
    await mock.put_settings({"rules": {"zip-format": "off"}}, key=KEY)
    await mock.play(FORGOTTEN, key=KEY)
    await mock.play(FORGOTTEN, key=OTHER_KEY)
    await mock.reset(key=KEY)
    for path in LISTS:
        reply = await mock.control(path, key=KEY)
        assert (reply.json, reply.counts) == ([], (0, 0))
        assert await mock.get(path, key=OTHER_KEY)
    assert (await mock.control("/verdict?min_events=0", key=KEY)).status == 200
    assert await mock.get("/settings", key=KEY) == {**DEFAULT, "rules": {"zip-format": "off"}}


async def test_reset_by_the_world_s_name_is_the_same(mock):
    await mock.play(FORGOTTEN, key=KEY)
    await mock.play(FORGOTTEN, key=OTHER_KEY)
    world = await mock.world_id(KEY)
    assert (await mock.control(f"/reset?world={world}", method="POST")).status == 200
    assert await mock.get("/events", key=KEY) == []
    assert len(await mock.get("/events", key=OTHER_KEY)) == 3


async def test_reset_without_a_key_empties_everything_401s_included(mock):
    await mock.put_settings({"enforcement": "reject"})
    await mock.play(FORGOTTEN, key=KEY)
    await mock.send(b"", changes={"Authorization": None})
    await mock.reset()
    for path in LISTS:
        assert await mock.get(path) == []
    assert (await mock.control("/verdict?min_events=0")).status == 200
    assert (await mock.get("/settings"))["enforcement"] == "reject"


async def test_an_outage_of_all_worlds_begins_in_all_at_the_same_time(mock):
    await mock.play(FORGOTTEN, key=KEY)
    await mock.play(FORGOTTEN, key=OTHER_KEY)
    await mock.put_settings({"outage": {"mode": "refuse", "seconds": 60}})
    worlds = mock.client.app[SERVER].store._worlds
    begun = {item.policy.outage.begun for item in (worlds.shared, *worlds.by_id.values())}
    assert len(begun) == 1


async def test_reset_forgets_orders_and_waiting_events(mock):
    await mock.play("F{d:1} P#2{d:1}")
    await mock.reset(key=KEY)
    replies = await mock.play("P{d:2} F#2{d:1}")
    assert [reply.rules for reply in replies] == [[], ["unknown-order"]]
    (order,) = await mock.get("/orders")
    assert order["lines"][0]["fulfilled"] == 0


async def test_settings_start_as_the_server_was_told(start_mock):
    mock = await start_mock(enforcement="reject")
    assert await mock.get("/settings") == {"enforcement": "reject", "rules": {}}
    assert await mock.get("/settings", key=KEY) == {"enforcement": "reject", "rules": {}}


async def test_settings_are_changed_in_part_and_answered_whole(mock):
    await mock.put_settings({"rules": {"zip-format": "off"}}, key=KEY)
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    whole = await mock.put_settings({"rules": {"over-refund": "violation"}}, key=KEY)
    assert whole == {
        "enforcement": "reject",
        "rules": {"over-refund": "violation", "zip-format": "off"},
    }
    assert await mock.get("/settings", key=KEY) == whole
    assert await mock.put_settings({}, key=KEY) == whole


async def test_what_get_answers_may_be_put_again(mock):
    told = {"enforcement": "reject", "rules": {"zip-format": "off", "over-refund": "advice"}}
    await mock.put_settings(told, key=KEY)
    answered = await mock.get("/settings", key=KEY)
    assert await mock.put_settings(answered, key=KEY) == answered == told


async def test_null_takes_an_override_away(mock):
    await mock.put_settings({"rules": {"zip-format": "off"}}, key=KEY)
    assert await mock.put_settings({"rules": {"zip-format": None}}, key=KEY) == DEFAULT


async def test_settings_without_a_key_are_for_all_worlds_old_and_new(mock):
    await mock.play("P{d:1}", key=KEY)
    await mock.put_settings({"enforcement": "reject"})
    assert (await mock.send(event("F#9{d:1}"), key=KEY)).status == 404
    assert (await mock.send(event("F#9{d:1}"), key=OTHER_KEY)).status == 404


async def test_a_change_for_all_worlds_leaves_what_it_does_not_name_to_each(mock):
    await mock.put_settings({"enforcement": "reject", "rules": {"over-refund": "off"}}, key=KEY)
    await mock.put_settings({"rules": {"zip-format": "off"}})
    assert await mock.get("/settings", key=KEY) == {
        "enforcement": "reject",
        "rules": {"over-refund": "off", "zip-format": "off"},
    }


async def test_settings_may_be_made_before_the_first_event(mock):
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    assert (await mock.send(event("F{d:1}"), key=KEY)).status == 404


@pytest.mark.parametrize("name", BAD_SETTINGS)
async def test_bad_settings_are_refused_in_words_and_change_nothing(mock, name):
    await mock.put_settings({"rules": {"over-refund": "off"}}, key=KEY)
    before = await mock.get("/settings", key=KEY)
    reply = await mock.control("/settings", method="PUT", key=KEY, body=encoded_null(name))
    assert reply.status == 400
    assert reply.said
    assert await mock.get("/settings", key=KEY) == before


def encoded_null(name):
    return b"null" if BAD_SETTINGS[name] is None else BAD_SETTINGS[name]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ({"enforcment": "reject"}, "did you mean enforcement?"),
        ({"rules": {"zip-formatt": "off"}}, "did you mean zip-format?"),
    ],
)
async def test_misspelt_settings_get_a_hint(mock, body, hint):
    assert hint in (await mock.control("/settings", method="PUT", body=body)).said


@pytest.mark.parametrize("path", [*LISTS, "/worlds", "/verdict", "/settings"])
@pytest.mark.parametrize("header", ["Authorization", "Bearer"])
async def test_a_live_key_is_refused_wherever_a_key_narrows(mock, path, header):
    value = f"Bearer {LIVE_KEY}" if header == "Authorization" else LIVE_KEY
    reply = await mock.control(path, headers={header: value})
    assert reply.status == 401
    assert LIVE_KEY not in reply.body.decode()


async def test_a_live_key_in_the_header_of_2022_is_refused_too(mock):
    await mock.play("P{d:1}")
    reply = await mock.control("/reset", method="POST", headers={"X-API-KEY": LIVE_KEY})
    assert reply.status == 401
    assert len(await mock.get("/events")) == 1


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer nonsense"}, {"Bearer": ""}])
@pytest.mark.parametrize("call", [("POST", "/reset"), ("PUT", "/settings"), ("GET", "/events")])
async def test_a_key_that_is_none_never_means_all_worlds(mock, call, headers):
    await mock.play("P{d:1}")
    method, path = call
    reply = await mock.control(path, method=method, headers=headers, body={})
    assert reply.status == 401
    assert len(await mock.get("/events")) == 1


@pytest.mark.parametrize(
    "path",
    [*LISTS, "/worlds", "/verdict", "/settings", "/events/latest", "/orders/ord-1"],
)
async def test_a_world_nobody_knows_is_404_with_a_hint(mock, path):
    await mock.play("P{d:1}")
    world = await mock.world_id(KEY)
    reply = await mock.control(f"{path}?world={world[:-1]}")
    assert reply.status == 404
    assert f"did you mean {world}?" in reply.said


async def test_two_partial_changes_at_once_both_last(mock):
    """The one whose body arrives late must not put back what the other one changed meanwhile."""
    late = asyncio.Event()

    async def slowly():
        yield b'{"enforcement": '
        await late.wait()
        yield b'"reject"}'

    auth = {"Authorization": f"Bearer {KEY}"}
    slow = asyncio.ensure_future(mock.ask("PUT", "/_mock/v1/settings", auth, slowly()))
    await asyncio.sleep(0.1)
    await mock.put_settings({"rules": {"zip-format": "off"}}, key=KEY)
    late.set()
    assert (await slow).status == 200
    assert await mock.get("/settings", key=KEY) == {
        "enforcement": "reject",
        "rules": {"zip-format": "off"},
    }


async def test_a_world_deleted_while_its_settings_arrive_is_404_or_made_anew(mock):
    await mock.play("P{d:1}")
    world = await mock.world_id(KEY)
    late = asyncio.Event()

    async def slowly():
        yield b'{"enforcement": '
        await late.wait()
        yield b'"reject"}'

    path = f"/_mock/v1/settings?world={world}"
    slow = asyncio.ensure_future(mock.ask("PUT", path, {}, slowly()))
    await asyncio.sleep(0.1)
    await mock.control(f"/worlds/{world}", method="DELETE")
    late.set()
    assert (await slow).status in (200, 404)


async def test_worlds_come_in_pages_as_every_list(mock):
    for name in ("a", "b", "c"):
        await mock.play("P{d:1}", key=f"sk_test_{name}")
    first = await mock.control("/worlds?limit=2")
    rest = await mock.control(f"/worlds?after={first.headers['Hakuna-Mock-Next']}")
    assert (len(first.json), len(rest.json), first.counts) == (2, 1, (3, 0))
    assert "Hakuna-Mock-Next" not in rest.headers


async def test_a_filter_that_stands_twice_is_refused(mock):
    """Which of the two would count? Half a filter shows what nobody asked for."""
    for path in ("/findings?rule=zip-format&rule=unknown-order", "/worlds?limit=1&limit=2"):
        reply = await mock.control(path)
        assert (reply.status, "more than once" in reply.said) == (400, True)


async def test_the_etag_of_a_world_changes_with_each_of_its_requests_and_no_other(mock):
    async def tag(key: str) -> str:
        return (await mock.control("/worlds", key=key)).headers["ETag"]

    assert await tag(KEY) == '"0"'
    await mock.play("P{d:1}", key=KEY)
    first = await tag(KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    assert await tag(KEY) == first
    await mock.send(b"no json", key=KEY)
    assert await tag(KEY) != first
    assert "ETag" not in (await mock.control("/worlds")).headers


async def test_the_latest_request_is_numbered_whoever_sent_it(mock):
    await mock.play("P{d:1} F{d:1}", key=KEY)
    await mock.send(b"", changes={"Authorization": None})
    reply = await mock.control("/worlds", key=OTHER_KEY)
    newest = (await mock.get("/requests"))[-1]
    assert reply.headers["Hakuna-Mock-Latest"] == str(newest["seq"])


async def test_a_world_is_deleted_only_if_it_is_still_the_one_that_was_read(mock):
    await mock.play("P{d:1}")
    world = await mock.world_id(KEY)
    tag = (await mock.control("/worlds", key=KEY)).headers["ETag"]
    await mock.play("F{d:1}")
    stale = {"If-Match": tag}
    reply = await mock.control(f"/worlds/{world}", method="DELETE", headers=stale)
    assert (reply.status, len(await mock.get("/events", key=KEY))) == (412, 2)
    fresh = {"If-Match": (await mock.control("/worlds", key=KEY)).headers["ETag"]}
    reply = await mock.control(f"/worlds/{world}", method="DELETE", headers=fresh)
    assert (reply.status, await mock.get("/worlds")) == (200, [])
    assert "Hakuna-Mock-Latest" in reply.headers


async def test_a_name_given_with_a_key_is_the_worlds_until_another_is_put(start_mock):
    mock = await start_mock(api_key=(f"Checkout={KEY}", OTHER_KEY))
    await mock.play("P{d:1}", key=KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    assert [item.get("name") for item in await mock.get("/worlds")] == ["Checkout", None]
    assert (await mock.get("/settings", key=KEY))["name"] == "Checkout"
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    assert (await mock.get("/worlds", key=KEY))[0]["name"] == "Checkout"
    await mock.put_settings({"name": "Staging"}, key=KEY)
    assert (await mock.get("/worlds", key=KEY))[0]["name"] == "Staging"
    await mock.put_settings({"name": ""}, key=KEY)
    assert (await mock.get("/settings", key=KEY))["name"] == "Checkout"
