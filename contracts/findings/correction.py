"""What should have been sent in place of an event: lines and quantities, and the same in words."""

from contracts.values import cached_property, dataclass

Items = tuple[tuple[str, int], ...]
"""Line ids with quantities."""


@dataclass(frozen=True, slots=True)
class EventItems:
    """An event as far as a correction speaks of it: its type, and how many units of which line."""

    type: str
    items: Items = ()


@dataclass(frozen=True)
class Correction:
    """The events to send instead of the one that was sent, in this order; none: send nothing.

    All findings of one event share its correction, so that following one fix follows them all. The
    words are made from the data: the two cannot drift apart.
    """

    sent: EventItems
    instead: tuple[EventItems, ...]

    @cached_property
    def in_words(self) -> str:
        """The fix as a sentence, for example `add line-p, quantity 1`."""
        if not self.instead:
            return "do not send this event"
        kept = next((item for item in self.instead if item.type == self.sent.type), None)
        others = [
            f"{item.type} ({_listed(item.items, '; ')})"
            for item in self.instead
            if item is not kept
        ]
        if kept is None:
            return f"send instead: {' and '.join(others)}"
        return ", and also send ".join((_changed(self.sent, kept), *others))


def _listed(items: Items, between: str) -> str:
    return between.join(f"{line_id}, quantity {count}" for line_id, count in items)


def _changed(sent: EventItems, kept: EventItems) -> str:
    """How to get from the entries that were sent to those of the same type that are right."""
    before, after = dict(sent.items), dict(kept.items)
    removed = [line_id for line_id in before if line_id not in after]
    added = tuple(item for item in kept.items if item[0] not in before)
    parts = [f"remove {' and '.join(removed)}"] if removed else []
    parts += [
        f"set {line_id} to quantity {count}"
        for line_id, count in kept.items
        if line_id in before and before[line_id] != count
    ]
    if added:
        parts.append(f"add {_listed(added, ' and ')}")
    return ", ".join(parts)
