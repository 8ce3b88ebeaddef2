"""Text from outside as people may look at it: nothing hidden, nothing that reorders its line.

Autoescaping keeps markup from being markup; this keeps invisible characters from being invisible.
"""

from typing import Any

from markupsafe import Markup

_LAYOUT = "\n\t"


def visible(value: Any) -> Any:
    """Control characters, bidi marks and their like as `[U+202E]`; other values as they are."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return "" if value is None else value
    return "".join(
        item if item.isprintable() or item in _LAYOUT else f"[U+{ord(item):04X}]" for item in value
    )


def cut(text: str, most: int = 60) -> str:
    """The text, shortened in its middle so that both ends can be recognised."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[-tail:]}"
