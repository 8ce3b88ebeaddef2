"""Bugs of `--enforcement reject`: what is refused, how, and what stays of it."""

from dataclasses import replace

from contracts.findings.finding import Severity
from contracts.http.error_code import ErrorCode
from contracts.judging import trail
from contracts.worlds.effects import (
    EventAccepted,
    EventReplayed,
    OrderChanged,
    OrderOpened,
    ReplyRemembered,
)
from contracts.worlds.policy import Enforcement
from seeded_bugs import around, around_judge, before_effects, bug, judge


@bug("reject mode", enforcement="reject")
def refused_with_422():
    """A violation is answered with 422."""
    before_effects(
        lambda _case, verdict: replace(
            verdict,
            status=422 if verdict.event_type and verdict.status == 400 else verdict.status,
        )
    )


def _code(new):
    around(judge, "_code_for", new)


@bug("reject mode", enforcement="reject")
def unknown_order_is_400():
    """An unknown order is a 400."""
    _code(
        lambda old, broken: (
            ErrorCode.INVALID if (found := old(broken)) is ErrorCode.NOT_FOUND else found
        )
    )


@bug("reject mode", enforcement="reject")
def unknown_line_is_404():
    """An unknown line is a 404, like an unknown order."""
    _code(
        lambda old, broken: (
            ErrorCode.NOT_FOUND
            if any(item.rule == "unknown-line-item" for item in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def second_cancellation_is_invalid():
    """The second cancellation of an order is refused with another code than the late one."""
    _code(
        lambda old, broken: (
            ErrorCode.INVALID
            if any(item.rule == "order-already-cancelled" for item in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def every_cancellation_declined():
    """Whatever is wrong with a line's cancellation, it is declined."""
    _code(
        lambda old, broken: (
            ErrorCode.CANCEL_DECLINE
            if any(item.rule == "cancel-missing-protection" for item in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def warnings_refused():
    """Warnings are refused like violations."""

    def rules(old, state):
        judged = old(state)
        found = getattr(judged, "trail", None)
        faced = state.read.faced
        if found is None or faced.case.policy.enforcement != Enforcement.REJECT:
            return judged
        if any(finding.severity is Severity.WARNING for finding in found.findings):
            return judge.refuse(
                faced.case, found, ErrorCode.INVALID, ["a warning"], faced.match, event=state.event
            )
        return judged

    around_judge("check_rules", rules)


def _refused_but(keep):
    """What is stored of an event that reject mode refuses: `keep(state, effects)` of flag mode."""

    def rules(old, state):
        verdict = old(state)
        case = state.read.faced.case
        if isinstance(verdict, judge.Judged) or case.policy.enforcement != Enforcement.REJECT:
            return verdict
        flagged = replace(case, policy=replace(case.policy, enforcement=Enforcement.FLAG))
        faced = replace(state.read.faced, case=flagged)
        accepted = judge.give_answer(old(replace(state, read=replace(state.read, faced=faced))))
        kept = tuple(effect for effect in accepted.effects if keep(state, effect))
        return replace(verdict, effects=(*verdict.effects, *kept))

    around_judge("check_rules", rules)


_STORED = (EventAccepted, EventReplayed, OrderOpened, OrderChanged)


@bug("reject mode", enforcement="reject")
def refused_and_applied():
    """A refused event changes its order all the same."""
    _refused_but(lambda _state, effect: isinstance(effect, _STORED))


@bug("reject mode", enforcement="reject")
def refused_and_waiting():
    """An event of an unknown order is refused, and waits for the placement all the same."""
    _refused_but(
        lambda state, effect: not state.order.is_placed and isinstance(effect, EventAccepted)
    )


@bug("reject mode", enforcement="reject")
def refused_key_is_taken():
    """A refused event's idempotency key is taken: its retry gets an id."""
    _refused_but(lambda _state, effect: isinstance(effect, ReplyRemembered))


def _findings(change):
    """The rules find something else: `change(policy, finding)`."""
    around(
        trail.Trail,
        "evaluated",
        lambda old, self, *args: tuple(change(self.policy, item) for item in old(self, *args)),
    )


def _accepts(rule):
    _findings(
        lambda policy, item: (
            replace(item, severity=Severity.WARNING)
            if policy.enforcement == Enforcement.REJECT and item.rule == rule
            else item
        )
    )


@bug("reject mode", enforcement="reject")
def late_cancellation_taken():
    """The cancellation of a shipped order is accepted, and nothing comes of it."""
    _accepts("order-cancel-after-fulfillment")


@bug("reject mode", enforcement="reject")
def forgotten_plan_taken():
    """A refund without its plan is accepted as in flag mode."""
    _accepts("refund-missing-protection")


@bug("reject mode")
def levels_do_not_decide():
    """In reject mode a rule that was lowered to advice still refuses."""
    from contracts.rules import RULES

    def rules(old, state):
        judged = old(state)
        found = getattr(judged, "trail", None)
        faced = state.read.faced
        policy = faced.case.policy
        if found is None or policy.enforcement != Enforcement.REJECT:
            return judged
        if any(
            RULES[finding.rule].severity is Severity.VIOLATION and finding.rule in policy.levels
            for finding in found.findings
        ):
            message = ["it is a violation"]
            return judge.refuse(
                faced.case, found, ErrorCode.INVALID, message, faced.match, event=state.event
            )
        return judged

    around_judge("check_rules", rules)


@bug("reject mode")
def raised_levels_do_not_refuse():
    """In reject mode a rule that was raised to a violation does not refuse."""
    from contracts.rules import RULES

    _findings(
        lambda policy, item: (
            replace(item, severity=RULES[item.rule].severity)
            if policy.enforcement == Enforcement.REJECT
            and item.severity is Severity.VIOLATION
            and item.rule in policy.levels
            else item
        )
    )


@bug("reject mode")
def replay_is_judged_again():
    """After a change to reject mode the retry of a flagged event is refused."""
    flagged = set()

    def change(_case, verdict):
        if any(finding.severity is Severity.VIOLATION for finding in verdict.findings):
            flagged.add(verdict.event_id)
        return verdict

    before_effects(change)

    def replay(old, found, trail_, match, event, key, event_id):
        if found.policy.enforcement == Enforcement.REJECT and event_id in flagged:
            return judge.refuse(found, trail_, ErrorCode.INVALID, ["it breaks a rule"], match)
        return old(found, trail_, match, event, key, event_id)

    around_judge("replay", replay)
