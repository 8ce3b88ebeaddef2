"""Idempotency keys: what one looks like, and what a repeated request is answered."""

import json

import pytest
from conversations import stories
from hypothesis import given, settings
from plays import FLAG, REJECT, Shop, header, rules_of

from contracts.http.idempotency import KEY_HEADER, key_problem
from contracts.scenarios.rule_examples import EXAMPLE_KEY
from contracts.shorthand import bodies

PLACEMENT = bodies("P{d:1}")[0]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("k" * 256, "has 256 characters; 255 are the limit"),
        ("a b", "visible ASCII characters only"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_in_words(key, words):
    assert words in key_problem(key)


class TestIdempotency:
    def test_a_replay_has_the_same_status_and_body_and_says_so(self):
        shop = Shop()
        first, second = (shop.send(PLACEMENT, {KEY_HEADER: "k"}) for _ in range(2))
        assert (second.status, second.body) == (200, first.body)
        assert header(first, "Hakuna-Mock-Replayed") is None
        assert header(second, "Hakuna-Mock-Replayed") == "true"
        assert second.replayed
        assert second.accepted is None

    def test_a_replay_is_the_same_body_by_meaning_not_by_bytes(self):
        shop = Shop()
        shop.send(PLACEMENT, {KEY_HEADER: "k"})
        again = json.dumps(dict(reversed(PLACEMENT.items())), indent=4).replace(": 1,", ": 1.0,")
        assert shop.send(again, {KEY_HEADER: "k"}).replayed

    def test_request_rules_are_judged_anew_and_event_rules_not_repeated(self):
        shop = Shop().play("R{d:1}")
        body = bodies("R{d:1}@5")[0]
        first = shop.send(body, {KEY_HEADER: "k"})
        again = shop.send(body, {KEY_HEADER: "k", "Content-Type": None})
        assert rules_of(first) == ["unknown-order"]
        assert rules_of(again) == ["content-type"]
        assert {one.event_id for one in again.findings} == {first.event_id}

    def test_a_refused_request_leaves_its_key_free_for_the_corrected_one(self):
        shop = Shop()
        assert shop.send({"type": "order_placed"}, {KEY_HEADER: "k"}).status == 400
        assert shop.send(PLACEMENT, {KEY_HEADER: "k"}).status == 200

    def test_a_key_that_rejecting_refused_is_free_too(self):
        shop = Shop(REJECT)
        assert shop.send(bodies("R{d:1}")[0], {KEY_HEADER: "k"}).status == 404
        assert shop.send(PLACEMENT, {KEY_HEADER: "k"}).status == 200

    @pytest.mark.parametrize("key", ["", None])
    def test_no_key_and_an_empty_key_are_the_same(self, key):
        shop = Shop()
        first, second = (shop.send(PLACEMENT, {KEY_HEADER: key}) for _ in range(2))
        assert "idempotency-key-missing" in rules_of(first)
        assert first.event_id != second.event_id
        assert not shop.world.replies

    @pytest.mark.parametrize("key", ["two words", "k" * 256, "schlüssel", "a\tb", "\x7f"])
    def test_an_unusable_key_is_400_in_both_enforcements(self, key):
        for policy in (FLAG, REJECT):
            verdict = Shop(policy).send(PLACEMENT, {KEY_HEADER: key})
            assert (verdict.status, rules_of(verdict)) == (400, ["idempotency-key-invalid"])

    @pytest.mark.parametrize("key", ["k", "k" * 255, "!~", "3b0cbb4a-6e02-4b0c-9a28-000000000018"])
    def test_1_to_255_visible_ascii_characters_are_a_key(self, key):
        assert Shop().send(PLACEMENT, {KEY_HEADER: key}).status == 200

    def test_a_key_sent_twice_is_no_key(self):
        headers = (("Bearer", EXAMPLE_KEY), (KEY_HEADER, "a"), (KEY_HEADER, "b"))
        assert "idempotency-key-invalid" in rules_of(Shop().send(PLACEMENT, headers=headers))


@settings(deadline=None)
@given(stories(excess=True))
def test_a_replay_returns_the_same_id_and_stores_nothing(story):
    shop = Shop()
    for number, body in enumerate(story.bodies):
        first = shop.send(body, {KEY_HEADER: f"key-{number}"})
        before = shop.snapshot()
        again = shop.send(body, {KEY_HEADER: f"key-{number}"})
        assert (again.status, again.body, again.replayed) == (200, first.body, True)
        assert again.accepted is None
        assert shop.snapshot() == before
