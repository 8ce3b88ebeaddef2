"""Figures for people: Markdown tables, and their places in the documentation."""

import re
from collections.abc import Sequence
from pathlib import Path

from measure.server_process import BENCHMARKS

DOCS = BENCHMARKS.parent / "docs"
PERFORMANCE = DOCS / "performance.md"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table: the first column is text, the others are aligned to the right."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(map(line, (header, rule, *rows)))


def write(page: Path, name: str, text: str) -> None:
    """Put text between the comments of that name in a page of the documentation."""
    opening, closing = f"<!-- {name}: written by its benchmark -->", f"<!-- end of {name} -->"
    before = page.read_text("utf-8")
    block = re.compile(f"(?s){re.escape(opening)}.*?{re.escape(closing)}")
    if not block.search(before):
        raise SystemExit(f"{page} has no place for {name}: add {opening} and {closing}")
    after = block.sub(lambda _: f"{opening}\n\n{text}\n\n{closing}", before)
    page.write_text(after, "utf-8")
