"""Writing JSON as the endpoint sends it."""

import json
from typing import Any


def encoded(body: dict[str, Any]) -> bytes:
    """A reply's body as bytes."""
    return _text(body).encode("utf-8", "replace")


_text = json.JSONEncoder(ensure_ascii=False).encode
