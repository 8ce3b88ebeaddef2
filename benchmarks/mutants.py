"""How many planted bugs does `hakuna-mock fuzz` find, how fast, and does it raise false alarms?

    python benchmarks/mutants.py                      # all bugs, 30 s each at most (long: an hour
                                                      # where many survive, minutes where none do)
    python benchmarks/mutants.py --only twins lost-update
    python benchmarks/mutants.py --kind idempotency --seconds 60 --seed 7
    python benchmarks/mutants.py --false-alarms 300   # the healthy server, in four ways
    python benchmarks/mutants.py --rate 20            # events/s, over HTTP and without any I/O
    python benchmarks/mutants.py --json found.json    # kept; --json adds to what is there
    python benchmarks/mutants.py --markdown found.json

Each bug (`benchmarks/seeded_bugs/`) is a patch of our own server, applied in a process of its own;
a campaign runs against it over HTTP until its first failure, which is then shrunk. `make bench`
does not run this.
"""

import argparse
import json
import statistics
import sys
import time
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

HEALTHY = "none"
SOON = 10.0
"""Seconds that `hakuna-mock fuzz` takes where nobody says otherwise."""


def main() -> int:
    """Do what the arguments say; 1 where a bug survives or a healthy server is accused."""
    told = _arguments()
    if told.serve:
        return _serve(told.serve)
    if told.markdown:
        print(_markdown(json.loads(Path(told.markdown).read_text("utf-8"))))
        return 0
    done = 0
    if told.false_alarms:
        done |= _false_alarms(told.false_alarms, told.seed)
    if told.rate:
        _rates(told.rate, told.seed)
    if not told.false_alarms and not told.rate:
        done |= _hunt(told)
    return done


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--kind", nargs="+", metavar="KIND", default=[])
    parser.add_argument("--skip-killed", metavar="PATH", help="Leave out what is killed there.")
    parser.add_argument("--skip-tried", metavar="PATH", help="Leave out what was tried there.")
    parser.add_argument("--seconds", type=float, default=30.0, help="For each bug, at most.")
    parser.add_argument("--examples", type=int, help="For each bug, instead of seconds.")
    parser.add_argument("--most", type=float, help="Begin no more bugs after so many seconds.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="PATH")
    parser.add_argument("--false-alarms", type=float, metavar="S")
    parser.add_argument("--rate", type=float, metavar="S")
    parser.add_argument("--markdown", metavar="PATH")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--serve", metavar="NAME", help="Serve with one bug (for the script).")
    return parser.parse_args()


def _serve(name: str) -> int:
    """Be a server with a bug; the environment tells the rest, as for `python -m mock_server`."""
    from mock_server.__main__ import main as serve

    if name != HEALTHY:
        from seeded_bugs import load

        load()[name].patch()
    sys.argv = ["mock_server"]
    return serve()


def served(name: str, enforcement: str = "flag") -> AbstractContextManager[str]:
    """A server with a bug in a process of its own; its URL."""
    from contracts.worlds.policy import Enforcement, Policy
    from hakuna_mock.servers.subprocess_server import own_process

    return own_process(Policy(Enforcement(enforcement)), (__file__, "--serve", name), silent=True)


def hunted(
    name: str,
    enforcement: str,
    seed: int,
    *,
    seconds: float | None = None,
    examples: int | None = None,
) -> dict[str, Any]:
    """One campaign against one bug, until its first failure or a limit."""
    from fuzz.client.target_session import Line
    from fuzz.engine.campaign import Campaign, Limits, size

    with served(name, enforcement) as url, closing(Line(url)) as line:
        line.look("sk_test_fuzz_look")
        line.requests = 0
        outcome = Campaign(line, seed, Limits(examples, seconds, failures=1)).run()
    found = outcome.counterexamples[0] if outcome.counterexamples else None
    return {
        "killed": found is not None,
        "requests": outcome.first_failure_requests or outcome.progress.requests,
        "seconds": round(outcome.first_failure_seconds or outcome.progress.seconds, 2),
        "check": found.failure.problem.check if found else None,
        "expected": str(found.failure.problem.expected)[:120] if found else None,
        "got": str(found.failure.problem.got)[:120] if found else None,
        "steps": size(found.steps) if found else None,
        "recorded": found.recorded if found else None,
        "confirmed": found.confirmed if found else None,
    }


def _hunt(told: argparse.Namespace) -> int:
    from seeded_bugs import load

    from hakuna_mock.servers.subprocess_server import OwnServerError

    mutants = load()
    unknown = [name for name in told.only if name not in mutants]
    if unknown:
        print(f"there is no bug {', '.join(unknown)}; see --list")
        return 2
    path = Path(told.json) if told.json else None
    kept = json.loads(path.read_text("utf-8")) if path and path.exists() else {}
    done = _skipped(told.skip_killed, told.skip_tried)
    chosen = [
        one
        for one in mutants.values()
        if (not told.only or one.name in told.only)
        and (not told.kind or one.kind in told.kind)
        and one.name not in done
    ]
    if told.list:
        for one in chosen:
            print(f"{one.kind:14} {one.name:40} {one.about}")
        return 0
    began = time.monotonic()
    results = {}
    for one in chosen:
        if told.most and time.monotonic() - began > told.most:
            print(f"time is up; {len(chosen) - len(results)} bugs were not tried")
            break
        try:
            seconds = None if told.examples else told.seconds
            row = hunted(
                one.name, one.enforcement, told.seed, seconds=seconds, examples=told.examples
            )
        except OwnServerError as error:  # the seam that the patch needs has moved
            print(f"{one.kind:14} {one.name:40} STALE: {error}", flush=True)
            continue
        results[one.name] = row
        kept[one.name] = {"kind": one.kind, "about": one.about, **row}
        verdict = "killed" if row["killed"] else "SURVIVED"
        print(
            f"{one.kind:14} {one.name:40} {verdict:9} {row['requests']:>7} requests "
            f"{row['seconds']:>6.2f} s  {row['check'] or '':17} "
            f"{row['steps'] or '':>3} steps{'' if row['confirmed'] in (True, None) else ' (once)'}",
            flush=True,
        )
        if path:
            path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    _totals(results)
    return int(not all(row["killed"] for row in results.values()))


def _skipped(killed: str | None, tried: str | None) -> set[str]:
    """The bugs that earlier runs dealt with."""
    names: set[str] = set()
    for path, wanted in ((killed, {True}), (tried, {True, False})):
        rows = json.loads(Path(path).read_text("utf-8")) if path and Path(path).exists() else {}
        names |= {name for name, row in rows.items() if row["killed"] in wanted}
    return names


def _totals(results: dict[str, dict[str, Any]]) -> None:
    killed = [row for row in results.values() if row["killed"]]
    print(f"killed {len(killed)} of {len(results)}")
    if killed:
        print(f"median: {_medians(killed)}")
    for name, row in results.items():
        if not row["killed"]:
            print(f"survived: {name}")


def _medians(rows: list[dict[str, Any]]) -> str:
    requests, seconds, steps = (
        statistics.median(row[name] for row in rows) for name in ("requests", "seconds", "steps")
    )
    return f"{requests:.0f} requests, {seconds:.2f} s, {steps:.0f} steps after shrinking"


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    """The tables of docs/fuzzing.md: one row for each area and the totals, then every bug."""
    kinds: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, row in found.items():
        kinds.setdefault(row["kind"], []).append((name, row))
    columns = ("requests", "seconds", "steps")
    measured = " | ".join(f"{one} (median, worst)" for one in columns)
    lines = [
        f"| area | bugs | found | within {SOON:.0f} s | {measured} |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, named in (*sorted(kinds.items()), ("**all**", list(found.items()))):
        killed = [row for _, row in named if row["killed"]]
        soon = sum(row["seconds"] <= SOON for row in killed)
        cells = [
            f"{statistics.median(values):{form}}, {max(values):{form}}" if values else "–"
            for name, form in (("requests", ".0f"), ("seconds", ".2f"), ("steps", ".0f"))
            for values in [[row[name] for row in killed]]
        ]
        lines.append(f"| {kind} | {len(named)} | {len(killed)} | {soon} | {' | '.join(cells)} |")
    for kind, named in sorted(kinds.items()):
        lines += ["", f"<details><summary>{kind}: {len(named)} bugs</summary>", ""]
        lines += [
            "| what is wrong | found by | requests | seconds | steps |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(row) for _, row in named]
        lines += ["", "</details>"]
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    about = " ".join(row["about"].split()).replace("|", "\\|")
    if not row["killed"]:
        return f"| {about} | **not found** | {row['requests']} | {row['seconds']:.2f} | – |"
    measured = f"{row['requests']} | {row['seconds']:.2f} | {row['steps']}"
    return f"| {about} | {row['check']} | {measured} |"


def _false_alarms(seconds: float, seed: int) -> int:
    """The healthy server: as a hakuna-mock and as a stranger, in both enforcements."""
    from fuzz.client.target_session import Line
    from fuzz.engine.campaign import Campaign, Limits

    alarms = 0
    for enforcement in ("flag", "reject"):
        for hidden in (False, True):
            with served(HEALTHY, enforcement) as url, closing(Line(url)) as line:
                line.look("sk_test_fuzz_look")
                line.is_mock = line.is_mock and not hidden
                outcome = Campaign(line, seed, Limits(seconds=seconds / 4)).run()
            found = outcome.counterexamples
            alarms += len(found)
            print(
                f"{enforcement}, {'control API hidden' if hidden else 'hakuna-mock'}: "
                f"{outcome.progress.examples} examples, {outcome.progress.requests} requests, "
                f"{seconds / 4:.0f} s, {len(found)} false alarms",
                flush=True,
            )
            for one in found:
                wrong = one.failure.problem
                print(f"  {wrong.check}: expected {wrong.expected}, got {wrong.got}")
                for step in one.steps:
                    print(f"    {step}")
    return int(alarms > 0)


def _rates(seconds: float, seed: int) -> None:
    """Events a second of the same loop, over HTTP and with a judge in this process for a server."""
    from in_process import answered

    from fuzz.client.target_session import Answer, Line
    from fuzz.engine.campaign import Campaign, Limits

    class NoLine(Line):
        """Answers in this process; no socket anywhere."""

        def send(self, asked: Any) -> Answer:
            self.requests += 1
            return Answer(answered(asked))

        def send_at_once(self, requests: Any) -> list[Answer]:
            return [self.send(one) for one in requests]

        def control(self, *_: Any) -> Any:
            raise AssertionError("nothing is asked of the control API here")

    def rate(line: Line, share: float) -> float:
        outcome = Campaign(line, seed, Limits(seconds=share)).run()
        return outcome.progress.requests / outcome.progress.seconds

    rounds: dict[str, list[float]] = {"no I/O at all": [], "over HTTP": [], "with reading back": []}
    for _ in range(3):
        rounds["no I/O at all"].append(rate(NoLine("http://nowhere.invalid"), seconds / 9))
        for name, is_mock in (("over HTTP", False), ("with reading back", True)):
            with served(HEALTHY) as url, closing(Line(url)) as line:
                line.look("sk_test_fuzz_look")
                line.is_mock, line.requests = is_mock, 0
                rounds[name].append(rate(line, seconds / 9))
    best = {name: statistics.median(values) for name, values in rounds.items()}
    for name, value in best.items():
        share = value / best["no I/O at all"]
        print(f"{name}: {value:,.0f} events/s ({share:.0%}; median of 3 × {seconds / 9:.1f} s)")


if __name__ == "__main__":
    sys.exit(main())
