"""How many events a second each store takes, in one run, as ratios to the store in memory.

    python benchmarks/stores.py [--seconds 5] [--rounds 3]

Memory, a SQLite file, PostgreSQL with one server, and PostgreSQL with two servers behind nginx; at
1 and at 64 connections. Rounds alternate between the set-ups, so that a busy moment of the machine
spoils none of them alone; the medians are compared. Commits wait for the disk: how many of them the
disk of this machine does in a second is measured beside them.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from measure import traffic
from measure.load import load
from measure.server_process import request, serving

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from postgres_cluster import Cluster, free_port, postgres_programs  # noqa: E402

CONNECTIONS = (1, 64)


def behind_nginx(stack: ExitStack, ports: list[int], folder: Path) -> int:
    """The port of an nginx that runs the example's configuration over these servers."""
    text = (ROOT / "examples" / "team-server" / "nginx.conf").read_text("utf-8")
    port = free_port()
    for number, item in enumerate(ports, start=1):
        text = text.replace(f"mock-{number}:4258", f"127.0.0.1:{item}")
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    config = folder / "nginx.conf"
    config.write_text(f"pid {folder}/nginx.pid;\ndaemon off;\n{text}")
    log = folder / "nginx.log"
    process = subprocess.Popen(["nginx", "-p", folder, "-c", config, "-e", log])
    stack.callback(process.wait)
    stack.callback(process.terminate)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError):
            if request(port, "GET", "/_mock/v1/health").status == 200:
                return port
        time.sleep(0.05)
    raise SystemExit(f"nginx did not start: {log.read_text()}")


def commits_a_second(folder: Path) -> float:
    """How often this disk makes 8 kB durable in a second."""
    file = os.open(folder / "fsync", os.O_CREAT | os.O_WRONLY)
    end, count = time.monotonic() + 1, 0
    while time.monotonic() < end:
        os.write(file, bytes(8192))
        os.fdatasync(file)
        count += 1
    os.close(file)
    return count


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    programs = postgres_programs()
    if programs is None:
        raise SystemExit("there is no PostgreSQL: apt-get install postgresql nginx-light")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
        cluster = Cluster(programs)
        stack.callback(cluster.end)
        item, shared = cluster.database(), cluster.database()
        ports = {
            "memory": stack.enter_context(serving()).port,
            "SQLite": stack.enter_context(serving("--state", str(folder / "state.db"))).port,
            "PostgreSQL": stack.enter_context(serving("--state", item)).port,
        }
        two = [stack.enter_context(serving("--state", shared)).port for _ in range(2)]
        ports["PostgreSQL, two servers behind nginx"] = behind_nginx(stack, two, folder)
        seen: dict[tuple[str, int], list[float]] = {}
        p99: dict[tuple[str, int], list[float]] = {}
        syncs = []
        for number in range(told.rounds + 1):
            syncs.append(commits_a_second(folder))
            for name, port in ports.items():
                for connections in CONNECTIONS:
                    seconds = told.seconds if number else 1
                    done = load(port, traffic.LIFECYCLE, connections=connections, seconds=seconds)
                    if done.refused or done.broken:
                        raise SystemExit(f"{name}: {done}")
                    if number:  # the first round warms up
                        seen.setdefault((name, connections), []).append(
                            done.requests / done.seconds
                        )
                        p99.setdefault((name, connections), []).append(done.p99_ms)
        print("| store | connections | events/s | of memory's | p99 ms |")
        print("|---|---|---|---|---|")
        for (name, connections), rates in seen.items():
            rate = statistics.median(rates)
            ratio = rate / statistics.median(seen["memory", connections])
            slow = statistics.median(p99[name, connections])
            print(f"| {name} | {connections} | {rate:,.0f} | {ratio:.2f} | {slow:.1f} |")
        rate = statistics.median(syncs)
        print(f"\nThis disk takes {rate:,.0f} commits of 8 kB a second, one by one.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
