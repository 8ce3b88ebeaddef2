"""The schema of the envelope, with the event types as `contracts/event_kinds.py` lists them."""

import json

from contracts.event_kinds import EVENT_TYPES
from contracts.schemas import schema


def text() -> str:
    """The document as it should be."""
    document = json.loads(json.dumps(schema("envelope")))
    kind = document["properties"]["type"]
    kind["enum"] = list(EVENT_TYPES)
    kind["x-expected"] = f"one of {', '.join(EVENT_TYPES)}"
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
