import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = json.loads(Path(__file__).with_name("work.json").read_text("utf-8"))
TOLERANCE = 1.2


@pytest.fixture(scope="module")
def counted():
    """Counted in a process of its own, where no other test has filled a cache."""
    ended = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "work.py"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(ended.stdout)


@pytest.mark.parametrize("case", ALLOWED)
@pytest.mark.parametrize("measure", ["calls", "kept_bytes"])
def test_a_request_is_at_most_a_fifth_more_work_than_was_agreed(counted, case, measure):
    before, now = ALLOWED[case][measure], counted[case][measure]
    assert now <= before * TOLERANCE, (
        f"{case}: {measure} rose from {before} to {now}. "
        f"`python benchmarks/work.py --modules {case}` shows where; "
        "if the work is worth it, `make work` and say why in the commit."
    )


def test_all_cases_are_guarded(counted):
    assert ALLOWED.keys() == counted.keys()
