"""The worked example of docs/fuzzing.md: a shop's exporter, its planted bug, and the property."""

from pathlib import Path

import pytest
from hypothesis import Phase, given, settings

from contracts.scenarios.format import Scenario, Step
from contracts.scenarios.runner import dry_run
from fuzz.strategies import conversations

DOCUMENT = (Path(__file__).parents[3] / "docs" / "fuzzing.md").read_text("utf-8")
NOW = 1_767_225_600_000_000_000


def exported(event: dict) -> dict:
    """What the shop sends for something that happened in it; refunds lose their protections."""
    if event["type"] != "order_refund_added":
        return event
    items = event["payload"]["refund_items"]
    products = [item for item in items if not item["line_item_id"].startswith(("line-p", "line-q"))]
    return {**event, "payload": {**event["payload"], "refund_items": products or items}}


def broken_rules(events: list[dict]) -> set[str]:
    """The violations that these events cause, sent one after the other."""
    played = dry_run(Scenario("shop", tuple(Step(body=event) for event in events)), NOW)
    return set(played.open_findings)


def test_the_property_finds_the_planted_bug_and_shows_a_short_history():
    tried = []

    @settings(
        max_examples=2_000,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),  # nobody reads the explanation
    )
    @given(conversations(valid=True))
    def the_exporter_breaks_no_rule(events):
        tried.append(events)
        assert broken_rules([exported(event) for event in events]) == set()

    with pytest.raises(AssertionError, match="refund-missing-protection"):
        the_exporter_breaks_no_rule()
    assert [event["type"] for event in tried[-1]][1:] == ["order_refund_added"]


def test_without_the_bug_the_property_holds():
    @settings(max_examples=100, database=None, deadline=None, phases=(Phase.generate,))
    @given(conversations(valid=True))
    def the_shop_breaks_no_rule(events):
        assert broken_rules(events) == set()

    the_shop_breaks_no_rule()


def test_the_document_shows_this_example():
    assert "from hakuna_mock.fuzz.strategies import conversations" in DOCUMENT
    assert "refund-missing-protection" in DOCUMENT
