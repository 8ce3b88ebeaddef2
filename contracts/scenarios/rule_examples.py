"""Rule examples as requests: what the tests, `explain` and the scenario catalogue play."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.json_text.pointer import at, split
from contracts.rules import Example
from contracts.shorthand import bodies

EXAMPLE_KEY = "sk_test_" + "example00"


def usual_headers(number: int, key: str = EXAMPLE_KEY) -> dict[str, str]:
    """The headers of a client that does everything right; `number` makes the idempotency key."""
    return {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Hakuna-Version": "v2.0",
        KEY_HEADER: f"00000000-0000-4000-8000-{number:012}",
    }


def requests_of(example: Example) -> Iterator[tuple[dict[str, str], bytes]]:
    """Headers and body of each request of an example, in order."""
    events = bodies(example.shorthand)
    for number, event in enumerate(events):
        last = number == len(events) - 1
        raw = json.dumps(_edited(event, example) if last else event).encode()
        if last and example.raw is not None:
            raw = example.raw.encode()
        headers: dict[str, str | None] = {**usual_headers(number), **example.headers}
        yield {name: value for name, value in headers.items() if value is not None}, raw


def _edited(event: dict[str, Any], example: Example) -> dict[str, Any]:
    edited = copy.deepcopy(event)
    for pointer, value in example.edits.items():
        parent, name = _parent(edited, pointer)
        parent[name] = value
    for pointer in example.without:
        parent, name = _parent(edited, pointer)
        del parent[name]
    return edited


def _parent(document: Any, pointer: str) -> tuple[Any, Any]:
    parent = at(document, pointer.rpartition("/")[0])
    name = split(pointer)[-1]
    return parent, int(name) if isinstance(parent, list) else name
