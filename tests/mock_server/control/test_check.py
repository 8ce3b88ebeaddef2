"""POST /check: the same verdict, and nothing stored."""

import json

import pytest
from server_mock import KEY, LIVE_KEY, OTHER_KEY, event

from contracts.shorthand import bodies

PLACED = event("P{d:1, p:1>d}")
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


def rules(answer):
    return [item["rule"] for item in answer["findings"]]


async def check(mock, asked, *, key=KEY, **more):
    reply = await mock.control("/check", method="POST", body=asked, key=key, **more)
    assert reply.status == 200, reply.body
    return reply.json


async def test_an_event_gets_the_status_body_and_findings_that_it_would_get(mock):
    await mock.play("P{d:1, p:1>d} F{d:1}")
    answer = await check(mock, event("R{d:1}@5"))
    assert list(answer) == ["status", "body", "findings"]
    real = await mock.send(event("R{d:1}@5"))
    assert (answer["status"], list(answer["body"])) == (real.status, ["event_id"])
    assert rules(answer) == real.rules == ["refund-missing-protection"]


@pytest.mark.parametrize(
    "asked",
    [
        event("R{d:1}@5"),
        bodies("R{d:1}@5 F{d:9}@6 X@7"),
        {"body": event("P#2{d:1}")},
        {"headers": {"Bearer": OTHER_KEY}, "body": event("P#2{d:1}")},
        {"headers": {"Authorization": "Bearer " + LIVE_KEY}, "body": event("P#2{d:1}")},
        [{"body": 5}, event("F#9{d:1}"), event("P#9{d:1}")],
        [],
        7,
    ],
    ids=["event", "list", "body", "headers", "live key", "mixed list", "empty", "no event"],
)
async def test_everything_stays_as_it_was(mock, asked):
    await mock.play("P{d:1, p:1>d} F{d:1}", key=KEY)
    await mock.play("F#9{d:1}", key=KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    before = await mock.everything()
    for _ in range(2):
        await check(mock, asked)
    assert await mock.everything() == before


async def test_a_dry_run_uses_up_no_journal_numbers_and_no_seeded_ids(start_mock):
    plain, rehearsed = await start_mock(seed=1), await start_mock(seed=1)
    await rehearsed.control("/check", method="POST", body=bodies(FORGOTTEN), key=KEY)
    first, second = await plain.send(PLACED), await rehearsed.send(PLACED)
    assert second.event_id == first.event_id
    assert second.headers["Hakuna-Mock-Request"] == first.headers["Hakuna-Mock-Request"]


async def test_a_list_is_judged_one_after_the_other(mock):
    answers = await check(mock, bodies(FORGOTTEN))
    assert [rules(answer) for answer in answers] == [[], [], ["refund-missing-protection"]]
    assert len({answer["body"]["event_id"] for answer in answers}) == 3


async def test_without_a_key_the_events_meet_an_empty_world(mock):
    await mock.play("P{d:1}")
    assert rules(await check(mock, event("F{d:1}"), key=None)) == ["unknown-order"]
    assert rules(await check(mock, event("F{d:1}"), key=KEY)) == []


async def test_a_world_can_be_named_instead_of_its_key(mock):
    await mock.play("P{d:1}")
    path = f"/check?world={await mock.world_id(KEY)}"
    reply = await mock.control(path, method="POST", body=event("F{d:1}"))
    assert rules(reply.json) == []


async def test_without_headers_an_event_is_judged_as_if_a_good_client_had_sent_it(start_mock):
    mock = await start_mock(api_key=(KEY,))
    assert rules(await check(mock, PLACED)) == []


async def test_headers_are_judged_where_they_are_given(mock):
    answer = await check(mock, {"headers": {"Bearer": KEY}, "body": PLACED})
    assert set(rules(answer)) == {
        "auth-bearer-header",
        "content-type",
        "idempotency-key-missing",
        "version-header-missing",
    }


async def test_no_headers_at_all_are_headers_too(mock):
    """An empty object says that the request had none, so it is a 401."""
    answer = await check(mock, {"headers": {}, "body": PLACED})
    assert (answer["status"], rules(answer)) == (401, ["auth-invalid"])


async def test_a_replay_in_the_list_is_a_replay(mock):
    item = {
        "headers": {"Authorization": f"Bearer {KEY}", "Hakuna-Idempotency-Key": "k"},
        "body": PLACED,
    }
    first, second = await check(mock, [item, item])
    assert second["body"] == first["body"]
    assert "duplicate-event" not in rules(second)


async def test_a_retry_of_what_the_world_knows_is_answered_with_the_known_id(mock):
    sent = await mock.send(PLACED, changes={"Hakuna-Idempotency-Key": "k"})
    headers = {"Authorization": f"Bearer {KEY}", "Hakuna-Idempotency-Key": "k"}
    answer = await check(mock, {"headers": headers, "body": PLACED})
    assert answer["body"] == {"event_id": sent.event_id}


async def test_a_dry_run_without_headers_never_meets_the_world_s_idempotency_keys(mock):
    """Whatever keys a shop has used, a bare event is a new one."""
    for number in range(5):
        key = f"00000000-0000-4000-8000-{number:012}"
        await mock.send(event(f"X#{number}"), changes={"Hakuna-Idempotency-Key": key})
    answer = await check(mock, event("P#77{d:1}"))
    assert (answer["status"], rules(answer)) == (200, [])


async def test_what_a_placement_would_release_is_told_as_well(mock):
    await mock.play("F{d:2}")
    answer = await check(mock, event("P{d:1}"))
    assert {"out-of-order-arrival", "over-fulfillment"} <= set(rules(answer))


async def test_the_settings_of_the_world_count(mock):
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    assert (await check(mock, event("F{d:1}"), key=KEY))["status"] == 404
    assert (await check(mock, event("F{d:1}"), key=OTHER_KEY))["status"] == 200


@pytest.mark.parametrize(
    "wrong", [5, None, "event", [], {"type": "paid"}, {**PLACED, "payload": []}]
)
async def test_a_malformed_event_is_refused_as_the_endpoint_would(mock, wrong):
    answer = await check(mock, {"body": wrong})
    real = await mock.send(json.dumps(wrong))
    assert answer["status"] == real.status == 400
    assert answer["body"] == real.json


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": 1, "header": {}},
        {"body": 1, "headers": []},
        {"body": 1, "headers": {"A": 1}},
        {"body": 1, "headers": {"A": None}},
        [PLACED, {"body": 1, "headers": "x"}],
    ],
)
async def test_a_question_that_is_none_is_refused_in_words(mock, wrong):
    reply = await mock.control("/check", method="POST", body=wrong)
    assert reply.status == 400
    assert "send an event" in reply.said


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'"\\ud800"', b"NaN", b"[" * 1000])
async def test_a_body_that_is_no_json_is_refused_in_words(mock, raw):
    reply = await mock.control("/check", method="POST", body=raw)
    assert reply.status == 400
    assert reply.said


async def test_no_whole_key_comes_back(mock):
    asked = {
        "headers": {"Authorization": f"Bearer {LIVE_KEY}", "Bearer": KEY},
        "body": json.loads(json.dumps(PLACED).replace("ord-1", LIVE_KEY)),
    }
    reply = await mock.control("/check", method="POST", body=asked)
    assert reply.json["status"] == 401
    assert LIVE_KEY not in reply.body.decode()


async def test_unknown_parameters_are_refused(mock):
    reply = await mock.control("/check?wrld=w-1", method="POST", body=PLACED)
    assert reply.status == 400
    assert "did you mean world?" in reply.said


async def test_a_long_list_does_not_keep_others_waiting(mock):
    """It is refused for its length: a list is judged in one go."""
    reply = await mock.control("/check", method="POST", body=[{}] * 1_001, key=KEY)
    assert reply.status == 400
    assert "1000 at most" in reply.said
    longest = await mock.control("/check", method="POST", body=[{}] * 1_000, key=KEY)
    assert (longest.status, len(longest.json)) == (200, 1_000)
