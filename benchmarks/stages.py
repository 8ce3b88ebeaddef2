"""Where the time of a request goes, in microseconds per stage, without sockets.

    python benchmarks/stages.py [--batches 80] [--json PATH]

Each stage is a public function; while it is timed it is replaced by a clock around itself in every
module of ours that uses it. A stage's own time leaves out the stages that it calls, and the clocks
cost some: the last rows give the whole request with and without them. Each figure is the minimum
over batches of 25 requests, so that others on the machine disturb little.
"""

import argparse
import functools
import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from measure.cases import CASES, NUMBERS, Handler, prepared, run
from measure.tables import PERFORMANCE, markdown, write

BATCH = 25
PACKAGES = ("contracts", "mock_server")

STAGES: Sequence[tuple[str, str]] = (
    ("handler itself", "mock_server.http.judging:judge_and_store"),
    ("headers by name", "contracts.http.request:joined"),
    ("credentials", "contracts.http.credentials:read_credentials"),
    ("parse JSON", "contracts.json_text.parser:parse"),
    ("limits of items", "contracts.http.limits:too_many_items"),
    ("fingerprint", "contracts.json_text.fingerprint:fingerprint"),
    ("schema accepts", "contracts.schemas.validator:accepts"),
    ("schema explains", "contracts.schemas.schema_errors:schema_errors"),
    ("build event", "contracts.orders.events:build_event"),
    ("receive (ledger)", "contracts.orders.order:receive"),
    ("rules", "contracts.rules:evaluate"),
    ("coverage", "contracts.judging.exercised:exercised"),
    ("order effects", "contracts.judging.order_effects:order_effects"),
    ("delivery", "contracts.judging.delivery:delivery"),
    ("judge itself", "contracts.judging.judge:judge"),
    ("apply", "contracts.worlds.apply:apply"),
    ("store itself", "mock_server.store.memory:MemoryStore.change_key"),
    ("world id", "mock_server.store.memory:world_id_of"),
    ("mask headers", "contracts.worlds.journal:masked_headers"),
    ("announce", "mock_server.server_state:Server.announce"),
)
"""Names of stages, and the functions that they are; `PARTS` splits two of them into rows."""

PARTS: dict[str, Callable[..., str]] = {
    "rules": lambda stage, *_: f"rules: {stage.name.lower()}",
    "apply": lambda _world, effect, _position: f"apply {type(effect).__name__}",
}

WHOLES = ("whole with clocks", "whole")

Times = dict[str, float]


class Clocks:
    """Own time per stage: what a stage calls is not counted in it."""

    def __init__(self) -> None:
        self.spent: Times = {}
        self._inner = [0]

    def around(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with a clock around it."""
        part = PARTS.get(stage)

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            began = self._begin()
            try:
                return function(*arguments, **named)
            finally:
                self._end(part(*arguments) if part else stage, began)

        @functools.wraps(function)
        async def timed_async(*arguments: Any, **named: Any) -> Any:
            began = self._begin()
            try:
                return await function(*arguments, **named)
            finally:
                self._end(stage, began)

        return timed_async if inspect.iscoroutinefunction(function) else timed

    def _begin(self) -> int:
        self._inner.append(0)
        return time.perf_counter_ns()

    def _end(self, stage: str, began: int) -> None:
        whole = time.perf_counter_ns() - began
        self.spent[stage] = self.spent.get(stage, 0) + whole - self._inner.pop()
        self._inner[-1] += whole


@contextmanager
def clocks() -> Iterator[Clocks]:
    """Clocks around all stages, wherever modules of ours hold them."""
    kept, running = [], Clocks()
    for stage, place in STAGES:
        module, _, path = place.partition(":")
        owner_name, _, name = path.rpartition(".")
        try:
            owner = import_module(module)
            owner = getattr(owner, owner_name) if owner_name else owner
            function = getattr(owner, name)
        except (ImportError, AttributeError):
            raise SystemExit(f"{place} is not there any more: correct STAGES") from None
        timed = running.around(stage, function)
        for holder in [owner] if owner_name else _modules():
            for each in [key for key, value in vars(holder).items() if value is function]:
                kept.append((holder, each, function))
                setattr(holder, each, timed)
    try:
        yield running
    finally:
        for holder, name, function in kept:
            setattr(holder, name, function)


def _modules() -> list[Any]:
    return [module for name, module in sys.modules.items() if name.partition(".")[0] in PACKAGES]


def measured(case: str, batches: int) -> Times:
    """Microseconds a request: each stage, and the whole with and without clocks."""
    handle = Handler()
    best: Times = {}

    def batch(handle: Callable[..., int], requests: list[Any]) -> float:
        began = time.process_time_ns()
        run(case, requests, handle)
        return time.process_time_ns() - began

    for _ in range(batches):
        plain = {"whole": batch(handle, prepared(case, BATCH, handle, next(NUMBERS)))}
        requests = prepared(case, BATCH, handle, next(NUMBERS))
        with clocks() as running:
            whole = batch(handle, requests)
        for name, spent in (plain | running.spent | {"whole with clocks": whole}).items():
            best[name] = min(best.get(name, spent), spent)
    return {name: spent / BATCH / 1000 for name, spent in best.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, default=80)
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument(
        "--docs", action="store_true", help="Write the table to docs/performance.md."
    )
    arguments = parser.parse_args()
    found = {case: measured(case, arguments.batches) for case in CASES}
    names = dict.fromkeys(name for times in found.values() for name in times)
    order = sorted(set(names) - set(WHOLES), key=lambda name: -found["placed"].get(name, 0))
    rows = [
        (name, *(f"{times[name]:.1f}" if name in times else "" for times in found.values()))
        for name in (*order, *WHOLES)
    ]
    text = markdown(("µs", *found), rows)
    print(text)
    if arguments.docs:
        write(PERFORMANCE, "stages", text)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
