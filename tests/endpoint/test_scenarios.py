"""Cases of rules as data, and what the stricter enforcement makes of what ships.

A file of the folder is a scenario as `hakuna-mock verify` and `play` read it; its name is its test.
`expect` is exact: it names all findings and all advice of the last event of its step.
"""

import json
from pathlib import Path

import pytest
from transports import NOW

from contracts import Policy
from contracts.scenarios.format import read_scenario
from contracts.scenarios.runner import compare, compare_end, dry_run
from fuzz.checks.verify import Keys, TargetKind, verify_scenario

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.json"))


def scenario_of(path):
    found = read_scenario(json.loads(path.read_text("utf-8")))
    assert found.name == path.stem
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_in_process_a_scenario_causes_what_it_says(path):
    scenario = scenario_of(path)
    played = dry_run(scenario, NOW)
    assert [
        wrong
        for asked, actual in played.requests
        for wrong in compare(asked.step, asked.expect, actual)
    ] == []
    assert list(compare_end(scenario, played.open_findings, played.orders)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_over_http_it_causes_the_same(path, target):
    kind = TargetKind(is_mock=True, policy=Policy(), orders_visible=True)
    result = verify_scenario(scenario_of(path), target, kind, Keys(None), NOW, None)
    assert (result.skipped, result.mismatches) == (None, [])
    assert result.requests == sum(len(step.bodies()) for step in result.scenario.steps)
