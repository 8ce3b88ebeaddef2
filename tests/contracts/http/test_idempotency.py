"""Idempotency keys: what one looks like, and what a repeated request is answered."""

import pytest
from conversations import stories
from hypothesis import given, settings
from plays import Shop, rules_of

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
    @pytest.mark.parametrize("key", ["", None])
    def test_no_key_and_an_empty_key_are_the_same(self, key):
        shop = Shop()
        first, second = (shop.send(PLACEMENT, {KEY_HEADER: key}) for _ in range(2))
        assert "idempotency-key-missing" in rules_of(first)
        assert first.event_id != second.event_id
        assert not shop.world.replies

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
