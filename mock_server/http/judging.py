"""A request in, a verdict out: judged in its world, stored, journalled, logged."""

from collections.abc import Callable

from contracts.http.credentials import Credentials, read_credentials
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.replies import ENDPOINT
from contracts.worlds.effects import RequestRecorded
from contracts.worlds.journal import Headers
from contracts.worlds.world import World
from mock_server.http.judged import Arrived, Judged, decided
from mock_server.http.request_body import ReadBody
from mock_server.http.sent_on import send_on
from mock_server.server_state import Server
from mock_server.store.protocol import Change

PAGE_KEY = "sk_test_" + "sent_by_a_page"
"""Stands for the key of a world into which a page sends: only that world's id is known."""


async def judge_and_store(
    server: Server, method: str, path: str, headers: Headers, body: ReadBody, query: str = ""
) -> Judged:
    """The verdict on a request, its effects stored, journalled and logged.

    Behind a proxy an event is sent on first, and the provider's reply is delivered.
    """
    arrived = Arrived.now(server, method, path, headers, body, query)
    credentials = read_credentials(arrived.unnumbered, server.settings.policy)
    judged: Judged | None = None
    if server.upstream and method == "POST" and path == ENDPOINT and not body.problem:
        judged = await send_on(server, server.upstream, arrived, credentials)
    if judged is None:
        decide = _decision(arrived, credentials)
        judged = await decided(server, arrived, credentials.key, decide)
    return _told(server, judged)


async def judge_in_world(server: Server, world_id: str, body: bytes) -> Judged:
    """The same for an event that a page sends into a world whose key nobody here knows.

    It is never sent on to an upstream.
    """
    headers = (
        ("Authorization", f"Bearer {PAGE_KEY}"),
        ("Content-Type", "application/json"),
        ("Hakuna-Version", "v2.0"),
        (KEY_HEADER, f"inspector-{server.instance}-{server.latest_seq + 1}"),
        ("User-Agent", "hakuna-mock inspector"),
    )
    arrived = Arrived.now(server, "POST", ENDPOINT, headers, ReadBody(body))
    decide = _decision(arrived, Credentials(key=PAGE_KEY))
    judged = await server.store.change(
        world_id, lambda world: decide(arrived.request(server, world), world)
    )
    return _told(server, judged)


_JudgedChange = Change[Judged]
"""Named once: what is in an annotation of a nested function is made again for each request."""


def _decision(
    arrived: Arrived, credentials: Credentials
) -> Callable[[Request, World], _JudgedChange]:
    """What the store of a world decides about a request, when its turn comes."""

    def decide(request: Request, world: World) -> _JudgedChange:
        verdict = judge(request, world, world.policy, credentials)
        delivery = verdict.delivery
        judged = Judged(verdict, delivery, arrived.entry(request, verdict, delivery))
        return Change(judged, (*verdict.effects, RequestRecorded(judged.entry)))

    return decide


def _told(server: Server, judged: Judged) -> Judged:
    """A request that was stored is announced and logged."""
    server.announce()
    verdict = judged.verdict
    server.count(verdict, judged.entry)
    event_type = verdict.named_type if verdict.fault else verdict.event_type
    server.log(judged.entry, event_type, verdict.order_id)
    return judged
