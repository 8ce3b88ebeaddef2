"""How many planted bugs does `hakuna-mock fuzz` find, how fast, and does it raise false alarms?

    python benchmarks/mutants.py                      # all bugs, 30 s each at most (long: an hour
                                                      # where many survive, minutes where none do)
    python benchmarks/mutants.py --only twins lost-update
    python benchmarks/mutants.py --kind idempotency --seconds 60 --seed 7
    python benchmarks/mutants.py --false-alarms 300   # the healthy server, in four ways
    python benchmarks/mutants.py --rate 20            # events/s, over HTTP and without any I/O
    python benchmarks/mutants.py --machine --every 12 # the Hypothesis state machine instead
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
"""How many seconds `hakuna-mock fuzz` takes by default."""


def main() -> int:
    """Do what the arguments say; 1 if a bug survives or there is a false alarm."""
    options = _arguments()
    if options.serve:
        return _serve(options.serve)
    if options.markdown:
        print(_markdown(json.loads(Path(options.markdown).read_text("utf-8"))))
        return 0
    status = 0
    if options.false_alarms:
        status |= _false_alarms(options.false_alarms, options.seed)
    if options.rate:
        _rates(options.rate, options.seed)
    if not options.false_alarms and not options.rate:
        status |= _run_all(options)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[])
    parser.add_argument("--kind", nargs="+", metavar="KIND", default=[])
    parser.add_argument("--skip-found", metavar="PATH", help="Leave out bugs found there.")
    parser.add_argument("--skip-tried", metavar="PATH", help="Leave out bugs tried there.")
    parser.add_argument("--seconds", type=float, default=30.0, help="At most, for each bug.")
    parser.add_argument("--examples", type=int, help="For each bug, instead of seconds.")
    parser.add_argument("--max-total", type=float, help="Stop after so many seconds in all.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--machine", action="store_true", help="Drive and shrink by Hypothesis.")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="Only each Nth bug.")
    parser.add_argument("--json", metavar="PATH")
    parser.add_argument("--false-alarms", type=float, metavar="S")
    parser.add_argument("--rate", type=float, metavar="S")
    parser.add_argument("--markdown", metavar="PATH")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--serve", metavar="NAME", help="Serve with one bug (for the script).")
    return parser.parse_args()


def _serve(name: str) -> int:
    """Serve with one bug; the environment sets the rest, as for `python -m mock_server`."""
    from mock_server.__main__ import main as serve

    if name != HEALTHY:
        from seeded_bugs import load

        load()[name].patch()
    sys.argv = ["mock_server"]
    return serve()


def served(name: str, enforcement: str = "flag") -> AbstractContextManager[str]:
    """A server with a bug, in its own process; its URL."""
    from contracts.worlds.policy import Enforcement, Policy
    from hakuna_mock.servers.subprocess_server import own_process

    return own_process(Policy(Enforcement(enforcement)), (__file__, "--serve", name), silent=True)


def run_against(
    name: str,
    enforcement: str,
    seed: int,
    *,
    seconds: float | None = None,
    examples: int | None = None,
) -> dict[str, Any]:
    """One campaign against one bug, until its first failure or a limit."""
    from fuzz.client.target_session import TargetSession
    from fuzz.engine.campaign import Campaign, Limits, size
    from fuzz.engine.plan import temporary_hypothesis_folder

    with (
        served(name, enforcement) as url,
        closing(TargetSession(url)) as session,
        temporary_hypothesis_folder(),
    ):
        session.identify("sk_test_fuzz_look")
        session.requests_sent, began = 0, time.monotonic()
        result = Campaign(session, seed, Limits(examples, seconds, failures=1)).run()
        took, requests = time.monotonic() - began, session.requests_sent
    example = result.counterexamples[0] if result.counterexamples else None
    failure = example.failure.check_failure if example else None
    return {
        "found": example is not None,
        "requests": result.first_failure_requests or result.progress.requests,
        "seconds": round(result.first_failure_seconds or result.progress.seconds, 2),
        "check": failure.check if failure else None,
        "expected": str(failure.expected)[:120] if failure else None,
        "actual": str(failure.actual)[:120] if failure else None,
        "steps": size(example.steps) if example else None,
        "recorded": example.recorded if example else None,
        "confirmed": example.confirmed if example else None,
        "with_shrinking": {"requests": requests, "seconds": round(took, 2)},
    }


SHRINK_SECONDS = 60.0
"""What the state machine may take to shrink a failure, which Hypothesis would do for minutes."""


def run_machine(name: str, enforcement: str, seed: int, *, seconds: float) -> dict[str, Any]:
    """The state machine of `fuzz.machine` against one bug, until it failed and was shrunk."""
    from hypothesis import core, settings
    from hypothesis.stateful import run_state_machine_as_test

    from fuzz.engine.campaign import size
    from fuzz.engine.plan import STEPS, temporary_hypothesis_folder
    from fuzz.machine import events_machine

    core.global_force_seed = seed
    found: dict[str, Any] = {}
    with served(name, enforcement) as url, temporary_hypothesis_folder():
        machine = events_machine(url, enforcement=enforcement, steps=STEPS)
        session, began = machine.session, time.monotonic()
        session.requests_sent = 0

        class Watched(machine):  # type: ignore[misc, valid-type]
            def _require(self, failure: Any) -> None:
                if failure is not None:
                    found.setdefault("requests", session.requests_sent)
                    found.setdefault("seconds", round(time.monotonic() - began, 2))
                    found["check"] = failure.check_failure.check
                    found["steps"] = size(self.played)
                super()._require(failure)

        def over() -> bool:
            limit = found["seconds"] + SHRINK_SECONDS if "check" in found else seconds
            return time.monotonic() - began > limit

        session.stop_asked = over
        how = settings(Watched.TestCase.settings, max_examples=1_000_000)
        try:
            run_state_machine_as_test(Watched, settings=how)
        except (AssertionError, KeyboardInterrupt):
            pass
        except Exception as error:  # noqa: BLE001 - Hypothesis gives up where a replay differs
            found["gave_up"] = type(error).__name__
        took, requests = time.monotonic() - began, session.requests_sent
        session.close()
    return {
        "found": "check" in found,
        "requests": requests,
        "seconds": round(took, 2),
        "check": None,
        "steps": None,
        "confirmed": True,
        **found,
        "with_shrinking": {"requests": requests, "seconds": round(took, 2)},
    }


def _run_all(options: argparse.Namespace) -> int:
    from seeded_bugs import load

    from hakuna_mock.servers.subprocess_server import OwnServerError

    mutants = load()
    unknown = [name for name in options.only if name not in mutants]
    if unknown:
        print(f"there is no bug {', '.join(unknown)}; see --list")
        return 2
    path = Path(options.json) if options.json else None
    kept = json.loads(path.read_text("utf-8")) if path and path.exists() else {}
    done = _names_in(options.skip_found, options.skip_tried)
    chosen = [
        bug
        for bug in mutants.values()
        if (not options.only or bug.name in options.only)
        and (not options.kind or bug.kind in options.kind)
        and bug.name not in done
    ][:: options.every]
    if options.list:
        for bug in chosen:
            print(f"{bug.kind:14} {bug.name:40} {bug.about}")
        return 0
    began = time.monotonic()
    results = {}
    for bug in chosen:
        if options.max_total and time.monotonic() - began > options.max_total:
            print(f"time is up; {len(chosen) - len(results)} bugs were not tried")
            break
        try:
            seconds = None if options.examples else options.seconds
            named = (bug.name, bug.enforcement, options.seed)
            if options.machine:
                row = run_machine(*named, seconds=options.seconds)
            else:
                row = run_against(*named, seconds=seconds, examples=options.examples)
        except OwnServerError as error:  # the function that the patch replaces has moved
            print(f"{bug.kind:14} {bug.name:40} STALE: {error}", flush=True)
            continue
        results[bug.name] = row
        kept[bug.name] = {"kind": bug.kind, "about": bug.about, **row}
        verdict = "found" if row["found"] else "NOT FOUND"
        print(
            f"{bug.kind:14} {bug.name:40} {verdict:9} {row['requests']:>7} requests "
            f"{row['seconds']:>6.2f} s  {row['check'] or '':17} "
            f"{row['steps'] or '':>3} steps{'' if row['confirmed'] in (True, None) else ' (once)'}",
            flush=True,
        )
        if path:
            path.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    _totals(results)
    return int(not all(row["found"] for row in results.values()))


def _names_in(found: str | None, tried: str | None) -> set[str]:
    """The bugs that earlier runs found or tried."""
    names: set[str] = set()
    for path, expected in ((found, {True}), (tried, {True, False})):
        rows = json.loads(Path(path).read_text("utf-8")) if path and Path(path).exists() else {}
        names |= {name for name, row in rows.items() if row["found"] in expected}
    return names


def _totals(results: dict[str, dict[str, Any]]) -> None:
    found = [row for row in results.values() if row["found"]]
    print(f"found {len(found)} of {len(results)}")
    if found:
        print(f"median: {_medians(found)}")
        gave_up = [row["gave_up"] for row in results.values() if "gave_up" in row]
        if gave_up:
            print(f"{len(gave_up)} were given up: {', '.join(sorted(set(gave_up)))}")
        whole = [row["with_shrinking"]["seconds"] for row in found]
        print(f"with shrinking: median {statistics.median(whole):.2f} s, worst {max(whole):.2f} s")
    for name, row in results.items():
        if not row["found"]:
            print(f"not found: {name}")


def _medians(rows: list[dict[str, Any]]) -> str:
    requests, seconds, steps = (
        statistics.median(row[name] for row in rows) for name in ("requests", "seconds", "steps")
    )
    return f"{requests:.0f} requests, {seconds:.2f} s, {steps:.0f} steps after shrinking"


def _markdown(found: dict[str, dict[str, Any]]) -> str:
    """The tables of the lab report: one row for each area and the totals, then every bug."""
    kinds: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, row in found.items():
        kinds.setdefault(row["kind"], []).append((name, row))
    columns = ("requests", "seconds", "steps")
    measured = " | ".join(f"{name} (median, worst)" for name in columns)
    lines = [
        f"| area | bugs | found | within {SOON:.0f} s | {measured} |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, named in (*sorted(kinds.items()), ("**all**", list(found.items()))):
        found = [row for _, row in named if row["found"]]
        soon = sum(row["seconds"] <= SOON for row in found)
        cells = [
            f"{statistics.median(values):{form}}, {max(values):{form}}" if values else "–"
            for name, form in (("requests", ".0f"), ("seconds", ".2f"), ("steps", ".0f"))
            for values in [[row[name] for row in found]]
        ]
        lines.append(f"| {kind} | {len(named)} | {len(found)} | {soon} | {' | '.join(cells)} |")
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
    if not row["found"]:
        return f"| {about} | **not found** | {row['requests']} | {row['seconds']:.2f} | – |"
    measured = f"{row['requests']} | {row['seconds']:.2f} | {row['steps']}"
    return f"| {about} | {row['check']} | {measured} |"


def _false_alarms(seconds: float, seed: int) -> int:
    """The healthy server in both enforcements, as it is and with its control API hidden."""
    from fuzz.client.target_session import TargetSession
    from fuzz.engine.campaign import Campaign, Limits

    alarms = 0
    for enforcement in ("flag", "reject"):
        for hidden in (False, True):
            with served(HEALTHY, enforcement) as url, closing(TargetSession(url)) as session:
                session.identify("sk_test_fuzz_look")
                session.is_mock = session.is_mock and not hidden
                result = Campaign(session, seed, Limits(seconds=seconds / 4)).run()
            found = result.counterexamples
            alarms += len(found)
            print(
                f"{enforcement}, {'control API hidden' if hidden else 'hakuna-mock'}: "
                f"{result.progress.examples} examples, {result.progress.requests} requests, "
                f"{seconds / 4:.0f} s, {len(found)} false alarms",
                flush=True,
            )
            for example in found:
                failure = example.failure.check_failure
                print(f"  {failure.check}: expected {failure.expected}, got {failure.actual}")
                for step in example.steps:
                    print(f"    {step}")
    return int(alarms > 0)


def _rates(seconds: float, seed: int) -> None:
    """Events a second of the same loop: without any I/O, over HTTP, and with reading back."""
    from in_process import reply_to

    from fuzz.client.target_session import Received, TargetSession
    from fuzz.engine.campaign import Campaign, Limits

    class InProcessSession(TargetSession):
        """Answers in this process, without a socket."""

        def send(self, request: Any) -> Received:
            self.requests_sent += 1
            return Received(reply_to(request))

        def send_in_parallel(self, requests: Any) -> list[Received]:
            return [self.send(request) for request in requests]

    def rate(session: TargetSession, share: float) -> float:
        result = Campaign(session, seed, Limits(seconds=share)).run()
        return result.progress.requests / result.progress.seconds

    rounds: dict[str, list[float]] = {"no I/O at all": [], "over HTTP": [], "with reading back": []}
    for _ in range(3):
        rounds["no I/O at all"].append(
            rate(InProcessSession("http://nowhere.invalid"), seconds / 9)
        )
        for name, is_mock in (("over HTTP", False), ("with reading back", True)):
            with served(HEALTHY) as url, closing(TargetSession(url)) as session:
                session.identify("sk_test_fuzz_look")
                session.is_mock, session.requests_sent = is_mock, 0
                rounds[name].append(rate(session, seconds / 9))
    best = {name: statistics.median(values) for name, values in rounds.items()}
    for name, value in best.items():
        share = value / best["no I/O at all"]
        print(f"{name}: {value:,.0f} events/s ({share:.0%}; median of 3 × {seconds / 9:.1f} s)")


if __name__ == "__main__":
    sys.exit(main())
