"""Coverage for people: a line per dimension, then what was never exercised."""

import textwrap
from collections.abc import Mapping
from typing import Any

from contracts.coverage import DIMENSIONS

_WIDTH = 20


def percent(document: Mapping[str, Any]) -> float:
    """The share of all items that were exercised, 0 to 100."""
    parts = document.values()
    score, index = (sum(int(one[name]) for one in parts) for name in ("score", "index"))
    return 100 * score / index


def in_one_line(document: Mapping[str, Any]) -> str:
    """`covered: 5/5 event types, …`."""
    parts = (f"{one['score']}/{one['index']} {DIMENSIONS[name]}" for name, one in document.items())
    return f"covered: {', '.join(parts)}"


def coverage_text(document: Mapping[str, Any]) -> str:
    """Index and score of each dimension with a bar, and the names that are missing."""
    lines = []
    for name, part in document.items():
        full = round(_WIDTH * part["score"] / part["index"])
        bar = "█" * full + "·" * (_WIDTH - full)
        lines.append(f"{DIMENSIONS[name]:15} {bar} {part['score']:3} of {part['index']}")
    lines.append(f"{'all':15} {'':{_WIDTH}} {percent(document):.1f} %")
    for name, part in document.items():
        missing = [item for item, count in part["items"].items() if not count]
        if missing:
            lines += ["", f"{DIMENSIONS[name]} never exercised:"]
            if name in ("fields", "transitions"):
                lines += [f"  {one}" for one in missing]
            else:
                text = ", ".join(missing)
                lines.append(textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  "))
    return "\n".join(lines)
