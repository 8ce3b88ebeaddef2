"""What does one client feel of another that does its worst? One row for each hostile client.

    make torture                                       # all, about four minutes
    make torture ARGS="--only unread-replies --seconds 5"

Each hostile client (`hostile/`) has a fresh server to itself, and a neighbour beside it: a client
with another key that posts an event and asks `/health` in turn, 100 times a second, on one kept
connection. A request is due at its time whether or not the one before was answered, and its
latency counts from then on: a server that stands still for a second shows as a hundred slow
requests, not as one. Afterwards the neighbour's accepted events are counted in the server, and the
server is ended. Hostile clients run at a lower priority than the neighbour, on the same core.
"""

import argparse
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from hostile import CLIENTS
from hostile.client import IDLE, Hostile, connect, exchange
from measure import traffic
from measure.machine import Machine, in_words
from measure.server_process import ServerProcess, pin_load, serving
from measure.tables import PERFORMANCE, markdown, write

RATE = 100
WARM_UP = 20
ATTEMPTS = 2
GRACE_SECONDS = 15.0
"""How long the neighbour waits for replies after the hostile client has ended."""
LOWER_PRIORITY = 19
MAX_P99_MS = 100.0
NEIGHBOUR = "sk_test_neighbour"
HEALTH = b"GET /_mock/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass
class Felt:
    """What the neighbour felt of one hostile client, and what the server spent."""

    name: str
    requests: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu: float
    peak_mib: float
    stop_s: float
    accepted: int
    reconnects: int = 0
    problem: str = ""

    def exceeds(self) -> bool:
        return self.p99_ms > MAX_P99_MS or bool(self.problem)


class Neighbour(threading.Thread):
    """A client at a fixed rate, from `go` on. `latencies` are seconds since each request was due.

    It is connected and `warm` before: what a hostile client does first would hide in that.
    """

    def __init__(self, port: int, seconds: float) -> None:
        super().__init__(daemon=True)
        self.latencies: list[float] = []
        self.accepted = 0
        self.reconnects = 0
        self.problem = ""
        self.warm = threading.Event()
        self.go = threading.Event()
        self.planned = int(seconds * RATE)
        self._port = port

    def run(self) -> None:
        try:
            self._send()
        except (OSError, ValueError) as error:
            self.problem = f"{type(error).__name__}: {error}"

    def _send(self) -> None:
        (placed,) = traffic.templates("P#N{d:1, p:1>d}", NEIGHBOUR)
        raw = placed.raw
        connection = connect(self._port)
        for _ in range(WARM_UP):
            exchange(connection, HEALTH)
        self.warm.set()
        self.go.wait()
        began = time.perf_counter()
        for number in range(self.planned):
            due = began + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            request = HEALTH if number % 2 else traffic.fill(raw, number)
            status = 0
            for _ in range(ATTEMPTS):
                try:
                    status = exchange(connection, request)
                    break
                except ConnectionError:  # a kept connection may be closed; a new one may not
                    self.reconnects += 1
                    connection.close()
                    connection = connect(self._port)
            if not status:
                self.problem = f"a request was cut {ATTEMPTS} times"
                continue
            self.latencies.append(time.perf_counter() - due)
            if status != 200:
                self.problem = f"request {number} was answered with {status}"
            elif number % 2 == 0:
                self.accepted += 1
        connection.close()


def felt(client: Hostile, seconds: float) -> Felt:
    """Run one hostile client beside the neighbour, on a server of their own."""
    with serving(*client.options, open_files=client.open_files) as server:
        if client.prepare:
            client.prepare(server.port)
        server.reset_peak()
        cpu, began = server.cpu_seconds, time.perf_counter()
        fork = multiprocessing.get_context("fork")
        begun = fork.Event()
        attack = fork.Process(
            target=_attack, args=(client, server.port, seconds, begun), daemon=True
        )
        neighbour = Neighbour(server.port, seconds)
        neighbour.start()
        neighbour.warm.wait(GRACE_SECONDS)
        attack.start()
        begun.wait(GRACE_SECONDS)
        neighbour.go.set()
        neighbour.join(seconds + GRACE_SECONDS)
        problem = neighbour.problem
        if neighbour.is_alive():
            problem = f"no reply for {GRACE_SECONDS:.0f} s"
        spent = (server.cpu_seconds - cpu) / (time.perf_counter() - began)
        peak = server.peak_mib
        attack.kill()
        attack.join()
        problem = problem or _lost(server, neighbour.accepted)
        return _summary(client.name, neighbour, spent, peak, server.stop(), problem)


def _attack(client: Hostile, port: int, seconds: float, begun: Event) -> None:
    """The hostile client, in a process of its own; what the server does to it does not matter."""
    os.nice(LOWER_PRIORITY)
    begun.set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            client.run(port, until)
        except OSError:
            time.sleep(0.01)


def _lost(server: ServerProcess, accepted: int) -> str:
    """What is wrong with what the server kept of the neighbour's events; empty if nothing is."""
    try:
        reply = server.get("/_mock/v1/events?limit=1", NEIGHBOUR, timeout=GRACE_SECONDS)
    except OSError as error:
        return f"afterwards: {error}"
    if reply.status != 200:
        return f"afterwards: GET /events answers {reply.status}"
    headers = reply.headers
    counted = int(headers["hakuna-mock-total"]) + int(headers["hakuna-mock-evicted"])
    return "" if counted >= accepted else f"{accepted} events were accepted, {counted} are counted"


def _summary(
    name: str, neighbour: Neighbour, cpu: float, peak: float, stop: float, problem: str
) -> Felt:
    never = neighbour.planned - len(neighbour.latencies)
    latencies = (
        sorted(1000 * latency for latency in neighbour.latencies) + [1000 * GRACE_SECONDS] * never
    )
    p50, p99 = (latencies[int(len(latencies) * share)] for share in (0.5, 0.99))
    worst = latencies[-1]
    requests = len(neighbour.latencies)
    accepted, reconnects = neighbour.accepted, neighbour.reconnects
    return Felt(name, requests, p50, p99, worst, cpu, peak, stop, accepted, reconnects, problem)


def table(rows: Sequence[Felt], idle: Felt) -> str:
    """As Markdown; `÷ idle` compares the p99 with that of the idle run."""
    cells = []
    for row in rows:
        notes = [row.problem or ("over 100 ms" if row.exceeds() else "")]
        notes += [f"{row.reconnects} reconnects"] if row.reconnects else []
        cells.append(
            (
                row.name,
                f"{row.p50_ms:.1f}",
                f"{row.p99_ms:,.0f}",
                f"{row.max_ms:,.0f}",
                f"{row.p99_ms / idle.p99_ms:,.1f}",
                f"{row.cpu:.0%}",
                f"{row.peak_mib:.0f}",
                f"{row.stop_s:.1f}",
                ", ".join(filter(None, notes)),
            )
        )
    header = ("hostile client", "p50 ms", "p99 ms", "max ms", "÷ idle", "CPU", "RSS MiB", "end s")
    return markdown((*header, ""), cells)


def main() -> None:
    """Run the chosen clients, each beside the neighbour, and print."""
    clients: Mapping[str, Hostile] = {client.name: client for client in CLIENTS}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="For each hostile client.")
    parser.add_argument("--only", nargs="+", choices=clients, default=list(clients))
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument(
        "--docs", action="store_true", help="Write the table to docs/performance.md."
    )
    parser.add_argument("--list", action="store_true", help="Say what each of them does.")
    arguments = parser.parse_args()
    if arguments.list:
        for client in CLIENTS:
            print(f"{client.name:24} {client.about}")
        return
    pin_load()
    machine = Machine()
    idle = felt(IDLE, arguments.seconds)
    rows = [idle, *_all(clients, arguments.only, arguments.seconds)]
    summary = machine.summary()
    exceeding = sum(row.exceeds() for row in rows[1:])
    text = table(rows, idle)
    text += f"\n\n{exceeding} of {len(rows) - 1} are felt; {in_words(summary)}."
    print(text)
    if arguments.docs:
        write(PERFORMANCE, "neighbour", text)
    if arguments.json:
        result: dict[str, Any] = {"machine": summary, "rows": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def _all(clients: Mapping[str, Hostile], names: Sequence[str], seconds: float) -> Iterator[Felt]:
    for name in names:
        row = felt(clients[name], seconds)
        print(f"{name}: p99 {row.p99_ms:,.0f} ms {row.problem}", flush=True)
        yield row


if __name__ == "__main__":
    main()
