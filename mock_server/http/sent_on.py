"""An event that is sent on: the provider replies, and what it did decides what is stored here.

The provider is asked first. Then one transaction judges the request with the reply at hand, holds
both against what we assume, and applies what the provider accepted. The client gets the provider's
reply, byte for byte, with our headers beside.
"""

from dataclasses import replace

from contracts.drift.exchange import ProviderReply
from contracts.faults.fault import FAULT_HEADER
from contracts.findings.finding import OFF, Finding, Severity
from contracts.findings.outside import UPSTREAM_FAILED
from contracts.http.credentials import Credentials, without_live_keys
from contracts.http.error_code import ErrorCode
from contracts.http.request import Request
from contracts.json_text.writer import encoded
from contracts.judging.delivery import Delivery, Headers, Send, delivery
from contracts.judging.judge import judge
from contracts.judging.replies import base_headers, error_body, finding_headers
from contracts.judging.shadow import Shadowed, shadow
from contracts.judging.verdict import Verdict
from contracts.rules import RULES
from contracts.worlds.effects import Effect, FindingOpened, RequestRecorded
from contracts.worlds.journal import SentOn, masked_headers
from contracts.worlds.world import World
from mock_server.http.judged import Arrived, Judged, decided
from mock_server.proxy.upstream import Upstream, end_to_end
from mock_server.server_state import Server
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Change

_JSON = ("Content-Type", "application/json")
_LIVE_KEY = "auth-environment-mismatch"


async def send_on(
    server: Server, upstream: Upstream, arrived: Arrived, credentials: Credentials
) -> Judged | None:
    """Send an event on, and store what came of it; None where the server answers it itself.

    That is so where a live key was sent, where no key was sent that may be replaced, and where a
    fault on demand plays before the event is processed.
    """
    if credentials.live or (upstream.key is not None and credentials.problem):
        return None
    if _holds_live_key(arrived):
        return await _withheld(server, arrived, credentials)
    played = await _played(server, arrived, credentials)
    if played is not None:
        return played
    body = arrived.body
    sent = body.data if body.raw is None else body.raw
    reply = await upstream.send(arrived.headers, sent, arrived.query)

    def decide(request: Request, world: World) -> Change[Judged]:
        shadowed = shadow(request, world, reply, credentials)
        findings = shadowed.findings
        effects = shadowed.effects
        level = world.policy.levels.get(UPSTREAM_FAILED.id)
        if reply.status is None and level != OFF:
            failed = UPSTREAM_FAILED.finding(
                reply.error,
                request.request_id,
                shadowed.verdict.order_id,
                severity=Severity(level) if level else None,
            )
            findings = (failed, *findings)
            effects = (FindingOpened(failed), *effects)
        delivered = _delivery(request.request_id, shadowed, findings, reply)
        verdict = _as_replied(shadowed, findings, reply, delivered)
        entry = replace(
            arrived.entry(request, verdict, delivered),
            replayed=shadowed.verdict.replayed and shadowed.event_id is not None,
            sent_on=_kept(reply, shadowed.verdict),
        )
        entry = replace(
            entry,
            reply_headers=masked_headers(entry.reply_headers),
            reply_body=without_live_keys(entry.reply_body),
        )
        judged = Judged(verdict, delivered, entry)
        return Change(judged, (*effects, RequestRecorded(entry)))

    return await decided(server, arrived, credentials.key, decide)


def _as_replied(
    shadowed: Shadowed, findings: tuple[Finding, ...], reply: ProviderReply, delivered: Delivery
) -> Verdict:
    """The verdict with the reply that the client gets, for whoever shows what came of a request."""
    sent = delivered if isinstance(delivered, Send) else None
    body = reply.document if isinstance(reply.document, dict) else {}
    return replace(
        shadowed.verdict,
        status=sent.status if sent else None,
        body=body,
        event_id=shadowed.event_id,
        findings=findings,
    )


def _delivery(
    request_id: str, shadowed: Shadowed, findings: tuple[Finding, ...], reply: ProviderReply
) -> Delivery:
    """The provider's reply as the client gets it; where none came, 502 or 504 in its place."""
    own = (*base_headers(request_id), *finding_headers(findings, shadowed.event_id))
    if reply.status is None:
        code = "gateway_timeout" if reply.late else "bad_gateway"
        message = f"{reply.error}; hakuna-mock does not repeat the event"
        body = encoded({"error": {"error_code": code, "validation_errors": [message]}})
        return Send(504 if reply.late else 502, (*own, _JSON), body)
    headers: Headers = (*end_to_end(reply.headers), *own)
    fault = shadowed.verdict.fault
    if fault is None or not fault.effect.kind.processed:
        return Send(reply.status, headers, reply.body)
    document = reply.document if isinstance(reply.document, dict) else {}
    status = None if fault.effect.is_silent else reply.status
    return delivery(status, tuple(own), document, fault)


def _kept(reply: ProviderReply, verdict: Verdict) -> SentOn:
    """Both replies as the journal keeps them."""
    masked = replace(
        reply, headers=masked_headers(reply.headers), body=without_live_keys(reply.body)
    )
    return SentOn(masked, verdict.status or 0, encoded(verdict.body))


def _holds_live_key(arrived: Arrived) -> bool:
    headers = " ".join(f"{name} {value}" for name, value in arrived.headers)
    data = arrived.body.data
    return "sk_live_" in headers or "sk_live_" in arrived.query or without_live_keys(data) != data


async def _withheld(server: Server, arrived: Arrived, credentials: Credentials) -> Judged:
    """A live key is where none belongs: the event is refused here and never leaves."""

    def decide(request: Request, _world: World) -> Change[Judged]:
        rule = RULES[_LIVE_KEY]
        message = "the event holds a live key outside its credentials, so it was not sent on"
        found = Finding(
            rule=rule.id,
            severity=rule.severity,
            basis=rule.basis,
            pointer="",
            message=message,
            fix="remove the key from the body or the header, and revoke it if it was seen",
            source=rule.source,
            order_id=None,
            event_id=None,
            request_id=request.request_id,
        )
        headers = (*base_headers(request.request_id), *finding_headers((found,), None))
        body = error_body(ErrorCode.INVALID, [f"{message}; {found.fix}"])
        effects: tuple[Effect, ...] = (FindingOpened(found),)
        verdict = Verdict(400, body, headers, effects, (found,), key=credentials.key)
        judged = Judged(
            verdict, verdict.delivery, arrived.entry(request, verdict, verdict.delivery)
        )
        return Change(judged, (*effects, RequestRecorded(judged.entry)))

    return await decided(server, arrived, credentials.key, decide)


async def _played(server: Server, arrived: Arrived, credentials: Credentials) -> Judged | None:
    """A fault on demand in place of the provider, where one plays before processing."""
    if not await _may_play(server, arrived, credentials):
        return None

    def decide(request: Request, world: World) -> Change[Judged | None]:
        verdict = judge(request, world, world.policy, credentials)
        fault = verdict.fault
        unknown = any(finding.rule == "fault-unknown" for finding in verdict.findings)
        if not unknown and (fault is None or fault.effect.kind.processed):
            return Change(None, ())
        judged = Judged(
            verdict, verdict.delivery, arrived.entry(request, verdict, verdict.delivery)
        )
        return Change(judged, (*verdict.effects, RequestRecorded(judged.entry)))

    return await decided(server, arrived, credentials.key, decide)


async def _may_play(server: Server, arrived: Arrived, credentials: Credentials) -> bool:
    """Whether the request asks for a fault, or one is armed for its world."""
    if any(name.lower() == FAULT_HEADER.lower() for name, _ in arrived.headers):
        return True
    if b"--mock-" in arrived.body.data:
        return True
    world_id = world_id_of(credentials.key) if credentials.key else None
    return (await server.store.read()).may_fail(world_id)
