"""A server without a socket: the judge and a dictionary of worlds, to measure the loop alone."""

import itertools
import json
import time
import uuid

from contracts.http.request import Request
from contracts.judging.judge import address, judge
from contracts.judging.policy import Policy
from contracts.judging.world import ScratchWorld
from fuzz.client.http_client import Reply
from fuzz.model.oracle import HttpRequest

_POLICY = Policy()
_worlds: dict[str | None, ScratchWorld] = {}
_numbers = itertools.count(1)


def reply_to(sent: HttpRequest) -> Reply:
    """The reply that a hakuna-mock sends."""
    request = Request(
        sent.method,
        sent.path.partition("?")[0],
        sent.headers,
        sent.body,
        time.time_ns(),
        f"evt-{uuid.uuid4()}",
        f"req-{next(_numbers)}",
    )
    world = _worlds.setdefault(address(request, _POLICY).key, ScratchWorld())
    verdict = judge(request, world, _POLICY)
    world.commit(verdict)
    headers = {name.lower(): value for name, value in verdict.headers}
    headers["content-type"] = "application/json"
    return Reply(verdict.status, headers, json.dumps(verdict.body).encode())
