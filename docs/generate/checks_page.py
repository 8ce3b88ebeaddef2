"""The order in which a request is checked."""

import inspect

from markdown import page

from contracts.judging.judge import CHECKS


def text() -> str:
    """The page, made of the checks' own docstrings."""
    lines = []
    for number, check in enumerate(CHECKS, start=1):
        name = check.__name__.partition("_")[2].replace("_", " ")
        why = " ".join(inspect.cleandoc(check.__doc__ or "").split())
        lines.append(f"{number}. **{name.capitalize()}.** {why}")
    return page(
        "The order of checks",
        "Each request passes these checks in this order. The first one that refuses it ends it, "
        "and [how an event is judged](../explanation/judging.md) says more.",
        "\n".join(lines),
    )
