"""What a rule is, and how one is written.

A rule is a function with a decorator: the function looks at one thing (its stage's context) and
yields what it found; the decorator holds the evidence; the docstring says why the rule exists.
Documentation, `explain`, the catalogue and the rule's tests are made from it.
"""

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from enum import IntEnum
from functools import cache
from inspect import cleandoc, getsource
from typing import Any, Generic, TypeVar

from contracts import event_kinds
from contracts.faults.retry_tracking import Retry
from contracts.findings.at_stake import Claim
from contracts.findings.correction import Correction
from contracts.findings.evictions import Evictions
from contracts.findings.finding import Basis, Related, Severity
from contracts.findings.sources import cite
from contracts.http.credentials import Credentials
from contracts.http.request import Request
from contracts.orders.events import ALL_EVENTS, Event, LineItem, OrderPlaced
from contracts.orders.order import Outcome, Step
from contracts.orders.product_index import ProductHistory
from contracts.rules.corrections import corrected
from contracts.schemas.schema_errors import SchemaError
from contracts.timing.rfc3339 import Instant
from contracts.values import cached_property, dataclass, replace

VIOLATION, WARNING, ADVICE = Severity.VIOLATION, Severity.WARNING, Severity.ADVICE
DOCUMENTED, INFERRED, HOUSE = Basis.DOCUMENTED, Basis.INFERRED, Basis.HOUSE

PLACED = event_kinds.ORDER_PLACED.type
FULFILLED = event_kinds.ORDER_FULFILLMENT_ADDED.type
REFUNDED = event_kinds.ORDER_REFUND_ADDED.type
LINES_CANCELLED = event_kinds.ORDER_LINE_ITEMS_CANCELLED.type
ORDER_CANCELLED = event_kinds.ORDER_CANCELLED.type


class Stage(IntEnum):
    """When `judge` asks a rule, in this order."""

    REQUEST = 1
    """The request itself: route, credentials, headers, JSON text. Judged on replays, too."""
    SCHEMA = 2
    """Faults against the schemas; any of them refuses the request."""
    BODY = 3
    """The values of a valid event. Request rules as well, judged on replays, too."""
    ARRIVAL = 4
    """The event and what is known of its order, when it arrives."""
    STATE = 5
    """What the event does to its placed order; for waiting events when they are replayed."""
    RETRY = 6
    """A fault on demand, and the attempts that follow it."""


@dataclass(frozen=True)
class RequestContext:
    """Context of REQUEST rules. `off_route` says that the path or method is not the endpoint's.

    `reused_key` is the id of the event that has the idempotency key already, with another body.
    `unknown_fault` says why the fault that the request asks for is none.
    """

    request: Request
    credentials: Credentials
    off_route: bool = False
    production_path: bool = False
    duplicates: tuple[str, ...] = ()
    reused_key: str | None = None
    unknown_fault: str | None = None

    @cached_property
    def authenticated(self) -> bool:
        """Whether route and credentials were good; before that no other header is judged."""
        return not self.off_route and self.credentials.problem is None


@dataclass(frozen=True)
class BodyContext:
    """Context of SCHEMA rules (with `schema_errors`) and of BODY rules (with `event`)."""

    document: Any
    event: Event | None = None
    schema_errors: tuple[SchemaError, ...] = ()


@dataclass(frozen=True)
class OrderContext:
    """Context of ARRIVAL and STATE rules: the event meets its order.

    `now` is the arrival time, `products` knows the products of the world's other orders.
    `repeats` is the id of an earlier accepted event with an equal body, `off` the rules that are
    switched off: what they would have said has no sequel. `evictions` says what the world does not
    know any more. `protection_products` is the setting, `tolerance` how far two times may be in the
    wrong order, in nanoseconds.
    """

    step: Step
    now: Instant
    products: ProductHistory
    repeats: str | None = None
    off: frozenset[str] = frozenset()
    evictions: Evictions = Evictions()
    protection_products: tuple[str, ...] = ()
    tolerance: int = 0

    @cached_property
    def event(self) -> Event:
        """The event that is judged."""
        return self.step.arrival.event

    @cached_property
    def placed_lines(self) -> list[LineItem]:
        """The lines of a placement that took effect; lines with a repeated id are left out."""
        if isinstance(self.event, OrderPlaced) and self.step.outcome is Outcome.APPLIED:
            return [line.item for line in self.step.after.lines.values()]
        return []

    @cached_property
    def placed_links(self) -> list[tuple[LineItem, str, str]]:
        """Each protection line of them with its reference and the pointer to that."""
        return [
            (line, line.reference, f"{line.pointer}/custom_properties/product_reference")
            for line in self.placed_lines
            if line.reference is not None
        ]

    def sent_line(self, line: LineItem) -> dict[str, Any]:
        """A line of the placement as it was sent."""
        sent: dict[str, Any] = event_kinds.ORDER_PLACED.entries(self.event.body["payload"])[
            line.place
        ]
        return sent

    @cached_property
    def correction(self) -> Correction | None:
        """What should have been sent: the same for all findings of the event."""
        return corrected(self.step)


@dataclass(frozen=True)
class Found:
    """What a check yields; the rule's own data completes it to a finding.

    `fix`, `severity`, `basis` and `sources` replace the rule's, `subject` tells findings of one
    rule and event apart, `claims` are units that cost money as they are. A fix that names lines and
    quantities is made with `corrected_by`.
    """

    pointer: str
    message: str
    fix: str = ""
    subject: str = ""
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    correction: Correction | None = None
    basis: Basis | None = None
    sources: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()

    def corrected_by(self, correction: Correction | None, words: str = "{}") -> "Found":
        """The same with a fix made from the event's correction; `{}` stands for that."""
        if correction is None:
            return self
        fix = words.replace("{}", correction.in_words)
        return replace(self, fix=fix, correction=correction)


@dataclass(frozen=True)
class Example:
    """A play in shorthand, with changes: `headers` on every request (None leaves one out), `edits`
    (pointer to new value), `without` (pointers to remove) and `raw` on the last body. `path` is
    where all of it is posted.
    """

    shorthand: str
    headers: Mapping[str, str | None] = field(default_factory=dict)
    edits: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    raw: str | None = None
    path: str = "/sandbox/events"


Context = RequestContext | BodyContext | OrderContext | Retry
"""What the rules of a stage look at."""

C = TypeVar("C", RequestContext, BodyContext, OrderContext, Retry)


@dataclass(frozen=True)
class Rule(Generic[C]):
    """One rule with its evidence.

    `because` says in one sentence why we think so where no page of the provider says it: for rules
    that are inferred or a choice of hakuna-mock. `severity` is the usual one; `variants` says in
    words when it differs. `events` are the event types it can fire for, `untyped` says whether it
    can fire where no event type could be read: before authentication, or where the body names none
    of the five. `always_refuses`: the request is refused in every enforcement, whatever the rule's
    level.
    """

    id: str
    title: str
    stage: Stage
    severity: Severity
    basis: Basis
    sources: tuple[str, ...]
    events: tuple[str, ...]
    fix: str
    passes: tuple[Example, ...]
    violates: tuple[Example, ...]
    why: str
    check: Callable[[C], Iterable[Found]]
    family: str
    because: str = ""
    variants: str = ""
    always_refuses: bool = False
    untyped: bool = False

    @cached_property
    def source(self) -> str:
        """The sources in words."""
        return cite(*self.sources)


_TYPELESS = (Stage.REQUEST, Stage.RETRY)
ITEM_EVENTS = (FULFILLED, REFUNDED, LINES_CANCELLED)

Examples = tuple[Example | str, ...]


def rule(  # noqa: PLR0913 - a rule's evidence is a list of named facts
    *,
    id: str,  # noqa: A002 - the word of the vocabulary
    title: str,
    stage: Stage,
    severity: Severity,
    basis: Basis,
    sources: tuple[str, ...],
    fix: str,
    passes: Examples,
    violates: Examples,
    because: str = "",
    events: tuple[str, ...] = ALL_EVENTS,
    variants: str = "",
    always_refuses: bool = False,
    untyped: bool | None = None,
) -> Callable[[Callable[[C], Iterable[Found]]], Rule[C]]:
    """Make a rule of a check function; its docstring says why the rule exists.

    `untyped` needs to be said of SCHEMA rules only: those of REQUEST and RETRY look at no event,
    the others need one.
    """

    def wrap(check: Callable[[C], Iterable[Found]]) -> Rule[C]:
        return Rule(
            id=id,
            title=title,
            stage=stage,
            severity=severity,
            basis=basis,
            sources=sources,
            events=events,
            fix=fix,
            passes=_examples(passes),
            violates=_examples(violates),
            why=cleandoc(check.__doc__ or _docstring(check)),
            check=check,
            family=check.__module__.rsplit(".", 1)[-1],
            because=because,
            variants=variants,
            always_refuses=always_refuses,
            untyped=stage in _TYPELESS if untyped is None else untyped,
        )

    return wrap


def _docstring(check: Callable[..., Any]) -> str:
    """The docstring from the source: `python -OO` strips it from the function."""
    functions = (item for item in _tree(check.__module__).body if isinstance(item, ast.FunctionDef))
    return next(
        ast.get_docstring(function) or ""
        for function in functions
        if function.name == check.__name__
    )


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(getsource(sys.modules[module]))


def _examples(given: Examples) -> tuple[Example, ...]:
    return tuple(Example(item) if isinstance(item, str) else item for item in given)
