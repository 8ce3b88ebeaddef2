"""A million events into one server: does it grow, does it slow down? Printed by tenth of the run.

    python benchmarks/soak.py [--events 1000000] [--worlds 4]

Orders live and end, some events break rules, some requests are refused or repeated. The client is
this process: raw sockets on kept-alive connections, a few requests behind one another on each, and
bodies that are made beforehand. Time is the server's own processor time, also that of the fastest
of some slices, which others on the machine disturb least; and the wall clock's.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies

ID = "000000000"
"""Stands in every template where the number of the order goes; as long as any of them."""

STORIES = (
    "P#{n}{{d:1, p:1>d}} F#{n}{{d:1}} R#{n}{{d:1, p:1}}@5",
    "P#{n}{{d:2, p:2>d, a:1}} F#{n}{{d:2, a:1}} R#{n}{{d:1, p:1}}@5 R#{n}{{d:1, p:1, a:1}}@6",
    "P#{n}{{d:1, p:1>d}} F#{n}{{d:1}} R#{n}{{d:1}}@5",
    "P#{n}{{d:1, p:1>d}} X#{n}",
    "P#{n}{{d:1, p:1>d, a:1}} C#{n}{{d:1, p:1}} F#{n}{{a:1}}",
    "P#{n}{{a:3}} F#{n}{{a:1}}@1 F#{n}{{a:1}}@2 F#{n}{{a:1}}@3",
    "P#{n}{{d:1}} P#{n}{{d:1}}",
    "F#{n}{{d:1}} R#{n}{{d:1}}@5",
)
"""Lives of orders: most end, some stay open, some break rules, one is never placed."""

REFUSED = (
    b'{"type": "order_placed", "payload": {"order_id": "' + ID.encode() + b'"}}',
    b"{",
    b"[]",
)
REFUSED_EVERY = 11
REPLAYED_EVERY = 13
AT_ONCE = 64
"""Orders whose lives are mixed with one another."""

PIPELINED = 8
CONNECTIONS = 4
TENTHS = 10
SLICES = 20
"""Of each tenth the fastest slice tells what an event costs where nobody else is at work."""


@dataclass(frozen=True)
class Template:
    """A request whose order number and idempotency key are still to be filled in."""

    raw: bytes

    def filled(self, number: int, place: int) -> bytes:
        return self.raw.replace(ID.encode(), b"%09d" % number).replace(b"KEYKEY", b"%06d" % place)


def template(body: bytes, key: str) -> Template:
    """One request with the headers of a good client."""
    headers = {**usual_headers(0, key), "Hakuna-Idempotency-Key": f"{ID}-KEYKEY"}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["POST /sandbox/events HTTP/1.1", "Host: 127.0.0.1", *lines])
    return Template(head.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def requests(worlds: int) -> Iterator[bytes]:
    """Requests without end: the lives of `AT_ONCE` orders at a time, step by step."""
    keys = ["sk_test_" + f"soak{number}" for number in range(worlds)]
    stories = [
        [
            [template(json.dumps(body).encode(), key) for body in bodies(story.format(n=ID))]
            for story in STORIES
        ]
        for key in keys
    ]
    refused = [[template(body, key) for body in REFUSED] for key in keys]
    stranger = template(b"{}", "nobody")
    first = sent = 0
    while True:
        lives = [stories[n % worlds][n // worlds % len(STORIES)] for n in range(AT_ONCE)]
        for step in range(max(map(len, lives))):
            for place, life in enumerate(lives):
                if step >= len(life):
                    continue
                sent += 1
                request = life[step].filled(first + place, step)
                yield request
                if sent % REPLAYED_EVERY == 0:
                    yield request
                if sent % REFUSED_EVERY == 0:
                    world = refused[place % worlds]
                    yield world[sent % len(world)].filled(first + place, 99)
                if sent % (REFUSED_EVERY * REFUSED_EVERY) == 0:
                    yield stranger.raw
        first += AT_ONCE


class Line:
    """A kept-alive connection on which a few requests stand behind one another."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._due = 0
        self._heard = b""

    def send(self, batch: list[bytes]) -> None:
        self._due = len(batch)
        self._socket.sendall(b"".join(batch))

    def statuses(self) -> Counter[str]:
        """The statuses of all that was sent; the end of the last body may still be under way."""
        while self._heard.count(b"HTTP/1.1 ") < self._due:
            chunk = self._socket.recv(262_144)
            if not chunk:
                raise ConnectionError(f"the server closed the connection: {self._heard[-500:]!r}")
            self._heard += chunk
        said = self._heard.split(b"HTTP/1.1 ")[1:]
        self._heard = b""
        return Counter(reply[:3].decode() for reply in said)


@dataclass(frozen=True)
class Process:
    """What the system says of the server."""

    pid: int

    @property
    def resident_mib(self) -> float:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2

    @property
    def cpu_seconds(self) -> float:
        parts = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def asked(port: int, path: str) -> tuple[dict[str, str], object]:
    """Headers and JSON of a control call."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            f"GET /_mock/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        heard = b""
        while chunk := connection.recv(262_144):
            heard += chunk
    head, _, body = heard.partition(b"\r\n\r\n")
    pairs = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
    return {name.lower(): value for name, _, value in pairs}, json.loads(body)


def send(lines: list[Line], stream: Iterator[bytes], count: int) -> Counter[str]:
    """Send so many of the requests; how often each status was answered."""
    total: Counter[str] = Counter()
    while count > 0:
        used = []
        for line in lines:
            batch = list(islice(stream, min(PIPELINED, count)))
            count -= len(batch)
            if batch:
                line.send(batch)
                used.append(line)
        for line in used:
            total += line.statuses()
    return total


def soak(port: int, process: Process, events: int, worlds: int) -> Counter[str]:
    """Send it all and print one row a tenth; how often each status was answered."""
    lines = [Line(port) for _ in range(CONNECTIONS)]
    stream = requests(worlds)
    total: Counter[str] = Counter()
    print(
        "| events | server µs/event | in the fastest slice | wall µs/event | RSS MiB "
        "| kept events | orders gone |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|")
    count = events // TENTHS // SLICES
    for _ in range(TENTHS):
        began, spent = time.perf_counter(), []
        for _ in range(SLICES):
            cpu = process.cpu_seconds
            total += send(lines, stream, count)
            spent.append((process.cpu_seconds - cpu) / count * 1e6)
        wall = (time.perf_counter() - began) / (count * SLICES) * 1e6
        health = asked(port, "/health")[1]
        print(
            f"| {total.total():,} | {sum(spent) / SLICES:.0f} | {min(spent):.0f} | {wall:.0f} "
            f"| {process.resident_mib:.0f} | {health['events']:,} "
            f"| {health['evicted']['orders']:,} |",
            flush=True,
        )
    return total


def check(port: int, statuses: Counter[str]) -> None:
    """What the server says of the run must add up with what it answered."""
    events = statuses.total()
    if set(statuses) != {"200", "400", "401"}:
        raise SystemExit(f"{events} events were not answered as they should be: {statuses}")
    headers, _ = asked(port, "/requests?limit=1")
    told = int(headers["hakuna-mock-total"]) + int(headers["hakuna-mock-evicted"])
    if told != events:
        raise SystemExit(f"the journal counts {told} requests, {events} were sent")


def main() -> None:
    """Start a server, soak it, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--worlds", type=int, default=4)
    told = parser.parse_args()
    command = [sys.executable, "-m", "hakuna_mock", "serve", "--port", "0", "--log-format", "quiet"]
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        server = subprocess.Popen([*command, "--ready-file", str(ready)])
        try:
            while not ready.exists():
                if server.poll() is not None:
                    raise SystemExit("the server did not start")
                time.sleep(0.02)
            port = int(json.loads(ready.read_text())["url"].rsplit(":", 1)[1])
            process = Process(server.pid)
            print(f"{process.resident_mib:.0f} MiB when idle\n")
            statuses = soak(port, process, told.events, told.worlds)
            print(f"\nanswered: {', '.join(f'{n:,} × {s}' for s, n in sorted(statuses.items()))}")
            print(f"evicted: {asked(port, '/health')[1]['evicted']}")
            check(port, statuses)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


if __name__ == "__main__":
    main()
