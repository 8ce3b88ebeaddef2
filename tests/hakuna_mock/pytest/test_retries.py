"""A shop that asks again: under the same idempotency key it passes, else it is told."""

import pytest

SHOP = """
import uuid
import requests
from contracts.shorthand import bodies

def publish(hakuna, event, keys):
    "One attempt for each key, until there is a reply."
    for key in keys:
        headers = {**hakuna.headers, "Hakuna-Idempotency-Key": key}
        try:
            return requests.post(hakuna.events_url, json=event, headers=headers).json()["event_id"]
        except requests.ConnectionError:
            continue

(PLACED,) = bodies("P{d:3}")
ONE, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
"""


def test_an_event_that_is_sent_twice_under_one_key_is_one_event(inner):
    inner(
        SHOP
        + """
def test_shop(hakuna):
    first = publish(hakuna, PLACED, [ONE])
    assert publish(hakuna, PLACED, [ONE]) == first
    assert len(hakuna.requests()) == 2
    hakuna.assert_received("order_placed", count=1)
"""
    ).assert_outcomes(passed=1)


def test_under_another_key_it_counts_twice_and_the_test_fails(inner):
    ran = inner(
        SHOP
        + """
def test_shop(hakuna):
    for key in (ONE, OTHER):
        publish(hakuna, PLACED, [key])
"""
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["hakuna: duplicate-event"])


@pytest.mark.parametrize(
    ("keys", "outcome"), [("[ONE, ONE]", {"passed": 1}), ("[ONE, OTHER]", {"failed": 1})]
)
def test_after_a_reply_that_was_lost_the_key_must_be_the_same(inner, keys, outcome):
    ran = inner(
        SHOP
        + f"""
def test_shop(hakuna):
    hakuna.fault("commit_drop", times=1)
    assert publish(hakuna, PLACED, {keys})
"""
    )
    ran.assert_outcomes(**outcome)
    if "failed" in outcome:
        ran.stdout.fnmatch_lines(["hakuna: *retry*", "*commit_drop*"])
