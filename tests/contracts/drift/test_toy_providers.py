"""Each toy provider deviates in one known way: it is named, nothing else is, and a profile of it
makes the mock accept and refuse as it did.
"""

import tomllib
from dataclasses import replace

import pytest
from audit import Audit, audited
from toy_providers import TOYS, Toy

from contracts import Policy, Session, World
from contracts.drift.attribution import standings
from contracts.drift.document import from_json, to_json
from contracts.drift.profile import profile_of
from contracts.worlds.rule_levels import with_rule_levels

EXPRESSED = {
    "as-assumed", "refuses-unbalanced-refunds", "refuses-rule-breaks", "lowercase-only",
    "strict-order", "unknown-order-404", "wants-version", "authorization-only",
    "refuses-unknown-fields", "bearer-only",
}  # fmt: skip
"""Toys whose deviation settings can express."""


@pytest.fixture(scope="module", params=TOYS, ids=lambda toy: toy.name)
def toy(request) -> Toy:
    return request.param


@pytest.fixture(scope="module")
def audit(toy) -> Audit:
    """For all tests of a toy, which run one after the other: an audit holds megabytes."""
    return audited(toy.make().reply)


def test_a_deviation_is_named_and_nothing_else(toy, audit):
    drift = audit.drift
    found = standings(drift)
    refuted = {item.assumption.id: item.refuted.saw for item in found.refuted}
    assert set(refuted) == toy.refuted, refuted
    assert not found.unclear, [item for item, _ in found.unclear]
    assert bool(found.unexplained) is toy.unexplained, [item for item, _ in found.unexplained]
    assert bool(drift.failures) is toy.failures
    assert to_json(from_json(to_json(drift))) == to_json(drift)


def test_the_recording_replayed_under_the_profile_gets_the_same_statuses(toy, audit):
    profile = profile_of(audit.drift)
    if toy.name in EXPRESSED:
        assert not profile.missing
        session = Session(World(_policy(profile.to_toml())))
        replayed = [session.judge(request).status for request, _, _ in audit.exchanges]
        assert replayed == [reply.status for _, reply, _ in audit.exchanges]
    else:
        named = {name for name, _ in profile.missing} | profile.rules.keys()
        assert toy.refuted <= named
        assert all(f"# - {name}: {why}" in profile.to_toml() for name, why in profile.missing)


def _policy(text: str) -> Policy:
    table = tomllib.loads(text)["tool"]["hakuna-mock"]
    policy = with_rule_levels(Policy(), table.get("rules", {}))
    return replace(policy, auth=table["auth"]) if "auth" in table else policy
