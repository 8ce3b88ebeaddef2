"""A fix that names lines and quantities can be followed: what it says to send breaks no rule."""

import pytest
from conversations import Story
from followed_fixes import conversations, trials
from hypothesis import given, settings
from hypothesis import strategies as st
from plays import FLAG, REJECT, event_id, played

from contracts.shorthand import parse


@settings(max_examples=150, deadline=None)
@given(conversations(), st.sampled_from((FLAG, REJECT)))
def test_what_a_fix_says_to_send_breaks_neither_its_rule_nor_another(story, policy):
    for trial in trials(story, policy):
        assert not trial.failures, trial


def fixes(text: str) -> set[str]:
    """The fixes of the last event's findings that name lines and quantities."""
    return {finding.fix for finding in played(text).last.findings if finding.correction}


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        pytest.param(
            "P{d:1,p:1>d,a:1} F{d:1} X",
            "send instead: order_line_items_cancelled (line-a, quantity 1) and "
            "order_refund_added (line-d, quantity 1; line-p, quantity 1)",
            id="an order cancellation names the plan beside its product",
        ),
        pytest.param(
            "P{d:1,p:1>d} F{d:1} R{d:1,p:1} X",
            "do not send this event",
            id="nothing is left to end",
        ),
        pytest.param(
            "P{d:2,p:2>d} F{d:1} C{d:1,p:2}",
            "set line-p to quantity 1, and also send order_refund_added (line-p, quantity 1)",
            id="one of two plans is cancelled alone",
        ),
        pytest.param(
            "P{d:2,p:2>d} F{d:2}@1 R{d:1,p:2}@20",
            "check refunded_at; if it is right, set line-p to quantity 1",
            id="one of two plans is revoked alone",
        ),
        pytest.param(
            "P{d:3,p:3>d} F{d:3} R{d:2,p:1}",
            "set line-p to quantity 2",
            id="a line that the event has already is not added again",
        ),
        pytest.param(
            "P{d:2,p:2>d} F{d:1} C{d:2,p:2}",
            "set line-d to quantity 1, set line-p to quantity 1, "
            "and also send order_refund_added (line-d, quantity 1; line-p, quantity 1)",
            id="a cancellation of shipped and other units is two events",
        ),
        pytest.param(
            "P{d:1,p:1>d} F{d:1} R{d:1,zz:1}",
            "remove zz, add line-p, quantity 1",
            id="an entry of an unknown line is left out",
        ),
        pytest.param(
            "P{d:1,p:1>d,q:1>d}", "remove line-q", id="the last plans give way in a placement"
        ),
    ],
)
def test_the_fix_of_an_event_is_the_same_for_all_its_findings(text, fix):
    (message,) = fixes(text.replace("zz", '"zz"'))
    assert message == fix
    assert not [trial for trial in trials(Story(tuple(parse(text))), FLAG) if trial.failures]


def test_a_late_return_without_its_plan_gets_fixes_that_agree():
    shop = played("P{d:1,p:1>d} F{d:1} R{d:1}@100")
    assert {finding.rule: finding.fix for finding in shop.last.findings} == {
        "refund-missing-protection": "add line-p, quantity 1",
        "product-return-window": "check refunded_at; if it is right, ask the provider: "
        "no page says how a later return is reported",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("P{d:1,p:1>d} F{d:1} C{d:1,p:1}@100", id="later than products are returned"),
        pytest.param("P{d:1,p:1>d} F{d:1}@5 C{d:1,p:1}@3", id="before it was shipped"),
        pytest.param("P{d:1,p:1>d} F{d:1} X@100", id="an order after all windows"),
    ],
)
def test_no_lines_are_named_where_no_event_would_be_right(text):
    findings = played(text).last.findings
    assert not fixes(text)
    assert all("check the date" in finding.fix.lower() for finding in findings)


def test_an_event_of_very_many_lines_gets_general_advice():
    lines = ",".join(f"d{number}:1,p{number}:1>d{number}" for number in range(60))
    refunded = ",".join(f"d{number}:1" for number in range(60))
    shop = played(f"P{{{lines}}} F{{{refunded}}} R{{{refunded}}}")
    assert {finding.fix for finding in shop.last.findings} == {
        "add the protection line to refund_items, with the same quantity"
    }


def test_a_waiting_event_is_corrected_by_what_its_order_turned_out_to_be():
    shop = played("R{d:1}@2 P{d:1,p:1>d}@0")
    (finding,) = [item for item in shop.log if item.correction]
    assert (finding.event_id, finding.fix) == (event_id(1), "add line-p, quantity 1")
