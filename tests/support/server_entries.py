"""Journal entries without a server."""

from contracts.judging.journal import Entry


def entry(seq: int, **changes) -> Entry:
    """An accepted request, with what a test wants otherwise."""
    values = {
        "seq": seq,
        "id": f"req-{seq}",
        "received_at": 0,
        "method": "POST",
        "path": "/sandbox/events",
        "headers": (),
        "body": b"",
        "status": 200,
        "reply_headers": (),
        "reply_body": b"{}",
        "findings": (),
        "event_id": None,
        "replayed": False,
        "duration_ms": 0.5,
    }
    return Entry(**{**values, **changes})
