"""Does anything cost more because of what happened before? Events, lists and pages at two sizes.

    python benchmarks/growth.py                          # the table, about two minutes
    python benchmarks/growth.py --docs                   # to docs/performance.md, with the picture

Costs are processor time of the server process, over HTTP, the smallest of a few slices around each
point; memory is the peak of resident memory during a call beyond what was resident before.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from measure import traffic
from measure.curves import Panel, svg
from measure.machine import Machine, in_words
from measure.pipeline import Pipeline
from measure.server_process import ServerProcess, pin_load, serving
from measure.tables import DOCS, PERFORMANCE, markdown, write

SLICE = 20
SLICES = 5
CALLS = 3
ORDER_EVENTS = (100, 1_000, 2_500, 5_000, 10_000)
ORDERS = (100, 1_000, 5_000, 10_000, 20_000)
WORLDS = (100, 200, 500, 1_000)
FINDINGS = (100, 1_000, 5_000, 20_000)
LINES = (1, 10, 100, 1_000, 5_000)
LISTED = (60, 60_000)
STEPS = {"placement": "placed", "fulfilment": "fulfilled", "refund with plans": "refunded"}
SHOWN = {"GET /orders/ID": "JSON", "GET /orders/ID?at=": "?at=", "order page": "page"}
PICTURE = DOCS / "scaling.svg"

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Growth:
    """What grows, and what an event or a call then costs."""

    name: str
    unit: str
    points: Points
    goal: str = ""
    base: int = 0
    """The point with which the last one is compared."""

    @property
    def ratio(self) -> str:
        """How much more the last point costs."""
        if self.unit == "MiB":  # often next to nothing, and measured in pages
            return ""
        return f"{self.points[-1][1] / self.points[self.base][1]:.2f}"


class Sender:
    """Requests to a server, and what one of them costs after so many."""

    def __init__(self, server: ServerProcess, requests: Iterator[bytes]) -> None:
        self._server = server
        self._requests = requests
        self._pipeline = Pipeline(server.port, connections=1)
        self._sent = 0

    def cost_at(self, size: int) -> float:
        """µs of the events just before the one with that number."""
        _all_accepted(self._pipeline, self._requests, size - SLICE * SLICES - self._sent)
        spent = []
        for _ in range(SLICES):
            cpu = self._server.cpu_seconds
            _all_accepted(self._pipeline, self._requests, SLICE)
            spent.append((self._server.cpu_seconds - cpu) / SLICE * 1e6)
        self._sent = size
        return min(spent)

    def costs(self, sizes: Sequence[int]) -> Points:
        return [(float(size), self.cost_at(size)) for size in sizes]


def _all_accepted(pipeline: Pipeline, requests: Iterator[bytes], number: int) -> None:
    statuses = pipeline.send(requests, number)
    if set(statuses) - {200}:
        raise SystemExit(f"not every event was accepted: {statuses}")


def filled(template: traffic.Template, first: int = 1) -> Iterator[bytes]:
    """The template for one order after the other."""
    raw = template.raw
    return (traffic.fill(raw, number) for number in count(first))


def call(server: ServerProcess, path: str) -> tuple[float, float]:
    """CPU ms of a call, the smallest of a few, and the memory that the first one needed, in MiB."""
    spent, memory = [], []
    for _ in range(CALLS):
        server.reset_peak()
        before, cpu = server.resident_mib, server.cpu_seconds
        reply = server.get(path)
        spent.append(1000 * (server.cpu_seconds - cpu))
        memory.append(server.peak_mib - before)
        if reply.status != 200:
            raise SystemExit(f"GET {path}: {reply.status} {reply.body[:300]!r}")
    return min(spent), max(memory)


def events_of_an_order() -> list[Growth]:
    """One order with more and more fulfilments, and what shows it."""
    placed, shipped = traffic.templates("P#big{a:20000} F#big{a:1}")
    result = []
    with serving("--max-order-events", "20000", "--max-idempotency-keys", "20000") as server:
        server.post_event(placed.filled(0).raw)
        sender = Sender(server, filled(shipped))
        points: Points = []
        calls: dict[str, list[tuple[float, float, float]]] = {}
        for size in ORDER_EVENTS:
            points.append((float(size), sender.cost_at(size)))
            newest = server.get("/_mock/v1/events/latest").json()["seq"]
            paths = (
                "/_mock/v1/orders/ord-big",
                f"/_mock/v1/orders/ord-big?at={newest // 2 + 1}",
                "/_mock/orders/ord-big",
            )
            for name, path in zip(SHOWN, paths, strict=True):
                calls.setdefault(name, []).append((float(size), *call(server, path)))
        result.append(Growth("events of one order", "µs/event", points, "≤ 1.2"))
        for name, seen in calls.items():
            result.append(Growth(name, "ms", [(x, ms) for x, ms, _ in seen], "< 300 ms"))
            result.append(
                Growth(f"{name}, extra memory", "MiB", [(x, mib) for x, _, mib in seen], "< 50 MiB")
            )
    return result


def orders_of_a_world() -> list[Growth]:
    """A world with more and more orders."""
    limits = ("--max-orders", "100000", "--max-idempotency-keys", "100000")
    with serving(*limits) as server:
        points = Sender(server, filled(traffic.LIFECYCLE[0])).costs(ORDERS)
    return [Growth("orders of a world", "µs/event", points)]


def worlds_of_a_server() -> list[Growth]:
    """A new world with each event."""
    (placed,) = traffic.templates("P#N{d:1}", "sk_test_" + traffic.ORDER.decode())
    with serving() as server:
        points = Sender(server, filled(placed)).costs(WORLDS)
    return [Growth("worlds", "µs/event", points)]


def findings_of_a_world() -> list[Growth]:
    """A finding with each event."""
    (placed,) = traffic.templates("P#N{p:1>d}")
    limits = ("--max-orders", "100000", "--max-findings", "100000")
    with serving(*limits, "--max-idempotency-keys", "100000") as server:
        points = Sender(server, filled(placed)).costs(FINDINGS)
        found = int(server.get("/_mock/v1/findings?limit=1").headers["hakuna-mock-total"])
        if found < FINDINGS[-1]:
            raise SystemExit(f"only {found} findings: the placement must break a rule")
    return [Growth("findings of a world", "µs/event", points)]


def lines_of_an_order() -> list[Growth]:
    """Placement, fulfilment and refund of so many lines, half of them plans; µs a line."""
    points: dict[str, Points] = {name: [] for name in STEPS}
    with serving() as server:
        pipeline = Pipeline(server.port, connections=1)
        for lines in LINES:
            steps = _of_lines(lines)
            for name, step in zip(STEPS, steps, strict=True):
                requests, spent = filled(step, 1_000 * lines), []
                number = max(1, min(SLICE, 1000 // lines))
                for _ in range(CALLS):
                    cpu = server.cpu_seconds
                    _all_accepted(pipeline, requests, number)
                    spent.append((server.cpu_seconds - cpu) / number / lines * 1e6)
                points[name].append((float(lines), min(spent)))
    base = LINES.index(100)  # a request has its own cost, which many lines share
    return [Growth(f"lines, {name}", "µs/line", points[name], base=base) for name in STEPS]


def _of_lines(lines: int) -> Sequence[traffic.Template]:
    pairs = max(1, lines // 2)
    plans = [f"p{n}:1>d{n}" for n in range(lines - pairs)]
    products = [f"d{n}:1" for n in range(pairs)]
    entries = ", ".join([*products, *(plan.partition(">")[0] for plan in plans)])
    placed, shipped = ", ".join([*products, *plans]), ", ".join(products)
    return traffic.templates(f"P#N{{{placed}}} F#N{{{shipped}}} R#N{{{entries}}}@5")


def lists() -> list[Growth]:
    """`GET /events?limit=1` where there are few and many events."""
    limits = ("--max-orders", "100000", "--max-idempotency-keys", "100000")
    times: Points = []
    memory: Points = []
    with serving(*limits) as server:
        pipeline, sent = Pipeline(server.port), 0
        worlds = [f"{traffic.KEY}_{number}" for number in range(3)]
        small = [traffic.templates("P#N{d:1} F#N{d:1} R#N{d:1}@5", key) for key in worlds]
        streams = [traffic.in_turn(traffic.raw(steps)) for steps in small]
        for size in LISTED:
            for stream in streams:
                _all_accepted(pipeline, stream, (size - sent) // len(streams))
            sent = size
            kept = server.get("/_mock/v1/health").json()["events"]
            if kept < size:
                raise SystemExit(f"only {kept} events of {size} are kept")
            ms, mib = call(server, "/_mock/v1/events?limit=1")
            times.append((float(size), ms))
            memory.append((float(size), mib))
    name = "GET /events?limit=1"
    return [Growth(name, "ms", times, "≤ 1.2"), Growth(f"{name}, extra memory", "MiB", memory)]


PARTS: dict[str, Callable[[], list[Growth]]] = {
    "order-events": events_of_an_order,
    "orders": orders_of_a_world,
    "worlds": worlds_of_a_server,
    "findings": findings_of_a_world,
    "lines": lines_of_an_order,
    "lists": lists,
}


def picture(found: Sequence[Growth]) -> str:
    """The curves of what is sent and shown."""
    by_name = {item.name: item for item in found}
    panels = [
        Panel(name, x, by_name[name].unit, {name: by_name[name].points})
        for name, x in (
            ("events of one order", "events before"),
            ("orders of a world", "orders before"),
            ("worlds", "worlds before"),
            ("findings of a world", "findings before"),
        )
        if name in by_name
    ]
    for title, x, names in (
        ("lines of one order", "lines", {f"lines, {name}": short for name, short in STEPS.items()}),
        ("one order, shown", "events of the order", SHOWN),
    ):
        if names.keys() <= by_name.keys():
            lines = {
                name: [point for point in by_name[full].points if point[0] > 1]
                for full, name in names.items()
            }
            panels.append(Panel(title, x, by_name[next(iter(names))].unit, lines))
    return svg(panels, "What an event or a call costs as the past grows")


def table(found: Sequence[Growth]) -> str:
    """As Markdown."""
    rows = [
        (
            f"{item.name}, {item.unit}",
            " / ".join(f"{x:,.0f}" for x, _ in item.points),
            " / ".join(f"{y:,.1f}" for _, y in item.points),
            item.ratio,
            item.goal,
        )
        for item in found
    ]
    return markdown(("what grows", "at", "costs", "ratio", "goal"), rows)


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument("--picture", type=Path, metavar="PATH")
    parser.add_argument("--docs", action="store_true", help="Write table and picture to docs/.")
    arguments = parser.parse_args()
    pin_load()
    machine = Machine()
    found = [growth for name in arguments.only for growth in PARTS[name]()]
    summary = machine.summary()
    text = f"{table(found)}\n\n{in_words(summary)}."
    print(text)
    if arguments.picture:
        arguments.picture.write_text(picture(found), "utf-8")
    if arguments.docs:
        write(PERFORMANCE, "growth", text)
        PICTURE.write_text(picture(found), "utf-8")
    if arguments.json:
        rows: list[dict[str, Any]] = [
            {"name": item.name, "unit": item.unit, "points": item.points} for item in found
        ]
        result = {"machine": summary, "growth": rows}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
