"""Bugs of the short way that a plain event takes to its reply."""

from contracts.http.idempotency import KEY_HEADER
from mock_server.http import connection, plain_requests
from mock_server.http.request_body import ReadBody
from seeded_bugs import around, bug


def _written(change):
    """Another reply: `change(text)` gets it as text, head and body."""

    def reply_bytes(old, judged):
        reply = old(judged)
        return reply if reply is None else change(reply.decode()).encode()

    around(connection, "reply_bytes", reply_bytes)


@bug("short way")
def findings_unnamed():
    """Replies of the short way do not name their findings."""
    _written(
        lambda text: "\r\n".join(
            line for line in text.split("\r\n") if not line.startswith("Hakuna-Mock-Findings")
        )
    )


@bug("short way")
def length_in_characters():
    """The length of a reply counts characters instead of bytes."""

    def change(text):
        head, _, body = text.partition("\r\n\r\n")
        before, _, after = head.partition("Content-Length: ")
        return f"{before}Content-Length: {len(body)}\r\n{after.partition(chr(10))[2]}\r\n\r\n{body}"

    _written(change)


@bug("short way")
def reply_of_the_one_before():
    """Of two requests that came at once on two connections the second gets the first's reply."""
    latest = []

    def reply_bytes(old, judged):
        latest.append(old(judged))
        return latest[-2] if len(latest) > 1 and len(latest) % 50 == 0 else latest[-1]

    around(connection, "reply_bytes", reply_bytes)


@bug("short way")
def keys_forgotten():
    """A plain event is new, whatever its idempotency key: a retry counts twice."""

    def judge_and_store(old, server, method, path, headers, body):
        kept = tuple(one for one in headers if one[0].lower() != KEY_HEADER.lower())
        return old(server, method, path, kept, body)

    around(plain_requests, "judge_and_store", judge_and_store)


@bug("short way")
def last_byte_lost():
    """The body of a plain event lacks its last byte where it has more than a thousand."""

    def judge_and_store(old, server, method, path, headers, body):
        data = body.data[:-1] if len(body.data) > 1_000 else body.data
        return old(server, method, path, headers, ReadBody(data))

    around(plain_requests, "judge_and_store", judge_and_store)


@bug("short way")
def too_long_for_it():
    """A plain event of more than four thousand bytes is answered, and never stored."""

    def judged_now(old, server, message, payload):
        if payload.total_bytes <= 4_000:
            return old(server, message, payload)
        store, server.store = server.store, type(server.store)(server.settings.policy)
        try:
            return old(server, message, payload)
        finally:
            server.store = store

    around(connection, "judged_now", judged_now)
