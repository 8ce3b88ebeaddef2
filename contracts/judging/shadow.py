"""The shadow world: a request that was sent on to the provider, judged with its reply at hand.

What the provider did decides what happens here: what it accepted is applied, what it refused is
not, whatever we would have said. So one disagreement does not make all later ones. Where the
provider gave no usable reply nobody knows what it did; nothing is applied, and until the event
comes again its order counts as one of which the provider may know more.
"""

from typing import Any

from contracts.drift.compare import AUTHORIZATION, Compared, History, OurVerdict, compare, traits_of
from contracts.drift.comparison import Comparison
from contracts.drift.exchange import (
    MAX_REPLY,
    Evidence,
    ProviderReply,
    cut,
    masked_body,
    order_of,
)
from contracts.findings.finding import Finding, most_severe_first
from contracts.http.credentials import Credentials, mask_keys
from contracts.http.error_code import ErrorCode
from contracts.http.idempotency import KEY_HEADER
from contracts.http.limits import too_many_items
from contracts.http.masking import mask_secrets
from contracts.http.request import Request
from contracts.json_text.fingerprint import fingerprint
from contracts.json_text.parser import Document
from contracts.judging.judge import judge
from contracts.judging.verdict import Verdict
from contracts.orders.history import ProviderAnswer
from contracts.rules import RULES
from contracts.schemas import validator
from contracts.timing.rfc3339 import SECOND
from contracts.values import dataclass, replace
from contracts.worlds.effects import (
    Effect,
    EventAccepted,
    ExchangeCompared,
    Exercised,
    FaultMatched,
    FindingOpened,
    FindingResolved,
)
from contracts.worlds.journal import Headers, masked_headers
from contracts.worlds.policy import Enforcement, Policy
from contracts.worlds.world import World

MILLISECOND = SECOND // 1000

_SENT = frozenset({"content-type", "authorization", "bearer", "x-api-key", "content-encoding"})


@dataclass(frozen=True)
class Shadowed:
    """What became of a request that was sent on.

    `verdict` is ours. `event_id` is our id of the event where the provider accepted it and it is
    one: `effects` apply it then. `findings` are those of the request.
    """

    verdict: Verdict
    event_id: str | None
    findings: tuple[Finding, ...]
    effects: tuple[Effect, ...]
    comparison: Comparison


def is_sent_on(name: str) -> bool:
    """Whether a header of the request is sent on to the provider."""
    lower = name.lower()
    ours = lower.startswith("hakuna-mock")
    return lower in _SENT or (lower.startswith("hakuna-") and not ours)


def shadow(
    request: Request,
    world: World,
    reply: ProviderReply,
    credentials: Credentials | None = None,
    *,
    complete: bool = False,
    compares: bool = True,
) -> Shadowed:
    """Judge a request of which the provider's reply is known, for its world. Pure.

    `complete` says that the provider knows no order that this world does not know. Without
    `compares` the exchange is applied and says nothing, and what it does to its order is not sure.
    """
    policy = _assuming(world.policy)
    verdict = judge(request, world, policy, credentials)
    applied = _applied(request, world, policy, credentials, reply, verdict)
    comparison = _compared(
        request, world, reply, verdict, applied=applied, complete=complete, compares=compares
    )
    if applied is not None:
        findings, event_id = applied.findings, applied.event_id
        effects = tuple(_with_answer(effect, reply) for effect in applied.effects)
    else:
        findings = tuple(replace(finding, event_id=None) for finding in verdict.findings)
        event_id = None
        effects = tuple(_of_request(verdict, findings))
    effects = (*effects, ExchangeCompared(comparison))
    return Shadowed(verdict, event_id, findings, effects, comparison)


def _assuming(policy: Policy) -> Policy:
    """The settings under which we say what we assume: nothing is refused because of a setting."""
    if policy.enforcement is Enforcement.FLAG and not policy.decisions:
        return policy
    return replace(policy, enforcement=Enforcement.FLAG, decisions={})


def _applied(
    request: Request,
    world: World,
    policy: Policy,
    credentials: Credentials | None,
    reply: ProviderReply,
    verdict: Verdict,
) -> Verdict | None:
    """The verdict that applies what the provider accepted; None where there is nothing to apply.

    Where the provider took as a new event what the idempotency key makes a replay or a conflict
    for us, it is judged once more without the key.
    """
    if not reply.accepted:
        return None
    if verdict.accepted or (verdict.replayed and not _is_new(verdict, world, reply)):
        return verdict
    if not request.header(KEY_HEADER) or verdict.key is None:
        return None
    headers = tuple(header for header in request.headers if header[0].lower() != KEY_HEADER.lower())
    again = judge(replace(request, headers=headers), world, policy, credentials)
    return again if again.accepted else None


def _is_new(verdict: Verdict, world: World, reply: ProviderReply) -> bool:
    first = _answer(verdict.event_id, world)
    return (
        first is not None
        and None not in (first.event_id, reply.event_id)
        and first.event_id != reply.event_id
    )


def _answer(event_id: str | None, world: World) -> ProviderAnswer | None:
    record = world.event(event_id) if event_id else None
    return record.provider if record else None


def _with_answer(effect: Effect, reply: ProviderReply) -> Effect:
    if not isinstance(effect, EventAccepted):
        return effect
    answer = ProviderAnswer(reply.event_id, reply.status or 0)
    return replace(effect, record=replace(effect.record, provider=answer))


def _of_request(verdict: Verdict, findings: tuple[Finding, ...]) -> list[Effect]:
    """The effects of a request that stores no event: its findings, and what it exercised."""
    effects: list[Effect] = [FindingOpened(finding, verdict.replayed) for finding in findings]
    for effect in verdict.effects:
        if isinstance(effect, FaultMatched):
            effects.append(effect)
        elif isinstance(effect, Exercised):
            effects.append(replace(effect, event_type=None, fields=(), transitions=()))
    return effects


def _compared(  # noqa: PLR0913 - the parts of one exchange
    request: Request,
    world: World,
    reply: ProviderReply,
    verdict: Verdict,
    *,
    applied: Verdict | None,
    complete: bool,
    compares: bool,
) -> Comparison:
    parsed = request.parsed
    document = parsed.value if isinstance(parsed, Document) else None
    order_id = verdict.order_id or order_of(document)
    ours = _our_verdict(verdict, document)
    compared = Compared()
    if compares and verdict.fault is None:
        history = _history(request, world, reply, verdict, order_id, complete=complete)
        traits: tuple[str, ...] = (AUTHORIZATION,) if request.header("Bearer") is None else ()
        if not ours.refusing and document is not None:
            traits += traits_of(request.body, document, key_refused=history.key_refused)
        compared = compare(ours, reply, traits, history)
    subject = None
    if order_id and document is not None:
        subject = (order_id, fingerprint(document))
    lost = reply.accepted and applied is None
    key = request.header(KEY_HEADER)
    refused = reply.refused and not verdict.replayed and key
    return Comparison(
        outcomes=compared.outcomes,
        evidence=_evidence(request, reply, verdict, order_id),
        refusal=compared.refusal,
        failure=compared.failure,
        accepted=reply.accepted,
        refused_key=key if refused else None,
        unknown_here=subject if lost or compared.failure or not compares else None,
        known_again=subject if applied is not None and compares else None,
    )


def _our_verdict(verdict: Verdict, document: Any) -> OurVerdict:
    rules = most_severe_first(verdict.findings)
    refusing: tuple[str, ...] = ()
    malformed = False
    if verdict.status != 200 and not _is_our_limit(verdict, document):
        refusing = tuple(rule for rule in rules if rule in RULES and RULES[rule].always_refuses)
        malformed = not validator.accepts(document)
    fired = tuple(rule for rule in rules if rule not in refusing)
    return OurVerdict(verdict.status or 0, refusing, fired, verdict.replayed, malformed)


def _is_our_limit(verdict: Verdict, document: Any) -> bool:
    """Whether only a limit of hakuna-mock makes us refuse the event."""
    if too_many_items(document) is not None:
        return True
    error = verdict.body.get("error", {})
    is_form = error.get("error_code") == ErrorCode.INVALID and verdict.event_type is None
    keyed = any(finding.rule.startswith("idempotency-key-") for finding in verdict.findings)
    return is_form and not keyed and verdict.key is not None and validator.accepts(document)


def _history(
    request: Request,
    world: World,
    reply: ProviderReply,
    verdict: Verdict,
    order_id: str | None,
    *,
    complete: bool,
) -> History:
    drift = world.drift
    order = world.order(order_id) if order_id else None
    is_unknown = order_id is not None and (order is None or not order.is_placed)
    first = _answer(verdict.event_id, world) if verdict.replayed else None
    evicted = is_unknown and bool(world.evictions.orders)
    return History(
        replied=(first.event_id, first.status) if first else None,
        id_given=reply.event_id is not None and reply.event_id in world.event_numbers,
        order_unknown=is_unknown,
        complete=complete and not evicted,
        mirrored=order_id not in drift.unknown_here and not evicted,
        placed_late=any(
            isinstance(effect, FindingResolved) and effect.resolution.rule == "unknown-order"
            for effect in verdict.effects
        ),
        key_refused=(request.header(KEY_HEADER) or "") in drift.refused_keys,
        reached=drift.accepted,
    )


def _evidence(
    request: Request, reply: ProviderReply, verdict: Verdict, order_id: str | None
) -> Evidence:
    headers: Headers = tuple(header for header in request.headers if is_sent_on(header[0]))
    shown = mask_secrets(mask_keys(reply.plain[: 4 * MAX_REPLY].decode("utf-8", "replace")))
    return Evidence(
        request_id=request.request_id,
        at=request.received_at // MILLISECOND * MILLISECOND,  # as a file keeps it
        event_type=verdict.named_type,
        order_id=order_id,
        headers=masked_headers(headers),
        body=masked_body(request.body),
        our_status=verdict.status or 0,
        rules=most_severe_first(verdict.findings),
        status=reply.status,
        reply=cut(shown, MAX_REPLY) if reply.status is not None else reply.error,
        duration_ms=reply.duration_ms,
        event_id=cut(mask_keys(reply.event_id), 200) if reply.event_id else None,
    )
