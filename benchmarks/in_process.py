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
    delivery = _sessions.setdefault(key, Session()).judge(request).delivery
    assert isinstance(delivery, Send)
    headers = {name.lower(): value for name, value in delivery.headers}
    return Reply(delivery.status, headers, delivery.body)
