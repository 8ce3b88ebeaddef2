"""A server without a socket: the judge and a dictionary of worlds, for measuring the loop alone."""

import itertools
import json
import time
import uuid

from contracts.http.request import Request
from contracts.judging.judge import address, judge
from contracts.worlds.policy import Policy
from contracts.worlds.world import ScratchWorld
from fuzz.client.http_client import Reply
from fuzz.model.oracle import Asked

_POLICY = Policy()
_worlds: dict[str | None, ScratchWorld] = {}
_numbers = itertools.count(1)


def answered(asked: Asked) -> Reply:
    """The reply of a server that never ends."""
    request = Request(
        asked.method,
        asked.path.partition("?")[0],
        asked.headers,
        asked.body,
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
