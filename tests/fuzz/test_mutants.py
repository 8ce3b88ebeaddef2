"""A few seeded bugs of different kinds, each in a server of its own: all are found.

`benchmarks/mutants.py` has all of them; this is what keeps the kinds from being lost.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SECONDS = 60.0
"""At most; each is found within one or two on an idle machine."""

KINDS = {
    "conflict-unnoticed": "flag",
    "page-begins-too-early": "flag",
    "time-travel-nowhere": "flag",
    "any-method": "flag",
}


@pytest.fixture
def hunted():
    """`hunted` of benchmarks/mutants.py, under a name that nothing else has."""
    spec = spec_from_file_location("benchmarks_mutants", BENCHMARKS / "mutants.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.hunted


@pytest.mark.parametrize("bug", KINDS)
def test_a_seeded_bug_is_found(hunted, bug):
    found = hunted(bug, KINDS[bug], SECONDS, 1)
    assert found["killed"]
    assert found["steps"] <= 6


def test_a_healthy_server_is_not_accused(hunted):
    assert not hunted("none", "flag", 3.0, 1)["killed"]
