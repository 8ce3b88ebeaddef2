"""The CPU time of a test that uses the fixture `hakuna`, the plugin's own server included.

    python benchmarks/plugin.py [TESTS] [ROUNDS]

Each round runs pytest in a fresh process for each kind of test. The first test of a run is not
counted: it starts the server. `empty` tests use no fixture; what they cost is pytest's own.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS, ROUNDS = 500, 5

KINDS = {
    "empty": ("", "pass"),
    "fixture only": ("hakuna, ", "pass"),
    "one event": ("hakuna, ", "hakuna.send(EVENT)"),
}

SOURCE = """
import pytest
from contracts.shorthand import bodies

EVENT = bodies("P{{d:1, p:1>d}}")[0]

@pytest.mark.parametrize("number", range({tests} + 1))
def test_shop({fixture}number): {body}
"""

CONFTEST = """
import json, os, time

ends = []

def pytest_runtest_logfinish(): ends.append(time.process_time())

def pytest_sessionfinish():
    with open(os.environ["BENCHMARK_RESULT"], "w") as file:
        json.dump(ends[-1] - ends[0], file)
"""

OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:aiohttp", "-p", "no:xdist")


def cpu_ms(kind: str, tests: int) -> float:
    """Milliseconds of CPU time for each test of one run."""
    fixture, body = KINDS[kind]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = SOURCE.format(tests=tests, fixture=fixture, body=body)
        (folder / "test_shop.py").write_text(source, "utf-8")
        (folder / "conftest.py").write_text(CONFTEST, "utf-8")
        result = folder / "result.json"
        subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS],
            cwd=folder,
            env={**os.environ, "BENCHMARK_RESULT": str(result)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return float(json.loads(result.read_text("utf-8"))) * 1000 / tests


def main(tests: int = TESTS, rounds: int = ROUNDS) -> None:
    """Print the medians, with the machine's load beside them."""
    figures: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:  # interleaved, so that a busy minute hits all kinds alike
            figures[kind].append(cpu_ms(kind, tests))
    print(f"ms of CPU for each test, {tests} tests a run, median of {rounds} runs (min to max)")
    for kind, values in figures.items():
        middle = statistics.median(values)
        print(f"{kind:>14}  {middle:6.3f}  ({min(values):.3f} to {max(values):.3f})")
    print(f"load average over a minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
