"""Steps made smaller and plainer: what matters stays, what does not becomes usual."""

import json

import pytest

from contracts.http.idempotency import KEY_HEADER
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies, show
from fuzz.engine.simplify import in_sequence, simpler
from fuzz.engine.usual_values import keys_sent, with_usual_values
from fuzz.generate.context import DRY_RUN, IN_PARALLEL, SEND, SETTINGS, Step
from fuzz.model.oracle import HttpRequest

TAG = "0a1b2c3d4e"
KEYS = (f"sk_test_fuzz_{TAG}", f"sk_test_fuzz_{TAG}_1")


def sent(body, **headers) -> HttpRequest:
    told = {**usual_headers(7, KEYS[0]), **headers}
    kept = tuple((name, value) for name, value in told.items() if value is not None)
    return HttpRequest(kept, json.dumps(body).encode())


def event(asked: HttpRequest):
    return json.loads(asked.body)


def odd_story() -> list[Step]:
    placed, refunded = bodies("P{d:2,p:1>d} R{d:1}@5")
    placed["payload"] |= {"order_id": f" ORD-{TAG}", "cart_id": "c", "order_currency": "chf"}
    placed["payload"]["customer"]["first_name"] = "\u202egnirts"
    placed["payload"]["line_items"][0]["quantity"] = 2.0
    refunded["payload"]["order_id"] = f" ORD-{TAG}"
    refunded["payload"]["refund_items"][0]["refunded_at"] = "2024-03-06t23:59:59.5-05:00"
    odd = {"Authorization": None, "Bearer": KEYS[0], KEY_HEADER: None, "Content-Type": "text/plain"}
    return [Step("a", (sent(placed, **odd),)), Step("b", (sent(refunded),))]


def test_what_does_not_matter_becomes_usual():
    plain = with_usual_values(odd_story(), TAG, KEYS, lambda _steps: True)
    placed, refunded = (event(step.requests[0]) for step in plain)
    assert placed["payload"]["order_id"] == refunded["payload"]["order_id"] == f"ord-{TAG}-1"
    assert placed["payload"]["customer"]["first_name"] == "Max"
    assert "cart_id" not in placed["payload"]
    assert show([refunded]).endswith("{d:1}@5")
    headers = dict(plain[0].requests[0].headers)
    assert headers.keys() == usual_headers(0).keys()
    assert headers["Authorization"] == f"Bearer {KEYS[0]}"


@pytest.mark.parametrize(
    ("matters", "holds"),
    [
        ("the name", lambda steps: b"202e" in steps[0].requests[0].body),
        ("the time", lambda steps: b"t23:59" in steps[1].requests[0].body),
        ("the id", lambda steps: b"ORD-" in steps[1].requests[0].body),
        ("a header", lambda steps: "Bearer" in dict(steps[0].requests[0].headers)),
        ("a number", lambda steps: b"2.0" in steps[0].requests[0].body),
    ],
)
def test_what_matters_stays_and_the_rest_becomes_usual_nevertheless(matters, holds):
    story = odd_story()
    plain = with_usual_values(story, TAG, KEYS, holds)
    assert holds(plain), matters
    assert plain != story


def test_two_requests_under_one_key_stay_under_one_key():
    asked = sent(bodies("R{d:1}")[0], **{KEY_HEADER: f"{TAG}-9", "Hakuna-Version": None})
    steps = [Step("a", (asked,)), Step("a", (asked,))]
    first, second = with_usual_values(steps, TAG, KEYS, lambda _steps: True)
    assert first.requests == second.requests


def test_a_product_leaves_together_with_its_plans():
    placed = bodies("P{d:1,p:1>d,a:1,b:1>a}")[0]
    shorter = [event(item.requests[0]) for item in simpler(Step("a", (sent(placed),)))]
    lines = [[session["id"] for session in item["payload"]["line_items"]] for item in shorter]
    assert ["line-a", "line-b"] in lines
    assert ["line-d", "line-p"] in lines


def test_every_quantity_of_an_event_becomes_less_at_once():
    placed = bodies("P{d:4,p:4>d}")[0]
    shorter = [event(item.requests[0]) for item in simpler(Step("a", (sent(placed),)))]
    units = [[session["quantity"] for session in item["payload"]["line_items"]] for item in shorter]
    assert [3, 3] in units


def test_settings_lose_what_they_do_not_need():
    told = {"enforcement": "reject", "rules": {"over-refund": "off", "zip-format": None}}
    fewer = [item.settings for item in simpler(Step("a", mode=SETTINGS, key="k", settings=told))]
    assert {"enforcement": "reject"} in fewer
    assert {"enforcement": "reject", "rules": {"zip-format": None}} in fewer
    assert {} not in fewer


def test_one_by_one_nothing_is_at_once_and_nothing_is_only_asked_about():
    asked = sent(bodies("R{d:1}")[0])
    steps = [Step("a", (asked,) * 3, IN_PARALLEL), Step("b", (asked,) * 2, DRY_RUN, "k"), Step("c")]
    assert [(item.mode, len(item.requests)) for item in in_sequence(steps)] == [(SEND, 1)] * 5


def test_of_two_keys_that_begin_alike_the_longer_one_is_read():
    asked = sent({}, Authorization=f"Bearer {KEYS[1]}")
    assert list(keys_sent(asked, KEYS)) == [KEYS[1]]
    both = sent({}, Authorization=f"Bearer {KEYS[1]}", Bearer=KEYS[0])
    assert list(keys_sent(both, KEYS)) == [KEYS[1], KEYS[0]]
