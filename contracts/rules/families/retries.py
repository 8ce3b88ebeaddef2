"""What a client does when it gets no answer: faults on demand, and the retries that follow.

All of these are choices of this tool. The provider documents that a repeat under one idempotency
key is safe (R20), and nothing of rates or outages.
"""

from collections.abc import Iterator

from contracts.faults.retry_tracking import Retry
from contracts.findings.finding import Related
from contracts.http.idempotency import KEY_HEADER
from contracts.rules.rule import (
    ADVICE,
    HOUSE,
    WARNING,
    Example,
    Found,
    Stage,
    rule,
)
from contracts.timing.rfc3339 import SECOND

FAULT = "Hakuna-Mock-Fault"
SAME_KEY = {KEY_HEADER: "one-key-for-one-event"}


@rule(
    id="retry-missing",
    title="Retry an event that got no answer",
    stage=Stage.RETRY,
    severity=WARNING,
    basis=HOUSE,
    sources=("R20", "house"),
    because="The reference calls a repeat under the same key safe after a connection error; that "
    "clients must retry is our conclusion.",
    fix="retry with the same body and the same Hakuna-Idempotency-Key until a 200 or 400 comes",
    passes=(Example("P{d:1}", headers={FAULT: "extra_fields"}),),
    violates=(
        Example("P{d:1}", headers={FAULT: "commit_drop"}),
        Example("P{d:1}", headers={FAULT: "unavailable"}),
    ),
    variants="advice where the event was not stored",
)
def retry_missing(retry: Retry) -> Iterator[Found]:
    """A client whose connection breaks cannot know whether its event was stored. One that does not
    ask again loses events: the next time the cut may come before the event was stored.

    The finding is written when the fault is played, and resolved by the retry. Where a retry is cut
    off after it was stored, the first attempt's advice becomes a warning.
    """
    fault, earlier = retry.fault, retry.earlier
    if fault is None or retry.may_be_the_last or retry.replayed:
        return
    stored = retry.event_id is not None
    if earlier and (earlier.event_id or not stored):
        return
    what = "the event was stored, but its sender" if stored else "the event was not stored, and"
    yield Found(
        "",
        f"{what} got no 200 ({fault.effect.in_words()}); "
        "no retry of the same body was answered yet",
        severity=None if stored else ADVICE,
    )


@rule(
    id="retry-key-changed",
    title="Retry under the same idempotency key",
    stage=Stage.RETRY,
    severity=WARNING,
    basis=HOUSE,
    sources=("R20", "house"),
    because="The reference calls a repeat safe under the same key, and of no other.",
    fix="make the Hakuna-Idempotency-Key once for each event, and keep it with the event",
    passes=(
        Example("P{d:1} P{d:1}@0", headers={FAULT: "commit_drop; times=1", **SAME_KEY}),
        Example("P{d:1} P{d:1}@0", headers={FAULT: "unavailable; times=1"}),
    ),
    violates=(
        Example("P{d:1} P{d:1}@0", headers={FAULT: "commit_drop; times=1"}),
        Example(
            "P{d:3} R{d:1}@1 R{d:1}@1", headers={FAULT: "commit_drop; after=1", KEY_HEADER: None}
        ),
    ),
)
def retry_key_changed(retry: Retry) -> Iterator[Found]:
    """The first attempt was stored before its answer was lost. Under another key, or none, the
    retry is a second event: a refund counts twice.
    """
    earlier = retry.earlier
    if earlier is None or earlier.event_id is None:
        return
    if retry.same_key or retry.replayed:  # a replay is not a second event
        return
    how = "under another Hakuna-Idempotency-Key" if retry.idempotency_key else "without its key"
    if not earlier.idempotency_key:
        how = "and neither attempt had a Hakuna-Idempotency-Key"
    yield Found(
        "",
        f"this event was stored already ({earlier.event_id}), before its answer was lost "
        f"({earlier.fault.effect.in_words()}); it comes again {how}",
        related=(Related(earlier.event_id, "the first attempt"),),
    )


@rule(
    id="retry-storm",
    title="Retries back off",
    stage=Stage.RETRY,
    severity=WARNING,
    basis=HOUSE,
    sources=("house",),
    because="No page of the provider speaks of rates; this is common practice.",
    fix="wait longer after each attempt (exponential backoff with jitter)",
    passes=(Example("P{d:1} P{d:1}@0 P{d:1}@0", headers={FAULT: "unavailable", **SAME_KEY}),),
    violates=(
        Example(
            "P{d:1} P{d:1}@0 P{d:1}@0 P{d:1}@0 P{d:1}@0 P{d:1}@0",
            headers={FAULT: "unavailable", **SAME_KEY},
        ),
    ),
    variants="the number is the setting retries_per_second, 5 by default",
)
def retry_storm(retry: Retry) -> Iterator[Found]:
    """Clients that retry at once, all together, keep a server down that has just come back."""
    earlier = retry.earlier
    if earlier is None or earlier.stormed:
        return
    recent = [attempt for attempt in earlier.attempts if retry.now.since(attempt) < SECOND]
    if len(recent) + 1 > retry.most_per_second:
        yield Found(
            "",
            f"{len(recent) + 1} attempts within one second; {retry.most_per_second} are the limit",
        )


@rule(
    id="retry-after-ignored",
    title="Wait as long as Retry-After says",
    stage=Stage.RETRY,
    severity=WARNING,
    basis=HOUSE,
    sources=("RFC 9110", "house"),
    because="No page of the provider speaks of rates; RFC 9110 defines the header.",
    fix="read Retry-After of 429 and 503, and wait at least so many seconds",
    passes=(Example("P{d:1} P{d:1}@0", headers={FAULT: "unavailable; times=1", **SAME_KEY}),),
    violates=(
        Example(
            "P{d:1} P{d:1}@0",
            headers={FAULT: "rate_limited; retry_after=60; times=1", **SAME_KEY},
        ),
    ),
)
def retry_after_ignored(retry: Retry) -> Iterator[Found]:
    """A server that names a time means it; services block clients that come earlier."""
    earlier = retry.earlier
    if earlier is None or earlier.retry_after is None:
        return
    delay = earlier.fault.effect.delay_ms * (SECOND // 1000)
    waited = retry.now.since(earlier.attempts[-1]) - delay
    # Before a delayed reply is there nobody can heed it.
    if 0 <= waited < earlier.retry_after * SECOND:
        yield Found(
            "",
            f"the last reply had Retry-After: {earlier.retry_after}; "
            f"the next attempt came after {waited / SECOND:.1f} s",
        )
