"""Benchmarks run rarely; these tests keep them from rotting in between. No figure is looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MIN_HOSTILE_CLIENTS = 20


def output(script, *arguments):
    return subprocess.run(
        [sys.executable, BENCHMARKS / script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@pytest.mark.parametrize("script", ["bench.py", "growth.py", "soak.py", "stages.py"])
def test_every_benchmark_finds_what_it_imports(script):
    assert "usage:" in output(script, "--help")


def test_every_stage_is_still_a_function_of_ours():
    table = output("stages.py", "--batches", "1")
    assert "| rules: state " in table
    assert "| whole " in table


def test_each_hostile_client_has_a_name_of_its_own_and_says_what_it_does():
    rows = [line.split(maxsplit=1) for line in output("neighbour.py", "--list").splitlines()]
    assert len({name for name, _ in rows}) == len(rows) >= MIN_HOSTILE_CLIENTS
