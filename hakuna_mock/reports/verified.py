"""What `verify` has seen, for people and as JSON."""

import json
from collections import Counter
from typing import Any

from contracts.findings import Severity
from contracts.printable import printable
from fuzz.verify import Verified
from hakuna_mock.reports.words import counted, paint
from hakuna_mock.verifying import Results


def verified_text(results: Results, *, coloured: bool) -> str:
    """Each unmet expectation under its scenario, what could not be seen, and the sum."""
    lines: list[str] = []
    for one in results.failed:
        name = paint(one.scenario.name, Severity.VIOLATION, coloured=coloured)
        lines.append(f"{name}: {one.scenario.title}")
        for wrong in one.mismatches:
            place = f"step {wrong.step + 1}" if wrong.step is not None else "at the end"
            lines.append(f"  {place}: {wrong.what}")
            lines.append(f"    expected {_shown(wrong.expected)}")
            lines.append(f"    got      {_shown(wrong.got)}")
        lines.append("")
    lines += [f"skipped {one.scenario.name}: {one.skipped}" for one in results.skipped]
    lines += [
        f"not visible on this target: {what} ({counted(count, 'scenario')})"
        for what, count in _unseen(results).items()
    ]
    what = "hakuna-mock" if results.kind.is_mock else "another server"
    lines.append(f"{results.target} ({what}, enforcement {results.kind.enforcement})")
    played = [one for one in results.verified if not one.skipped]
    word = "FAILED" if results.failed else "passed"
    style: Severity | str = Severity.VIOLATION if results.failed else "32;1"
    lines.append(
        f"{paint(word, style, coloured=coloured)}: {counted(len(played), 'scenario')}, "
        f"{counted(sum(one.requests for one in played), 'request')}; "
        f"{len(results.failed)} failed, {len(results.skipped)} skipped"
    )
    return "\n".join(lines)


def verified_json(results: Results, *, coloured: bool) -> str:
    """The same as one JSON document."""
    del coloured
    document = {
        "target": results.target,
        "is_hakuna_mock": results.kind.is_mock,
        "enforcement": str(results.kind.enforcement),
        "passed": not results.failed and not results.broke,
        "broke": results.broke,
        "unseen": _unseen(results),
        "scenarios": [_as_json(one) for one in results.verified],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _as_json(one: Verified) -> dict[str, Any]:
    return {
        "name": one.scenario.name,
        "requests": one.requests,
        "skipped": one.skipped,
        "unseen": one.unseen,
        "mismatches": [
            {"step": wrong.step, "what": wrong.what, "expected": wrong.expected, "got": wrong.got}
            for wrong in one.mismatches
        ],
    }


def _unseen(results: Results) -> dict[str, int]:
    return dict(Counter(what for one in results.verified for what in one.unseen))


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text, 400)
