"""What a run exercised, counted and merged."""

import json

import pytest

from contracts import ScratchWorld, judge
from contracts.coverage import DIMENSIONS, Coverage, CoverageError, merged, reachable, read_coverage
from contracts.examples import requests_of
from contracts.expectations import rehearse
from contracts.policy import Policy
from contracts.request import Request
from contracts.rules import RULES
from contracts.scenario import Scenario, Step
from contracts.scenarios import shipped

NOW = 1_767_225_600_000_000_000  # 2026-01-01


def covered(*plays: str | Step, policy: Policy | None = None) -> dict:
    steps = tuple(Step(shorthand=one) if isinstance(one, str) else one for one in plays)
    return rehearse(Scenario("a", steps), NOW, policy).coverage.to_json()


def items(document: dict, dimension: str) -> set[str]:
    return {item for item, count in document[dimension]["items"].items() if count}


def test_nothing_is_covered_before_the_first_request():
    document = Coverage().to_json()
    assert list(document) == list(DIMENSIONS)
    assert {part["score"] for part in document.values()} == {0}
    assert all(part["index"] == len(part["items"]) for part in document.values())


def test_an_accepted_event_counts_with_its_type_fields_and_transition():
    document = covered("P{d:1} F{d:1}")
    assert items(document, "event_types") == {"order_placed", "order_fulfillment_added"}
    assert "order_placed /payload/line_items/*/quantity" in items(document, "fields")
    assert "order_placed /payload/cart_id" not in items(document, "fields")
    assert items(document, "transitions") == {
        "new -> placed by order_placed",
        "placed -> fulfilled by order_fulfillment_added",
    }


def test_a_rule_passes_where_it_was_asked_and_silent_and_is_violated_where_it_spoke():
    document = covered("P{d:1,p:1>d} F{d:1} R{d:1}")
    assert items(document, "rules_violated") == {"refund-missing-protection"}
    assert "refund-missing-protection" not in items(document, "rules_passed")
    assert "unknown-order" in items(document, "rules_passed")
    assert "order-already-cancelled" not in items(document, "rules_passed")
    again = covered("P{d:1,p:1>d} F{d:1} R{d:1}", "P#2{d:1,p:1>d} F#2{d:1} R#2{d:1,p:1}")
    assert "refund-missing-protection" in items(again, "rules_passed") & items(
        again, "rules_violated"
    )


def test_a_rule_that_is_off_neither_passes_nor_is_violated():
    policy = Policy(levels={"refund-missing-protection": "off"})
    document = covered("P{d:1,p:1>d} F{d:1} R{d:1}", policy=policy)
    for dimension in ("rules_passed", "rules_violated"):
        assert "refund-missing-protection" not in items(document, dimension)


def test_refused_requests_count_with_their_error_code_and_no_event():
    document = covered(Step(raw=b"{"), Step(body={"type": "order_cancelled", "payload": {}}))
    assert items(document, "error_codes") == {"invalid_request_parameters"}
    assert document["error_codes"]["items"]["invalid_request_parameters"] == 2
    assert items(document, "event_types") == set()
    assert items(document, "rules_violated") == {"body-invalid"}


def test_before_the_door_no_header_rule_has_passed():
    document = covered(Step(shorthand="P{d:1}", headers={"Authorization": None}))
    assert items(document, "rules_passed") == set()
    assert items(document, "error_codes") == {"unauthorized"}


def test_waiting_events_count_when_they_are_replayed():
    document = covered("F{d:1} P{d:1}")
    assert items(document, "transitions") == {
        "new -> waiting by order_fulfillment_added",
        "waiting -> placed by order_placed",
        "placed -> fulfilled by order_fulfillment_added",
    }
    assert {"unknown-order", "out-of-order-arrival"} <= items(document, "rules_violated")


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_can_be_violated_and_passed_by_its_own_examples(rule):
    """Else the index would promise what nobody can reach."""
    seen = Coverage()
    for example in (*RULES[rule].passes, *RULES[rule].violates):
        world = ScratchWorld()
        for number, (headers, body) in enumerate(requests_of(example)):
            asked = tuple(headers.items())
            request = Request("POST", example.path, asked, body, NOW, f"evt-{number}", "r")
            verdict = judge(request, world)
            seen.see(verdict, Policy())
            world.commit(verdict)
    for dimension in ("rules_passed", "rules_violated"):
        assert rule in items(seen.to_json(), dimension)


def test_the_shipped_catalogue_reaches_nearly_everything():
    runs = [rehearse(one, NOW).coverage for one in shipped().values()]
    runs += [
        rehearse(one, NOW, Policy(enforcement="reject")).coverage for one in shipped().values()
    ]
    document = merged(runs).to_json()
    missing = {name: set(part["items"]) - items(document, name) for name, part in document.items()}
    # A scenario of the catalogue is posted to the sandbox endpoint and holds no live key.
    assert missing["rules_violated"] == {"production-path", "auth-environment-mismatch"}
    assert missing["rules_passed"] == set()
    assert missing["event_types"] == set()
    assert missing["error_codes"] == set()
    assert missing["fields"] == set()


def test_runs_are_merged_by_adding_and_survive_as_json():
    one, two = covered("P{d:1}"), covered("P{d:1} X")
    total = merged(read_coverage(json.loads(json.dumps(run))) for run in (one, two)).to_json()
    assert total["event_types"]["items"]["order_placed"] == 2
    assert total["event_types"]["items"]["order_cancelled"] == 1
    for name in DIMENSIONS:
        assert items(total, name) == items(one, name) | items(two, name)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {name: {} for name in DIMENSIONS},
        {name: {"items": []} for name in DIMENSIONS},
        {name: {"items": {"order_placed": -1}} for name in DIMENSIONS},
        {name: {"items": {"order_placed": True}} for name in DIMENSIONS},
        {name: {"items": {"order_placed": "1"}} for name in DIMENSIONS},
    ],
    ids=str,
)
def test_what_is_no_coverage_is_refused_in_words(document):
    with pytest.raises(CoverageError):
        read_coverage(document)


def test_items_of_another_version_are_left_out():
    document = {name: {"items": {"of-tomorrow": 3}} for name in DIMENSIONS}
    assert read_coverage(document).to_json() == Coverage().to_json()


def test_no_item_is_listed_twice():
    for items_ in reachable().values():
        assert len(items_) == len(set(items_))
