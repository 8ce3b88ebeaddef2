"""Where events are sent: the endpoint's path and method."""

import re
from collections.abc import Iterator

from contracts.rules.rule import (
    HOUSE,
    VIOLATION,
    Example,
    Found,
    RequestContext,
    Stage,
    rule,
)

_BROWSER = re.compile(r"/(?:favicon\.ico|robots\.txt|apple-touch-icon[^/]*\.png)?")
"""What browsers fetch on their own, and the address that people type."""


@rule(
    id="production-path",
    title="Post sandbox events to the sandbox path",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=HOUSE,
    sources=("house", "R20"),
    because="The provider's sandbox has a path of its own; that this server refuses the other one "
    "protects production.",
    fix="post to /sandbox/events",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", path="/events"),),
    always_refuses=True,
)
def production_path(context: RequestContext) -> Iterator[Found]:
    """Production events are posted to /events, sandbox events to /sandbox/events.

    A test run that posts to the production path would, with another host, touch real contracts.
    """
    if context.production_path:
        yield Found("", "this is the path of the production endpoint; a sandbox does not serve it")


@rule(
    id="wrong-endpoint",
    title="Post events to /sandbox/events",
    stage=Stage.REQUEST,
    severity=VIOLATION,
    basis=HOUSE,
    sources=("house", "R20"),
    because="The list of statuses has 404; that a wrong address fails a run is our choice.",
    fix="send POST /sandbox/events, without a slash at the end",
    passes=("P{d:1}",),
    violates=(
        Example("P{d:1}", path="/sandbox/events/"),
        Example("P{d:1}", path="/sandbox/event"),
    ),
    always_refuses=True,
)
def wrong_endpoint(context: RequestContext) -> Iterator[Found]:
    """A request to any other path or with another method is answered 404 and its event is lost. A
    client that does not look at the status never notices.
    """
    if not context.off_route or context.production_path:
        return
    request = context.request
    if request.method in ("GET", "HEAD") and _BROWSER.fullmatch(request.path):
        return
    yield Found("", f"{request.method} {request.path[:80]} is not the endpoint; the event is lost")
