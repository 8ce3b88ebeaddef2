"""How fast the product is, beside a bare aiohttp handler in the same run.

    make bench                                  # the table, in a few minutes
    make bench ARGS="--rounds 5 --json out.json"
    make bench ARGS="--only lifecycle refused"  # some of the rows

Everything is interleaved: each round measures every row once, a row's figure is the median over
the rounds. What a request costs is processor time of the whole server process; the server runs on
one core, the load on the others. docs/performance.md says what each row is.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from measure import peers, traffic
from measure.load import WRK, load
from measure.machine import Machine, in_words
from measure.server_process import (
    BARE,
    BENCHMARKS,
    MOCK,
    SERVER_CORES,
    ServerProcess,
    pin_load,
    serving,
)
from measure.tables import PERFORMANCE, markdown, write

ALL_CORES = os.sched_getaffinity(0)
PYTHON = sys.executable
CLI = (PYTHON, "-m", "hakuna_mock")
ROOMS = [str(BENCHMARKS.parent / item) for item in ("contracts", "mock_server", "hakuna_mock")]
STARTS = 7
"""How often short commands run in each round."""
STRAY_SHARE = 0.05
FUZZ_SECONDS = 18
PLUGIN_TESTS = 300

Values = dict[str, float]


@dataclass(frozen=True)
class Row:
    """A line of the table: a figure made from the values of one round."""

    name: str
    needs: tuple[str, ...]
    figure: Callable[..., float]
    goal: str
    form: str = ".2f"


def _ratio(first: float, second: float) -> float:
    return first / second


def _plain(value: float) -> float:
    return value


def _per_line(placement: float, bare: float) -> float:
    """Machines differ: as if the bare handler took 60 µs a request."""
    return placement / traffic.LINES * 60 / bare


EVENT, BARE_EVENT = "event, 8 connections", "bare, 8 connections"
ROWS = (
    Row("lifecycle event ÷ bare, 8 connections", (EVENT, BARE_EVENT), _ratio, "≤ 3.5 (2.5)"),
    Row(
        "lifecycle event ÷ bare, 64 connections",
        ("event, 64 connections", "bare, 64 connections"),
        _ratio,
        "≤ 3.5 (2.5)",
    ),
    Row("refused body ÷ accepted", ("refused", EVENT), _ratio, "≤ 2 (1.2)"),
    Row("401 ÷ bare", ("401", BARE_EVENT), _ratio, "≤ 2"),
    Row("idempotent replay ÷ bare", ("replay", BARE_EVENT), _ratio, "≤ 2.6"),
    Row(
        "p99 at 64 connections ÷ bare's",
        ("event, 64 connections, p99 ms", "bare, 64 connections, p99 ms"),
        _ratio,
        "≤ 5 (3)",
    ),
    Row("placement of 100 lines, µs a line", ("100 lines", BARE_EVENT), _per_line, "≤ 15 (10)"),
    Row("check, events a CPU second", ("check",), _plain, "≥ 10,000 (20,000)", ",.0f"),
    Row("fuzz, HTTP ÷ no I/O", ("fuzz over HTTP", "fuzz without I/O"), _ratio, "≥ 0.60"),
    Row("fuzz, events/s over HTTP", ("fuzz over HTTP",), _plain, "twice the rate", ",.0f"),
    Row("--help ÷ python -c pass", ("--help", "python"), _ratio, "≤ 5"),
    Row("--version ÷ python -c pass", ("--version", "python"), _ratio, "≤ 5"),
    Row("serve, CPU to the first 200 ÷ bare's", ("serve", "bare serve"), _ratio, "≤ 1.25"),
    Row("plugin, CPU ms of a test", ("plugin",), _plain, "≤ 1.5"),
    Row("Prism ÷ bare, 8 connections", ("Prism", BARE_EVENT), _ratio, ""),
)


class Round:
    """What one round measures: `values` by name, times in seconds or µs of processor time."""

    def __init__(self, seconds: float, check_lines: int) -> None:
        self.values: Values = {}
        self._seconds = seconds
        self._check_lines = check_lines

    def requests(self) -> None:
        """Every kind of request, to a server of ours and to the bare handler, in turns."""
        with ExitStack() as stack:
            bare = stack.enter_context(serving(program=BARE))
            mock = stack.enter_context(serving())
            for connections in (8, 64):
                for name, server in (("bare", bare), ("event", mock)):
                    full = f"{name}, {connections} connections"
                    self._load(full, server, traffic.LIFECYCLE, connections)
            _must_be_clean(mock)
            for name, templates in (
                ("refused", traffic.REFUSED),
                ("401", traffic.UNAUTHORIZED),
                ("replay", traffic.LIFECYCLE[:1]),
                ("100 lines", traffic.PLACEMENT_OF_100),
            ):
                self._load(name, mock, templates)
            if peers.installed():
                self._load("Prism", stack.enter_context(peers.prism()), traffic.LIFECYCLE)

    def _load(
        self,
        name: str,
        server: ServerProcess,
        templates: Sequence[traffic.Template],
        connections: int = 8,
    ) -> None:
        """CPU µs a request, after a second to warm up."""
        repeat = name == "replay"
        for seconds in (1, self._seconds):
            cpu = server.cpu_seconds
            seen = load(
                server.port, templates, connections=connections, seconds=seconds, repeat=repeat
            )
            cpu = server.cpu_seconds - cpu
        expected = seen.requests if name in ("refused", "401") else 0
        if not seen.requests or seen.refused != expected or seen.broken:
            raise SystemExit(f"{name}: not every request was answered as it should be: {seen}")
        self.values[name] = cpu / seen.requests * 1e6
        self.values[f"{name}, requests/s"] = seen.requests / seen.seconds
        self.values[f"{name}, p99 ms"] = seen.p99_ms

    def start(self) -> None:
        """Short commands, and servers until their first 200."""
        seen: dict[str, list[float]] = {}
        _output("-m", "compileall", "-q", *ROOMS)  # as pip does with what it installs
        for _ in range(STARTS):
            for name, command in (
                ("python", (PYTHON, "-c", "pass")),
                ("--help", (*CLI, "--help")),
                ("--version", (*CLI, "--version")),
            ):
                seen.setdefault(name, []).append(_cpu_of(command))
            for name, program in (("bare serve", BARE), ("serve", MOCK)):
                with serving(program=program) as server:
                    server.post_event(traffic.LIFECYCLE[0].filled(1).raw)
                    seen.setdefault(name, []).append(server.cpu_seconds)
        self.values |= {name: statistics.median(times) for name, times in seen.items()}

    def check(self) -> None:
        """Events that `hakuna-mock check` judges in a second of processor time."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.jsonl"
            events = traffic.in_turn([item.body for item in traffic.LIFECYCLE])
            path.write_bytes(b"".join(next(events) + b"\n" for _ in range(self._check_lines)))
            self.values["check"] = self._check_lines / _cpu_of((*CLI, "check", str(path)))

    def fuzz(self) -> None:
        """The rates that the fuzzer's own benchmark prints."""
        output = _output(str(BENCHMARKS / "mutants.py"), "--rate", str(FUZZ_SECONDS))
        self.values["fuzz without I/O"] = _number(r"^no I/O at all: ([\d,.]+)", output)
        self.values["fuzz over HTTP"] = _number(r"^over HTTP: ([\d,.]+)", output)

    def plugin(self) -> None:
        """What a test with one event costs, pytest's own part included."""
        script = BENCHMARKS / "plugin.py"
        if script.exists():
            output = _output(str(script), str(PLUGIN_TESTS), "1")
            self.values["plugin"] = _number(r"^ *one event +([\d.]+)", output)


GROUPS: dict[str, Callable[[Round], None]] = {
    "requests": Round.requests,
    "start": Round.start,
    "check": Round.check,
    "fuzz": Round.fuzz,
    "plugin": Round.plugin,
}


def _must_be_clean(mock: ServerProcess) -> None:
    """Lifecycles that break rules would measure something else.

    A few do where a connection that is new waits longer than several hundred others.
    """
    reply = mock.get("/_mock/v1/findings?limit=1", key=traffic.KEY)
    events = mock.get("/_mock/v1/health").json()["events"]
    if int(reply.headers["hakuna-mock-total"]) > events * STRAY_SHARE:
        raise SystemExit(f"the lifecycles are not clean: {reply.body.decode()}")


def _cpu_of(command: Sequence[str]) -> float:
    """Processor time of a command, on the server's core."""
    popen = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORES),
    )
    _, status, usage = os.wait4(popen.pid, 0)
    popen.returncode = os.waitstatus_to_exitcode(status)
    if popen.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {popen.returncode}")
    return usage.ru_utime + usage.ru_stime


def _output(*script: str) -> str:
    """What another benchmark prints, on all cores."""
    ended = subprocess.run(
        (PYTHON, *script),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, ALL_CORES),
    )
    if ended.returncode:
        raise SystemExit(f"{' '.join(script)} ended with {ended.returncode}")
    return ended.stdout


def _number(pattern: str, output: str) -> float:
    found = re.search(pattern, output, re.MULTILINE)
    if not found:
        raise SystemExit(f"nothing matches {pattern!r} in:\n{output}")
    return float(found[1].replace(",", ""))


def table(rounds: Sequence[Values]) -> list[tuple[str, str, str, str]]:
    """The rows whose values are there: the median over the rounds, the range, the goal."""
    rows = []
    for row in ROWS:
        figures = [
            row.figure(*(values[name] for name in row.needs))
            for values in rounds
            if set(row.needs) <= values.keys()
        ]
        if figures:
            middle, low, high = (
                format(figure, row.form)
                for figure in (statistics.median(figures), min(figures), max(figures))
            )
            rows.append((row.name, middle, f"{low} to {high}", row.goal))
    return rows


def medians(rounds: Sequence[Values]) -> Values:
    """The median of each value over the rounds."""
    names = dict.fromkeys(name for values in rounds for name in values)
    return {
        name: statistics.median(values[name] for values in rounds if name in values)
        for name in names
    }


def _in_words(value: float) -> str:
    """Seconds of commands are below 1, µs and rates are above."""
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:,.0f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0, help="Of load for each figure.")
    parser.add_argument("--check-lines", type=int, default=100_000)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument(
        "--docs", action="store_true", help="Write the table to docs/performance.md."
    )
    arguments = parser.parse_args()
    pin_load()
    machine = Machine()
    rounds: list[Values] = []
    for number in range(arguments.rounds):
        item = Round(arguments.seconds, arguments.check_lines)
        for name in arguments.only:
            print(f"round {number + 1} of {arguments.rounds}: {name}", file=sys.stderr)
            GROUPS[name](item)
        rounds.append(item.values)
    summary = machine.summary()
    rows = table(rounds)
    notes = [f"{in_words(summary)}; load by {'wrk' if WRK else 'our own client'}."]
    if not peers.installed():
        notes.append("Prism is not installed: its row is left out.")
    if not (BENCHMARKS / "plugin.py").exists():
        notes.append("benchmarks/plugin.py is not there: its row is left out.")
    middle = [(name, _in_words(value)) for name, value in medians(rounds).items()]
    text = markdown(("figure", "median", f"of {len(rounds)} rounds", "goal (stretch)"), rows)
    print(text, markdown(("µs of CPU, or as it says", "median"), middle), *notes, sep="\n\n")
    if arguments.docs:
        write(PERFORMANCE, "bench", "\n\n".join([text, *notes]))
    if arguments.json:
        result = {"machine": summary, "notes": notes, "rows": rows, "rounds": rounds}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
