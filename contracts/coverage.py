"""What a run exercised of the contract: event types, fields, rules, transitions, error codes.

The index is what can be reached, the score what was reached at least once. Runs can be merged.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from contracts import schemas
from contracts.events import ALL_EVENTS
from contracts.judge import Verdict
from contracts.policy import Policy
from contracts.replies import ErrorCode
from contracts.rules import RULES, Stage, rules_asked
from contracts.transitions import TRANSITIONS, transition_of

DIMENSIONS = {
    "event_types": "event types",
    "fields": "fields",
    "rules_passed": "rules passed",
    "rules_violated": "rules violated",
    "transitions": "transitions",
    "error_codes": "error codes",
}
"""Each dimension with its name for people."""


class CoverageError(ValueError):
    """A document holds no coverage; the message says what is wrong."""


class Coverage:
    """Counts per dimension and item. `see` takes verdicts, `merge` other runs.

    A rule passed where it was asked about a request and had nothing to say.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._counted = {name: Counter((counts or {}).get(name, {})) for name in DIMENSIONS}
        # Which rules were asked is only worked out when somebody reads: `see` is on the hot path.
        self._asked: Counter[tuple[Stage, str | None]] = Counter()
        self._spoke: Counter[str] = Counter()

    def see(self, verdict: Verdict, policy: Policy) -> None:
        """Count what one request exercised."""
        counts = self._counted
        findings = verdict.findings
        if verdict.accepted:
            findings += verdict.accepted.later
            kind = str(verdict.event_type)
            counts["event_types"][kind] += 1
            counts["transitions"].update(map(transition_of, verdict.accepted.steps))
            if verdict.event:
                counts["fields"].update(set(_present(verdict.event.body, _tree(kind))))
        error = verdict.body.get("error")
        if error:
            counts["error_codes"][error["error_code"]] += 1
        self._asked.update(verdict.asked)
        if findings:
            fired = [rule for rule, _ in {(one.rule, one.event_id) for one in findings}]
            counts["rules_violated"].update(fired)
            stages = {stage for stage, _ in verdict.asked}
            self._spoke.update(rule for rule in fired if RULES[rule].stage in stages)
        if policy.off:
            self._spoke.update(
                rule for pair in verdict.asked for rule in rules_asked(*pair) if rule in policy.off
            )

    def merge(self, other: "Coverage") -> None:
        """Add what another run exercised."""
        for name, counts in other.counts().items():
            self._counted[name].update(counts)

    def counts(self) -> Mapping[str, Counter[str]]:
        """How often each item was exercised, per dimension."""
        asked: Counter[str] = Counter()
        for pair, times in self._asked.items():
            asked.update(dict.fromkeys(rules_asked(*pair), times))
        # Counter subtraction leaves out what would not be positive.
        passed = self._counted["rules_passed"] + (asked - self._spoke)
        return {**self._counted, "rules_passed": passed}

    def to_json(self) -> dict[str, Any]:
        """`{dimension: {"index", "score", "items": {name: count}}}`, unexercised items with 0."""
        counts = self.counts()
        return {
            name: {
                "index": len(items),
                "score": sum(counts[name][item] > 0 for item in items),
                "items": {item: counts[name][item] for item in items},
            }
            for name, items in reachable().items()
        }


def read_coverage(document: Any) -> Coverage:
    """The coverage that `to_json` wrote; items that this version does not know are left out."""
    if not isinstance(document, dict) or not set(DIMENSIONS) <= set(document):
        raise CoverageError(f"this is no coverage: it needs {', '.join(DIMENSIONS)}")
    counts: dict[str, dict[str, int]] = {}
    for name in DIMENSIONS:
        items = document[name].get("items") if isinstance(document[name], dict) else None
        if not isinstance(items, dict):
            raise CoverageError(f"/{name}/items must be an object of counts")
        for item, count in items.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                raise CoverageError(f"/{name}/items/{item}: a count is a whole number from 0")
        counts[name] = {item: n for item, n in items.items() if n and item in reachable()[name]}
    return Coverage(counts)


def merged(runs: Iterable[Coverage]) -> Coverage:
    """All of several runs."""
    total = Coverage()
    for one in runs:
        total.merge(one)
    return total


@cache
def reachable() -> Mapping[str, tuple[str, ...]]:
    """The items of each dimension, in the contract's order."""
    fields = tuple(dict.fromkeys(one for kind in ALL_EVENTS for one in _labels(_tree(kind))))
    return {
        "event_types": ALL_EVENTS,
        "fields": fields,
        "rules_passed": tuple(RULES),
        "rules_violated": tuple(RULES),
        "transitions": TRANSITIONS,
        "error_codes": tuple(map(str, ErrorCode)),
    }


class _Field:
    """One field of an event: its label, and the fields inside it."""

    __slots__ = ("inner", "label")

    def __init__(self, label: str, inner: dict[str, "_Field"]) -> None:
        self.label = label
        self.inner = inner


@cache
def _tree(kind: str) -> dict[str, _Field]:
    """The fields that an event type's schema lists; `*` in a label is any entry of a list."""

    def fields(node: dict[str, Any], path: str) -> dict[str, _Field]:
        node = schemas.resolved(node)
        if "items" in node:
            return fields(node["items"], f"{path}/*")
        return {
            name: _Field(f"{kind} {path}/{name}", fields(inner, f"{path}/{name}"))
            for name, inner in node.get("properties", {}).items()
        }

    return fields(schemas.schema(kind), "")


def _labels(tree: dict[str, _Field]) -> Iterator[str]:
    for one in tree.values():
        yield one.label
        yield from _labels(one.inner)


def _present(value: Any, tree: dict[str, _Field]) -> Iterator[str]:
    """The labels of the fields that a body has, null ones left out; some come several times."""
    if isinstance(value, list):
        for inner in value:
            yield from _present(inner, tree)
        return
    for name, inner in value.items():
        known = tree.get(name)
        if known is not None and inner is not None:
            yield known.label
            if known.inner:
                yield from _present(inner, known.inner)
