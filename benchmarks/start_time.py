"""How long a server needs to start over a long log, how large it is, what it takes in memory.

    python benchmarks/start_time.py [--events 10000 100000 1000000]

The events are judged and stored as a server does it, with its own compaction; only HTTP is left
out. Both times are processor seconds, for a busy machine makes the others longer.
"""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from measure import traffic
from measure.server_process import serving

KEYS = 20
AT_ONCE = 64


def requests() -> Iterator[tuple[tuple[tuple[str, str], ...], bytes]]:
    """Lifecycles of orders, in turn under several keys."""
    order = 0
    while True:
        order += 1
        key = f"sk_test_long{order % KEYS}"
        for template in traffic.LIFECYCLE:
            filled = template.filled(order)
            headers = tuple(
                (name, f"Bearer {key}" if name == "Authorization" else value)
                for name, value in filled.headers
            )
            yield headers, filled.body


async def fill(state: str, expected: list[int]) -> AsyncIterator[tuple[int, float, float]]:
    """Store events until each of the wanted numbers is reached: the number, the processor seconds
    that this took, and the most that a group of requests had to wait.
    """
    from mock_server import Settings, create_app
    from mock_server.event_loop.garbage import THRESHOLDS, Garbage
    from mock_server.http.judging import judge_and_store
    from mock_server.http.request_body import ReadBody
    from mock_server.server_state import SERVER

    asked, stored = requests(), 0
    for count in expected:
        server = create_app(Settings(state=state))[SERVER]
        gc.set_threshold(*THRESHOLDS)
        server.kept.append(Garbage().note)
        began, slowest = time.process_time(), 0.0
        while stored < count:
            group = [next(asked) for _ in range(min(AT_ONCE, count - stored))]
            start = time.perf_counter()
            await asyncio.gather(
                *(
                    judge_and_store(server, "POST", "/sandbox/events", headers, ReadBody(body))
                    for headers, body in group
                )
            )
            slowest = max(slowest, time.perf_counter() - start)
            stored += len(group)
        await server.store.close()
        yield count, time.process_time() - began, slowest


async def measure(expected: list[int], folder: Path) -> None:
    """Print a row for each number of events."""
    names = (
        "events",
        "stored, CPU s",
        "slowest group, ms",
        "kept",
        "MiB on disk",
        "bytes a kept event",
    )
    print("| " + " | ".join((*names, "start, s", "start, CPU s", "resident MiB")) + " |")
    print("|---" * 9 + "|")
    async for count, seconds, slowest in fill(str(folder / "state.db"), expected):
        size = sum(item.stat().st_size for item in folder.glob("state.db*"))  # noqa: ASYNC240
        began = time.perf_counter()
        with serving("--state", str(folder / "state.db")) as server:
            start, cpu = time.perf_counter() - began, server.cpu_seconds
            health = json.loads(server.get("/_mock/v1/health").body)
            row = [
                f"{count:,}",
                f"{seconds:.0f}",
                f"{slowest * 1000:.0f}",
                f"{health['events']:,}",
                f"{size / 2**20:.1f}",
                f"{size / health['events']:,.0f}",
                f"{start:.2f}",
                f"{cpu:.2f}",
                f"{server.resident_mib:.0f}",
            ]
            print("| " + " | ".join(row) + " |", flush=True)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hakuna-mock-start-", dir="/var/tmp") as folder:
        asyncio.run(measure(told.events, Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
