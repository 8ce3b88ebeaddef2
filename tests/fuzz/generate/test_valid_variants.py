"""Valid events in unusual forms: model and judge accept each, and understand the same."""

import json

import pytest

from contracts import Request, ScratchWorld, judge
from contracts.orders.presentation import describe_order
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.generate.choices import SeededChoices
from fuzz.generate.valid_variants import VARIANTS, variant_body
from fuzz.model.oracle import HttpRequest, Model

NOW = 1_767_225_600_000_000_000
KEY = "sk_test_variants"
PLACED, *LATER = bodies("P{d:2,p:1>d} F{d:1} R{d:1} C{d:1} X")
TRIES = 40


def check_accepted(raws: list[bytes]) -> None:
    """Each is answered with 200, with the same findings and the same order by model and judge."""
    model, world = Model(now=NOW), ScratchWorld()
    for number, raw in enumerate(raws):
        headers = tuple(usual_headers(number, KEY).items())
        expected = model.predict(HttpRequest(headers, raw))
        request = Request("POST", "/sandbox/events", headers, raw, NOW, f"evt-{number}", "req-1")
        verdict = judge(request, world)
        assert verdict.accepted, (raw, verdict.body)
        world.commit(verdict)
        assert (expected.status, set(expected.findings)) == (
            200,
            {finding.rule for finding in verdict.findings},
        ), raw
    assert model.order(KEY, "ord-1") == describe_order(world.orders["ord-1"])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_is_accepted_like_the_plain_event(variant):
    fits = 0
    for seed in range(TRIES):
        placed = variant_body(variant, PLACED, SeededChoices(seed))
        if placed is not None:
            fits += 1
            check_accepted([placed])
        for event in LATER:
            raw = variant_body(variant, event, SeededChoices(seed))
            if raw is not None:
                fits += 1
                check_accepted([json.dumps(PLACED).encode(), raw])
    assert fits


def test_a_variant_leaves_the_plain_event_as_it_is():
    before = json.dumps([PLACED, *LATER])
    for variant in VARIANTS:
        for event in (PLACED, *LATER):
            variant_body(variant, event, SeededChoices(3))
    assert json.dumps([PLACED, *LATER]) == before
