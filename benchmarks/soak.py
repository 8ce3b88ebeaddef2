"""A million events into one server: does it grow, does it slow down? Printed by tenth of the run.

    make soak                                   # about 10 minutes
    make soak ARGS="--events 200000 --json soak.json"

Orders live and end, some events break rules, some requests are refused or repeated. The server's
bounds are so small that all of them are reached within the first tenth: from then on each tenth
must cost what the one before cost, in time and in memory. Time is the server's own processor time,
also that of the fastest of some slices, which others on the machine disturb least.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from measure import traffic
from measure.machine import Machine, in_words
from measure.pipeline import Pipeline
from measure.server_process import ServerProcess, pin_load, serving
from measure.tables import DOCS, markdown, write

STORIES = (
    "P#N{d:1, p:1>d} F#N{d:1} R#N{d:1, p:1}@5",
    "P#N{d:2, p:2>d, a:1} F#N{d:2, a:1} R#N{d:1, p:1}@5 R#N{d:1, p:1, a:1}@6",
    "P#N{d:1, p:1>d} F#N{d:1} R#N{d:1}@5",
    "P#N{d:1, p:1>d} X#N",
    "P#N{d:1, p:1>d, a:1} C#N{d:1, p:1} F#N{a:1}",
    "P#N{a:3} F#N{a:1}@1 F#N{a:1}@2 F#N{a:1}@3",
    "P#N{d:1} P#N{d:1}",
    "F#N{d:1} R#N{d:1}@5",
)
"""Lives of orders: most end, some stay open, some break rules, one is never placed."""

REFUSED = (
    b'{"type": "order_placed", "payload": {"order_id": "' + traffic.ORDER + b'"}}',
    b"{",
    b"[]",
)
REFUSED_EVERY = 11
REPLAYED_EVERY = 13
AT_ONCE = 64
"""Orders whose lives are mixed with one another."""

WORLDS = 4
BOUNDS = {"--max-orders": 500, "--max-findings": 1000, "--max-idempotency-keys": 2500}
BOUNDS |= {"--journal-limit": 1000}
EVICTED = ("orders", "events", "idempotency_keys")
"""Of what `/health` counts, what must have gone."""

TENTHS = 10
SLICES = 20
"""Of each tenth the fastest slice shows what an event costs where nobody else is at work."""

Row = dict[str, float]


def requests() -> Iterator[bytes]:
    """Requests without end: the lives of `AT_ONCE` orders at a time, step by step."""
    keys = [f"{traffic.KEY}_{number}" for number in range(WORLDS)]
    stories = [[traffic.raw(traffic.templates(story, key)) for story in STORIES] for key in keys]
    refused = [traffic.raw(traffic.template(body, 99, key) for body in REFUSED) for key in keys]
    stranger = traffic.template(b"{}", key="nobody").raw
    first = sent = 0
    while True:
        lives = [stories[n % WORLDS][n // WORLDS % len(STORIES)] for n in range(AT_ONCE)]
        for step in range(max(map(len, lives))):
            for place, life in enumerate(lives):
                if step >= len(life):
                    continue
                sent += 1
                request = traffic.fill(life[step], first + place)
                yield request
                if sent % REPLAYED_EVERY == 0:
                    yield request
                if sent % REFUSED_EVERY == 0:
                    bodies = refused[place % WORLDS]
                    yield traffic.fill(bodies[sent % len(bodies)], first + place)
                if sent % (REFUSED_EVERY * REFUSED_EVERY) == 0:
                    yield stranger
        first += AT_ONCE


def soak(server: ServerProcess, events: int) -> tuple[list[Row], Counter[int]]:
    """Send it all and print a row a tenth; the rows, and how often each status was answered."""
    pipeline, stream = Pipeline(server.port), requests()
    total: Counter[int] = Counter()
    rows: list[Row] = []
    count = events // TENTHS // SLICES
    for _ in range(TENTHS):
        began, spent = time.perf_counter(), []
        for _ in range(SLICES):
            cpu = server.cpu_seconds
            total += pipeline.send(stream, count)
            spent.append((server.cpu_seconds - cpu) / count * 1e6)
        health = server.get("/_mock/v1/health").json()
        row: Row = {
            "events": total.total(),
            "server_us": sum(spent) / SLICES,
            "fastest_us": min(spent),
            "wall_us": (time.perf_counter() - began) / (count * SLICES) * 1e6,
            "rss_mib": server.resident_mib,
            "kept_events": health["events"],
            "evicted_events": health["evicted"]["events"],
        }
        rows.append(row)
        print(", ".join(f"{name} {value:,.0f}" for name, value in row.items()), flush=True)
    return rows, total


def check(server: ServerProcess, statuses: Counter[int]) -> None:
    """What the server counts must add up with what it answered, and every bound was reached."""
    if set(statuses) != {200, 400, 401}:
        raise SystemExit(f"not every event was answered as it should be: {statuses}")
    headers = server.get("/_mock/v1/requests?limit=1").headers
    journalled = int(headers["hakuna-mock-total"]) + int(headers["hakuna-mock-evicted"])
    if journalled != statuses.total():
        raise SystemExit(f"the journal counts {journalled} of {statuses.total()} requests")
    evicted = server.get("/_mock/v1/health").json()["evicted"]
    idle = [name for name in EVICTED if not evicted[name]]
    if idle:
        raise SystemExit(f"send more events: no {', '.join(idle)} were evicted ({evicted})")


def flatness(rows: list[Row]) -> dict[str, float]:
    """The last tenth beside the second, in which the bounds were reached already."""
    second, last = rows[1], rows[-1]
    return {name: last[name] / second[name] for name in ("fastest_us", "rss_mib")}


def main() -> None:
    """Start a server, soak it, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument("--docs", action="store_true", help="Write the table to docs/soak.md.")
    arguments = parser.parse_args()
    pin_load()
    machine = Machine()
    options = [text for name, bound in BOUNDS.items() for text in (name, str(bound))]
    with serving(*options) as server:
        print(f"{server.resident_mib:.0f} MiB when idle; bounds: {' '.join(options)}\n")
        rows, statuses = soak(server, arguments.events)
        check(server, statuses)
        evicted = server.get("/_mock/v1/health").json()["evicted"]
    flat = flatness(rows)
    header = ("events", "server µs/event", "fastest slice", "wall µs/event", "RSS MiB")
    cells = [[f"{value:,.0f}" for value in row.values()] for row in rows]
    answered = ", ".join(f"{number:,} × {status}" for status, number in sorted(statuses.items()))
    counts = ", ".join(f"{evicted[name]:,} {name.replace('_', ' ')}" for name in EVICTED)
    flatness_text = (
        f"Last tenth ÷ second: time {flat['fastest_us']:.2f}, memory {flat['rss_mib']:.2f} "
        "(flat is within 0.90 to 1.10)."
    )
    text = "\n\n".join(
        [
            markdown((*header, "kept", "evicted"), cells),
            flatness_text,
            f"Answered: {answered}. Evicted: {counts}. Options: `{' '.join(options)}`.",
            f"{in_words(machine.summary())}.",
        ]
    )
    print(text)
    if arguments.docs:
        write(DOCS / "soak.md", "soak", text)
    if arguments.json:
        result = {"machine": machine.summary(), "tenths": rows, "last_by_second": flat}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
