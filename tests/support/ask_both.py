"""Ask model and judge many thousands of conversations: `python tests/support/ask_both.py 20000`.

The second argument is the first seed. Prints how many differ, and the first of them, shortened.
"""

import random
import sys
import time
from collections.abc import Callable

from agreement import first_difference, shortened
from chooser import Chooser
from model_conversations import conversation


def ask_both(count: int, first_seed: int, say: Callable[[str], object]) -> int:
    """The number of conversations about which the two differ."""
    differing = requests = 0
    started = time.perf_counter()
    for seed in range(first_seed, first_seed + count):
        turns = conversation(Chooser(random.Random(seed).randrange))
        requests += len(turns)
        difference = first_difference(turns)
        if difference is None:
            continue
        differing += 1
        if differing == 1:
            few = shortened(turns)
            say(f"seed {seed}: {first_difference(few)}\n")
            for turn in few:
                say(f"  {turn.settings}\n  {turn.asked.headers} {turn.asked.body[:1000]!r}\n")
    took = time.perf_counter() - started
    say(f"{count} conversations, {requests} requests, {differing} differ, {took:.0f} s\n")
    return differing


if __name__ == "__main__":
    arguments = [int(item) for item in sys.argv[1:]]
    sys.exit(ask_both(*(arguments + [20_000, 0][len(arguments) :]), sys.stdout.write) > 0)
