"""Load on the events endpoint from a process of its own: wrk where it is installed, else ours.

Both keep the connections open and send one request at a time on each. Ours is a loop over raw
sockets, about as costly as a bare aiohttp handler: throughput and p99 are then partly its own, and
CPU time of the server, from which the ratios are made, is not.
"""

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from measure import traffic
from measure.server_process import BENCHMARKS

WRK = shutil.which("wrk")
_numbers = count(1)
ORDERS_A_RUN = 1_000_000


@dataclass(frozen=True)
class Load:
    """What a run of load saw. `refused` are replies of 400 and above, `broken` got none."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int


def load(
    port: int,
    templates: Sequence[traffic.Template],
    *,
    connections: int,
    seconds: float,
    repeat: bool = False,
) -> Load:
    """Send the templates for so many seconds, each run with orders that no other run had.

    With `repeat` the same orders come again and again, in every run.
    """
    first = 0 if repeat else next(_numbers) % 900 * ORDERS_A_RUN
    with tempfile.NamedTemporaryFile() as file:
        for raw in traffic.raw(templates):
            file.write(b"%d\n" % len(raw) + raw)
        file.flush()
        variables = {
            "LOAD_TEMPLATES": file.name,
            "LOAD_ORDER": traffic.ORDER.decode(),
            "LOAD_TIME": traffic.TIME.decode(),
            "LOAD_AT_ONCE": str(traffic.ORDERS_AT_ONCE),
            "LOAD_REPEAT": "yes" if repeat else "no",
            "LOAD_FIRST": str(first),
        }
        script = str(Path(__file__).with_name("load.lua"))
        command = [sys.executable, "-m", "measure.load", str(port), str(connections), str(seconds)]
        if WRK:
            # wrk takes whole seconds.
            amount = [f"-c{connections}", f"-d{max(1, round(seconds))}s"]
            amount += ["--timeout", "30s"]
            command = [WRK, "-t1", *amount, "-s", script, f"http://127.0.0.1:{port}"]
        output = subprocess.run(
            command,
            env=os.environ | variables,
            cwd=BENCHMARKS,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    return Load(**json.loads(output.strip().splitlines()[-1]))


def main() -> None:
    """Be the load, as `load` starts it where there is no wrk."""
    port, connections = int(sys.argv[1]), int(sys.argv[2])
    requests = _in_turn(Path(os.environ["LOAD_TEMPLATES"]).read_bytes())
    print(json.dumps(asdict(_send(port, connections, float(sys.argv[3]), requests))))


def _in_turn(file: bytes) -> Iterator[bytes]:
    templates = []
    while file:
        length, _, file = file.partition(b"\n")
        templates.append(file[: int(length)])
        file = file[int(length) :]
    first = int(os.environ["LOAD_FIRST"])
    if os.environ["LOAD_REPEAT"] == "no":
        return traffic.in_turn(templates, first)
    orders = range(first, first + traffic.ORDERS_AT_ONCE)
    return (traffic.fill(step, order) for _ in count() for step in templates for order in orders)


def _send(port: int, connections: int, seconds: float, requests: Iterator[bytes]) -> Load:
    """One request at a time on each connection until the time is over."""
    selector = selectors.DefaultSelector()
    began = time.perf_counter()
    sent_at: dict[socket.socket, float] = {}
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        sent_at[connection] = time.perf_counter()
        connection.sendall(next(requests))
    latencies: list[float] = []
    refused = broken = 0
    received = dict.fromkeys(sent_at, b"")
    while sent_at and (now := time.perf_counter()) < began + seconds:
        for key, _ in selector.select(began + seconds - now):
            connection = key.fileobj
            assert isinstance(connection, socket.socket)
            chunk = connection.recv(65_536)
            reply = received[connection] + chunk
            if not chunk:
                broken += 1
                selector.unregister(connection)
                del sent_at[connection]
            elif _is_whole(reply):
                now = time.perf_counter()
                latencies.append(now - sent_at[connection])
                refused += reply[9:12] >= b"400"
                received[connection], sent_at[connection] = b"", now
                connection.sendall(next(requests))
            else:
                received[connection] = reply
    took = time.perf_counter() - began
    latencies.sort()
    p50, p99 = (1000 * latencies[int(len(latencies) * share)] for share in (0.5, 0.99))
    return Load(len(latencies), took, p50, p99, refused, broken)


def _is_whole(reply: bytes) -> bool:
    """Whether the reply is there to its last byte."""
    head, gap, body = reply.partition(b"\r\n\r\n")
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return bool(gap) and len(body) >= int(length or 0)


if __name__ == "__main__":
    main()
