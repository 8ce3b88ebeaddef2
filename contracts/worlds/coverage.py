"""What a run exercised of the contract: event types, fields, rules, transitions, error codes.

The index is what can be reached, the score what was reached at least once. Runs can be merged.
Rules are counted once as rules and once by the event type that they looked at.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from contracts import schemas
from contracts.http.error_code import ErrorCode
from contracts.orders.events import ALL_EVENTS
from contracts.orders.transitions import TRANSITIONS
from contracts.rules import RULES, Stage, rules_asked
from contracts.worlds.effects import Exercised

DIMENSIONS = {
    "event_types": "event types",
    "fields": "fields",
    "rules_passed": "rules passed",
    "rules_violated": "rules violated",
    "transitions": "transitions",
    "error_codes": "error codes",
    "rules_by_type": "rules by event type",
}
"""Each dimension with its name for people."""

BY_TYPE = "rules_by_type"
"""The rules again, told apart by event type: an item is a `Cell` in words. Files of older versions
do not have it.
"""

UNREAD = "unread"
"""Stands for the event type of requests that were refused before one could be read: at the door, or
because the body names none of the five.
"""

COLUMNS = (*ALL_EVENTS, UNREAD)

MAX_DISTINCT = 500
"""Requests that exercised something different are kept apart up to so many."""

Cell = tuple[str, str]
"""An event type or `UNREAD`, and a rule."""


class CoverageError(ValueError):
    """A document holds no coverage; the message says what is wrong."""


class Coverage:
    """Counts per dimension and item. `add` takes what one request exercised, `merge` other runs.

    A rule passed where it was asked about a request and had nothing to say. `fired` counts cells in
    which a rule spoke; `counts["rules_by_type"]` holds those times, too.
    """

    def __init__(
        self,
        counts: Mapping[str, Mapping[str, int]] | None = None,
        fired: Mapping[str, int] | None = None,
    ) -> None:
        self._counted = {name: Counter((counts or {}).get(name, {})) for name in DIMENSIONS}
        self._fired = Counter(fired or {})
        # Requests that exercise the same are counted as one; what that means is only worked out
        # when somebody reads, for `add` is on the hot path.
        self._exercised: Counter[Exercised] = Counter()
        self._asked: Counter[tuple[int, str | None]] = Counter()
        self._fired_cells: Counter[tuple[str | None, str]] = Counter()
        self._extra: Counter[tuple[str | None, str]] = Counter()
        self._off: Counter[tuple[str | None, str]] = Counter()

    def add(self, exercised: Exercised) -> None:
        """Count what one request exercised."""
        self._exercised[exercised] += 1
        if len(self._exercised) > MAX_DISTINCT:
            self._fold()

    def _fold(self) -> None:
        """Count what was exercised per item."""
        for element, times in self._exercised.items():
            if element.event_type:
                self._counted["event_types"][element.event_type] += times
            if element.error_code:
                self._counted["error_codes"][element.error_code] += times
            for name, items in (("transitions", element.transitions), ("fields", element.fields)):
                for item in items:
                    self._counted[name][item] += times
            for stage in element.asked:
                self._asked[stage] += times
            for counter, cells in (
                (self._fired_cells, element.fired),
                (self._extra, element.extra),
                (self._off, element.off),
            ):
                for cell in cells:
                    counter[cell] += times
        self._exercised.clear()

    def merge(self, other: "Coverage") -> None:
        """Add what another run exercised."""
        for name, counts in other.counts().items():
            self._counted[name].update(counts)
        self._fired.update(other.fired())

    def fired(self) -> Counter[str]:
        """How often a rule fired, per cell."""
        self._fold()
        return self._fired + _in_words(self._fired_cells + self._extra)

    def counts(self) -> Mapping[str, Counter[str]]:
        """How often each item was exercised, per dimension."""
        self._fold()
        asked: Counter[tuple[str | None, str]] = Counter()
        for (stage, kind), times in self._asked.items():
            rules = rules_asked(Stage(stage), kind)
            asked.update(dict.fromkeys(((kind, rule) for rule in rules), times))
        # Counter subtraction leaves out what would not be positive.
        passed, spoke = asked - self._fired_cells - self._off, self._fired_cells + self._extra
        return {
            **self._counted,
            "rules_passed": self._counted["rules_passed"] + _by_rule(passed),
            "rules_violated": self._counted["rules_violated"] + _by_rule(spoke),
            BY_TYPE: self._counted[BY_TYPE] + _in_words(passed + spoke),
        }

    def to_json(self) -> dict[str, Any]:
        """`{dimension: {"index", "score", "items": {name: count}}}`, unexercised items with 0.

        `rules_by_type` has `"fired": {name: count}` besides: how many of an item's times the rule
        spoke, and did not pass.
        """
        counts = self.counts()
        document: dict[str, Any] = {
            name: {
                "index": len(items),
                "score": sum(counts[name][item] > 0 for item in items),
                "items": {item: counts[name][item] for item in items},
            }
            for name, items in reachable().items()
        }
        fired = self.fired()
        document[BY_TYPE]["fired"] = {
            element: fired[element] for element in reachable()[BY_TYPE] if fired[element]
        }
        return document


def read_coverage(document: Any) -> Coverage:
    """The coverage that `to_json` wrote; items that this version does not know are left out."""
    if not isinstance(document, dict) or not set(DIMENSIONS) - {BY_TYPE} <= set(document):
        raise CoverageError(f"this is not a coverage document: it needs {', '.join(DIMENSIONS)}")
    counts = {
        name: _read_counts(document[name], name, "items") for name in DIMENSIONS if name in document
    }
    fired = _read_counts(document[BY_TYPE], BY_TYPE, "fired") if BY_TYPE in document else {}
    for item, count in fired.items():
        if count > counts[BY_TYPE].get(item, 0):
            raise CoverageError(f"/{BY_TYPE}/fired/{item}: more than /{BY_TYPE}/items/{item}")
    return Coverage(counts, fired)


def _read_counts(part: Any, name: str, field: str) -> dict[str, int]:
    """What was counted of the items that this version knows."""
    items = part.get(field) if isinstance(part, dict) else None
    if not isinstance(items, dict):
        raise CoverageError(f"/{name}/{field} must be an object of counts")
    for item, count in items.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise CoverageError(f"/{name}/{field}/{item}: a count is a whole number from 0")
    return {item: n for item, n in items.items() if n and item in reachable()[name]}


def merged(runs: Iterable[Coverage]) -> Coverage:
    """All of several runs."""
    total = Coverage()
    for run in runs:
        total.merge(run)
    return total


def cells() -> Iterator[Cell]:
    """Each event type with each rule that can be asked about it, or fire where none was read."""
    for kind in COLUMNS:
        for rule in RULES.values():
            if rule.untyped if kind == UNREAD else kind in rule.events:
                yield kind, rule.id


def in_words(cell: Cell) -> str:
    """A cell as an item: `order_placed zip-format`."""
    return " ".join(cell)


def _in_words(counts: Counter[tuple[str | None, str]]) -> Counter[str]:
    return Counter({in_words((kind or UNREAD, rule)): n for (kind, rule), n in counts.items()})


def _by_rule(counts: Counter[tuple[str | None, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, rule), times in counts.items():
        found[rule] += times
    return found


@cache
def reachable() -> Mapping[str, tuple[str, ...]]:
    """The items of each dimension, in the contract's order."""
    fields = tuple(dict.fromkeys(label for kind in ALL_EVENTS for label in _labels(_tree(kind))))
    return {
        "event_types": ALL_EVENTS,
        "fields": fields,
        "rules_passed": tuple(RULES),
        "rules_violated": tuple(RULES),
        "transitions": TRANSITIONS,
        "error_codes": tuple(map(str, ErrorCode)),
        BY_TYPE: tuple(map(in_words, cells())),
    }


class _Field:
    """One field of an event: its label, whether every valid event has it, the fields inside it."""

    __slots__ = ("inner", "label", "required")

    def __init__(self, label: str, inner: dict[str, "_Field"], *, required: bool) -> None:
        self.label = label
        self.inner = inner
        self.required = required


@cache
def _tree(kind: str) -> dict[str, _Field]:
    """The fields that an event type's schema lists; `*` in a label is any entry of a list."""

    def fields(node: dict[str, Any], path: str, *, required: bool) -> dict[str, _Field]:
        node = schemas.resolved(node)
        if "items" in node:
            return fields(node["items"], f"{path}/*", required=required and "minItems" in node)
        needed = node.get("required", ())
        found = {}
        for name, inner in node.get("properties", {}).items():
            there = required and name in needed
            below = fields(inner, f"{path}/{name}", required=there)
            found[name] = _Field(f"{kind} {path}/{name}", below, required=there)
        return found

    return fields(schemas.schema(kind), "", required=True)


@cache
def _optional(kind: str) -> dict[str, _Field]:
    """The part of the tree in which a valid event can differ from another one."""

    def pruned(tree: dict[str, _Field]) -> dict[str, _Field]:
        found = {}
        for name, item in tree.items():
            inner = pruned(item.inner)
            if inner or not item.required:
                found[name] = _Field(item.label, inner, required=item.required)
        return found

    return pruned(_tree(kind))


def _labels(tree: dict[str, _Field]) -> Iterator[str]:
    for item in tree.values():
        yield item.label
        yield from _labels(item.inner)


def _gather(value: Any, tree: dict[str, _Field], found: set[str]) -> None:
    """Add the labels of the optional fields that a body has, null ones left out."""
    if isinstance(value, list):
        for inner in value:
            _gather(inner, tree, found)
        return
    for name, field in tree.items():
        inner = value.get(name)
        if inner is not None:
            if not field.required:
                found.add(field.label)
            if field.inner:
                _gather(inner, field.inner, found)


def fields_in(body: dict[str, Any], event_type: str) -> tuple[str, ...]:
    """The labels of the fields that a valid body has, in the schema's order."""
    found: set[str] = set()
    _gather(body, _optional(event_type), found)
    return _with_required(event_type, frozenset(found))


@lru_cache(maxsize=512)
def _with_required(event_type: str, present: frozenset[str]) -> tuple[str, ...]:
    """The labels of the required fields and of these others."""

    def labels(tree: dict[str, _Field]) -> Iterator[str]:
        for item in tree.values():
            if item.required or item.label in present:
                yield item.label
            yield from labels(item.inner)

    return tuple(labels(_tree(event_type)))
