"""A server without a socket: the judge and a dictionary of worlds, to measure the loop alone."""

import itertools
import json
import time
import uuid

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from contracts.judging.session import Session
from contracts.worlds.policy import Policy
from fuzz.client.http_client import Reply
from fuzz.model.oracle import HttpRequest

_POLICY = Policy()
_sessions: dict[str | None, Session] = {}
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
    key = read_credentials(request, _POLICY).key
    session = _sessions.setdefault(key, Session())
    verdict = session.judge(request)
    headers = {name.lower(): value for name, value in verdict.headers}
    headers["content-type"] = "application/json"
    return Reply(verdict.status or 0, headers, json.dumps(verdict.body).encode())
