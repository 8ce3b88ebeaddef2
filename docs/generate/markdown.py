"""Pieces of Markdown: tables, and text that stays text."""

import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Generated from the code by `python docs/generate`; changes here are lost. -->"


def page(title: str, *parts: str) -> str:
    """A whole page of parts, with one empty line between them."""
    return "\n\n".join([f"# {title}", GENERATED, *filter(None, parts)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a line break or a bar in a cell stays in its cell. Empty without rows."""
    listed = [list(row) for row in rows]
    if not listed:
        return ""
    lines = [heads, ["---"] * len(heads), *([_cell(text) for text in row] for row in listed)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text).replace("|", "\\|")


def code(text: str) -> str:
    """Inline code, whatever is in it."""
    ticks = "``" if "`" in text else "`"
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def block(text: str, language: str = "") -> str:
    """A block of code."""
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def paragraphs(text: str) -> str:
    """Wrapped text as paragraphs of one line each."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def angle(text: str) -> str:
    """Text in which `<` and `>` are no HTML; inline code is left as it is."""
    pieces = text.split("`")
    pieces[::2] = [piece.replace("<", "&lt;").replace(">", "&gt;") for piece in pieces[::2]]
    return "`".join(pieces)
