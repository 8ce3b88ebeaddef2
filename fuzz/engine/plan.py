"""Plans: lists of small integers of one length, drawn by Hypothesis in small batches.

Each integer decides one step; what the step is follows from it and from the model's state. Batches
of nine examples with a seed of their own are what finds most (measured: `docs/fuzzing.md`), and
give the time budget and the repeatable run that Hypothesis alone has not.
"""

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

BATCH = 9
"""Below ten examples Hypothesis does not spend its first tenth on near-minimal ones."""

STEPS = 29
"""Of most conversations; measured with this number, too."""

LONG = 120
"""Of a few: what is forgotten after a while is seen only there."""

Plan = list[int]


def plans(steps: int = STEPS) -> st.SearchStrategy[Plan]:
    """Plans of exactly so many steps."""
    return st.lists(st.integers(0, 2**48 - 1), min_size=steps, max_size=steps)


def run_batch(number: int, steps: int, run: Callable[[Plan], None], most: int = BATCH) -> None:
    """Draw one batch of plans and run each; the same number draws the same plans.

    `run` must not raise: failures are shrunk by `fuzz.minimize` and not by Hypothesis.
    """

    @seed(number)
    @settings(
        max_examples=most,
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
