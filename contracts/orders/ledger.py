"""The ledger of one order line: how many units were shipped, given back, and are still active.

Counts are pieces, never money. Quantities beyond what is available are clamped and reported as
excess, so that one mistake does not cascade.
"""

from collections.abc import Iterable

from contracts.orders.late_shipments import Ending, overtaken, remember
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Taken:
    """What one event did to one line: units asked for, and the units it really moved.

    `overtaken_by` are the events that explain the whole excess of a shipment: it happened before
    them and arrived after them.
    """

    asked: int
    unshipped: int
    kept: int = 0
    overtaken_by: tuple[Ending, ...] = ()

    @property
    def applied(self) -> int:
        """Units that moved."""
        return self.unshipped + self.kept

    @property
    def excess(self) -> int:
        """Units asked for beyond what there was."""
        return self.asked - self.applied


@dataclass(frozen=True, slots=True)
class Ledger:
    """The counts of one line; `first_` and `last_fulfilled_at` are payload times.

    `endings` are the events that ended units before they shipped, as `late_shipments` keeps them.
    """

    ordered: int
    fulfilled: int = 0
    cancelled_unshipped: int = 0
    cancelled_kept: int = 0
    refunded_unshipped: int = 0
    refunded_kept: int = 0
    first_fulfilled_at: Instant | None = None
    last_fulfilled_at: Instant | None = None
    endings: tuple[Ending, ...] = ()

    @property
    def unshipped(self) -> int:
        """Units neither shipped nor given back."""
        return self.ordered - self.fulfilled - self.cancelled_unshipped - self.refunded_unshipped

    @property
    def kept(self) -> int:
        """Units shipped and not given back."""
        return self.fulfilled - self.cancelled_kept - self.refunded_kept

    @property
    def active(self) -> int:
        """Units that the customer has or will get."""
        return self.unshipped + self.kept

    @property
    def cancelled(self) -> int:
        """Units cancelled, shipped or not."""
        return self.cancelled_unshipped + self.cancelled_kept

    @property
    def refunded(self) -> int:
        """Units refunded, shipped or not."""
        return self.refunded_unshipped + self.refunded_kept

    def fulfil(self, asked: int, times: Iterable[Instant]) -> tuple["Ledger", Taken]:
        """Ship units; only unshipped ones can be."""
        times = list(times)
        applied = min(asked, self.unshipped)
        explaining, left = overtaken(self.endings, asked - applied, max(times))
        taken = Taken(asked, applied, overtaken_by=explaining)
        if not applied:
            return replace(self, endings=left), taken
        known = [
            t for t in (self.first_fulfilled_at, self.last_fulfilled_at, *times) if t is not None
        ]
        # Constructors name every field in their order: `replace` costs more than all the rest here.
        return Ledger(
            self.ordered,
            self.fulfilled + applied,
            self.cancelled_unshipped,
            self.cancelled_kept,
            self.refunded_unshipped,
            self.refunded_kept,
            min(known),
            max(known),
            left,
        ), taken

    def refund(self, asked: int) -> tuple["Ledger", Taken]:
        """Give money back for units: shipped ones first."""
        kept = min(asked, self.kept)
        taken = Taken(asked, min(asked - kept, self.unshipped), kept)
        return Ledger(
            self.ordered,
            self.fulfilled,
            self.cancelled_unshipped,
            self.cancelled_kept,
            self.refunded_unshipped + taken.unshipped,
            self.refunded_kept + taken.kept,
            self.first_fulfilled_at,
            self.last_fulfilled_at,
            self.endings,
        ), taken

    def cancel(self, asked: int) -> tuple["Ledger", Taken]:
        """End units: unshipped ones first."""
        unshipped = min(asked, self.unshipped)
        taken = Taken(asked, unshipped, min(asked - unshipped, self.kept))
        return Ledger(
            self.ordered,
            self.fulfilled,
            self.cancelled_unshipped + taken.unshipped,
            self.cancelled_kept + taken.kept,
            self.refunded_unshipped,
            self.refunded_kept,
            self.first_fulfilled_at,
            self.last_fulfilled_at,
            self.endings,
        ), taken

    def after_ending(self, event_id: str, at: Instant, units: int) -> "Ledger":
        """The same counts, with the memory that an event ended so many unshipped units."""
        if not units:
            return self
        return replace(self, endings=remember(self.endings, Ending(event_id, at, units)))

    def cancel_entries(self, quantities: Iterable[int | None]) -> tuple["Ledger", Taken]:
        """End units entry by entry; None takes all unshipped units, if there are none all active.

        Entries with a quantity go first; None on an exhausted line asks for one unit more
        than there is (`over-cancellation`).
        """
        entries = list(quantities)
        after, total = self.cancel(sum(n for n in entries if n is not None))
        for _ in range(entries.count(None)):
            after, taken = after.cancel(after.unshipped or after.active or 1)
            total = Taken(
                total.asked + taken.asked,
                total.unshipped + taken.unshipped,
                total.kept + taken.kept,
            )
        return after, total
