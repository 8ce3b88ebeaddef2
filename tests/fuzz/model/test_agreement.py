"""Two expectations written apart, the fuzzer's model and `judge`, say the same."""

import json
import os
import random

import pytest
from agreement import Both, Settings, Turn, first_difference
from chooser import Chooser
from hypothesis import given, note
from hypothesis import strategies as st
from model_conversations import NOW, conversation

from contracts.rules import ON_DEMAND, RULES
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import key_names, requests_of
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.model.findings import SEVERITY
from fuzz.model.oracle import HttpRequest

CONVERSATIONS = int(os.environ.get("HAKUNA_CONVERSATIONS", "400"))
"""`make effects` tries more, and `tests/support/ask_both.py` as many as it is told."""

REACHED_AT_LAST = {
    ("out-of-order-arrival", "advice"),
    ("protection-dangling-reference", "warning"),
    ("protection-missing-reference", "violation"),
    ("protection-missing-reference", "warning"),
}


@st.composite
def conversations(draw):
    """Several orders and keys, and every mistake; see `model_conversations`."""
    return conversation(Chooser(lambda below: draw(st.integers(0, below - 1))))


@given(conversations())
def test_model_and_judge_agree_on_generated_conversations(turns):
    for turn in turns:
        note(f"{turn.settings}\n{turn.asked}")
    assert first_difference(turns) is None


@pytest.mark.parametrize("part", range(4))
def test_model_and_judge_agree_on_many_plain_random_conversations(part):
    for seed in range(part, CONVERSATIONS, 4):
        turns = conversation(Chooser(random.Random(seed).randrange))
        assert first_difference(turns) is None, f"seed {seed}"


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
@pytest.mark.parametrize("name", [n for n, item in shipped().items() if not item.is_on_demand])
def test_model_and_judge_agree_on_every_shipped_scenario(name, enforcement):
    scenario = shipped()[name]
    keys = {key: f"sk_test_{place}" for place, key in enumerate(key_names(scenario))}
    turns = tuple(
        Turn(HttpRequest(tuple(asked.headers.items()), asked.body), NOW, Settings(enforcement))
        for asked in requests_of(scenario, keys)
    )
    assert first_difference(turns) is None


@pytest.mark.parametrize("count", [99, 100, 101, 250])
@pytest.mark.parametrize("member", ['"field-{}": 1', '"type": "order_cancelled"'])
def test_model_and_judge_agree_on_how_many_findings_of_a_rule_are_listed(member, count):
    (event,) = bodies("X")
    members = ", ".join(member.format(number) for number in range(count))
    body = f"{{{members}, {json.dumps(event)[1:]}".encode()
    asked = HttpRequest(tuple(usual_headers(1, "sk_test_x").items()), body)
    assert first_difference((Turn(asked, NOW),)) is None


def test_the_generated_conversations_reach_every_rule():
    reached: set[str] = set()
    levels: set[tuple[str, str]] = set()
    for seed in range(1500):
        both = Both()
        for turn in conversation(Chooser(random.Random(seed).randrange)):
            both.ask(turn)
        for session in both.sessions.values():
            for _, finding in session.world.findings.rows:
                reached.add(finding.rule)
                levels.add((finding.rule, str(finding.severity)))
        reached |= both.named
        if levels >= REACHED_AT_LAST and set(RULES) - reached == set(ON_DEMAND):
            return
    assert set(RULES) - reached == set(ON_DEMAND)
    assert levels >= REACHED_AT_LAST


def test_both_know_the_same_rules():
    assert set(SEVERITY) == set(RULES) - ON_DEMAND


def test_a_difference_would_be_seen():
    both = Both()
    asked = [
        HttpRequest(tuple(usual_headers(number, "sk_test_x").items()), json.dumps(body).encode())
        for number, body in enumerate(bodies("P{d:1} F{d:1}"))
    ]
    assert both.ask(Turn(asked[0], NOW)) == []
    both.model.reset("sk_test_x")
    found = both.ask(Turn(asked[1], NOW))
    assert any(item.startswith("findings: the model says") for item in found)
    assert any(item.startswith("orders: the model says") for item in found)
