"""A profile makes the mock accept and refuse as the provider did; what it cannot is listed."""

import tomllib
from dataclasses import replace

import pytest
from audit import audited
from toy_providers import TOYS

from contracts import Policy, Session, World
from contracts.drift.profile import profile_of
from contracts.worlds.rule_levels import with_rule_levels

EXPRESSED_BY_NAME = {
    "as-assumed", "refuses-unbalanced-refunds", "refuses-rule-breaks", "lowercase-only",
    "strict-order", "unknown-order-404", "wants-version", "authorization-only",
    "refuses-unknown-fields",
}  # fmt: skip


def policy_of(text: str) -> Policy:
    table = tomllib.loads(text)["tool"]["hakuna-mock"]
    policy = with_rule_levels(Policy(), table.get("rules", {}))
    return replace(policy, auth=table["auth"]) if "auth" in table else policy


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_the_recording_replayed_under_the_profile_gets_the_same_statuses(toy):
    audit = audited(toy.make().reply)
    profile = profile_of(audit.drift)
    session = Session(World(policy_of(profile.to_toml())))
    differing = 0
    for request, reply, _ in audit.exchanges:
        status = session.judge(request).status
        differing += status != reply.status
    if toy.name in EXPRESSED_BY_NAME:
        assert not profile.missing
        assert not differing
    else:
        # Every assumption that was refuted is in the profile or in the list of what is not.
        named = {name for name, _ in profile.missing} | profile.rules.keys()
        assert toy.refuted <= named
        assert all(f"# - {name}: {why}" in profile.to_toml() for name, why in profile.missing)
