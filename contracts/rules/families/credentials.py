"""Who sends: keys, their headers, and the environment they belong to."""

from collections.abc import Iterator

from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    INFERRED,
    VIOLATION,
    WARNING,
    Example,
    Found,
    RequestContext,
    Stage,
    rule,
)

_LIVE = "Bearer " + "sk_live_" + "Ab12Cd34Ef56"
_BEARER_ONLY = {"Authorization": None, "Bearer": "sk_test_example00"}


@rule(
    id="auth-invalid",
    title="Send a valid sandbox key",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("AU", "RS"),
    fix="send Authorization: Bearer sk_test_…",
    passes=("P{d:1}", Example("P{d:1}", headers=_BEARER_ONLY)),
    violates=(
        Example("P{d:1}", headers={"Authorization": None}),
        Example("P{d:1}", headers={"Authorization": "Bearer pk_test_123"}),
        Example("P{d:1}", headers={"Authorization": "sk_test_example00"}),
    ),
    always_refuses=True,
)
def auth_invalid(context: RequestContext) -> Iterator[Found]:
    """Without a key the provider answers 401 and the event is lost.

    A present but unusable `Authorization` header is refused even beside a good `Bearer` header:
    a client that sends both has one of them wrong, and production decides by `Authorization`.
    """
    credentials = context.credentials
    if credentials.problem and not credentials.live and not context.off_route:
        yield Found("", credentials.problem, credentials.fix)


@rule(
    id="auth-environment-mismatch",
    title="The key belongs to the environment of the URL",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("AU", "TB"),
    fix="use a sandbox key (sk_test_…) here",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers={"Authorization": _LIVE}),),
    always_refuses=True,
)
def auth_environment_mismatch(context: RequestContext) -> Iterator[Found]:
    """Sandbox and production have separate URLs and separate keys; they never mix.

    A live key in a test run also means that real credentials lie in a test's configuration.
    """
    if context.credentials.live:
        yield Found("", context.credentials.problem or "", context.credentials.fix)


@rule(
    id="auth-bearer-header",
    title="Send the key in Authorization",
    stage=Stage.REQUEST,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("AU", "R20", "S"),
    fix="send Authorization: Bearer sk_test_… instead of Bearer: sk_test_…",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", headers=_BEARER_ONLY),),
)
def auth_bearer_header(context: RequestContext) -> Iterator[Found]:
    """The events page sends a header literally named `Bearer`, the reference `Authorization`.

    Both work here; proxies and log scrubbers only know the standard one as a secret.
    """
    if context.credentials.from_bearer_header and context.authenticated:
        yield Found("", "the key came only in the Bearer header, the events page's own spelling")


@rule(
    id="auth-credentials-conflict",
    title="A request carries one key",
    stage=Stage.REQUEST,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="An account is known by its key, so two keys name two accounts.",
    fix="send the key in Authorization only",
    passes=(Example("P{d:1}", headers={"Bearer": "sk_test_example00"}),),
    violates=(Example("P{d:1}", headers={"Bearer": "sk_test_another00"}),),
)
def auth_credentials_conflict(context: RequestContext) -> Iterator[Found]:
    """Two headers with two keys: nobody can tell whose order this is. Authorization decides."""
    if context.credentials.conflict and context.authenticated:
        yield Found("", "Authorization and Bearer carry different keys; Authorization was used")
