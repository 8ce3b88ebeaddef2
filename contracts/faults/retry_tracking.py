"""An event whose sender got no usable answer: what is remembered of it until it gets one."""

from collections.abc import Collection

from contracts.faults.fault import Fault
from contracts.findings.finding import Resolution
from contracts.timing.moment import Moment
from contracts.values import dataclass

MAX_REMEMBERED = 1000
"""So many unanswered events a world remembers; the oldest are forgotten."""

MISSING = "retry-missing"
"""The rule whose findings wait for a retry."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One event, told by the fingerprint of its body, and the latest attempts to send it.

    `event_id` is set where it was stored all the same. `open_owner` is the event, else the request,
    whose finding waits for a retry; "" where none waits. `retry_after` are the seconds that the
    last reply asked to wait. `idempotency_key` is that of the attempt that was stored, of the last
    one where none was.
    """

    fault: Fault
    event_id: str | None
    idempotency_key: str | None
    attempts: tuple[Moment, ...]
    retry_after: int | None = None
    open_owner: str = ""
    stormed: bool = False


@dataclass(frozen=True)
class Retry:
    """Context of RETRY rules: a fault plays, or an event comes again that got no answer.

    `fault` plays now, `earlier` is what is remembered of the attempts before. `event_id` is the
    event that is stored now (`replayed`: that was stored before), None where none is.
    """

    now: Moment
    request_id: str
    fault: Fault | None
    earlier: Unanswered | None
    event_id: str | None
    replayed: bool
    idempotency_key: str | None
    most_per_second: int

    @property
    def answered(self) -> bool:
        """Whether the sender gets a reply that it can use."""
        return self.fault is None or self.fault.effect.kind.answered

    @property
    def may_be_the_last(self) -> bool:
        """Whether its sender owes no further one: a 200 is one, even if it cannot be read."""
        return self.answered or (self.fault is not None and self.fault.effect.kind.status == 200)

    @property
    def same_key(self) -> bool:
        """Whether it carries the idempotency key that is remembered of the attempts before."""
        first = self.earlier.idempotency_key if self.earlier else None
        return first is not None and first == self.idempotency_key


def remembered(retry: Retry, fired: Collection[str]) -> Unanswered | None:
    """What to remember after an attempt for which these rules fired; None once it is answered."""
    earlier, fault = retry.earlier, retry.fault
    if retry.answered or fault is None:
        return None
    owner = retry.event_id or retry.request_id
    stored = earlier if earlier and earlier.event_id else None
    waiting = earlier.open_owner if earlier and not retry.may_be_the_last else ""
    attempts = (*(earlier.attempts if earlier else ()), retry.now)
    return Unanswered(
        fault=fault,
        event_id=(earlier.event_id if earlier else None) or retry.event_id,
        idempotency_key=stored.idempotency_key if stored else retry.idempotency_key,
        attempts=attempts[-retry.most_per_second :],
        retry_after=fault.effect.retry_after,
        open_owner=owner if MISSING in fired else waiting,
        stormed=(earlier is not None and earlier.stormed) or "retry-storm" in fired,
    )


def settled(retry: Retry, fired: Collection[str]) -> tuple[Resolution, ...]:
    """The finding that waited for this retry, and how it came.

    One that is not answered settles it, too, where a finding of its own waits from now on.
    """
    earlier = retry.earlier
    if earlier is None or not earlier.open_owner:
        return ()
    if not retry.may_be_the_last and MISSING not in fired:
        return ()
    how = "under the same key" if retry.same_key else "under another key"
    if retry.idempotency_key is None:
        how = "without a key"
    by = retry.event_id or retry.request_id
    message = f"it was sent again {how} ({retry.request_id})"
    return (Resolution(earlier.open_owner, MISSING, "", by, message),)
