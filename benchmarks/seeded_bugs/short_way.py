"""Bugs of the short way alone, on which the connection itself answers a plain event."""

import re

from mock_server.http import connection, plain_requests
from seeded_bugs import around, bug


def _replies(change):
    """The bytes of a reply are changed: `change(judged, reply)`."""

    def reply_bytes(old, judged):
        reply = old(judged)
        return reply if reply is None else change(judged, reply)

    around(connection, "reply_bytes", reply_bytes)


@bug("short way")
def link_lost_on_the_short_way():
    """A plain event is answered without its `Link`."""
    _replies(lambda _judged, reply: re.sub(rb"Link: [^\r]*\r\n", b"", reply))


@bug("short way")
def challenge_lost_on_the_short_way():
    """A 401 that is answered at once has no `WWW-Authenticate`."""
    _replies(lambda _judged, reply: re.sub(rb"WWW-Authenticate: [^\r]*\r\n", b"", reply))


@bug("short way")
def length_in_characters():
    """`Content-Length` counts the characters of the reply instead of its bytes."""

    def counted(judged, reply):
        body = judged.delivery.body
        characters = len(body.decode("utf-8", "replace"))
        return reply.replace(
            b"Content-Length: %d\r\n" % len(body), b"Content-Length: %d\r\n" % characters, 1
        )

    _replies(counted)


@bug("short way")
def reply_of_the_request_before():
    """A refusal that is as long as the refusal before it is answered with that one."""
    kept: dict[int, bytes] = {}

    def reused(judged, reply):
        if judged.delivery.status == 200:
            return reply
        return kept.setdefault(len(reply), reply)

    _replies(reused)


@bug("short way")
def kept_open_after_close():
    """A request with `Connection: close` is answered, and its connection stays open."""

    def plain_request(old, data, max_body):
        return old(re.sub(rb"(?i)Connection: close\r\n", b"", data), max_body)

    around(connection, "plain_request", plain_request)


@bug("short way")
def second_of_two_dropped():
    """Of two events that come in one piece the second is not read."""

    def plain_request(old, data, max_body):
        return old(data, max_body) or old(data[: _first_end(data)], max_body)

    around(connection, "plain_request", plain_request)


def _first_end(data):
    """Where the first request of these bytes ends."""
    end = data.find(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\nContent-Length: ?(\d+)\r\n", data[: end + 2])
    return end + 4 + int(length[1]) if length else len(data)


@bug("short way")
def idempotency_key_in_its_exact_case():
    """A plain event's `hakuna-idempotency-key` in lowercase is not read."""

    def judge(old, server, method, path, headers, body):
        kept = tuple(pair for pair in headers if pair[0] != "hakuna-idempotency-key")
        return old(server, method, path, kept, body)

    around(plain_requests, "judge_and_store", judge)
