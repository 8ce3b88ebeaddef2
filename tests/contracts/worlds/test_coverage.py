"""What a run exercised, counted and merged."""

import json

import pytest

from contracts.http.request import Request
from contracts.judging.session import Session
from contracts.rules import RULES, Stage
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import Scenario, Step
from contracts.scenarios.rule_examples import requests_of
from contracts.scenarios.runner import dry_run
from contracts.worlds.coverage import (
    BY_TYPE,
    DIMENSIONS,
    Coverage,
    CoverageError,
    cells,
    in_words,
    merged,
    reachable,
    read_coverage,
)
from contracts.worlds.policy import Policy

NOW = 1_767_225_600_000_000_000  # 2026-01-01


def covered(*plays: str | Step, policy: Policy | None = None) -> dict:
    steps = tuple(Step(shorthand=play) if isinstance(play, str) else play for play in plays)
    return dry_run(Scenario("a", steps), NOW, policy).coverage.to_json()


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


def passed_and_fired(document: dict, cell: str) -> tuple[int, int]:
    """How often the rule passed and how often it spoke; the item must be one of the index."""
    part = document[BY_TYPE]
    fired = part["fired"].get(cell, 0)
    return part["items"][cell] - fired, fired


def test_a_rule_is_told_apart_by_the_type_of_the_event_it_looked_at():
    document = covered("P{d:1,p:1>d} F{d:1} R{d:1}", "P#2{d:1} X#2")
    assert passed_and_fired(document, "order_refund_added refund-missing-protection") == (0, 1)
    assert passed_and_fired(document, "order_placed zip-format") == (2, 0)
    assert passed_and_fired(document, "order_cancelled unknown-order") == (1, 0)
    assert passed_and_fired(document, "order_line_items_cancelled unknown-order") == (0, 0)
    assert "order_refund_added zip-format" not in document[BY_TYPE]["items"]


def test_a_refused_body_counts_for_the_type_it_names():
    document = covered(Step(body={"type": "order_cancelled", "payload": {}}))
    assert passed_and_fired(document, "order_cancelled body-invalid") == (0, 1)
    assert passed_and_fired(document, "order_cancelled timestamp-format") == (1, 0)
    assert passed_and_fired(document, "order_cancelled version-header-missing") == (1, 0)
    assert passed_and_fired(document, "unread body-invalid") == (0, 0)


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        (Step(raw=b"{"), "body-invalid"),
        (Step(body=[]), "body-invalid"),
        (Step(body={"type": "order_paid", "payload": {}}), "unknown-event-type"),
        (Step(shorthand="P{d:1}", headers={"Authorization": None}), "auth-invalid"),
    ],
    ids=["no json", "a list", "another type", "no key"],
)
def test_what_was_refused_before_a_type_was_read_stands_apart(step, rule):
    document = covered(step)
    assert passed_and_fired(document, f"unread {rule}") == (0, 1)
    reached = [item for item in items(document, BY_TYPE) if not item.startswith("unread ")]
    assert reached == []


def test_a_body_of_no_known_type_passes_no_rule_about_bodies():
    document = covered(Step(raw=b"{"))
    for rule in ("timestamp-format", "country-format", "unknown-event-type"):
        assert rule not in items(document, "rules_passed")
    assert passed_and_fired(document, "unread version-header-missing") == (1, 0)


def test_waiting_events_count_under_their_own_type():
    document = covered("F{d:1} P{d:1}")
    fired = document[BY_TYPE]["fired"]
    assert fired["order_fulfillment_added out-of-order-arrival"] == 1
    assert fired["order_fulfillment_added unknown-order"] == 1
    assert "order_placed out-of-order-arrival" not in document[BY_TYPE]["items"]


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (Step(shorthand="X", headers={"Hakuna-Mock-Fault": "unavailable"}), "order_cancelled"),
        (Step(body={"type": "x"}, headers={"Hakuna-Mock-Fault": "unavailable"}), "unread"),
    ],
    ids=["an event", "no event"],
)
def test_the_rules_of_retries_are_asked_of_whatever_met_a_fault(step, kind):
    document = covered(step)
    assert passed_and_fired(document, f"{kind} retry-missing") == (0, 1)
    assert passed_and_fired(document, f"{kind} retry-storm") == (1, 0)


def test_the_cells_are_what_the_rules_themselves_name():
    for kind, rule in cells():
        assert RULES[rule].untyped if kind == "unread" else kind in RULES[rule].events
    assert {rule for _, rule in cells()} == set(RULES)


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
def test_the_cells_of_a_rule_add_up_to_the_rule_and_no_other_cell_is_counted(enforcement):
    policy = Policy(enforcement=enforcement, levels={"zip-format": "off"})
    for scenario in shipped().values():
        seen = dry_run(scenario, NOW, policy).coverage
        counts = seen.counts()
        assert set(counts[BY_TYPE]) | set(seen.fired()) <= set(reachable()[BY_TYPE])
        for rule in RULES:
            mine = {in_words((kind, item)) for kind, item in cells() if item == rule}
            times = sum(counts[BY_TYPE][cell] for cell in mine)
            fired = sum(seen.fired()[cell] for cell in mine)
            assert fired == counts["rules_violated"][rule]
            assert times - fired == counts["rules_passed"][rule]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_can_be_violated_and_passed_by_its_own_examples(rule):
    """Else the index would promise what nobody can reach."""
    seen = Coverage()
    for example in (*RULES[rule].passes, *RULES[rule].violates):
        session = Session()
        for number, (headers, body) in enumerate(requests_of(example)):
            asked = tuple(headers.items())
            session.judge(Request("POST", example.path, asked, body, NOW, f"evt-{number}", "r"))
        seen.merge(session.world.coverage)
    for dimension in ("rules_passed", "rules_violated"):
        assert rule in items(seen.to_json(), dimension)


def test_the_shipped_catalogue_reaches_nearly_everything():
    runs = [dry_run(item, NOW).coverage for item in shipped().values()]
    runs += [
        dry_run(item, NOW, Policy(enforcement="reject")).coverage for item in shipped().values()
    ]
    document = merged(runs).to_json()
    missing = {name: set(part["items"]) - items(document, name) for name, part in document.items()}
    # A scenario of the catalogue is posted to the sandbox endpoint and holds no live key.
    assert missing["rules_violated"] == {
        "production-path",
        "wrong-endpoint",
        "auth-environment-mismatch",
    }
    assert missing["rules_passed"] == set()
    assert missing["event_types"] == set()
    assert missing["error_codes"] == set()
    assert missing["fields"] == set()
    # Its faults meet some event types only.
    retries = {rule.id for rule in RULES.values() if rule.stage is Stage.RETRY}
    assert {cell.split()[1] for cell in missing[BY_TYPE]} <= retries
    assert not any(cell.startswith("order_placed ") for cell in missing[BY_TYPE])


def test_runs_are_merged_by_adding_and_survive_as_json():
    item, two = covered("P{d:1}"), covered("P{d:1} X")
    total = merged(read_coverage(json.loads(json.dumps(run))) for run in (item, two)).to_json()
    assert total["event_types"]["items"]["order_placed"] == 2
    assert total["event_types"]["items"]["order_cancelled"] == 1
    for name in DIMENSIONS:
        assert items(total, name) == items(item, name) | items(two, name)


def test_a_file_of_an_older_version_merges_with_a_newer_one():
    """It does not tell rules apart by event type: what it counted of rules stays counted."""
    older, newer = covered("P{d:1}"), covered("P{d:1} X")
    del older[BY_TYPE]
    total = merged([read_coverage(older), read_coverage(newer)]).to_json()
    assert total["rules_passed"]["items"]["zip-format"] == 2
    assert total[BY_TYPE] == newer[BY_TYPE]
    assert merged([read_coverage(total), Coverage()]).to_json() == total


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
        {name: {"items": {}} for name in DIMENSIONS},
        {name: {"items": {}, "fired": {"order_placed zip-format": 1}} for name in DIMENSIONS},
    ],
    ids=str,
)
def test_what_is_no_coverage_is_refused_in_words(document):
    with pytest.raises(CoverageError):
        read_coverage(document)


def test_items_of_another_version_are_left_out():
    document: dict = {name: {"items": {"of-tomorrow": 3}} for name in DIMENSIONS}
    document[BY_TYPE]["fired"] = {"order_placed of-tomorrow": 3}
    assert read_coverage(document).to_json() == Coverage().to_json()


def test_no_item_is_listed_twice():
    for items_ in reachable().values():
        assert len(items_) == len(set(items_))
