"""The verdict in words, for whoever reads the output of a build."""

from collections.abc import Mapping, Sequence

from contracts.findings.finding import Finding, Severity
from contracts.http.credentials import mask_keys
from contracts.printable import printable

MOST_FINDINGS = 20
MOST_TEXT = 500


def verdict_text(
    counts: Mapping[Severity, int], failing: Sequence[Finding], fail_on: str, *, failed: bool
) -> str:
    """The counts in a line, then the findings that fail, each with its place and its fix.

    `failing` may be shorter than the counts say: very long lists of findings lose the oldest.
    """
    said = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    lines = [f"{'failed' if failed else 'passed'}: open findings: {said} (fail_on={fail_on})"]
    for one in failing[:MOST_FINDINGS]:
        place = ", ".join(
            f"{kind} {name}"
            for kind, name in (("order", one.order_id), ("event", one.event_id or one.request_id))
            if name
        )
        lines += [
            f"{one.severity} {one.rule} ({one.basis}): {place}",
            f"  {one.message}",
            f"  fix: {one.fix}",
        ]
    if len(failing) > MOST_FINDINGS:
        lines.append(f"and {len(failing) - MOST_FINDINGS} more: GET /_mock/v1/findings?state=open")
    return "\n".join(printable(mask_keys(line), MOST_TEXT) for line in lines)
