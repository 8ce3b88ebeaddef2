"""What the rules found so far in one judgement, and which of them were evaluated."""

from contracts.findings.finding import Finding
from contracts.http.request import Request
from contracts.orders.events import type_of
from contracts.rules import BodyContext, Context, OrderContext, RequestContext, Stage, evaluate
from contracts.values import dataclass
from contracts.worlds.policy import Policy


@dataclass(frozen=True, slots=True)
class Trail:
    """The findings of one request in the order of the checks.

    Findings carry the proposed event id until the answer is known. `asked` are the stages that were
    evaluated, each with the type of the event that they saw. Each method gives a new trail.
    """

    request: Request
    policy: Policy
    order_id: str | None
    named_type: str | None
    findings: tuple[Finding, ...] = ()
    asked: tuple[tuple[Stage, str | None], ...] = ()

    def ask(self, stage: Stage, context: Context) -> "Trail":
        """The trail after the rules of a stage saw the request's own event."""
        found = self.evaluated(stage, context, self.request.event_id)
        return self._with(self.findings + found, self.asked + self.cell(stage, context))

    def noting(self, stage: Stage, event_type: str) -> "Trail":
        """The trail after a stage that found nothing, without a call of its rules."""
        return self._with(self.findings, (*self.asked, (stage, event_type)))

    def adding(self, found: tuple[Finding, ...]) -> "Trail":
        """The trail with findings that no rule made."""
        return self._with(self.findings + found, self.asked) if found else self

    def evaluated(
        self,
        stage: Stage,
        context: Context,
        event_id: str,
    ) -> tuple[Finding, ...]:
        """What the rules of a stage find; what they find belongs to that event."""
        return evaluate(
            stage,
            context,
            self.policy.levels,
            order_id=self.order_id,
            event_id=event_id,
            request_id=self.request.request_id,
        )

    def cell(self, stage: Stage, context: Context) -> tuple[tuple[Stage, str | None], ...]:
        """The stage with the event type that it sees; empty where no rule of it could pass."""
        if isinstance(context, OrderContext):
            return ((stage, type_of(context.event)),)
        if isinstance(context, BodyContext) and not self.named_type:
            return ()  # a body of no known type has passed no rule about bodies
        if isinstance(context, RequestContext) and not context.authenticated:
            return ()
        return ((stage, self.named_type),)

    def owning(self, findings: tuple[Finding, ...]) -> "Trail":
        """The trail with its findings as they belong to another event."""
        return self._with(findings, self.asked)

    def _with(
        self, findings: tuple[Finding, ...], asked: tuple[tuple[Stage, str | None], ...]
    ) -> "Trail":
        return Trail(self.request, self.policy, self.order_id, self.named_type, findings, asked)
