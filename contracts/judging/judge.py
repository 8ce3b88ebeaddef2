"""The heart: one request and one world in, one verdict out.

Theory of operation. A request passes the `CHECKS` in their order. Each check takes what the one
before it established, and returns what the next one needs, or the verdict; the last one always
returns a verdict. Nothing is changed here: the verdict's effects say what to store.
"""

from collections.abc import Callable
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.fault import FAULT_HEADER, header_fault, suffix_fault
from contracts.faults.registry import FaultMatch
from contracts.findings.finding import Finding
from contracts.http.credentials import Credentials, read_credentials
from contracts.http.error_code import ErrorCode
from contracts.http.idempotency import KEY_HEADER, key_problem
from contracts.http.limits import too_many_events
from contracts.http.request import Request
from contracts.json_text.parser import JsonFault
from contracts.judging.case import Case
from contracts.judging.closing import accept, play_instead, refuse, replay
from contracts.judging.provider_document import held_against_provider
from contracts.judging.replies import in_words, is_production_path, wrong_route
from contracts.judging.trail import Trail
from contracts.judging.verdict import Verdict, WorldView
from contracts.orders.events import Event, build_event
from contracts.orders.order import Arrival, Order, Outcome, Step, receive
from contracts.rules import BodyContext, RequestContext, Stage
from contracts.schemas import validator
from contracts.schemas.schema_errors import SchemaError, schema_errors
from contracts.values import dataclass
from contracts.worlds.policy import Policy, refuses


def judge(
    request: Request,
    world: WorldView,
    policy: Policy | None = None,
    credentials: Credentials | None = None,
) -> Verdict:
    """The verdict on a request. Pure: the same arguments always give the same verdict.

    `credentials` are what `read_credentials` says of the request, where the caller knows already.
    """
    policy = policy or Policy()
    case = Case(request, world, policy, credentials or read_credentials(request, policy))
    state: Any = case
    for check in CHECKS:
        state = check(state)
        if isinstance(state, Verdict):
            return state
    raise AssertionError("the last check gives a verdict")


@dataclass(frozen=True, slots=True)
class Faced:
    """A request with good credentials, and the faults that it matched."""

    case: Case
    match: FaultMatch


@dataclass(frozen=True, slots=True)
class Read:
    """A request whose body is JSON, and has not been answered before.

    `key` is its idempotency key.
    """

    faced: Faced
    document: Any
    trail: Trail
    key: str | None


@dataclass(frozen=True, slots=True)
class WellFormed:
    """An event as the schemas describe it, and the order that it is about."""

    read: Read
    event: Event
    order: Order
    trail: Trail


@dataclass(frozen=True, slots=True)
class Judged:
    """An event that every rule has seen, and what it does to its order."""

    well_formed: WellFormed
    steps: tuple[Step, ...]
    trail: Trail


def check_route(case: Case) -> Case | Verdict:
    """Events are sent with POST /sandbox/events; anything else is 404."""
    request = case.request
    if case.on_route:
        return case
    context = RequestContext(
        request,
        case.credentials,
        off_route=True,
        production_path=is_production_path(request.path),
    )
    trail = case.trail.ask(Stage.REQUEST, context)
    return refuse(case, trail, ErrorCode.NOT_FOUND, [wrong_route(request.method, request.path)])


def check_credentials(case: Case) -> Case | Verdict:
    """A missing, wrong or live API key is 401."""
    credentials = case.credentials
    if credentials.problem is None:
        return case
    trail = case.trail.ask(Stage.REQUEST, RequestContext(case.request, credentials))
    message = f"{credentials.problem}; {credentials.fix}"
    return refuse(case, trail, ErrorCode.UNAUTHORIZED, [message])


def check_faults(case: Case) -> Faced | Verdict:
    """A fault on demand that does not process the event answers now; a misspelt one is 400."""
    try:
        match = _matched_faults(case)
    except FaultError as error:
        context = RequestContext(case.request, case.credentials, unknown_fault=str(error))
        trail = case.trail.ask(Stage.REQUEST, context)
        return refuse(case, trail, ErrorCode.INVALID, [str(error)])
    faced = Faced(case, match)
    if match.fault and not match.fault.effect.kind.processed:
        return play_instead(case, match)
    return faced


def _matched_faults(case: Case) -> FaultMatch:
    request, outage = case.request, case.policy.outage
    asked = request.header(FAULT_HEADER)
    own = [
        outage.fault if outage and outage.is_on(request.moment) else None,
        header_fault(asked, case.sent_order_id) if asked is not None else None,
        suffix_fault(case.sent_order_id),
    ]
    return case.world.faults.match(
        filter(None, own), case.named_type, case.sent_order_id, request.random_unit
    )


def check_body(faced: Faced) -> Read | Verdict:
    """A body that is not UTF-8 JSON within the limits is 400. Under an idempotency key that is
    known, the same body is answered as before and another body is 400.
    """
    case, parsed = faced.case, faced.case.request.parsed
    request = case.request
    if isinstance(parsed, JsonFault):
        trail = case.trail.ask(Stage.REQUEST, RequestContext(request, case.credentials))
        error = SchemaError("body-invalid", parsed.pointer, parsed.message, parsed.fix)
        return _refuse_body(faced, trail, (error,))
    key = request.header(KEY_HEADER) or None
    unusable = key_problem(key) if key else None
    earlier = case.world.reply(key) if key and not unusable else None
    reused = earlier.event_id if earlier and earlier.fingerprint != case.fingerprint else None
    context = RequestContext(
        request, case.credentials, duplicates=parsed.duplicates, reused_key=reused
    )
    trail = case.trail.ask(Stage.REQUEST, context)
    if unusable:
        message = f"{KEY_HEADER} {unusable}; use a UUID"
        return refuse(case, trail, ErrorCode.INVALID, [message], faced.match)
    if reused:
        message = f"this {KEY_HEADER} already named another body; use a new key for each event"
        return refuse(case, trail, ErrorCode.INVALID, [message], faced.match)
    if earlier and key:
        event = build_event(parsed.value)
        trail = trail.ask(Stage.BODY, BodyContext(parsed.value, event))
        return replay(case, trail, faced.match, event, key, earlier.event_id)
    return Read(faced, parsed.value, trail, key)


def check_schema(read: Read) -> WellFormed | Verdict:
    """A body that does not match its schema is 400, and so is an event too many for one order."""
    faced, document = read.faced, read.document
    case = faced.case
    accepted = validator.accepts(document)
    trail = held_against_provider(read.trail, document, accepted=accepted)
    if not accepted:
        return _refuse_body(faced, trail, schema_errors(document))
    order_id = document["payload"]["order_id"]
    received = case.world.events_received(order_id)
    if too_long := too_many_events(order_id, received, case.policy.max_order_events):
        return _refuse_body(faced, trail, (too_long,))
    event = build_event(document)
    trail = trail.noting(Stage.SCHEMA, document["type"]).ask(
        Stage.BODY, BodyContext(document, event)
    )
    return WellFormed(read, event, case.world.order(order_id) or Order(order_id), trail)


def _refuse_body(faced: Faced, trail: Trail, found: tuple[SchemaError, ...]) -> Verdict:
    trail = trail.ask(Stage.SCHEMA, BodyContext(None, schema_errors=found))
    words = [in_words(error) for error in found]
    return refuse(faced.case, trail, ErrorCode.INVALID, words, faced.match)


def check_rules(state: WellFormed) -> Judged | Verdict:
    """The rules look at the event and its order; in reject mode a violation is refused."""
    faced = state.read.faced
    case, event, order = faced.case, state.event, state.order
    steps = receive(order, Arrival(case.request.event_id, event))
    repeats = case.world.first_event(order.order_id, case.fingerprint)
    own = case.order_context(steps[0], repeats)
    trail = state.trail.ask(Stage.ARRIVAL, own)
    if steps[0].outcome is not Outcome.WAITING:
        trail = trail.ask(Stage.STATE, own)
    broken = [finding for finding in trail.findings if refuses(finding, case.policy)]
    if broken:
        words = [in_words(item, with_rule=True) for item in broken]
        return refuse(case, trail, _code_for(broken), words, faced.match, event=event)
    return Judged(state, steps, trail)


def _code_for(broken: list[Finding]) -> ErrorCode:
    rules = {finding.rule for finding in broken}
    if "unknown-order" in rules:
        return ErrorCode.NOT_FOUND
    if rules & {"order-cancel-after-fulfillment", "order-already-cancelled"}:
        return ErrorCode.CANCEL_DECLINE
    return ErrorCode.INVALID


def give_answer(judged: Judged) -> Verdict:
    """The reply is 200 with the event's id; the event is stored with all that follows from it."""
    read = judged.well_formed.read
    faced = read.faced
    return accept(
        faced.case, judged.trail, faced.match, judged.well_formed.event, judged.steps, read.key
    )


CHECKS: tuple[Callable[[Any], Any], ...] = (
    check_route,
    check_credentials,
    check_faults,
    check_body,
    check_schema,
    check_rules,
    give_answer,
)
"""The order of checks. The documentation lists them with their first sentences."""
