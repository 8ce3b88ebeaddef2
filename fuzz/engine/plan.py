"""Plans: lists of small integers of one length, drawn by Hypothesis in small batches.

Each integer decides one step, together with the model's state. Batches of nine examples, each with
its own seed, find the most bugs (`docs/explanation/fuzzing-lab.md`). They also give runs a time
limit and a seed, which Hypothesis alone lacks.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

BATCH = 9
"""Fewer than ten: Hypothesis spends the first tenth of its examples on near-minimal ones."""

STEPS = 29
"""The length of most conversations."""

LONG = 120
"""The length of a few: only they show what a server forgets after a while."""

Plan = list[int]


@contextmanager
def temporary_hypothesis_folder() -> Iterator[None]:
    """Keep what Hypothesis stores out of the working directory; for a process that only fuzzes."""
    if os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY"):
        yield
        return
    with TemporaryDirectory(prefix="hakuna-mock-", ignore_cleanup_errors=True) as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def plans(steps: int = STEPS) -> st.SearchStrategy[Plan]:
    """Plans of exactly so many steps."""
    return st.lists(st.integers(0, 2**48 - 1), min_size=steps, max_size=steps)


def run_batch(number: int, steps: int, run: Callable[[Plan], None], count: int = BATCH) -> None:
    """Draw one batch of plans and run each; the same number draws the same plans.

    `run` must not raise: `fuzz.engine.minimize` shrinks failures, not Hypothesis.
    """

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        derandomize=False,
    )
    @given(plans(steps))
    def batch(plan: Plan) -> None:
        run(plan)

    batch()
