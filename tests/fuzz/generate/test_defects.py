"""Every named defect breaks the rule that it names, for the model and for the judge alike."""

import pytest

from contracts import Request, ScratchWorld, judge
from contracts.rules import RULES
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.generate.choices import SeededChoices, ShuffledChoices, Shuffler
from fuzz.generate.defects import ANY_FIELD, DEFECTS, malformed_body
from fuzz.model.oracle import HttpRequest, Model

NOW = 1_767_225_600_000_000_000
EVENTS = bodies("P{d:2,p:1>d} F{d:1} R{d:1} C{d:1} X")
EVENTS[0]["payload"]["cart_id"] = "cart-1"
TRIES = 12


def caused(raw: bytes) -> tuple[int, set[str]]:
    """Status and rules of the malformed event, on which model and judge agree."""
    headers = tuple(usual_headers(1).items())
    expected = Model(now=NOW).predict(HttpRequest(headers, raw))
    request = Request("POST", "/sandbox/events", headers, raw, NOW, "evt-1", "req-1")
    verdict = judge(request, ScratchWorld())
    assert (verdict.status, {finding.rule for finding in verdict.findings}) == (
        expected.status,
        set(expected.findings),
    ), raw
    return expected.status, set(expected.findings)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_breaks_its_rule(defect):
    made = [
        raw
        for event in EVENTS
        for seed in range(TRIES)
        if (raw := malformed_body(defect, event, SeededChoices(seed))) is not None
    ]
    assert made, "no event has a place for it"
    for raw in made:
        status, rules = caused(raw)
        if not defect.rule:
            assert rules & {"body-invalid", "unknown-field"}, raw
        else:
            assert defect.rule in rules, raw
            assert (status == 400) is RULES[defect.rule].always_refuses


def test_names_are_unique():
    names = [defect.name for defect in DEFECTS]
    assert len(names) == len(set(names))


def test_model_and_judge_agree_whichever_field_is_malformed():
    """Some fields are optional and some values valid: this defect may break no rule."""
    refused = 0
    for event in EVENTS:
        for seed in range(40 * TRIES):
            raw = malformed_body(ANY_FIELD, event, SeededChoices(seed))
            assert raw is not None
            refused += caused(raw)[0] == 400
    assert refused > 40 * TRIES


def test_a_run_changes_every_field_in_every_way_before_it_repeats_one():
    shuffler = Shuffler(1)
    made = [
        malformed_body(ANY_FIELD, EVENTS[4], ShuffledChoices(shuffler, "any field"))
        for _ in range(4 * 12)
    ]
    assert len(set(made)) == len(made)
