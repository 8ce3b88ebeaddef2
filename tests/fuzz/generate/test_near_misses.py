"""Near misses and pairs of mistakes: model and judge agree on every one of them."""

import json

import pytest

from contracts import Policy, Request, World, judge
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.worlds.policy import Enforcement
from fuzz.generate.actions.near_misses import NEAR_MISSES
from fuzz.generate.actions.two_mistakes import MISTAKES, PAIRS, Draft
from fuzz.generate.near import near_misses
from fuzz.model.oracle import HttpRequest, Model
from fuzz.model.world_settings import WorldSettings

NOW = 1_767_225_600_000_000_000
TAG = "e1234b"
EVENTS = json.loads(
    json.dumps(bodies("P{d:2,p:1>d} F{d:1} R{d:1} C{d:1} X")).replace("ord-1", f"ord-{TAG}-1")
)


def outcome(request: HttpRequest, enforcement: str = "flag") -> tuple[int, frozenset[str]]:
    """Status and rules, on which model and judge agree."""
    expected = Model(now=NOW, settings=WorldSettings(enforcement)).predict(request)
    arrived = Request(
        request.method, request.path, request.headers, request.body, NOW, "evt-1", "req-1"
    )
    verdict = judge(arrived, World(), Policy(enforcement=Enforcement(enforcement)))
    rules = frozenset(finding.rule for finding in verdict.findings)
    assert (verdict.status, rules) == (expected.status, frozenset(expected.findings)), request
    return verdict.status, rules


def plain(body) -> HttpRequest:
    headers = {**usual_headers(1, f"sk_test_fuzz_{TAG}_a"), "Hakuna-Idempotency-Key": f"{TAG}-1"}
    return HttpRequest(tuple(headers.items()), json.dumps(body).encode())


def test_a_near_miss_differs_in_case_or_by_one_character_and_keeps_the_tag():
    near = near_misses("Bearer")
    assert {"bEARER", "bearer", "BeareR", "Beare", "Bearerr", "earer", "BBearer"} <= set(near)
    assert {"v2", "v20", "V2.0", "v2."} <= set(near_misses("v2.0"))
    assert "Bearer" not in near
    assert near_misses(f"ord-{TAG}-a", TAG)
    assert all(TAG in near_miss for near_miss in near_misses(f"ord-{TAG}-a", TAG))
    assert near_misses("ord-1", TAG) == ()


def test_a_country_is_a_group_of_its_own_beside_a_time_with_many_more_near_misses():
    groups = NEAR_MISSES["texts"](plain(EVENTS[0]), TAG)
    country = groups["payload/customer_billing_address/country"]
    written = [json.loads(item.body)["payload"]["customer_billing_address"] for item in country]
    assert "De" in [item["country"] for item in written]
    assert len(groups["payload/placed_at"]) > 2 * len(country)


@pytest.mark.parametrize("door", NEAR_MISSES)
def test_model_and_judge_agree_on_every_near_miss(door):
    outcomes = set()
    for event in EVENTS:
        request = plain(event)
        usual = outcome(request)
        made = [item for group in NEAR_MISSES[door](request, TAG).values() for item in group]
        assert made, "every event has this door"
        assert len(set(made)) == len(made)
        outcomes |= {outcome(item) for item in made} - {usual}
    assert outcomes or door == "idempotency key", "some near misses are noticed"


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
def test_model_and_judge_agree_on_every_pair_of_mistakes(event, enforcement):
    for (first, make_first), (second, make_second) in PAIRS:
        request = plain(event)
        made = make_second(make_first(Draft(dict(request.headers), event), TAG), TAG)
        headers = tuple((name, value) for name, value in made.headers.items() if value is not None)
        raw = made.raw(json.dumps(made.body).encode())
        status, rules = outcome(HttpRequest(headers, raw, made.method, made.path), enforcement)
        assert rules, (first, second)
        assert status in (200, 400, 401, 404)


def test_each_mistake_alone_is_noticed():
    for mistakes in (MISTAKES[door] for door in MISTAKES if door != "history"):
        for name, make in mistakes.items():
            request = plain(EVENTS[1])
            made = make(Draft(dict(request.headers), EVENTS[1]), TAG)
            headers = tuple(
                (header, value) for header, value in made.headers.items() if value is not None
            )
            raw = made.raw(json.dumps(made.body).encode())
            alone = HttpRequest(headers, raw, made.method, made.path)
            assert outcome(alone) != outcome(request), name
