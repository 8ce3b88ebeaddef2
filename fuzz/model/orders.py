"""One order in the naive model: its whole history made again from its list of events.

`history_of` starts from nothing each time: quantities, pairs and findings follow from the accepted
events alone, in the order of their arrival.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from contracts.values import dataclass
from fuzz.model.event_types import ITEMS_TYPES
from fuzz.model.findings import Finding, make_finding
from fuzz.model.placement import (
    NOTHING_ELSEWHERE,
    Elsewhere,
    Line,
    Pair,
    lines_of,
    pairs_of,
    placement_rules,
    units_again,
)
from fuzz.model.times import DAY, SECOND, months_later, time_of, utc_day
from fuzz.model.world_settings import WorldSettings

TOLERANCE = 300 * SECOND
"""How far in the future an event's time may lie."""

YEAR_2000 = 10_957 * DAY
"""An order that was placed before has a date that was never set (house)."""

REVOCATION_DAYS = 14
RETURN_MONTHS = 3


@dataclass(slots=True)
class Entry:
    """One item of an event: the line's id, how many (None: not said), and when."""

    line_id: str
    quantity: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted event, read once.

    `number` is its request's, `canonical` its canonical form, `settings` are those of its time,
    `elsewhere` is what the other orders held then. `times` are all its times; `own_rules` are those
    it breaks whatever its order, as rule and severity.
    """

    number: int
    kind: str
    payload: dict[str, Any]
    canonical: str
    settings: WorldSettings
    elsewhere: Elsewhere
    entries: tuple[Entry, ...]
    times: tuple[int, ...]
    own_rules: tuple[tuple[str, str | None], ...]


def event_of(
    body: dict[str, Any],
    canonical: str,
    number: int,
    now: int,
    settings: WorldSettings,
    elsewhere: Elsewhere = NOTHING_ELSEWHERE,
) -> Event:
    """The event of a body that has no faults, arriving `now`."""
    kind, payload = body["type"], body["payload"]
    entries = tuple(_entries(kind, payload))
    if kind in ITEMS_TYPES:
        times = tuple(entry.at for entry in entries)
    else:
        times = (_at(payload["placed_at" if kind == "order_placed" else "cancelled_at"]),)
    late: list[tuple[str, str | None]] = [
        ("timestamp-future", None) for at in times if at > now + TOLERANCE
    ]
    if kind == "order_placed" and times[0] < YEAR_2000:
        late.append(("placement-date-implausible", None))
    own_rules = (*late, *_own_rules(kind, payload))
    return Event(number, kind, payload, canonical, settings, elsewhere, entries, times, own_rules)


@dataclass
class OrderHistory:
    """What became of an order. `findings` are those of each event, by the event's number.

    `later` are, for each event that waited, the findings it got when the placement came.
    """

    placed: Event | None = None
    placed_at: int = 0
    cancelled: bool = False
    latest: int | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    findings: dict[int, list[Finding]] = field(default_factory=dict)
    later: dict[int, list[Finding]] = field(default_factory=dict)
    waiting: list[Event] = field(default_factory=list)


def history_of(events: Sequence[Event]) -> OrderHistory:
    """The history of the order that these events are about."""
    history = OrderHistory()
    earlier: set[str] = set()
    for event in events:
        out = _Findings(event.settings)
        for rule, severity in event.own_rules:
            out.add(rule, severity)
        repeated = event.canonical in earlier
        earlier.add(event.canonical)
        again = out.add("duplicate-event") if repeated else None
        if event.kind != "order_placed":
            if history.placed is None:
                out.add("unknown-order")
                history.waiting.append(event)
            else:
                applied = event.kind == "order_refund_added" and not history.cancelled
                if again is not None and applied:
                    asked = [(entry.line_id, entry.quantity or 0) for entry in event.entries]
                    again.units = units_again(history.lines, asked)
                _apply_event(history, event, out)
        elif history.placed is None:
            _apply_placement(history, event, out)
        elif not repeated:
            out.add("order-id-reused")
        history.findings[event.number] = out.all
    return history


class _Findings:
    """The findings of one event as they come, at the settings of the time."""

    def __init__(self, settings: WorldSettings) -> None:
        self.settings = settings
        self.all: list[Finding] = []

    def add(
        self, rule: str, severity: str | None = None, *units: tuple[str, str, int]
    ) -> Finding | None:
        item = make_finding(rule, self.settings.rules, severity)
        if item is not None:
            item.units = units
            self.all.append(item)
        return item

    def precedes(self, at: int, other: int) -> bool:
        """Whether a time is earlier than another by more than the settings allow."""
        return at + self.settings.timestamp_tolerance * SECOND < other


def _entries(kind: str, payload: dict[str, Any]) -> Iterator[Entry]:
    for item in _items(kind, payload):
        quantity = item.get("quantity")
        when = next(item[time] for time in ITEMS_TYPES[kind].times if item.get(time) is not None)
        yield Entry(item["line_item_id"], None if quantity is None else int(quantity), _at(when))


def _items(kind: str, payload: dict[str, Any]) -> list[dict[str, Any]]:
    return payload[ITEMS_TYPES[kind].items] if kind in ITEMS_TYPES else []


def _at(text: str) -> int:
    at = time_of(text)
    assert at is not None  # noqa: S101 - bodies with other times were refused
    return at


def _own_rules(kind: str, payload: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    groups: dict[str, list[str]] = {}
    for item in _items(kind, payload):
        groups.setdefault(item["line_item_id"], []).append(_canonical_item(item))
        if kind == "order_line_items_cancelled":
            if item.get("quantity") is None:
                yield "cancel-quantity-missing", None
            if item.get("cancelled_at") is None:
                yield "cancel-timestamp-alias", None
    for group in groups.values():
        if len(group) > 1:
            identical = len(set(group)) < len(group)
            yield "item-entry-repeated", "warning" if identical else "advice"


def _canonical_item(item: dict[str, Any]) -> str:
    return json.dumps(
        {
            name: int(value) if isinstance(value, float) and value.is_integer() else value
            for name, value in item.items()
        },
        sort_keys=True,
    )


def _apply_placement(history: OrderHistory, event: Event, out: _Findings) -> None:
    history.placed = event
    history.placed_at = event.times[0]
    placed = event.payload["line_items"]
    history.lines = lines_of(placed)
    history.pairs = pairs_of(history.lines)
    plan_products = event.settings.protection_products
    for broken in placement_rules(
        placed, history.lines, history.pairs, event.elsewhere, plan_products
    ):
        out.add(*broken)
    for late in history.waiting:
        for item in history.findings[late.number]:
            if item.rule == "unknown-order":
                item.open = False
        later = _Findings(event.settings)
        later.add("out-of-order-arrival")
        _apply_event(history, late, later)
        history.later[late.number] = later.all
    history.waiting = []


def _apply_event(history: OrderHistory, event: Event, out: _Findings) -> None:
    """An event of a placed order."""
    for at in event.times:
        if out.precedes(at, history.placed_at):
            out.add("timestamp-before-placement")
    if event.kind == "order_cancelled":
        _cancel_order(history, event, out)
        return
    for entry in event.entries:
        line = history.lines.get(entry.line_id)
        shipped = line.shipped_at if line is not None else []
        first = min(shipped, default=entry.at)
        if event.kind == "order_refund_added" and out.precedes(entry.at, first):
            out.add("timestamp-regression")
    by_line: dict[str, list[Entry]] = {}
    for entry in event.entries:
        if entry.line_id in history.lines:
            by_line.setdefault(entry.line_id, []).append(entry)
        else:
            out.add("unknown-line-item")
    if history.cancelled:
        severity = {"order_fulfillment_added": "violation", "order_refund_added": "advice"}
        out.add("event-after-order-cancelled", severity.get(event.kind, "warning"))
        return
    if event.kind == "order_fulfillment_added":
        _apply_fulfilment(history, by_line, out)
    else:
        _apply_return(history, event.kind, by_line, out)


def _cancel_order(history: OrderHistory, event: Event, out: _Findings) -> None:
    at = event.times[0]
    if history.latest is not None and out.precedes(at, history.latest):
        out.add("timestamp-regression")
    if history.cancelled:
        out.add("order-already-cancelled")
        return
    if any(line.fulfilled for line in history.lines.values() if line.reference is None):
        out.add("order-cancel-after-fulfillment")
        return
    history.cancelled = True
    history.latest = at if history.latest is None else max(history.latest, at)
    for line in history.lines.values():
        line.cancelled_unshipped += line.unshipped
        line.cancelled_shipped += line.kept
    for pair in history.pairs:
        _resolve(pair, event.kind, out)


def _apply_fulfilment(
    history: OrderHistory, by_line: dict[str, list[Entry]], out: _Findings
) -> None:
    shipped: set[str] = set()
    for line_id, entries in by_line.items():
        line = history.lines[line_id]
        requested = sum(entry.quantity or 0 for entry in entries)
        applied = min(requested, line.unshipped)
        if requested > applied:
            shipped_at = max(entry.at for entry in entries)
            if line.ended_later_than(shipped_at, requested - applied):
                out.add("out-of-order-arrival", "advice")
            else:
                out.add("over-fulfillment")
        if applied:
            line.fulfilled += applied
            line.shipped_at += [entry.at for entry in entries]
            shipped.add(line_id)
            _update_latest(history, entries)
    for pair in history.pairs:
        if any(line.id in shipped for line in pair.plans) and not any(
            line.fulfilled for line in pair.products
        ):
            out.add("protection-fulfilled-alone")


def _apply_return(
    history: OrderHistory, kind: str, by_line: dict[str, list[Entry]], out: _Findings
) -> None:
    refund = kind == "order_refund_added"
    before = [pair.excess for pair in history.pairs]
    gone: dict[str, int] = {}
    for line_id, entries in by_line.items():
        line = history.lines[line_id]
        requested = _requested_units(line, entries)
        active, kept = line.active, line.kept
        (line.refund if refund else line.cancel)(min(requested, active))
        applied, from_kept = min(requested, active), kept - line.kept
        gone[line_id] = applied
        if requested > applied:
            units = ("beyond", line_id, requested - applied)
            out.add("over-refund" if refund else "over-cancellation", None, units)
        if applied > from_kept:
            line.remember_ended(max(entry.at for entry in entries), applied - from_kept)
        if applied:
            _update_latest(history, entries)
        if line.reference is not None:
            continue
        if refund and applied > from_kept:
            out.add("refund-before-fulfillment")
        if refund and from_kept and any(line in pair.products for pair in history.pairs):
            last = months_later(utc_day(max(line.shipped_at)), RETURN_MONTHS)
            if max(utc_day(entry.at) for entry in entries) > last:
                out.add("product-return-window")
        if not refund and from_kept:
            out.add("cancel-after-fulfillment")
    for pair, excess in zip(history.pairs, before, strict=True):
        _check_pair(pair, excess, gone, by_line, kind, out)


def _requested_units(line: Line, entries: list[Entry]) -> int:
    """How many units the entries speak of: the said quantities first, then the unsaid ones."""
    requested = sum(entry.quantity for entry in entries if entry.quantity is not None)
    for entry in entries:
        if entry.quantity is None:
            unshipped = max(0, line.unshipped - requested)
            active = max(0, line.active - requested)
            requested += unshipped or active or 1
    return requested


def _check_pair(
    pair: Pair,
    excess_before: int,
    gone: dict[str, int],
    by_line: dict[str, list[Entry]],
    kind: str,
    out: _Findings,
) -> None:
    products = sum(gone.get(line.id, 0) for line in pair.products)
    plans = sum(gone.get(line.id, 0) for line in pair.plans)
    if products and (pair.excess > excess_before or pair.orphaned):
        refund = kind == "order_refund_added"
        missing = pair.excess if pair.orphaned else pair.excess - excess_before
        rule = "refund-missing-protection" if refund else "cancel-missing-protection"
        item = out.add(rule, None, ("plans", pair.reference, missing))
        if item is not None:
            pair.open.append(item)
    elif products or plans:
        _resolve(pair, kind, out)
    alone = max(0, plans - products - excess_before)
    shipped = [at for line in pair.products for at in line.shipped_at]
    if kind == "order_line_items_cancelled":
        left = sum(line.unshipped for line in pair.products) - pair.cancelled_alone
        if alone > max(0, left):
            out.add("protection-cancel-after-shipment")
        pair.cancelled_alone += alone
    elif alone and shipped:
        refunded = max(
            entry.at for line in pair.plans for entry in by_line.get(line.id, ()) if gone[line.id]
        )
        if utc_day(refunded) > utc_day(max(shipped)) + REVOCATION_DAYS:
            out.add("protection-revocation-window")


def _resolve(pair: Pair, kind: str, out: _Findings) -> None:
    """Resolve what is open of a pair that is balanced again, by an event that moved it."""
    if not pair.open or pair.orphaned or pair.excess > pair.excess_placed:
        return
    other = {
        "order_refund_added": "cancel-missing-protection",
        "order_line_items_cancelled": "refund-missing-protection",
    }.get(kind)
    out.add("pairing-split-across-events")
    if any(item.rule == other for item in pair.open):
        out.add("termination-kind-mixed")
    for item in pair.open:
        item.open = False
    pair.open = []


def _update_latest(history: OrderHistory, entries: list[Entry]) -> None:
    """The order's latest applied time."""
    latest = max(entry.at for entry in entries)
    history.latest = latest if history.latest is None else max(history.latest, latest)
