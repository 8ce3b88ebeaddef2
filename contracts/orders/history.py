"""What is kept of an accepted event, and an order as it was after any of its events.

Outcome and moved units are stored with the event, so that nothing is judged or parsed again when
somebody looks at an order's past.
"""

from collections.abc import Iterable

from contracts.orders.ledger import Ledger, Taken
from contracts.orders.order import Line, Order, Outcome
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the provider answered to an accepted event: its own id for it, and its status."""

    event_id: str | None
    status: int


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One accepted event.

    `seq` is the number of its request, `received_at` the world's time of arrival, `happened_at` the
    earliest time that the body names (nanoseconds since 1970, UTC). `body` is what was sent, live
    keys masked. `moved` holds what it took from each line, by line id.
    """

    seq: int
    event_id: str
    type: str
    order_id: str
    received_at: Instant
    happened_at: Instant
    body: bytes
    outcome: Outcome
    moved: tuple[tuple[str, Taken], ...] = ()
    provider: ProviderAnswer | None = None
    """Set where the event was sent on to the provider."""


def order_as_of(order: Order, records: Iterable[EventRecord]) -> Order:
    """A placed order as it was after some of its events, those up to its placement included.

    Units that moved add up in any order, so the events need not be told one after the other.
    """
    ledgers = {line_id: Ledger(line.ledger.ordered) for line_id, line in order.lines.items()}
    cancelled_by = None
    for record in records:
        if record.outcome is not Outcome.APPLIED:
            continue
        if record.type == "order_cancelled":
            cancelled_by = record.event_id
        for line_id, taken in record.moved:
            ledgers[line_id] = _after(ledgers[line_id], record.type, taken)
    lines = {line_id: Line(line.item, ledgers[line_id]) for line_id, line in order.lines.items()}
    return replace(order, lines=lines, cancelled_by=cancelled_by)


def _after(ledger: Ledger, event_type: str, taken: Taken) -> Ledger:
    if event_type == "order_fulfillment_added":
        return replace(ledger, fulfilled=ledger.fulfilled + taken.unshipped)
    if event_type == "order_refund_added":
        return replace(
            ledger,
            refunded_unshipped=ledger.refunded_unshipped + taken.unshipped,
            refunded_kept=ledger.refunded_kept + taken.kept,
        )
    return replace(
        ledger,
        cancelled_unshipped=ledger.cancelled_unshipped + taken.unshipped,
        cancelled_kept=ledger.cancelled_kept + taken.kept,
    )
