"""The heart: one request and one world in, one verdict out.

The order of checks stands here and nowhere else: route, credentials, faults on demand, body,
idempotency, schema, order, rules, apply, reply. `judge` changes nothing; the verdict says what to
store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.fault import FAULT_HEADER, Fault, header_fault, suffix_fault
from contracts.faults.registry import Met
from contracts.faults.retry_tracking import Retry, Unanswered, remembered, settled
from contracts.findings.finding import Finding, Resolution
from contracts.http.credentials import (
    Credentials,
    mask_keys,
    read_credentials,
    without_live_key,
)
from contracts.http.idempotency import KEY_HEADER, EarlierReply, key_problem
from contracts.http.limits import too_many_events
from contracts.http.request import Request
from contracts.json_text.fingerprint import fingerprint
from contracts.json_text.parser import JsonFault
from contracts.judging.policy import Policy, refuses
from contracts.judging.replies import (
    ENDPOINT,
    ErrorCode,
    accepted_body,
    base_headers,
    error_body,
    fault_body,
    finding_headers,
    in_words,
    is_production_path,
    wrong_route,
)
from contracts.judging.verdict import Accepted, Address, Verdict, World
from contracts.orders.events import Event, build_event, type_of
from contracts.orders.order import Arrival, Order, Outcome, Step, receive
from contracts.rules import Body, Exchange, Meeting, Stage, evaluate
from contracts.rules.pairing import RULE_OF
from contracts.schemas import validator
from contracts.schemas.schema_errors import Fault as BodyFault
from contracts.schemas.schema_errors import faults

__all__ = ["Accepted", "Address", "Verdict", "World", "address", "judge"]


def address(request: Request, policy: Policy) -> Address:
    """The records that `judge` will ask for; None where the request will not get so far."""
    if not _on_route(request):
        return Address(_sender(request, policy))
    key = read_credentials(request, policy).key
    parsed = request.parsed
    if key is None or isinstance(parsed, JsonFault):
        return Address(key)
    return Address(key, _order_id(parsed.value), request.header(KEY_HEADER) or None)


def judge(request: Request, world: World, policy: Policy | None = None) -> Verdict:
    """The verdict on a request. Pure: the same arguments always give the same verdict."""
    return _Judgement(request, world, policy or Policy()).verdict()


@dataclass
class _Judgement:
    """One judgement under way; `findings` grow from check to check.

    They carry the proposed event id until the answer is known.
    """

    request: Request
    world: World
    policy: Policy
    findings: tuple[Finding, ...] = ()
    key: str | None = None
    order_id: str | None = None
    event: Event | None = None
    credentials: Credentials = field(default_factory=Credentials)
    named_type: str | None = None
    asked: tuple[tuple[Stage, str | None], ...] = ()
    met: Met | None = None
    past_faults: bool = False
    watch: tuple[str, Unanswered | None] | None = None
    settled: tuple[Resolution, ...] = ()

    def verdict(self) -> Verdict:
        request = self.request
        self.credentials = read_credentials(request, self.policy)
        self.key = self.credentials.key
        if not _on_route(request):
            production = is_production_path(request.path)
            self._request_rules(off_route=True, production_path=production)
            return self._refuse(ErrorCode.NOT_FOUND, [wrong_route(request.method, request.path)])
        if self.credentials.problem:
            self._request_rules()
            said = f"{self.credentials.problem}; {self.credentials.fix}"
            return self._refuse(ErrorCode.UNAUTHORIZED, [said])
        if not isinstance(request.parsed, JsonFault):
            self.named_type = validator.named_type(request.parsed.value)
        try:
            self.met = self._meet_faults()
        except FaultError as error:
            self._request_rules(unknown_fault=str(error))
            return self._refuse(ErrorCode.INVALID, [str(error)])
        self.past_faults = True
        fault = self.met.fault if self.met else None
        if fault and not fault.effect.kind.processed:
            return self._play_instead(fault)
        judged = self._judge_body()
        # Nobody gets the reply to an event that was stored before the connection was cut.
        return replace(judged, status=0) if fault and fault.effect.is_silent else judged

    def _judge_body(self) -> Verdict:
        request = self.request
        parsed = request.parsed
        if isinstance(parsed, JsonFault):
            self._request_rules()
            fault = BodyFault("body-invalid", parsed.pointer, parsed.message, parsed.fix)
            return self._refuse_body((fault,))
        document = parsed.value
        self.order_id = without_live_key(_order_id(document))

        print_ = self.print_
        key = request.header(KEY_HEADER) or None
        unusable = key_problem(key) if key else None
        earlier = self.world.reply(key) if key and not unusable else None
        reused = earlier.event_id if earlier and earlier.fingerprint != print_ else None
        self._request_rules(duplicates=parsed.duplicates, reused_key=reused)
        if unusable:
            return self._refuse(ErrorCode.INVALID, [f"{KEY_HEADER} {unusable}; use a UUID"])
        if reused:
            said = f"this {KEY_HEADER} already named another body; use a new key for each event"
            return self._refuse(ErrorCode.INVALID, [said])
        if earlier:
            self._body_rules(document)
            return self._replay(earlier)

        if not validator.accepts(document):
            return self._refuse_body(faults(document))
        order_id = document["payload"]["order_id"]
        order = self.world.order(order_id) or Order(order_id)
        if too_long := too_many_events(order_id, order.received, self.policy.max_order_events):
            return self._refuse_body((too_long,))
        self.asked += ((Stage.SCHEMA, document["type"]),)
        event = self._body_rules(document)

        steps = receive(order, Arrival(request.event_id, event), print_)
        own = self._meeting(steps[0], order.accepted.get(print_))
        self._find(Stage.ARRIVAL, own)
        if steps[0].outcome is not Outcome.WAITING:
            self._find(Stage.STATE, own)
        broken = [one for one in self.findings if refuses(one, self.policy)]
        if broken:
            words = [in_words(one, with_rule=True) for one in broken]
            return self._refuse(_code_for(broken), words)
        return self._accept(steps, (key, print_) if key else None)

    def _meet_faults(self) -> Met | None:
        """The faults that are about this request; None where there are none, as nearly always."""
        request, book, outage = self.request, self.world.faults, self.policy.outage
        parsed = request.parsed
        document = None if isinstance(parsed, JsonFault) else parsed.value
        order_id = _order_id(document)
        asked = request.header(FAULT_HEADER)
        own = [
            outage.fault if outage and outage.is_on(request.moment) else None,
            header_fault(asked, order_id) if asked is not None else None,
            suffix_fault(order_id),
        ]
        met = book.meet(filter(None, own), self.named_type, order_id, request.dice)
        return met if met.own or met.armed or met.common else None

    def _play_instead(self, fault: Fault) -> Verdict:
        """What is said in place of a judgement: nothing was stored."""
        self.order_id = without_live_key(_order_id_of(self.request))
        self._retry_rules(None)
        effect = fault.effect
        headers = base_headers(self.request.request_id) + finding_headers(self.findings, None)
        if effect.retry_after is not None:
            headers.append(("Retry-After", str(effect.retry_after)))
        headers.append((FAULT_HEADER, effect.name))
        return self._verdict(effect.kind.status, fault_body(effect), headers, self.findings)

    def _retry_rules(self, event_id: str | None, *, replayed: bool = False) -> None:
        """Judge what a client does without an answer, and say what to remember of it."""
        fault = self.met.fault if self.met else None
        parsed = self.request.parsed
        if isinstance(parsed, JsonFault):
            return
        earlier = self.world.unanswered(self.print_)
        if earlier is None and fault is None:
            return
        before = len(self.findings)
        retry = Retry(
            self.request.moment,
            self.request.request_id,
            fault,
            earlier,
            event_id,
            replayed,
            self.request.header(KEY_HEADER) or None,
            self.policy.retries_per_second,
        )
        self._find(Stage.RETRY, retry)
        fired = {one.rule for one in self.findings[before:]}
        self.watch = (self.print_, remembered(retry, fired))
        self.settled = settled(retry, fired)

    @cached_property
    def print_(self) -> str:
        """The body's fingerprint, of a body that is JSON."""
        parsed = self.request.parsed
        assert not isinstance(parsed, JsonFault)  # noqa: S101 - asked by the callers
        return fingerprint(parsed.value)

    def _find(self, stage: Stage, context: Exchange | Body | Meeting | Retry) -> None:
        self.findings += self._evaluate(stage, context, self.request.event_id)

    def _evaluate(
        self, stage: Stage, context: Exchange | Body | Meeting | Retry, event_id: str
    ) -> tuple[Finding, ...]:
        if isinstance(context, Meeting):
            self.asked += ((stage, type_of(context.event)),)
        elif isinstance(context, Body):
            if self.named_type:  # a body of no known type has passed no rule about bodies
                self.asked += ((stage, self.named_type),)
        elif isinstance(context, Retry) or context.past_the_door:
            self.asked += ((stage, self.named_type),)
        return evaluate(
            stage,
            context,
            self.policy.levels,
            order_id=self.order_id,
            event_id=event_id,
            request_id=self.request.request_id,
        )

    def _meeting(self, step: Step, repeats: str | None = None) -> Meeting:
        return Meeting(
            step, self.request.received_at, repeats, self.policy.off, self.world.forgotten
        )

    def _request_rules(
        self,
        *,
        off_route: bool = False,
        production_path: bool = False,
        duplicates: tuple[str, ...] = (),
        reused_key: str | None = None,
        unknown_fault: str | None = None,
    ) -> None:
        exchange = Exchange(
            self.request,
            self.credentials,
            off_route,
            production_path,
            duplicates,
            reused_key,
            unknown_fault,
        )
        self._find(Stage.REQUEST, exchange)

    def _body_rules(self, document: dict[str, Any]) -> Event:
        self.event = build_event(document)
        self._find(Stage.BODY, Body(document, self.event))
        return self.event

    def _refuse_body(self, found: tuple[BodyFault, ...]) -> Verdict:
        self._find(Stage.SCHEMA, Body(None, faults=found))
        return self._refuse(ErrorCode.INVALID, [in_words(fault) for fault in found])

    def _refuse(self, code: ErrorCode, errors: Iterable[str]) -> Verdict:
        if self.past_faults:
            self._retry_rules(None)
        headers = base_headers(self.request.request_id) + finding_headers(self.findings, None)
        if code is ErrorCode.UNAUTHORIZED:
            headers.append(("WWW-Authenticate", "Bearer"))
        body = error_body(code, map(mask_keys, errors))
        return self._verdict(code.status, body, headers, self.findings)

    def _answer(self, event_id: str, *extra: tuple[str, str], **more: Any) -> Verdict:
        """A 200; what a replay finds belongs to the event that it repeats."""
        self._retry_rules(event_id, replayed=event_id != self.request.event_id)
        owned = self.findings
        if event_id != self.request.event_id:
            owned = tuple(replace(one, event_id=event_id) for one in owned)
        headers = base_headers(self.request.request_id) + finding_headers(owned, event_id)
        body = accepted_body(event_id)
        return self._verdict(200, body, [*headers, *extra], owned, event_id=event_id, **more)

    def _verdict(
        self,
        status: int,
        body: dict[str, Any],
        headers: list[tuple[str, str]],
        findings: tuple[Finding, ...],
        *,
        event_id: str | None = None,
        **more: Any,
    ) -> Verdict:
        """The verdict with all that was gathered; where there is no event, findings have none."""
        if event_id is None:
            findings = tuple(replace(one, event_id=None) for one in findings)
        return Verdict(
            status=status,
            body=body,
            headers=tuple(headers),
            findings=findings,
            key=self.key,
            event_id=event_id,
            event=self.event,
            order_id=self.order_id,
            named_type=self.named_type,
            asked=self.asked,
            met=self.met,
            watch=self.watch,
            settled=self.settled,
            **more,
        )

    def _replay(self, earlier: EarlierReply) -> Verdict:
        return self._answer(earlier.event_id, ("Hakuna-Mock-Replayed", "true"), replayed=True)

    def _accept(self, steps: tuple[Step, ...], names: tuple[str, str] | None) -> Verdict:
        event_id = self.request.event_id
        later: tuple[Finding, ...] = ()
        for step in steps[1:]:
            later += self._evaluate(Stage.STATE, self._meeting(step), step.arrival.event_id)
        idempotency = None
        if names:
            key, print_ = names
            idempotency = (key, EarlierReply(print_, event_id, self.order_id or ""))
        return self._answer(
            event_id,
            accepted=Accepted(
                event_id,
                steps,
                later,
                tuple(one for step in steps for one in _resolutions(step)),
                idempotency,
            ),
        )


def _on_route(request: Request) -> bool:
    return request.method == "POST" and request.path == ENDPOINT


def _sender(request: Request, policy: Policy) -> str | None:
    return read_credentials(request, policy).key


def _order_id_of(request: Request) -> str | None:
    parsed = request.parsed
    return None if isinstance(parsed, JsonFault) else _order_id(parsed.value)


def _order_id(document: Any) -> str | None:
    payload = document.get("payload") if isinstance(document, dict) else None
    order_id = payload.get("order_id") if isinstance(payload, dict) else None
    return order_id if isinstance(order_id, str) and order_id else None


def _code_for(broken: list[Finding]) -> ErrorCode:
    rules = {finding.rule for finding in broken}
    if "unknown-order" in rules:
        return ErrorCode.NOT_FOUND
    if rules & {"order-cancel-after-fulfillment", "order-already-cancelled"}:
        return ErrorCode.CANCEL_DECLINE
    return ErrorCode.INVALID


def _resolutions(step: Step) -> Iterable[Resolution]:
    """The open findings that a step settles."""
    if step.replayed:
        said = f"the placement came ({step.replayed})"
        yield Resolution(step.arrival.event_id, "unknown-order", "", step.replayed, said)
    for pair in step.pairs:
        for one in pair.settled:
            by = step.arrival.event_id
            said = f"the rest of the pair ended ({by})"
            yield Resolution(one.event_id, RULE_OF[one.kind], pair.group.reference, by, said)
