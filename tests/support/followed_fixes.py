"""Follow the fixes of findings: send what a correction says in place of the event, and judge it.

`python tests/support/followed_fixes.py [CONVERSATIONS]` does so for many conversations and prints
how many fixes were tried and what was left of the violations (`make fixes`).
"""

import copy
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import click
from conversations import Story, stories
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from plays import FLAG, REJECT, Shop

from contracts import Finding, Policy, Severity
from contracts.event_kinds import EVENT_KINDS
from contracts.findings.correction import Correction, EventItems
from contracts.shorthand import Play

FIELDS = {kind.type: (kind.items, kind.time) for kind in EVENT_KINDS.values() if kind.timed_items}
GAPS = (1, 1, 1, 1, 5, 14, 15, 95, -3)
"""Days between two events: around the ends of the windows, and now and then back in time."""


@dataclass(frozen=True)
class Trial:
    """One event with findings, what its correction says, and the rules that the latter breaks."""

    story: str
    correction: Correction
    fixes: frozenset[str]
    broken: frozenset[str]
    left: frozenset[str]

    @property
    def failures(self) -> frozenset[str]:
        """Rules that are broken although the fix was followed, or because of it."""
        return (self.left & self.fixes) | (self.left - self.broken)

    def __str__(self) -> str:
        return (
            f"{self.story}: {self.correction.in_words} (for {', '.join(sorted(self.fixes))}) "
            f"leaves {', '.join(sorted(self.failures)) or 'nothing'}"
        )


@st.composite
def conversations(draw) -> Story:
    """Orders with every kind of mistake about quantities, pairs and dates.

    Each event has a day of its own: two equal events are duplicates, whatever a fix makes of them.
    """
    story = draw(stories(excess=draw(st.booleans()), late=draw(st.booleans()), max_events=5))
    day, days, plays = 0, {0}, []
    for play in story.plays:
        if play.letter != "P":
            day += draw(st.sampled_from(GAPS))
            while day in days:
                day += 1
            days.add(day)
            plays.append(replace(play, day=day))
            continue
        plays.append(play)
        if draw(st.booleans()):
            products = tuple(entry for entry in play.entries if not entry.protects)
            plays.append(Play("F", play.order, products, 0))
    return Story(tuple(plays))


def trials(story: Story, policy: Policy) -> Iterator[Trial]:
    """Each event of the conversation whose findings have a correction, corrected."""
    bodies = story.bodies
    shop = Shop(policy)
    for now, body in enumerate(bodies):
        verdict = shop.send(body)
        yield from _trial(story, policy, now, now, verdict.findings)
        for earlier in range(now):
            own = shop.verdicts[earlier]
            replayed = [later for later in verdict.later_findings if later.event_id == own.event_id]
            if replayed:
                yield from _trial(story, policy, earlier, now, (*own.findings, *replayed))


def _trial(
    story: Story, policy: Policy, place: int, now: int, findings: Iterable[Finding]
) -> Iterator[Trial]:
    corrections = {finding.correction for finding in findings if finding.correction}
    if not corrections:
        return
    (correction,) = corrections  # all fixes of one event agree
    bodies = story.bodies
    shop = Shop(policy)
    for body in bodies[:place]:
        shop.send(body)
    own = [shop.send(corrected_body(bodies[place], item)) for item in correction.instead]
    for body in bodies[place + 1 : now + 1]:
        shop.send(body)
    ids = {verdict.event_id for verdict in own if verdict.event_id}
    left = [finding for verdict in own for finding in verdict.findings]
    left += [
        later
        for verdict in shop.verdicts
        for later in verdict.later_findings
        if later.event_id in ids
    ]
    yield Trial(
        f"{story!r} event {place + 1}, {policy.enforcement}",
        correction,
        frozenset(finding.rule for finding in findings if finding.correction),
        _broken(findings),
        _broken(left),
    )


def _broken(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(
        finding.rule for finding in findings if finding.severity is not Severity.ADVICE
    )


def corrected_body(sent: dict[str, Any], event: EventItems) -> dict[str, Any]:
    """The body of the event that a correction names: times are those of what was sent."""
    if event.type == "order_placed":
        return _corrected_placement(sent, dict(event.items))
    payload = sent["payload"]
    times, latest = {}, payload.get("cancelled_at", "")
    if sent["type"] in FIELDS:
        field, stamp = FIELDS[sent["type"]]
        for item in payload[field]:
            times[item["line_item_id"]] = max(item[stamp], times.get(item["line_item_id"], ""))
        latest = max(times.values())
    field, stamp = FIELDS[event.type]
    items = [
        {"line_item_id": line_id, "quantity": count, stamp: times.get(line_id, latest)}
        for line_id, count in event.items
    ]
    return {"type": event.type, "payload": {"order_id": payload["order_id"], field: items}}


def _corrected_placement(sent: dict[str, Any], quantities: dict[str, int]) -> dict[str, Any]:
    body = copy.deepcopy(sent)
    lines = [line for line in body["payload"]["line_items"] if line["id"] in quantities]
    for line in lines:
        line["quantity"] = quantities[line["id"]]
    body["payload"]["line_items"] = lines
    return body


def main(number: int) -> int:
    """Try the fixes of that many conversations; 1 where following one breaks a rule."""
    seen, failed = Counter[str](), []

    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(conversations(), st.sampled_from((FLAG, REJECT)))
    def follow(story: Story, policy: Policy) -> None:
        seen["conversations"] += 1
        for trial in trials(story, policy):
            seen["fixes tried"] += 1
            seen.update(trial.fixes)
            if trial.failures:
                failed.append(trial)

    follow()
    tried, of = seen.pop("fixes tried"), seen.pop("conversations")
    click.echo(
        f"{of} conversations, {tried} fixes tried, {len(failed)} with violations or warnings left"
    )
    for rule, count in seen.most_common():
        click.echo(f"  {count:7} {rule}")
    for trial in sorted(failed, key=lambda item: len(item.story))[:20]:
        click.echo(trial)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
