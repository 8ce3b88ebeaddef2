"""Bugs of `--enforcement reject`: what is refused, how, and what stays of it."""

from dataclasses import replace

from contracts.findings.finding import Severity
from contracts.http.error_code import ErrorCode
from contracts.orders.order import Outcome
from contracts.worlds.policy import Enforcement
from seeded_bugs import around, bug, judge


@bug("reject mode", enforcement="reject")
def refused_with_422():
    """A violation is answered with 422."""
    around(
        judge._Judgement,
        "_refuse",
        lambda old, self, code, errors: replace(
            (found := old(self, code, errors)),
            status=422 if found.event and code is ErrorCode.INVALID else found.status,
        ),
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
            if any(one.rule == "unknown-line-item" for one in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def second_cancellation_is_invalid():
    """The second cancellation of an order is refused with another code than the late one."""
    _code(
        lambda old, broken: (
            ErrorCode.INVALID
            if any(one.rule == "order-already-cancelled" for one in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def every_cancellation_declined():
    """Whatever is wrong with a line's cancellation, it is declined."""
    _code(
        lambda old, broken: (
            ErrorCode.CANCEL_DECLINE
            if any(one.rule == "cancel-missing-protection" for one in broken)
            else old(broken)
        )
    )


@bug("reject mode", enforcement="reject")
def warnings_refused():
    """Warnings are refused like violations."""

    def accept(old, self, steps, names):
        bad = [one for one in self.findings if one.severity is Severity.WARNING]
        if self.policy.enforcement == Enforcement.REJECT and bad:
            return self._refuse(ErrorCode.INVALID, ["a warning"])
        return old(self, steps, names)

    around(judge._Judgement, "_accept", accept)


def _kept(verdict, self, steps, names):
    """A refusal of which something is stored."""
    return replace(verdict, accepted=self._accept(steps, names).accepted)


def _refused_but(keep):
    """Remember the steps of each judgement, and let `keep` make something of a refusal."""
    last = {}

    def receive(old, current, arrival, print_):
        last["steps"], last["print"] = old(current, arrival, print_), print_
        return last["steps"]

    around(judge, "receive", receive)

    def refuse(old, self, code, errors):
        errors = list(errors)
        verdict = old(self, code, errors)
        steps = last.pop("steps", None)
        if steps is None or self.policy.enforcement != Enforcement.REJECT or self.event is None:
            return verdict
        return keep(verdict, self, steps, last["print"])

    around(judge._Judgement, "_refuse", refuse)


@bug("reject mode", enforcement="reject")
def refused_and_applied():
    """A refused event changes its order all the same."""
    _refused_but(lambda verdict, self, steps, _print: _kept(verdict, self, steps, None))


@bug("reject mode", enforcement="reject")
def refused_and_waiting():
    """An event of an unknown order is refused, and waits for the placement all the same."""
    _refused_but(
        lambda verdict, self, steps, _print: (
            _kept(verdict, self, steps, None) if steps[0].outcome is Outcome.WAITING else verdict
        )
    )


@bug("reject mode", enforcement="reject")
def refused_key_is_taken():
    """A refused event's idempotency key is taken: its retry gets an id."""
    from contracts.http.idempotency import KEY_HEADER, EarlierReply
    from mock_server.store import memory

    taken = {}

    def remember(verdict, self, _steps, print_):
        key = self.request.header(KEY_HEADER)
        if key:
            earlier = EarlierReply(print_, self.request.event_id, self.order_id or "")
            taken[self.key, key] = earlier
        return verdict

    _refused_but(remember)

    async def decide(old, self, address, arrived, decider):
        if address.key is not None:
            world = self._world_of(address.key)
            for (owner, key), earlier in list(taken.items()):
                if owner == address.key:
                    world.state.replies.setdefault(key, earlier)
        return await old(self, address, arrived, decider)

    around(memory.MemoryStore, "decide", decide)


def _accepts(rule):
    def meeting_findings(old, self, stage, context):
        old(self, stage, context)
        if self.policy.enforcement == Enforcement.REJECT:
            self.findings = tuple(
                replace(one, severity=Severity.WARNING) if one.rule == rule else one
                for one in self.findings
            )

    around(judge._Judgement, "_find", meeting_findings)


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

    def accept(old, self, steps, names):
        usual = [
            one
            for one in self.findings
            if RULES[one.rule].severity is Severity.VIOLATION and one.rule in self.policy.levels
        ]
        if self.policy.enforcement == Enforcement.REJECT and usual:
            return self._refuse(ErrorCode.INVALID, ["it is a violation"])
        return old(self, steps, names)

    around(judge._Judgement, "_accept", accept)


@bug("reject mode")
def raised_levels_do_not_refuse():
    """In reject mode a rule that was raised to a violation does not refuse."""
    from contracts.rules import RULES

    def code(old, broken):
        return old(broken)

    around(judge, "_code_for", code)

    def find(old, self, stage, context):
        old(self, stage, context)
        if self.policy.enforcement == Enforcement.REJECT:
            self.findings = tuple(
                replace(one, severity=RULES[one.rule].severity)
                if one.severity is Severity.VIOLATION
                and one.rule in self.policy.levels
                and RULES[one.rule].severity is not Severity.VIOLATION
                else one
                for one in self.findings
            )

    around(judge._Judgement, "_find", find)


@bug("reject mode")
def replay_is_judged_again():
    """After a change to reject mode the retry of a flagged event is refused."""
    flagged = set()

    def accept(old, self, steps, names):
        verdict = old(self, steps, names)
        if any(one.severity is Severity.VIOLATION for one in verdict.findings):
            flagged.add(verdict.event_id)
        return verdict

    def replay(old, self, earlier):
        if self.policy.enforcement == Enforcement.REJECT and earlier.event_id in flagged:
            return self._refuse(ErrorCode.INVALID, ["it breaks a rule"])
        return old(self, earlier)

    around(judge._Judgement, "_accept", accept)
    around(judge._Judgement, "_replay", replay)
