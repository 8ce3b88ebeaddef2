"""What a request exercised of the contract, as coverage counts it."""

from collections.abc import Iterator

from contracts.findings.finding import Finding
from contracts.http.error_code import ErrorCode
from contracts.orders.events import Event, type_of
from contracts.orders.order import Step
from contracts.orders.transitions import transition_of
from contracts.rules import RULES, Stage, rules_asked
from contracts.worlds.coverage import fields_in
from contracts.worlds.effects import Exercised


def exercised(  # noqa: PLR0913 - what a request exercised is a list of named facts
    asked: tuple[tuple[Stage, str | None], ...],
    findings: tuple[Finding, ...],
    *,
    named_type: str | None = None,
    later: tuple[Finding, ...] = (),
    event: Event | None = None,
    steps: tuple[Step, ...] = (),
    error_code: ErrorCode | None = None,
    off: frozenset[str] = frozenset(),
) -> Exercised:
    """What one judged request exercised; `event` and its `steps` are those of an accepted one."""
    event_type = type_of(event) if event else None
    fired: tuple[tuple[str | None, str], ...] = ()
    extra: tuple[tuple[str | None, str], ...] = ()
    if findings or later:
        types = {step.arrival.event_id: type_of(step.arrival.event) for step in steps[1:]}
        cells = {
            (RULES[rule].stage, types.get(event_id or "", named_type), rule)
            for rule, event_id in {(finding.rule, finding.event_id) for finding in findings + later}
            if rule in RULES
        }
        fired = tuple(sorted(_cells(cells, asked, evaluated=True), key=str))
        extra = tuple(sorted(_cells(cells, asked, evaluated=False), key=str))
    return Exercised(
        event_type,
        tuple([(int(stage), kind) for stage, kind in asked]),
        fired,
        extra,
        _off_cells(asked, off) if off else (),
        fields_in(event.body, event_type) if event and event_type else (),
        tuple(map(transition_of, steps)),
        str(error_code) if error_code else None,
    )


def _cells(
    cells: set[tuple[Stage, str | None, str]],
    asked: tuple[tuple[Stage, str | None], ...],
    *,
    evaluated: bool,
) -> Iterator[tuple[str | None, str]]:
    for stage, kind, rule in cells:
        if ((stage, kind) in asked) is evaluated:
            yield kind, rule


def _off_cells(
    asked: tuple[tuple[Stage, str | None], ...], off: frozenset[str]
) -> tuple[tuple[str | None, str], ...]:
    return tuple(
        (kind, rule) for stage, kind in asked for rule in rules_asked(stage, kind) if rule in off
    )
