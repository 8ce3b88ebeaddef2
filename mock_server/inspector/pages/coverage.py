"""What this world exercised: rules against event types as one table, the control API's dimensions
below it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from aiohttp import web

from contracts.rules import RULES, Rule
from contracts.values import dataclass
from contracts.worlds.coverage import BY_TYPE, COLUMNS, DIMENSIONS, UNREAD, cells, in_words
from mock_server.control.resources.contract import coverage
from mock_server.control.responses import choice, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER

MISSING = "missing"
"""The filter's word for what was not reached."""

_APPLICABLE = frozenset(cells())


@dataclass(frozen=True)
class Cell:
    """A rule and an event type: how often it passed and fired there."""

    kind: str
    rule: str
    applies: bool
    passed: int = 0
    fired: int = 0

    @property
    def reached(self) -> bool:
        """Whether the rule was asked about such an event, or fired."""
        return bool(self.passed or self.fired)

    @property
    def missing(self) -> bool:
        """Whether it could be reached and was not."""
        return self.applies and not self.reached

    @property
    def fired_at(self) -> dict[str, str]:
        """The filter of the list that shows where it fired: events, where they have a type."""
        return {"rule": self.rule} if self.kind == UNREAD else self.passed_at | {"rule": self.rule}

    @property
    def passed_at(self) -> dict[str, str]:
        """The filter of the list of events that it passed, among others."""
        return {"status": "400"} if self.kind == UNREAD else {"type": self.kind}


@dataclass(frozen=True)
class Tally:
    """How many of some cells were reached, of those that can be."""

    reached: int
    of: int

    @property
    def percent(self) -> float:
        """The share, 0 to 100."""
        return round(100 * self.reached / self.of, 1) if self.of else 0


@dataclass
class Family:
    """The rules of one family, each with its cells in the order of the columns."""

    name: str
    rows: list[tuple[Rule[Any], list[Cell]]] = field(default_factory=list)

    @property
    def tally(self) -> Tally:
        """Of all its cells."""
        return tally(cell for _, row in self.rows for cell in row)

    @property
    def by_type(self) -> list[Tally]:
        """Of its cells in each column."""
        return [tally(column) for column in zip(*(row for _, row in self.rows), strict=True)]

    def only_missing(self) -> "Family":
        """The family with the rules that some event type did not reach."""
        rows = [(rule, row) for rule, row in self.rows if any(cell.missing for cell in row)]
        return Family(self.name, rows)


def tally(counted: Iterable[Cell]) -> Tally:
    """How many of these cells were reached."""
    applying = [cell for cell in counted if cell.applies]
    return Tally(sum(cell.reached for cell in applying), len(applying))


def families_of(part: Mapping[str, Any]) -> list[Family]:
    """The table's rows from what `Coverage` counted of the rules by event type."""
    found: dict[str, Family] = {}
    for rule in RULES.values():
        row = [_cell(kind, rule.id, part) for kind in COLUMNS]
        found.setdefault(rule.family, Family(rule.family)).rows.append((rule, row))
    return list(found.values())


def _cell(kind: str, rule: str, part: Mapping[str, Any]) -> Cell:
    if (kind, rule) not in _APPLICABLE:
        return Cell(kind, rule, applies=False)
    item = in_words((kind, rule))
    fired = part["fired"].get(item, 0)
    return Cell(kind, rule, applies=True, passed=part["items"][item] - fired, fired=fired)


async def page(request: web.Request) -> web.Response:
    """The table; its twin is `GET /_mock/v1/coverage`."""
    known_parameters(request, "show")
    given = {name: value for name, value in request.query.items() if value}
    show = choice(request.clone(rel_url=request.rel_url.with_query(given)), "show", (MISSING,))
    if wants_twin(request):
        asked = {name: value for name, value in given.items() if name != "show"}
        return await coverage(request.clone(rel_url=request.rel_url.with_query(asked)))
    reader = await request.app[SERVER].store.read()
    counted = reader.coverage(await scope_of(request))
    document = counted.to_json()
    families = families_of(document[BY_TYPE])
    columns = zip(*(row for family in families for _, row in family.rows), strict=True)
    return await rendered(
        request,
        "coverage",
        here="coverage",
        columns=list(zip(COLUMNS, map(tally, columns), strict=True)),
        families=[
            (family.name, family.tally, family.by_type, shown.rows)
            for family in families
            if (shown := family.only_missing() if show else family).rows
        ],
        whole=tally(cell for family in families for _, row in family.rows for cell in row),
        dimensions=[
            (name, DIMENSIONS[name], part) for name, part in document.items() if name != BY_TYPE
        ],
        nothing=not any(part["score"] for part in document.values()),
        show=show or "",
        unread=UNREAD,
    )
