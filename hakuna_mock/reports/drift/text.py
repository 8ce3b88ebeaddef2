"""Drift for people in a terminal: refuted first, each with the exchange that shows it."""

import re
import textwrap
from collections.abc import Iterable, Iterator

from contracts.drift.attribution import Standing, Standings, State, standings
from contracts.drift.comparison import Refusal
from contracts.drift.drift import Counted, Drift
from contracts.drift.exchange import Evidence
from contracts.printable import printable
from contracts.timing.rfc3339 import show
from hakuna_mock.reports.model import Rendering, counted
from hakuna_mock.reports.text import paint

WIDTH = 96
MAX_BODY = 700
_LINE_BREAK = re.compile(r"\s*\n\s*")


def render(drift: Drift, how: Rendering) -> str:
    """Refuted assumptions, refusals without a reason, then names of the rest."""
    found = standings(drift)
    lines = [_title(drift), ""]
    for item in found.refuted:
        lines += [*_refuted(item, how), ""]
    if not how.quiet:
        lines += _refusals("Refused, and it is not clear for which rule", found.unclear)
        lines += _refusals("Refused, and no rule of ours explains it", found.unexplained)
        lines += _failures(drift)
        lines += _names(State.CONFIRMED, found.of(State.CONFIRMED), how)
        lines += _names(State.NOT_EXERCISED, found.of(State.NOT_EXERCISED), how)
    lines.append(_summary(found))
    return "\n".join(lines)


def _title(drift: Drift) -> str:
    where = ", ".join(printable(upstream, 200) for upstream in drift.upstreams) or "the provider"
    return f"{counted(drift.exchanges, 'exchange')} with {where}"


def _summary(found: Standings) -> str:
    counts = ", ".join(f"{len(found.of(state))} {state}" for state in State)
    more = []
    if found.unclear:
        more.append(f"{counted(len(found.unclear), 'kind')} of refusals unclear")
    if found.unexplained:
        more.append(f"{counted(len(found.unexplained), 'kind')} of refusals unexplained")
    return "; ".join([f"{len(found.assumptions)} assumptions: {counts}", *more])


def _refuted(standing: Standing, how: Rendering) -> Iterator[str]:
    assumption = standing.assumption
    colour = "warning" if standing.mixed else "violation"
    number = f"{assumption.number}. " if assumption.number else ""
    head = paint(f"{standing.state} {number}{assumption.id}", colour, coloured=how.coloured)
    yield f"{head}  ({assumption.basis})"
    yield from _field("we assumed", assumption.assumed)
    mixed = ", confirmed in the others: it depends on something else" if standing.mixed else ""
    seen = standing.refuted.count + standing.confirmed.count
    times = f"{standing.refuted.count} of {seen} times{mixed}"
    yield from _field("the provider", f"{printable(standing.refuted.saw)} ({times})")
    if standing.presumed:
        beside = ", ".join(standing.presumed)
        yield from _field("presumed", f"{beside} fired beside it in each of these exchanges")
    evidence = standing.refuted.first
    if evidence is not None:
        yield from _exchange(evidence)
        last = standing.refuted.last
        if last is not None and last != evidence:
            yield from _field("last seen", _when(last))
    yield from _field("ask them", assumption.question)


def _exchange(evidence: Evidence) -> Iterator[str]:
    yield from _field("shown by", _when(evidence))
    headers = "  ".join(f"{name}: {value}" for name, value in evidence.headers)
    yield from _field("headers", printable(headers, MAX_BODY))
    yield from _field("sent", _on_one_line(evidence.body))
    status = evidence.status if evidence.status is not None else "no reply"
    yield from _field("reply", f"{status} {_on_one_line(evidence.reply)}")


def _on_one_line(body: str) -> str:
    """A body, also one that is indented over many lines."""
    return printable(_LINE_BREAK.sub(" ", body.strip()), MAX_BODY)


def _when(evidence: Evidence) -> str:
    subject = " ".join(
        printable(part, 80) for part in (evidence.event_type, evidence.order_id) if part
    )
    return f"{show(evidence.at)} {evidence.request_id} {subject}".strip()


def _field(name: str, text: str) -> Iterator[str]:
    start = f"  {name:13}"
    wrapped = textwrap.wrap(text, WIDTH - 15, break_on_hyphens=False, break_long_words=True) or [""]
    yield start + wrapped[0]
    yield from (" " * 15 + line for line in wrapped[1:])


def _refusals(title: str, refusals: Iterable[tuple[Refusal, Counted]]) -> Iterator[str]:
    rows = list(refusals)
    if not rows:
        return
    yield f"{title}:"
    for refusal, seen in sorted(rows, key=lambda item: -item[1].count):
        code = f" {printable(refusal.error_code, 80)}" if refusal.error_code else ""
        yield f"  {seen.count} × {refusal.status}{code}"
        if refusal.needs_key:
            yield from _field("", "nothing was accepted under this key yet: is the key right?")
        elif refusal.status == 404:
            yield from _field("", "is --upstream the address of the provider's sandbox?")
        if refusal.suspects:
            yield from _field("one of", ", ".join(refusal.suspects))
        yield from _field("they said", printable(seen.saw or "; ".join(refusal.texts), MAX_BODY))
        if seen.first is not None:
            yield from _exchange(seen.first)
    yield ""


def _failures(drift: Drift) -> Iterator[str]:
    if not drift.failures:
        return
    yield "No usable reply, which says nothing about rules:"
    for name, seen in drift.failures.items():
        when = f", last {_when(seen.last)}" if seen.last else ""
        yield f"  {seen.count} × {printable(name, 160)}{when}"
    yield ""


def _names(state: State, rows: list[Standing], how: Rendering) -> Iterator[str]:
    if not rows:
        return
    yield paint(f"{state} ({len(rows)}):", "advice", coloured=how.coloured)
    if state is State.CONFIRMED:
        names = [f"{row.assumption.id} {row.confirmed.count}×" for row in rows]
    else:
        names = [row.assumption.id for row in rows if not row.assumption.never_sent]
        if len(names) < len(rows):
            names.append(f"and {len(rows) - len(names)} that no exchange can show (--list)")
    # Names hold hyphens and are not broken there: they are searched for and copied.
    text = ", ".join(name.replace(" ", "\u00a0") for name in names)
    lines = textwrap.wrap(text, WIDTH - 2, break_on_hyphens=False, break_long_words=False)
    yield from (f"  {line}".replace("\u00a0", " ") for line in lines)
    yield ""
