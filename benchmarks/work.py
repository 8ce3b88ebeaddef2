"""How much work a request is, counted: calls of our own functions, and memory that is kept.

    python benchmarks/work.py                      # show
    python benchmarks/work.py --write tests/house/work.json    # make work

No clock is read, so a busy machine counts the same. Calls are those of Python functions of our
packages (generated methods of dataclasses too, each resumption of a generator for one); what the
versions of Python do differently is left out: comprehensions, calls of C functions. Kept memory is
what a request leaves behind in the store. tests/house/test_work.py holds both to a tolerance.
"""

import argparse
import json
import sys
import tracemalloc
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from measure.cases import CASES, NUMBERS, Handler, prepared, run

PACKAGES = frozenset({"contracts", "mock_server"})
INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
"""Calls in Python 3.11, and none from 3.12 on."""
REQUESTS = 100


def calls(case: str) -> Counter[str]:
    """Calls of our functions over `REQUESTS` requests, by module."""
    handle = Handler()
    run(case, prepared(case, REQUESTS, handle, next(NUMBERS)), handle)  # fills what is cached
    requests = prepared(case, REQUESTS, handle, next(NUMBERS))
    counted: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name not in INLINED:
            counted[frame.f_globals.get("__name__", "")] += 1

    sys.setprofile(count)
    try:
        run(case, requests, handle)
    finally:
        sys.setprofile(None)
    return Counter(
        {name: times for name, times in counted.items() if name.partition(".")[0] in PACKAGES}
    )


def kept_bytes(case: str) -> int:
    """Bytes that are still held after `REQUESTS` requests, and were not before."""
    handle = Handler()
    run(case, prepared(case, REQUESTS, handle, next(NUMBERS)), handle)
    requests = prepared(case, REQUESTS, handle, next(NUMBERS))
    tracemalloc.start()
    try:
        run(case, requests, handle)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def work() -> dict[str, dict[str, int]]:
    """Calls and kept bytes of one request, for each case."""
    return {
        case: {
            "calls": calls(case).total() // REQUESTS,
            "kept_bytes": kept_bytes(case) // REQUESTS,
        }
        for case in CASES
    }


def main() -> None:
    """Count and print, or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="PATH", help="Write it there as JSON.")
    parser.add_argument("--modules", metavar="CASE", choices=CASES, help="Calls by module.")
    arguments = parser.parse_args()
    if arguments.modules:
        for name, times in calls(arguments.modules).most_common():
            print(f"{times / REQUESTS:8.1f}  {name}")
        return
    text = json.dumps(work(), indent=1)
    if arguments.write:
        arguments.write.write_text(f"{text}\n", "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
