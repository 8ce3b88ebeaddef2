"""Every named defect is what its label says, for the model and for the judge alike."""

import pytest

from contracts import Request, World, judge
from contracts.rules import RULES
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.generate.choices import Dealt, Deck, Rolled
from fuzz.generate.defects import ANY_FIELD, MUTATIONS, mutated
from fuzz.model.oracle import Asked, Model

NOW = 1_767_225_600_000_000_000
EVENTS = bodies("P{d:2,p:1>d} F{d:1} R{d:1} C{d:1} X")
EVENTS[0]["payload"]["cart_id"] = "cart-1"
TRIES = 12


def caused(raw: bytes) -> tuple[int, set[str]]:
    """Status and rules of the damaged event, on which model and judge agree."""
    headers = tuple(usual_headers(1).items())
    expected = Model(now=NOW).ask(Asked(headers, raw))
    request = Request("POST", "/sandbox/events", headers, raw, NOW, "evt-1", "req-1")
    verdict = judge(request, World())
    assert (verdict.status, {one.rule for one in verdict.findings}) == (
        expected.status,
        set(expected.findings),
    ), raw
    return expected.status, set(expected.findings)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_breaks_the_rule_on_its_label(mutation):
    made = [
        raw
        for event in EVENTS
        for seed in range(TRIES)
        if (raw := mutated(mutation, event, Rolled(seed))) is not None
    ]
    assert made, "no event has anything for it to damage"
    for raw in made:
        status, rules = caused(raw)
        if not mutation.rule:
            assert rules & {"body-invalid", "unknown-field"}, raw
        else:
            assert mutation.rule in rules, raw
            assert (status == 400) is RULES[mutation.rule].always_refuses


def test_no_name_is_used_twice():
    names = [one.name for one in MUTATIONS]
    assert len(names) == len(set(names))


def test_whichever_field_is_damaged_model_and_judge_say_the_same():
    """Some fields are optional and some values good: the label promises nothing."""
    refused = 0
    for event in EVENTS:
        for seed in range(40 * TRIES):
            raw = mutated(ANY_FIELD, event, Rolled(seed))
            assert raw is not None
            refused += caused(raw)[0] == 400
    assert refused > 40 * TRIES


def test_a_run_damages_every_field_of_an_event_in_every_way_before_it_does_so_again():
    deck = Deck(1)
    made = [mutated(ANY_FIELD, EVENTS[4], Dealt(deck, "any field")) for _ in range(4 * 12)]
    assert len(set(made)) == len(made)
