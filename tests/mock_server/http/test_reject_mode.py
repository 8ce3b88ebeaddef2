"""Enforcement `reject`: violations are refused in the provider's codes, and change nothing."""

import pytest
from server_mock import KEY, OTHER_KEY, event

from contracts.shorthand import bodies

REFUSED = {
    "refund-missing-protection": ("P{d:1, p:1>d} F{d:1} R{d:1}", 400, "invalid_request_parameters"),
    "cancel-missing-protection": ("P{d:1, p:1>d} C{d:1}", 400, "invalid_request_parameters"),
    "order-cancel-after-fulfillment": ("P{d:1} F{d:1} X", 400, "cancel_decline"),
    "order-already-cancelled": ("P{d:1} X X@4", 400, "cancel_decline"),
    "unknown-order": ("F{d:1}", 404, "entity_not_found"),
    "unknown-line-item": ("P{d:1} F{zz:1}", 400, "invalid_request_parameters"),
    "order-id-reused": ("P{d:1} P{d:2}", 400, "invalid_request_parameters"),
    "event-after-order-cancelled": ("P{d:1} X F{d:1}", 400, "invalid_request_parameters"),
    "protection-exceeds-product": ("P{d:1, p:2>d}", 400, "invalid_request_parameters"),
    "protection-dangling-reference": ("P{d:1, p:1>x}", 400, "invalid_request_parameters"),
}


@pytest.fixture
async def strict(start_mock):
    return await start_mock(enforcement="reject")


@pytest.mark.parametrize("rule", REFUSED)
async def test_a_violation_is_refused_in_the_provider_s_code_and_names_its_rule(strict, rule):
    shorthand, status, code = REFUSED[rule]
    *earlier, last = await strict.play(shorthand)
    assert all(reply.status == 200 for reply in earlier)
    assert (last.status, last.code) == (status, code)
    assert rule in last.rules
    assert any(text.startswith(f"{rule}: ") for text in last.errors)
    assert "Link" not in last.headers


@pytest.mark.parametrize("rule", REFUSED)
async def test_what_was_refused_changed_nothing(strict, rule):
    *earlier, last = bodies(REFUSED[rule][0])
    for body in earlier:
        await strict.send(body)
    before = await strict.everything("/requests", "/findings", "/verdict", "/worlds")
    await strict.send(last)
    await strict.send(last)
    assert await strict.everything("/requests", "/findings", "/verdict", "/worlds") == before


async def test_refused_violations_count_in_the_verdict_all_the_same(strict):
    await strict.play("P{d:1, p:1>d} F{d:1} R{d:1}")
    verdict = await strict.control("/verdict", key=KEY)
    assert (verdict.status, verdict.json["counts"]["violation"]) == (409, 1)


async def test_warnings_and_advice_are_accepted(strict):
    replies = await strict.play("P{d:1} F{d:2} R{d:1} R{d:1}@7")
    assert [reply.status for reply in replies] == [200] * 4
    assert replies[1].rules == ["over-fulfillment"]


async def test_the_corrected_event_is_accepted(strict):
    await strict.play("P{d:1, p:1>d} F{d:1} R{d:1}")
    assert (await strict.send(event("R{d:1, p:1}"))).status == 200
    (order,) = await strict.get("/orders")
    assert order["status"] == "closed"


async def test_an_unknown_order_does_not_wait_for_its_placement(strict):
    await strict.play("F{d:1} P{d:1}")
    (order,) = await strict.get("/orders")
    assert order["lines"][0]["fulfilled"] == 0


async def test_each_world_may_be_stricter_than_the_others(mock):
    await mock.put_settings({"enforcement": "reject"}, key=KEY)
    assert (await mock.send(event("F{d:1}"), key=KEY)).status == 404
    assert (await mock.send(event("F{d:1}"), key=OTHER_KEY)).status == 200


async def test_a_rule_that_is_off_neither_reports_nor_refuses(strict):
    await strict.put_settings({"rules": {"refund-missing-protection": "off"}}, key=KEY)
    replies = await strict.play("P{d:1, p:1>d} F{d:1} R{d:1}")
    assert (replies[-1].status, replies[-1].rules) == (200, [])


async def test_a_warning_that_was_raised_to_a_violation_refuses(strict):
    await strict.put_settings({"rules": {"over-fulfillment": "violation"}}, key=KEY)
    replies = await strict.play("P{d:1} F{d:2}")
    assert (replies[-1].status, replies[-1].rules) == (400, ["over-fulfillment"])
