"""A few seeded bugs of every kind, each in its own server: all are found.

`benchmarks/mutants.py` has all of them; these keep each kind from being lost.
"""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BENCHMARKS = ROOT / "benchmarks"

EXAMPLES = 400
"""The most conversations; most bugs need fewer than ten."""

BUGS = {
    "conflict-unnoticed": "flag",
    "any-method": "flag",
    "address.city-untyped": "flag",
    "uppercase-ids": "flag",
    "order-of-items-counts": "flag",
    "no-quantity-is-one": "flag",
    "only-the-last-unit": "flag",
    "waiting-events-lost": "flag",
    "orders-of-all-worlds": "flag",
    "twins": "flag",
    "page-begins-too-early": "flag",
    "time-travel-nowhere": "flag",
    "refused-and-applied": "reject",
}


@pytest.fixture(scope="module")
def run_against():
    """`run_against` of benchmarks/mutants.py, imported under a name that nothing else has."""
    spec = spec_from_file_location("benchmarks_mutants", BENCHMARKS / "mutants.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run_against


@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_is_found(run_against, bug):
    found = run_against(bug, BUGS[bug], 5, examples=EXAMPLES)
    assert found["found"]
    assert found["steps"] <= 6


def test_a_healthy_server_is_not_accused(run_against):
    assert not run_against("none", "flag", 1, examples=5)["found"]


CRASHES: set[str] = set()
"""Bugs whose mistake is a crash, as their docstring says."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process for each bug needs fork")
def test_every_seeded_bug_is_a_mistake_and_no_crash():
    """The patches replace functions of ours: whoever changes one learns which bugs need it.

    A bug that sets a name that nobody reads changes nothing, and one that breaks every request is
    found for the wrong reason. All are planted, three in a process; the first of them, in
    `make test-deep` each, answers a usual conversation, the first events of it a second time under
    their keys.
    """
    planted = subprocess.run(
        [sys.executable, Path(__file__).with_name("planted_bugs.py")],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(BENCHMARKS), str(ROOT)))},
        capture_output=True,
        text=True,
    )
    assert planted.stderr == ""
    assert planted.returncode == 0
    wrong = planted.stdout.splitlines()
    assert [line for line in wrong if line.split(":")[0] not in CRASHES] == []
