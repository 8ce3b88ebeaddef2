"""The headers beside the key: version, idempotency key, content type."""

from collections.abc import Iterator

from contracts.faults.fault import FAULT_HEADER
from contracts.http.idempotency import KEY_HEADER, key_problem
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    HOUSE,
    VIOLATION,
    WARNING,
    Example,
    Found,
    RequestContext,
    Stage,
    rule,
)

VERSION_HEADER = "Hakuna-Version"
VERSION = "v2.0"


@rule(
    id="version-header-missing",
    title="Requests name the API version",
    stage=Stage.REQUEST,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("R20", "VE"),
    fix="send Hakuna-Version: v2.0",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers={VERSION_HEADER: None}),),
)
def version_header_missing(context: RequestContext) -> Iterator[Found]:
    """The reference asks for the header on every request; without it an old version may answer.

    The pages disagree about which one, and order events exist in v2.0 only.
    """
    if context.authenticated and not context.request.header(VERSION_HEADER):
        yield Found("", "no Hakuna-Version header was sent; events belong to v2.0")


@rule(
    id="version-header-unexpected",
    title="Events are sent to version v2.0",
    stage=Stage.REQUEST,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("R20", "VE"),
    fix="send Hakuna-Version: v2.0",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers={VERSION_HEADER: "v1.2"}),),
)
def version_header_unexpected(context: RequestContext) -> Iterator[Found]:
    """Older versions know no order events, so a request for one of them asks for something else."""
    version = context.request.header(VERSION_HEADER)
    if context.authenticated and version and version != VERSION:
        yield Found("", f"Hakuna-Version is {version[:40]!r}; events belong to {VERSION}")


@rule(
    id="idempotency-key-missing",
    title="Send an idempotency key with each event",
    stage=Stage.REQUEST,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("R20",),
    fix="send Hakuna-Idempotency-Key: <a UUID for each event, the same one when you retry it>",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers={KEY_HEADER: None}),),
)
def idempotency_key_missing(context: RequestContext) -> Iterator[Found]:
    """After a broken connection only a key makes a retry safe; without one it may count twice."""
    if context.authenticated and not context.request.header(KEY_HEADER):
        yield Found("", "no Hakuna-Idempotency-Key was sent; a retry of this event counts twice")


@rule(
    id="idempotency-key-invalid",
    title="Idempotency keys are 1 to 255 visible ASCII characters",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=HOUSE,
    sources=("house",),
    because="The provider shows a UUID and states no limits; these are what HTTP headers carry "
    "safely.",
    fix="use a UUID",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers={KEY_HEADER: "two words"}),),
    always_refuses=True,
)
def idempotency_key_invalid(context: RequestContext) -> Iterator[Found]:
    """The provider shows a UUID and states no limit; a key with blanks or accents, or a very long
    one, does not survive every proxy on the way.
    """
    key = context.request.header(KEY_HEADER)
    problem = key_problem(key) if key and context.authenticated else None
    if problem:
        yield Found("", f"Hakuna-Idempotency-Key {problem}")


@rule(
    id="idempotency-key-reused",
    title="An idempotency key names one request",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=HOUSE,
    sources=("R20", "house"),
    because="A key makes the repeat of a request safe, so another body under it is not a repeat; "
    "no page says what is answered, and comparable APIs refuse it.",
    fix="use a new key for each event; reuse a key only to retry the very same body",
    passes=("P{d:1} F{d:1}",),
    violates=(Example("P{d:1} F{d:1}", headers={KEY_HEADER: "a-constant-key"}),),
    always_refuses=True,
)
def idempotency_key_reused(context: RequestContext) -> Iterator[Found]:
    """With the same key on another body a real event would be taken for a retry and lost."""
    if context.reused_key:
        yield Found("", f"this idempotency key already named another body ({context.reused_key})")


@rule(
    id="fault-unknown",
    title="Requested faults exist",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=HOUSE,
    sources=("house",),
    because="Faults are a feature of hakuna-mock.",
    fix="see hakuna-mock catalog for the names; order ids that end in --mock-NAME ask for faults",
    passes=(Example("P{d:1}", headers={FAULT_HEADER: "extra_fields"}),),
    violates=(
        Example("P{d:1}", headers={FAULT_HEADER: "unavailble"}),
        Example("P{d:1}", edits={"/payload/order_id": "ord-1--mock-outage"}),
    ),
    always_refuses=True,
)
def fault_unknown(context: RequestContext) -> Iterator[Found]:
    """If a misspelt fault were ignored, a test that tests nothing would pass."""
    if context.unknown_fault:
        yield Found("", context.unknown_fault)


@rule(
    id="content-type",
    title="Declare the body as JSON",
    stage=Stage.REQUEST,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("S", "R20"),
    fix="send Content-Type: application/json",
    passes=("P{d:1}", Example("P{d:1}", headers={"Content-Type": "application/vnd.x+json"})),
    violates=(
        Example("P{d:1}", headers={"Content-Type": "text/plain"}),
        Example("P{d:1}", headers={"Content-Type": None}),
    ),
)
def content_type(context: RequestContext) -> Iterator[Found]:
    """The API takes JSON and every example declares it; the body is parsed here all the same."""
    declared = context.request.header("Content-Type")
    media = (declared or "").partition(";")[0].strip().lower()
    if not context.authenticated or media == "application/json" or media.endswith("+json"):
        return
    sent = f"Content-Type is {declared[:60]!r}" if declared else "no Content-Type was sent"
    yield Found("", f"{sent}; the body is read as JSON all the same")
