"""Findings and verdict of a hakuna-mock's world, against the model and against each other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fuzz.checks.pagination import Lists, Row, total_problem
from fuzz.checks.reply import Problem

WHAT = ("rule", "severity", "state")
LEVELS = ("violation", "warning", "advice")


def findings_problems(
    lists: Lists,
    must: Counter[tuple[str, ...]],
    requests: Mapping[str, str | None],
    orders: Mapping[str, str],
) -> Iterator[Problem]:
    """What is wrong with a world's findings.

    `must` counts rule, severity and state; `requests` are journal ids with the event that the
    request became, `orders` events with their order.
    """
    reply, rows = lists.all("/findings")
    # Where a page does not hold them all the verdict alone is compared.
    if "hakuna-mock-next" not in reply.headers:
        got = Counter(tuple(str(row.get(name)) for name in WHAT) for row in rows)
        if got != must:
            yield Problem("open-findings", _named(must - got), _named(got - must))
            return
        yield from total_problem(reply, "/findings", sum(must.values()))
        yield from _owners(rows, requests, orders)
        silent = [row["rule"] for row in rows if not (row.get("message") and row.get("fix"))]
        if silent:
            yield Problem("open-findings", "a message and a fix for each", silent)
        names = ("state", "rule", "severity", "order_id")
        yield from lists.filters("/findings", rows, names, "open-findings")
    yield from _verdict(lists, must)


def _named(counted: Counter[Any]) -> list[str]:
    return sorted(" ".join(map(str, one)) for one in counted.elements()) or ["no other finding"]


def _owners(
    rows: list[Row], requests: Mapping[str, str | None], orders: Mapping[str, str]
) -> Iterator[Problem]:
    """Each finding belongs to a request of this world, and to the event that it became."""
    for row in rows:
        rule, request = str(row.get("rule")), str(row.get("request_id"))
        event = row.get("event_id")
        if request not in requests:
            yield Problem("open-findings", f"{rule} of one of this world's requests", request)
            return
        refused = requests[request] is None
        if refused != (event is None) or (event is not None and event not in orders):
            owner = "no event" if refused else "its event"
            yield Problem("open-findings", f"{rule} of {owner}", event)
            return
        if event is not None and row.get("order_id") != orders[event]:
            yield Problem("open-findings", f"{rule} of order {orders[event]}", row.get("order_id"))
            return


def _verdict(lists: Lists, must: Counter[tuple[str, ...]]) -> Iterator[Problem]:
    counts = dict.fromkeys(LEVELS, 0)
    for (_, severity, state), count in must.items():
        counts[severity] += count * (state == "open")
    for level in lists.chosen(("warning", "violation", "warning", "advice", "never")):
        yield from _verdict_at(level, lists, counts)


def _verdict_at(level: str, lists: Lists, counts: dict[str, int]) -> Iterator[Problem]:
    judged = LEVELS[: LEVELS.index(level) + 1] if level in LEVELS else ()
    failing = sum(counts[name] for name in judged)
    verdict = lists.get(f"/verdict?fail_on={level}&min_events=0")
    body = verdict.json()
    shown = body.get("counts") if isinstance(body, dict) else None
    passed = body.get("passed") if isinstance(body, dict) else None
    wanted = 409 if failing else 200
    if (verdict.status, shown, passed) != (wanted, counts, not failing):
        must_be = f"{wanted} with {counts} for fail_on={level}"
        yield Problem("counts", must_be, f"{verdict.status} with {shown}, passed {passed}")
