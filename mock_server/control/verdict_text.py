"""The verdict in words, for whoever reads the output of a build."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.findings.finding import Finding, Severity
from contracts.http.credentials import mask_keys
from contracts.money import sums
from contracts.printable import printable

MAX_FINDINGS = 20
MAX_TEXT = 500


def nothing_received(received: int, at_least: int) -> str:
    """Why a verdict about too few requests does not pass."""
    if received == 0:
        return "nothing was received"
    return f"only {received} of at least {at_least} requests were received"


def verdict_text(
    counts: Mapping[Severity, int],
    failing: Sequence[Finding],
    fail_on: str,
    *,
    received: int,
    at_least: int,
    at_stake: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The counts in a line, what is at stake, then the findings that fail with places and fixes.

    `failing` may be shorter than the counts say: very long lists of findings lose the oldest.
    """
    rank = -1 if fail_on == "never" else Severity(fail_on).rank
    failed = any(count for severity, count in counts.items() if severity.rank <= rank)
    too_few = received < at_least
    open_findings = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    requests = f"{received} request{'' if received == 1 else 's'} received"
    outcome = "failed" if failed or too_few else "passed"
    lines = [f"{outcome}: {requests}, open findings: {open_findings} (fail_on={fail_on})"]
    if at_stake:
        lines.append(f"at stake: {sums(at_stake)}")
    if too_few:
        lines.append(
            f"{nothing_received(received, at_least)}: check the URL and the API key that the shop "
            "uses, or ask with min_events=0"
        )
    for item in failing[:MAX_FINDINGS]:
        place = ", ".join(
            f"{kind} {name}"
            for kind, name in (
                ("order", item.order_id),
                ("event", item.event_id or item.request_id),
            )
            if name
        )
        lines += [
            f"{item.severity} {item.rule} ({item.basis}): {place}",
            f"  {item.message}",
            *([f"  at stake: {item.at_stake.in_words}"] if item.at_stake else []),
            f"  fix: {item.fix}",
        ]
    if len(failing) > MAX_FINDINGS:
        lines.append(f"and {len(failing) - MAX_FINDINGS} more: GET /_mock/v1/findings?state=open")
    return "\n".join(printable(mask_keys(line), MAX_TEXT) for line in lines)
