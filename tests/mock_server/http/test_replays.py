"""Idempotency: the same key and the same body are one event, however often they are sent."""

import json

import pytest
from server_mock import KEY, OTHER_KEY, event

KEYED = {"Hakuna-Idempotency-Key": "3f1c6f0e-6c0f-4a3b-9a57-0a3c2b1d4e5f"}
PLACED = event("P{d:2, p:1>d}")
NOT_THE_JOURNAL = ("/requests",)


async def test_a_replay_is_answered_with_the_same_bytes_and_says_so(mock):
    first = await mock.send(PLACED, changes=KEYED)
    again = await mock.send(PLACED, changes=KEYED)
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["Hakuna-Mock-Replayed"] == "true"
    assert "Hakuna-Mock-Replayed" not in first.headers


async def test_replays_leave_everything_but_the_journal_as_it_was(mock):
    await mock.play("P{d:1, p:1>d} F{d:1}")
    await mock.send(event("R{d:1}@5"), changes=KEYED)
    before = await mock.everything(*NOT_THE_JOURNAL)
    for _ in range(3):
        await mock.send(event("R{d:1}@5"), changes=KEYED)
    assert await mock.everything(*NOT_THE_JOURNAL) == before
    replayed = [row["replayed"] for row in await mock.get("/requests")]
    assert replayed == [False, False, False, True, True, True]


async def test_a_replay_does_not_repeat_the_event_s_findings(mock):
    await mock.play("P{d:1, p:1>d} F{d:1}")
    first = await mock.send(event("R{d:1}@5"), changes=KEYED)
    again = await mock.send(event("R{d:1}@5"), changes=KEYED)
    assert (first.rules, again.rules) == (["refund-missing-protection"], [])
    assert await mock.open_rules() == ["refund-missing-protection"]


async def test_the_headers_of_a_replay_are_judged_anew(mock):
    first = await mock.send(PLACED, changes=KEYED)
    again = await mock.send(PLACED, changes={**KEYED, "Hakuna-Version": "v1.2"})
    assert again.rules == ["version-header-unexpected"]
    (finding,) = await mock.get("/findings")
    assert finding["event_id"] == first.event_id
    assert finding["request_id"] == again.headers["Hakuna-Mock-Request"]
    assert (await mock.get(f"/events/{first.event_id}"))["findings"] == []


@pytest.mark.parametrize(
    "same",
    [
        json.dumps(PLACED, indent=4),
        json.dumps(PLACED, sort_keys=True),
        json.dumps(PLACED).replace('"quantity": 2', '"quantity": 2.0'),
        json.dumps(
            {
                **PLACED,
                "payload": {
                    **PLACED["payload"],
                    "line_items": PLACED["payload"]["line_items"][::-1],
                },
            }
        ),
    ],
    ids=["other blanks", "other key order", "2.0 for 2", "other line order"],
)
async def test_the_body_counts_not_its_spelling(mock, same):
    first = await mock.send(PLACED, changes=KEYED)
    assert (await mock.send(same, changes=KEYED)).body == first.body


async def test_a_key_with_another_body_is_refused_and_changes_nothing(mock):
    await mock.send(PLACED, changes=KEYED)
    before = await mock.everything("/requests", "/findings", "/verdict", "/worlds")
    reply = await mock.send(event("P{d:3}"), changes=KEYED)
    assert (reply.status, reply.code) == (400, "invalid_request_parameters")
    assert reply.rules == ["idempotency-key-reused"]
    assert await mock.everything("/requests", "/findings", "/verdict", "/worlds") == before
    assert (await mock.send(PLACED, changes=KEYED)).status == 200


async def test_only_accepted_events_are_remembered(mock):
    assert (await mock.send({**PLACED, "type": "paid"}, changes=KEYED)).status == 400
    assert (await mock.send(PLACED, changes=KEYED)).status == 200


async def test_under_reject_a_corrected_retry_keeps_its_key(mock):
    await mock.put_settings({"enforcement": "reject"})
    await mock.play("P{d:1, p:1>d} F{d:1}")
    assert (await mock.send(event("R{d:1}@5"), changes=KEYED)).status == 400
    assert (await mock.send(event("R{d:1, p:1}@5"), changes=KEYED)).status == 200


async def test_the_same_body_without_a_key_is_a_second_event(mock):
    no_key = {"Hakuna-Idempotency-Key": None}
    first = await mock.send(PLACED, changes=no_key)
    again = await mock.send(PLACED, changes=no_key)
    assert again.event_id != first.event_id
    assert again.rules == ["duplicate-event", "idempotency-key-missing"]


async def test_an_idempotency_key_belongs_to_its_api_key(mock):
    first = await mock.send(PLACED, changes=KEYED, key=KEY)
    other = await mock.send(event("P{d:9}"), changes=KEYED, key=OTHER_KEY)
    assert other.event_id != first.event_id
    assert "Hakuna-Mock-Replayed" not in other.headers


async def test_a_reset_forgets_idempotency_keys(mock):
    first = await mock.send(PLACED, changes=KEYED)
    await mock.reset(key=KEY)
    assert (await mock.send(event("P{d:3}"), changes=KEYED)).event_id != first.event_id


@pytest.mark.parametrize("length", [1, 255])
async def test_keys_may_have_up_to_255_characters(mock, length):
    changes = {"Hakuna-Idempotency-Key": "~" * length}
    first = await mock.send(PLACED, changes=changes)
    assert (await mock.send(PLACED, changes=changes)).body == first.body


@pytest.mark.parametrize("key", ["k" * 256, "two words", "tab\tkey", "schlüssel", 'a, "b"'])
async def test_other_keys_are_refused_whatever_the_enforcement(mock, key):
    reply = await mock.send(PLACED, changes={"Hakuna-Idempotency-Key": key})
    assert (reply.status, reply.rules) == (400, ["idempotency-key-invalid"])


@pytest.mark.parametrize("key", ['"quoted"', "'; DROP TABLE", "{}", "%0d%0aSet-Cookie:x", "\\r\\n"])
async def test_keys_with_quotes_and_escapes_are_only_text(mock, key):
    key = key.replace(" ", "")
    first = await mock.send(PLACED, changes={"Hakuna-Idempotency-Key": key})
    again = await mock.send(PLACED, changes={"Hakuna-Idempotency-Key": key})
    assert again.body == first.body
    assert "Set-Cookie" not in again.headers
