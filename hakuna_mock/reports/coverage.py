"""Coverage for people: a line per dimension, then what was never exercised."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.worlds.coverage import BY_TYPE, COLUMNS, DIMENSIONS

_WIDTH = 20
_NAMES = max(map(len, DIMENSIONS.values()))


def percent(document: Mapping[str, Any]) -> float:
    """The share of all items that were exercised, 0 to 100.

    The rules by event type are the rules once more and do not count: files of older versions lack
    them, and `--min` must mean the same for those.
    """
    parts = [item for name, item in document.items() if name != BY_TYPE]
    score, index = (sum(int(part[name]) for part in parts) for name in ("score", "index"))
    return 100 * score / index


def in_one_line(document: Mapping[str, Any]) -> str:
    """`covered: 5/5 event types, …`."""
    parts = (
        f"{item['score']}/{item['index']} {DIMENSIONS[name]}" for name, item in document.items()
    )
    return f"covered: {', '.join(parts)}"


def coverage_text(document: Mapping[str, Any]) -> str:
    """Index and score of each dimension with a bar, and the names that are missing."""
    lines = []
    for name, part in document.items():
        full = round(_WIDTH * part["score"] / part["index"])
        bar = "█" * full + "·" * (_WIDTH - full)
        lines.append(f"{DIMENSIONS[name]:{_NAMES}} {bar} {part['score']:3} of {part['index']}")
    lines.append(f"{'all but the last':{_NAMES}} {'':{_WIDTH}} {percent(document):.1f} %")
    for name, part in document.items():
        missing = [item for item, count in part["items"].items() if not count]
        if missing:
            lines += ["", f"{DIMENSIONS[name]} never exercised:"]
            if name == BY_TYPE:
                lines += _by_type(part["items"])
            elif name in ("fields", "transitions"):
                lines += [f"  {element}" for element in missing]
            else:
                lines.append(_filled(", ".join(missing)))
    return "\n".join(lines)


def _by_type(items: Mapping[str, int]) -> Iterator[str]:
    """The rules that no event of the type exercised."""
    for kind in COLUMNS:
        rules = {name.split()[1]: n for name, n in items.items() if name.startswith(f"{kind} ")}
        missing = [rule for rule, times in rules.items() if not times]
        if missing:
            message = f"none of its {len(rules)} rules was" if len(missing) == len(rules) else ""
            yield _filled(f"{kind}: {message or ', '.join(missing)}")


def _filled(text: str) -> str:
    # Names hold hyphens and are not broken there: they are searched for and copied.
    return textwrap.fill(
        text, 96, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
