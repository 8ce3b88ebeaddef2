"""A server without a socket: a session for each key, for measuring the loop alone."""

import itertools
import time
import uuid

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from contracts.judging.delivery import Send
from contracts.judging.session import Session
from contracts.worlds.policy import Policy
from fuzz.client.http_client import Reply
from fuzz.model.oracle import Asked

_POLICY = Policy()
_sessions: dict[str | None, Session] = {}
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
    key = read_credentials(request, _POLICY).key
    sent = _sessions.setdefault(key, Session()).judge(request).delivery
    assert isinstance(sent, Send)
    return Reply(sent.status, {name.lower(): value for name, value in sent.headers}, sent.body)
