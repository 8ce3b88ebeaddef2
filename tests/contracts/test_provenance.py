"""`documented` only where a public page says it: rules, schemas, findings and docs agree."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from mutants import PAGE_EVENTS, dropped, mutants, replaced
from plays import Shop

from contracts import RULES, Basis, schemas
from contracts.findings.sources import PAGES
from contracts.rules import Rule
from contracts.schemas.schema_errors import schema_errors

FIDELITY = Path(__file__).parents[2] / "docs/explanation/fidelity.md"
OURS = {"inference", "house", "RFC 9110"}
"""Sources that are not pages of the provider."""

SCHEMAS_OF_THE_API = ("common", "envelope", *schemas.EVENT_TYPES, "reply", "error")
CONSTRAINTS = {"type", "enum", "const", "pattern", "minimum", "minItems", "minLength", "format"}
BASES = {str(item) for item in Basis}

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
each_schema = pytest.mark.parametrize("name", SCHEMAS_OF_THE_API)


def nodes(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a document that stands for a value, with its place."""
    if isinstance(node, dict):
        yield place, node
        for members in ("properties", "$defs"):
            for name, inner in node.get(members, {}).items():
                yield from nodes(inner, f"{place}/{members}/{name}")


def rows_of(page: str) -> list[list[str]]:
    """The rows of all tables of a page."""
    rows = [row for row in page.splitlines() if row.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


class TestRules:
    @each_rule
    def test_a_documented_rule_names_pages_and_nothing_else(self, rule: Rule):
        if rule.basis is Basis.DOCUMENTED:
            assert not set(rule.sources) & OURS
        if rule.basis is Basis.HOUSE:
            assert "house" in rule.sources

    @each_rule
    def test_a_rule_says_in_one_sentence_why_we_think_so_where_no_page_says_it(self, rule: Rule):
        assert bool(rule.because) == (rule.basis is not Basis.DOCUMENTED)
        if rule.because:
            assert re.fullmatch(r"[A-Z][^.!?]*(v2\.0[^.!?]*)?\.", rule.because)

    def test_the_reasons_outlive_python_without_docstrings(self):
        code = "from contracts import RULES; print(min(len(one.why) for one in RULES.values()))"
        done = subprocess.run(
            [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
        )
        assert int(done.stdout) == min(len(rule.why) for rule in RULES.values())


class TestSchemas:
    @each_schema
    def test_every_constraint_has_a_basis_and_its_sources(self, name: str):
        for place, node in nodes(schemas.schema(name)):
            if CONSTRAINTS & node.keys():
                assert node["x-basis"] in BASES, place
                assert set(node["x-source"].split("; ")) <= PAGES.keys(), place
            if "required" in node:
                assert node["x-required-basis"] in BASES, place

    @pytest.mark.parametrize("name", ["common", "envelope", *schemas.EVENT_TYPES])
    def test_no_page_says_which_fields_of_an_event_are_required(self, name: str):
        for place, node in nodes(schemas.schema(name)):
            if "required" in node:
                assert node["x-required-basis"] == "inferred", place

    @each_schema
    def test_what_is_documented_names_pages_only(self, name: str):
        for place, node in nodes(schemas.schema(name)):
            if node.get("x-basis") == "documented":
                assert not set(node["x-source"].split("; ")) & OURS, place

    @each_schema
    def test_what_a_description_infers_it_says_so(self, name: str):
        for place, node in nodes(schemas.schema(name)):
            text = node.get("description", "")
            if re.search("increment|one piece|byte for byte", text):
                assert "inferred" in text, place


class TestFindings:
    def test_a_missing_field_is_as_sure_as_the_list_of_required_fields(self):
        (finding,) = Shop().send(dropped(PAGE_EVENTS[0], "/payload/customer")).findings
        assert (finding.rule, finding.basis) == ("body-invalid", Basis.INFERRED)

    def test_a_wrong_value_is_as_sure_as_its_field(self):
        (finding,) = Shop().send(replaced(PAGE_EVENTS[0], "/payload/line_items", [])).findings
        assert finding.basis is Basis.INFERRED
        (finding,) = (
            Shop().send(replaced(PAGE_EVENTS[0], "/payload/line_items/0/quantity", 0)).findings
        )
        assert finding.basis is Basis.DOCUMENTED

    def test_what_is_not_json_has_the_basis_of_the_rule(self):
        (finding,) = Shop().send("{").findings
        assert finding.basis is RULES["body-invalid"].basis

    @settings(deadline=None)
    @given(mutants())
    def test_every_fault_has_a_basis_and_sources(self, document):
        for fault in schema_errors(document):
            assert fault.basis in BASES
            assert set(fault.sources) <= PAGES.keys()


class TestFidelityPage:
    def test_an_answer_has_the_basis_of_the_rules_that_it_names(self):
        named = 0
        for answer, basis, *_ in rows_of(FIDELITY.read_text("utf-8")):
            for rule_id in re.findall(r"`([a-z-]+)`", answer):
                if rule_id in RULES:
                    assert basis.startswith(RULES[rule_id].basis), rule_id
                    named += 1
        assert named > 10

    def test_every_rule_that_is_a_choice_is_named(self):
        text = FIDELITY.read_text("utf-8")
        for rule in RULES.values():
            if rule.basis is Basis.HOUSE:
                assert f"`{rule.id}`" in text, rule.id
