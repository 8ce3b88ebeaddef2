"""What the proxy adds: the same events straight to a server, and through a proxy in front of it.

    python benchmarks/proxy.py [EVENTS]

The provider is a hakuna-mock in a process of its own, on loopback: a real one is farther away, so
the ratio is the worst case and the difference is what counts.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import Target

EVENTS = 3000
WARM_UP = 300


@contextmanager
def started(command: str, *flags: str) -> Iterator[str]:
    """A server in a process of its own; its address."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        process = subprocess.Popen(
            [sys.executable, "-m", "hakuna_mock", command, "--port", "0", "--ready-file",
             str(ready), "--log-format", "quiet", *flags]
        )  # fmt: skip
        try:
            while not ready.exists():
                time.sleep(0.05)
            yield json.loads(ready.read_text())["url"]
        finally:
            process.terminate()
            process.wait()


def measured(url: str, key: str, events: int) -> list[float]:
    """How long each of so many events took, in milliseconds; one order has ten."""
    play = "P{d:4,p:4>d} F{d:1} F{d:1} F{d:1} F{d:1} R{d:1,p:1} R{d:1,p:1} R{d:1,p:1} R{d:1,p:1} X"
    took: list[float] = []
    with closing(Target(url)) as target:
        number = 0
        while len(took) < events + WARM_UP:
            for body in bodies(play):
                number += 1
                body["payload"]["order_id"] = f"ord-{number // 10}"
                sent, headers = json.dumps(body).encode(), usual_headers(number, key)
                began = time.perf_counter()
                target.ask("POST", ENDPOINT, sent, headers)
                took.append((time.perf_counter() - began) * 1000)
    return sorted(took[WARM_UP : WARM_UP + events])


def at(times: list[float], share: float) -> float:
    """The time that so large a share of requests stayed below."""
    return times[min(len(times) - 1, int(share * len(times)))]


def main() -> None:
    """Two lines and their ratio."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    with ExitStack() as stack:
        upstream = stack.enter_context(started("serve"))
        proxy = stack.enter_context(started("proxy", "--upstream", upstream))
        rows = {
            "direct": measured(upstream, "sk_test_direct", events),
            "proxied": measured(proxy, "sk_test_proxied", events),
        }
    for name, times in rows.items():
        middle, high, mean = at(times, 0.5), at(times, 0.99), statistics.fmean(times)
        print(f"{name:8} p50 {middle:.2f} ms  p99 {high:.2f} ms  mean {mean:.2f} ms")
    ratios = [at(rows["proxied"], item) / at(rows["direct"], item) for item in (0.5, 0.99)]
    added = [at(rows["proxied"], item) - at(rows["direct"], item) for item in (0.5, 0.99)]
    print(f"ratio    p50 {ratios[0]:.1f}×  p99 {ratios[1]:.1f}×")
    print(f"added    p50 {added[0]:.2f} ms  p99 {added[1]:.2f} ms")


if __name__ == "__main__":
    main()
