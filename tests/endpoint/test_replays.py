"""Idempotency: the same key and the same body are one event, however often they are sent."""

import json

import pytest
from server_mock import event

KEYED = {"Hakuna-Idempotency-Key": "3f1c6f0e-6c0f-4a3b-9a57-0a3c2b1d4e5f"}
PLACED = event("P{d:2, p:1>d}")
PLACED_BACKWARDS = {
    **PLACED,
    "payload": {**PLACED["payload"], "line_items": PLACED["payload"]["line_items"][::-1]},
}


def keyed(key):
    return {"Hakuna-Idempotency-Key": key}


def test_a_replay_is_answered_with_the_same_bytes_and_says_so(endpoint):
    first, again = (endpoint.send(PLACED, KEYED) for _ in range(2))
    assert (again.status, again.body) == (first.status, first.body) == (200, first.body)
    assert again.headers["Hakuna-Mock-Replayed"] == "true"
    assert "Hakuna-Mock-Replayed" not in first.headers


def test_replays_store_nothing_and_do_not_repeat_the_event_s_findings(endpoint):
    endpoint.play("P{d:1, p:1>d} F{d:1}")
    first = endpoint.send(event("R{d:1}@5"), KEYED)
    before = endpoint.stored(), endpoint.findings()
    replays = [endpoint.send(event("R{d:1}@5"), KEYED) for _ in range(3)]
    assert (first.rules, [replay.rules for replay in replays]) == (
        ["refund-missing-protection"],
        [[]] * 3,
    )
    assert (endpoint.stored(), endpoint.findings()) == before


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"Hakuna-Version": "v1.2"}, "version-header-unexpected"),
        ({"Hakuna-Version": None}, "version-header-missing"),
        ({"Content-Type": None}, "content-type"),
    ],
)
def test_the_headers_of_a_replay_are_judged_anew(endpoint, changes, rule):
    first = endpoint.send(event("R{d:1}"), KEYED)
    again = endpoint.send(event("R{d:1}"), {**KEYED, **changes})
    assert (first.rules, again.rules) == (["unknown-order"], [rule])
    (finding,) = [item for item in endpoint.findings() if item["rule"] == rule]
    assert finding["event_id"] == first.event_id
    assert finding["request_id"] == again.headers["Hakuna-Mock-Request"]


@pytest.mark.parametrize(
    "same",
    [
        json.dumps(PLACED, indent=4),
        json.dumps(PLACED, sort_keys=True),
        json.dumps(dict(reversed(PLACED.items()))),
        json.dumps(PLACED).replace('"quantity": 2', '"quantity": 2.0'),
        json.dumps(PLACED_BACKWARDS),
    ],
    ids=["other blanks", "sorted names", "other order of names", "2.0 for 2", "other line order"],
)
def test_the_body_counts_not_its_spelling(endpoint, same):
    first, again = endpoint.send(PLACED, KEYED), endpoint.send(same, KEYED)
    assert again.body == first.body
    assert again.headers["Hakuna-Mock-Replayed"] == "true"


@pytest.mark.parametrize("mode", ["flag", "reject"])
def test_a_key_with_another_body_is_refused_and_changes_nothing(endpoint, mode):
    endpoint.settings(enforcement=mode)
    endpoint.send(PLACED, KEYED)
    before = endpoint.stored()
    reply = endpoint.send(event("P#2{d:3}"), KEYED)
    assert (reply.status, reply.code) == (400, "invalid_request_parameters")
    assert reply.rules == ["idempotency-key-reused"]
    assert endpoint.stored() == before
    assert endpoint.send(PLACED, KEYED).status == 200


@pytest.mark.parametrize("refused", [b"{", {"type": "order_placed"}, {**PLACED, "type": "paid"}])
def test_a_refused_request_leaves_its_key_to_the_corrected_one(endpoint, refused):
    assert endpoint.send(refused, KEYED).status == 400
    assert endpoint.send(PLACED, KEYED).status == 200


@pytest.mark.parametrize(
    ("refused", "status", "corrected"),
    [("R{d:1}@5", 400, "R{d:1, p:1}@5"), ("R#2{d:1}", 404, "P#2{d:1}")],
)
def test_so_does_one_that_rejecting_refuses(strict, refused, status, corrected):
    strict.play("P{d:1, p:1>d} F{d:1}")
    assert strict.send(event(refused), KEYED).status == status
    assert strict.send(event(corrected), KEYED).status == 200


@pytest.mark.parametrize("key", ["", None])
def test_without_a_key_or_with_an_empty_one_a_repetition_is_a_second_event(endpoint, key):
    first, again = (endpoint.send(PLACED, keyed(key)) for _ in range(2))
    assert again.event_id != first.event_id
    assert first.rules == ["idempotency-key-missing"]
    assert again.rules == ["duplicate-event", "idempotency-key-missing"]


@pytest.mark.parametrize(
    ("placed", "refunded", "rules"),
    [
        ("P{d:3, p:3>d} F{d:3}", 2, ["duplicate-event"]),
        ("P{d:1, p:1>d} F{d:1}", 1, ["duplicate-event", "over-refund", "over-refund"]),
    ],
)
def test_a_refund_that_is_repeated_without_its_key_counts_twice(endpoint, placed, refunded, rules):
    endpoint.play(f"{placed} R{{d:1, p:1}}@5 R{{d:1, p:1}}@5")
    assert endpoint.told() == rules
    assert endpoint.line("d")["refunded"] == refunded


def test_an_idempotency_key_belongs_to_its_api_key(endpoint):
    first = endpoint.send(PLACED, KEYED)
    other = endpoint.send(event("P{d:9}"), KEYED, key=endpoint.other_key)
    assert other.event_id != first.event_id
    assert "Hakuna-Mock-Replayed" not in other.headers


@pytest.mark.parametrize(
    "key",
    [
        *["k", "~", "!~", "~" * 255, "3b0cbb4a-6e02-4b0c-9a28-000000000018"],
        *['"quoted"', "';DROP", "{}", "%0d%0aSet-Cookie:x", "\\r\\n"],
    ],
)
def test_1_to_255_visible_ascii_characters_are_a_key_and_only_text(endpoint, key):
    first, again = (endpoint.send(PLACED, keyed(key)) for _ in range(2))
    assert again.body == first.body
    assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("mode", ["flag", "reject"])
@pytest.mark.parametrize("key", ["k" * 256, "two words", "tab\tkey", "schl\xfcssel", 'a, "b"'])
def test_other_keys_are_refused_whatever_the_enforcement(endpoint, key, mode):
    endpoint.settings(enforcement=mode)
    reply = endpoint.send(PLACED, keyed(key))
    assert (reply.status, reply.rules) == (400, ["idempotency-key-invalid"])
