"""Two kills of each kind, five in the deep profile; `make crash` does a hundred of each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from depth import DEEP
from stores import programs_or_skip

ROOT = Path(__file__).parents[3]
KILLS = "5" if DEEP else "2"


@pytest.mark.parametrize("kind", ["sqlite", "replica", "database"])
def test_nothing_is_lost_or_doubled_by_kills_under_load(kind):
    if kind != "sqlite":
        programs_or_skip()
    command = [sys.executable, ROOT / "benchmarks" / "crash.py"]
    done = subprocess.run(
        [*command, "--kills", KILLS, "--only", kind, "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(done.stdout)
    assert row["kills"] == int(KILLS)
    assert row["acknowledged"] > 50
    wrong = {name: row[name] for name in ("lost", "doubled", "half", "changed")}
    assert wrong == {"lost": 0, "doubled": 0, "half": 0, "changed": 0}
