"""A progress bar on stderr, where a person watches a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

WORTH_BYTES = 1_000_000
"""Less is judged before a bar could be read."""


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], object]]:
    """A function to be called with what was done since the last call, in bytes."""
    if sys.stderr is None or not sys.stderr.isatty() or not total or total < WORTH_BYTES:
        yield lambda _done: None
        return
    with click.progressbar(
        length=total, label=label, file=sys.stderr, update_min_steps=max(1, total // 200)
    ) as bar:
        yield bar.update
