"""POST /check with `replace`: the order's whole story with one other event in it."""

import pytest
from server_mock import KEY, OTHER_KEY

from contracts.http.idempotency import KEY_HEADER
from contracts.shorthand import bodies

PARTIAL = "P{d:3,p:3>d} F{d:3} R{d:2,p:1}"


async def check(mock, event_id, body, *, key=KEY, **more):
    asked = {"replace": event_id, "body": body, **more}
    return await mock.control("/check", method="POST", key=key, body=asked)


async def everything(mock):
    return [
        await mock.get(path, key=KEY)
        for path in (
            "/events",
            "/orders",
            "/findings",
            "/requests",
            "/settings",
            "/verdict?fail_on=never",
        )
    ]


async def test_the_corrected_quantity_makes_the_story_clean(mock):
    replies = await mock.play(PARTIAL)
    before = await everything(mock)
    reply = await check(mock, replies[-1].json["event_id"], bodies("R{d:2,p:2}@2")[0])
    ids = [item.json["event_id"] for item in replies]
    assert reply.json == {
        "status": 200,
        "body": {"event_id": ids[-1]},
        "findings": [],
        "story": [{"event_id": item, "findings": []} for item in ids],
    }
    assert await everything(mock) == before, "nothing is stored"


async def test_later_events_are_judged_after_the_replacement(mock):
    replies = await mock.play("P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}@5")
    ids = [item.json["event_id"] for item in replies]
    reply = await check(mock, ids[2], bodies("R{d:1,p:1}@2")[0])
    rules = {
        row["event_id"]: [item["rule"] for item in row["findings"]] for row in reply.json["story"]
    }
    assert rules == {ids[0]: [], ids[1]: [], ids[2]: [], ids[3]: ["over-refund"]}


async def test_a_finding_that_a_later_event_settles_is_told_as_resolved(mock):
    replies = await mock.play("P{d:1,p:1>d} F{d:1} R{d:1,p:1} R{p:1}@5")
    reply = await check(mock, replies[2].json["event_id"], bodies("R{d:1}@2")[0])
    (finding,) = reply.json["findings"]
    assert (finding["rule"], finding["state"]) == ("refund-missing-protection", "resolved")


async def test_an_event_that_waited_is_released_by_the_replaced_placement(mock):
    replies = await mock.play("F{d:1}@1 P{d:1}@0")
    placement = bodies("P{d:2}")[0]
    reply = await check(mock, replies[1].json["event_id"], placement)
    rules = [item["rule"] for item in reply.json["story"][0]["findings"]]
    assert rules == ["unknown-order", "out-of-order-arrival"]


async def test_a_replacement_that_is_refused_answers_so_and_the_story_goes_on_without_it(mock):
    replies = await mock.play(PARTIAL)
    broken = bodies("R{d:2,p:2}")[0]
    broken["payload"]["refund_items"][0]["quantity"] = 0
    reply = await check(mock, replies[-1].json["event_id"], broken)
    assert reply.status == 200
    assert reply.json["status"] == 400
    assert reply.json["body"]["error"]["error_code"] == "invalid_request_parameters"
    assert [item["rule"] for item in reply.json["findings"]] == ["body-invalid"]
    assert [item["event_id"] for item in reply.json["story"]] == [
        item.json["event_id"] for item in replies[:-1]
    ]


async def test_in_reject_mode_the_story_is_judged_by_the_settings_of_now(mock):
    replies = await mock.play(PARTIAL)
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    reply = await check(mock, replies[-1].json["event_id"], bodies("R{d:3,p:1}@2")[0])
    assert reply.json["status"] == 400


async def test_the_originals_own_idempotency_key_is_free_and_those_of_others_are_not(mock):
    replies = await mock.play("P{d:1}")
    event_id = replies[0].json["event_id"]
    (entry,) = await mock.get("/requests", key=KEY)
    own = dict(entry["headers"])[KEY_HEADER]
    headers = {"Authorization": f"Bearer {KEY}", "Hakuna-Version": "v2.0"}
    reply = await check(mock, event_id, bodies("P{d:2}")[0], headers={**headers, KEY_HEADER: own})
    assert reply.json["status"] == 200
    assert reply.json["findings"] == [
        item for item in reply.json["findings"] if item["rule"] == "content-type"
    ]
    await mock.play("P#2{d:1}")
    entry = (await mock.get("/requests", key=KEY))[-1]
    taken = dict(entry["headers"])[KEY_HEADER]
    reply = await check(mock, event_id, bodies("P{d:2}")[0], headers={**headers, KEY_HEADER: taken})
    assert "idempotency-key-reused" in [item["rule"] for item in reply.json["findings"]]


async def test_faults_do_not_play_again(mock):
    (event,) = bodies("P{d:1}")
    event["payload"]["order_id"] = "ord-1--mock-unavailable-x1"
    assert (await mock.send(event)).status == 503
    accepted = await mock.send(event)
    reply = await check(mock, accepted.json["event_id"], event)
    assert reply.json["status"] == 200


@pytest.mark.parametrize(
    ("event", "change", "status", "message"),
    [
        ("evt-nobody", {}, 404, "there is no event 'evt-nobody'"),
        (None, {"order_id": "ord-2"}, 400, "is another order than that of the event, 'ord-1'"),
    ],
)
async def test_what_cannot_be_replaced_is_said(mock, event, change, status, message):
    replies = await mock.play("P{d:1}")
    body = bodies("P{d:1}")[0]
    body["payload"] |= change
    reply = await check(mock, event or replies[0].json["event_id"], body)
    assert reply.status == status
    assert message in reply.json["error"]["message"]


async def test_the_call_names_the_world_of_the_event(mock):
    replies = await mock.play("P{d:1}")
    event_id = replies[0].json["event_id"]
    assert (await check(mock, event_id, bodies("P{d:1}")[0], key=None)).status == 400
    await mock.play("P{d:1}", key=OTHER_KEY)
    assert (await check(mock, event_id, bodies("P{d:1}")[0], key=OTHER_KEY)).status == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"replace": "evt-1"},
        {"replace": 1, "body": {}},
        {"replace": "evt-1", "body": {}, "haeders": {}},
        {"replace": "evt-1", "body": {}, "headers": {"a": 1}},
    ],
)
async def test_a_question_that_cannot_be_read_is_400(mock, asked):
    reply = await mock.control("/check", method="POST", key=KEY, body=asked)
    assert reply.status in (400, 401)


async def test_a_story_retold_with_the_same_event_is_the_story_as_it_was(mock):
    text = "P{d:3,p:3>d,a:1} F{d:2}@1 R{d:1}@2 C{a}@3 R{d:1}@4 R{p:1}@5 X@6 R{d:1}@7"
    replies = await mock.play(text)
    stored = {row["event_id"]: row["findings"] for row in await mock.get("/events", key=KEY)}
    for body, item in zip(bodies(text), replies, strict=True):
        reply = await check(mock, item.json["event_id"], body)
        assert {row["event_id"]: row["findings"] for row in reply.json["story"]} == stored
