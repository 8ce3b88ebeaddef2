"""Text from outside as it may appear in a line of ours: no control characters, not endless."""


def printable(text: str, most: int | None = None) -> str:
    """The text with what a terminal would act on (escapes, line breaks, bidi marks) as `?`."""
    cut = text if most is None or len(text) <= most else f"{text[: most - 1]}…"
    return (
        cut if cut.isprintable() else "".join(item if item.isprintable() else "?" for item in cut)
    )
