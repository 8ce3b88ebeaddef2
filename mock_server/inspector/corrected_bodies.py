"""What should have been sent in place of an event, as bodies that keep everything else of it."""

import copy
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from contracts.event_kinds import EVENT_KINDS
from contracts.findings.correction import Correction, EventItems
from contracts.findings.finding import Finding, State
from contracts.timing.rfc3339 import Instant, show
from mock_server.inspector.playground.samples import as_text

Body = dict[str, Any]


def correction_of(findings: Sequence[Finding]) -> Correction | None:
    """The correction of an event: all its open findings share it."""
    found = (
        finding.correction
        for finding in findings
        if finding.state is State.OPEN and finding.correction
    )
    return next(found, None)


def corrected_bodies(sent: Body, correction: Correction) -> list[Body]:
    """The bodies to send instead, in their order."""
    return [_instead(sent, item) for item in correction.instead]


def still_to_send(sent: Body, correction: Correction, at: Instant) -> list[Body]:
    """What can still be sent after the event was accepted, so that its mistake is settled.

    Units can be added; what was taken away already cannot be given back by any event.
    """
    before = dict(correction.sent.items)
    kept = next((item for item in correction.instead if item.type == sent["type"]), None)
    if kept is None or sent["type"] == "order_placed":
        return []
    after = dict(kept.items)
    if any(after.get(line_id, 0) < count for line_id, count in before.items()):
        return []
    missing = tuple(
        (line_id, count - before.get(line_id, 0))
        for line_id, count in kept.items
        if count > before.get(line_id, 0)
    )
    others = [item for item in correction.instead if item is not kept]
    events = [EventItems(sent["type"], missing)] if missing else []
    return [_made(sent["payload"]["order_id"], item, show(at)) for item in (*events, *others)]


def _instead(sent: Body, event: EventItems) -> Body:
    kind = EVENT_KINDS[sent["type"]]
    if event.type != sent["type"]:
        return _made(sent["payload"]["order_id"], event, _time_of(sent))
    body = copy.deepcopy(sent)
    if kind.items is None:
        return body
    name = "line_item_id" if kind.timed_items else "id"
    entries: list[Body] = []
    for line_id, count in event.items:
        known = next((item for item in body["payload"][kind.items] if item[name] == line_id), None)
        if known is None:
            known = {name: line_id, "quantity": count, kind.time: _time_of(sent)}
        elif known.get("quantity") != count:
            known["quantity"] = count
        entries.append(known)
    body["payload"][kind.items] = entries
    return body


def _made(order_id: str, event: EventItems, at: str) -> Body:
    kind = EVENT_KINDS[event.type]
    if kind.items is None:
        return {"type": event.type, "payload": {"order_id": order_id, kind.time: at}}
    items = [
        {"line_item_id": line_id, "quantity": count, kind.time: at}
        for line_id, count in event.items
    ]
    return {"type": event.type, "payload": {"order_id": order_id, kind.items: items}}


def _time_of(sent: Body) -> str:
    """When the event happened, as it says itself; of several entries the latest."""
    kind, payload = EVENT_KINDS[sent["type"]], sent["payload"]
    holders = payload[kind.items] if kind.timed_items and kind.items else [payload]
    times = [str(holder[name]) for holder in holders for name in kind.times if holder.get(name)]
    return max(times)


AROUND = 2
"""Lines of a difference that are shown before and after one that differs."""


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that matter of two texts: `-`, `+`, ` ` around them, `…` for what is left out."""
    old, new = before.splitlines(), after.splitlines()
    told: list[tuple[str, str]] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if told or group[0][1]:
            told.append(("…", ""))
        for what, a, b, c, d in group:
            if what == "equal":
                told += [(" ", line) for line in old[a:b]]
            else:
                told += [("-", line) for line in old[a:b]]
                told += [("+", line) for line in new[c:d]]
    return told


def side_by_side(before: str, after: str) -> list[tuple[str, str, str]]:
    """The lines that matter of two texts in two columns: whether they differ, left, right."""
    old, new = before.splitlines(), after.splitlines()
    told: list[tuple[str, str, str]] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if told or group[0][1]:
            told.append(("…", "", ""))
        for what, a, b, c, d in group:
            mark = " " if what == "equal" else "≠"
            told += [(mark, *pair) for pair in zip_longest(old[a:b], new[c:d], fillvalue="")]
    return told


def body_difference(sent: Body, correction: Correction) -> list[list[tuple[str, str]]]:
    """Sent beside expected; of several events to send instead, the first beside what was sent."""
    instead = corrected_bodies(sent, correction)
    first = [difference(as_text(sent), as_text(instead[0]))] if instead else []
    return first + [[("+", line) for line in as_text(item).splitlines()] for item in instead[1:]]
