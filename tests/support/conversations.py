"""Generated conversations between a shop and the API, valid by construction and small.

A `Story` prints itself as shorthand, so a shrunk counterexample can be played as it stands.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from contracts.shorthand import Entry, Play, body_of, show

LETTERS = "FRCFRCFX"
"""What may follow a placement; the repetition keeps cancelled orders the exception."""

PRODUCTS = ("d", "a", "m")
PLAN_NAMES = ("p", "q")


@dataclass(frozen=True)
class Story:
    """A sequence of plays."""

    plays: tuple[Play, ...]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The events as they travel, new objects each time."""
        return [body_of(play) for play in self.plays]

    def __repr__(self) -> str:
        return f"Story({show(self.bodies)!r})"


@st.composite
def placements(draw, *, excess: bool = False) -> tuple[Entry, ...]:
    """The lines of an order: up to three products, some on two lines, some with plans.

    Without `excess` there are never more plans than units of their product.
    """
    lines: list[Entry] = []
    shared_sku = draw(st.booleans())
    for product in PRODUCTS[: draw(st.integers(1, 3))]:
        quantities = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
        lines += [
            Entry(f"{product}{place or ''}", product, quantity)
            for place, quantity in enumerate(quantities)
        ]
        room = 5 if excess else sum(quantities)
        for plan in PLAN_NAMES:
            quantity = draw(st.integers(0, room))
            if quantity:
                label = f"{plan}-{product}"
                lines.append(Entry(label, "plan" if shared_sku else label, quantity, product))
                room -= 0 if excess else quantity
    return tuple(draw(st.permutations(lines)))


@st.composite
def stories(
    draw, *, excess: bool = False, late: bool = True, max_events: int = 7, order: str = "1"
) -> Story:
    """An order and what happens to it, each event on a day of its own, so that no two are equal.

    Quantities may exceed what there is. With `late` the placement may arrive after other events.
    """
    lines = draw(placements(excess=excess))
    labels = [line.label for line in lines]
    plays = []
    for day in range(1, 1 + draw(st.integers(0, max_events))):
        letter = draw(st.sampled_from(LETTERS))
        plays.append(Play(letter, order, () if letter == "X" else draw(items(letter, labels)), day))
    position = draw(st.integers(0, min(2, len(plays)))) if late else 0
    plays.insert(position, Play("P", order, lines, 0))
    return Story(tuple(plays))


def items(letter: str, labels: list[str]) -> st.SearchStrategy[tuple[Entry, ...]]:
    """Entries for these lines; a line may stand in several of them."""
    quantities = st.integers(1, 3) if letter != "C" else st.none() | st.integers(1, 3)
    entry = st.builds(
        lambda label, quantity: Entry(label, label, quantity), st.sampled_from(labels), quantities
    )
    return st.lists(entry, min_size=1, max_size=4).map(tuple)


@st.composite
def shuffled(draw, story: Story) -> Story:
    """The same story with the entries of each event in another order."""
    return Story(
        tuple(
            Play(play.letter, play.order, tuple(draw(st.permutations(play.entries))), play.day)
            for play in story.plays
        )
    )


@st.composite
def interleaved(draw) -> tuple[Story, Story, Story]:
    """Two orders' stories, and both of them mixed into one, each in its own order."""
    first, second = draw(stories(order="1")), draw(stories(order="2"))
    left, right = list(first.plays), list(second.plays)
    mixed = []
    while left or right:
        take_left = draw(st.booleans()) if left and right else bool(left)
        mixed.append((left if take_left else right).pop(0))
    return first, second, Story(tuple(mixed))
