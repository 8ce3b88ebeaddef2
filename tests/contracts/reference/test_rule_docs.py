"""The rules as data for people."""

import json

import pytest

from contracts import RULES
from contracts.reference.rule_docs import describe, in_words
from contracts.rules import Example

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@each_rule
def test_a_described_rule_is_json_with_its_evidence(rule):
    described = describe(rule)
    assert json.loads(json.dumps(described)) == described
    assert described["id"] == rule.id
    assert described["source"] == rule.source
    assert len(described["passes"]) == len(rule.passes)
    assert len(described["violates"]) == len(rule.violates)


@each_rule
def test_every_member_but_the_variants_is_filled(rule):
    empty = [name for name, value in describe(rule).items() if value in ("", None, [])]
    assert set(empty) <= {"variants", "because"}


@each_rule
def test_the_examples_of_a_rule_can_be_told_apart(rule):
    told = [in_words(example) for example in (*rule.passes, *rule.violates)]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (Example("P{d:1}"), "P{d:1}"),
        (Example("X", headers={"Bearer": None}), "X   without Bearer"),
        (Example("X", headers={"Hakuna-Version": "v1.2"}), "X   with Hakuna-Version: v1.2"),
        (Example("X", edits={"/type": "x"}), "X   with /type = 'x'"),
        (Example("X", without=("/type",)), "X   without /type"),
        (Example("X", raw="{"), "X   sent as {"),
        (Example("X", path="/events"), "X   posted to /events"),
    ],
)
def test_an_example_is_told_in_one_line(example, words):
    assert in_words(example) == words
