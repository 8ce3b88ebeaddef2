"""Findings and verdict of a hakuna-mock's world, against the model and against each other."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.findings.finding import Severity
from fuzz.checks.pagination import ListReader, total_failures
from fuzz.checks.reply import CheckFailure
from fuzz.client.control_client import Row


def finding_failures(
    reader: ListReader,
    expected: Counter[tuple[str, ...]],
    at_stake: Mapping[str, int],
    requests: Mapping[str, str | None],
    orders: Mapping[str, str],
) -> Iterator[CheckFailure]:
    """What is wrong with a world's findings.

    `expected` counts rule, severity, state and cost, `at_stake` is what the verdict must sum up.
    `requests` are journal ids with the event that the request became, `orders` events with their
    order.
    """
    reply, rows = reader.all("/findings")
    # If one page does not hold them all, only the verdict is compared.
    if "hakuna-mock-next" not in reply.headers:
        actual = Counter(map(_compared, rows))
        if actual != expected:
            more, less = _named(expected - actual), _named(actual - expected)
            yield CheckFailure("open-findings", more, less)
            return
        yield from total_failures(reply, "/findings", sum(expected.values()))
        yield from _owner_failures(rows, requests, orders)
        wordless = [row["rule"] for row in rows if not (row.get("message") and row.get("fix"))]
        if wordless:
            yield CheckFailure("open-findings", "a message and a fix for each", wordless)
        names = ("state", "rule", "severity", "order_id")
        yield from reader.filter_failures("/findings", rows, names, "open-findings")
    yield from _verdict_failures(reader, expected, at_stake, received=bool(requests))


def open_counts(findings: Counter[tuple[str, ...]]) -> dict[str, int]:
    """How many of these findings are open, by severity."""
    counts = {str(severity): 0 for severity in Severity}
    for (_, severity, state, _), count in findings.items():
        counts[severity] += count * (state == "open")
    return counts


def _compared(row: Row) -> tuple[str, ...]:
    """What of a finding the model knows, too."""
    stake = row.get("at_stake")
    cost = f"{stake.get('amount')} {stake.get('currency')}" if isinstance(stake, dict) else ""
    return (*(str(row.get(name)) for name in ("rule", "severity", "state")), cost)


def _named(counted: Counter[Any]) -> list[str]:
    return sorted(" ".join(map(str, row)) for row in counted.elements()) or ["no other finding"]


def _owner_failures(
    rows: list[Row], requests: Mapping[str, str | None], orders: Mapping[str, str]
) -> Iterator[CheckFailure]:
    """Each finding must belong to a request of this world, and to the event that it became."""
    for row in rows:
        rule, request_id = str(row.get("rule")), str(row.get("request_id"))
        event = row.get("event_id")
        if request_id not in requests:
            text = f"{rule} of one of this world's requests"
            yield CheckFailure("open-findings", text, request_id)
            return
        refused = requests[request_id] is None
        if refused != (event is None) or (event is not None and event not in orders):
            owner = "no event" if refused else "its event"
            yield CheckFailure("open-findings", f"{rule} of {owner}", event)
            return
        if event is not None and row.get("order_id") != orders[event]:
            text = f"{rule} of order {orders[event]}"
            yield CheckFailure("open-findings", text, row.get("order_id"))
            return


def _verdict_failures(
    reader: ListReader,
    expected: Counter[tuple[str, ...]],
    at_stake: Mapping[str, int],
    *,
    received: bool,
) -> Iterator[CheckFailure]:
    """A verdict must count what is open and sum up what that costs.

    A world that received nothing must not pass.
    """
    counts = open_counts(expected)
    for fail_on in reader.selected(("warning", "violation", "warning", "advice", "never")):
        severities = list(counts)
        failing = severities[: severities.index(fail_on) + 1] if fail_on in counts else []
        passed = received and not any(counts[severity] for severity in failing)
        reply = reader.get(f"/verdict?fail_on={fail_on}")
        body = reply.json()
        shown = body if isinstance(body, dict) else {}
        status = 200 if passed else 409
        if (reply.status, shown.get("counts"), shown.get("passed")) != (status, counts, passed):
            yield CheckFailure(
                "counts",
                f"{status} with {counts} for fail_on={fail_on}",
                f"{reply.status} with {shown.get('counts')}, passed {shown.get('passed')}",
            )
        sums = [{"currency": item, "amount": at_stake[item]} for item in sorted(at_stake)]
        if shown.get("at_stake") != sums:
            yield CheckFailure("counts", f"at stake {sums}", shown.get("at_stake"))
