"""Idempotency keys: what one looks like, and what was answered under it."""

import re
from dataclasses import dataclass

KEY_HEADER = "Hakuna-Idempotency-Key"
MAX_LENGTH = 255

_VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class EarlierReply:
    """The accepted request that a key names. Only 200s are kept, so a corrected retry works."""

    fingerprint: str
    event_id: str
    order_id: str


def key_problem(key: str) -> str | None:
    """Why a sent key cannot be one; None if it can."""
    if len(key) > MAX_LENGTH:
        return f"has {len(key)} characters; {MAX_LENGTH} are the limit"
    if not _VISIBLE.fullmatch(key):
        return "may hold visible ASCII characters only, no blanks, and may be sent only once"
    return None
