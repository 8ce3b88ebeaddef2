"""Good events in other words: model and judge take each of them, and understand the same."""

import json

import pytest

from contracts import Request, Session
from contracts.orders.presentation import describe_order
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.generate.choices import Rolled
from fuzz.generate.valid_variants import DIALECTS, said
from fuzz.model.oracle import Asked, Model

NOW = 1_767_225_600_000_000_000
KEY = "sk_test_dialects"
PLACED, *LATER = bodies("P{d:2,p:1>d} F{d:1} R{d:1} C{d:1} X")
TRIES = 40


def taken(raws: list[bytes]) -> None:
    """Each is answered with 200, with the same findings and the same order on both sides."""
    model, session = Model(now=NOW), Session()
    for number, raw in enumerate(raws):
        headers = tuple(usual_headers(number, KEY).items())
        expected = model.ask(Asked(headers, raw))
        request = Request("POST", "/sandbox/events", headers, raw, NOW, f"evt-{number}", "req-1")
        verdict = session.judge(request)
        assert verdict.accepted, (raw, verdict.body)
        assert (expected.status, set(expected.findings)) == (
            200,
            {one.rule for one in verdict.findings},
        ), raw
    assert model.order(KEY, "ord-1") == describe_order(session.world.orders["ord-1"])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_a_dialect_is_taken_like_the_plain_event(dialect):
    fits = 0
    for seed in range(TRIES):
        placed = said(dialect, PLACED, Rolled(seed))
        if placed is not None:
            fits += 1
            taken([placed])
        for event in LATER:
            raw = said(dialect, event, Rolled(seed))
            if raw is not None:
                fits += 1
                taken([json.dumps(PLACED).encode(), raw])
    assert fits


def test_a_dialect_leaves_the_plain_event_as_it_is():
    before = json.dumps([PLACED, *LATER])
    for dialect in DIALECTS:
        for event in (PLACED, *LATER):
            said(dialect, event, Rolled(3))
    assert json.dumps([PLACED, *LATER]) == before
