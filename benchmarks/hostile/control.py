"""Calls of the control API that change much, or promise to answer and take their time."""

import time

from contracts.shorthand import bodies
from hostile.client import KEY, Hostile, connect, event, flood, get, post, send_all

CONTROL = "/_mock/v1"
LIFE = bodies("P#1{d:2, p:2>d} F#1{d:1} R#1{d:1, p:1}@5")


def _hanging(port: int, until: float) -> None:
    """Requests that a fault never answers."""
    fault = "Hakuna-Mock-Fault: timeout"
    connections = [connect(port) for _ in range(300)]
    for number, connection in enumerate(connections):
        connection.sendall(event(bodies(f"P#{number}{{d:1}}")[0], KEY, fault))
    while time.monotonic() < until:
        time.sleep(0.1)
    for connection in connections:
        connection.close()


def _settings() -> bytes:
    request = post(f"{CONTROL}/settings", {"rules": {"zip-format": "advice"}})
    return b"PUT" + request.removeprefix(b"POST")


CLIENTS = (
    Hostile(
        "long-check",
        "POST /check with 2,000 events.",
        flood([post(f"{CONTROL}/check", LIFE * 667)]),
    ),
    Hostile(
        "check-hundreds-of-lines",
        "POST /check with 100 placements of 500 lines.",
        flood([post(f"{CONTROL}/check", bodies(
            "P#3{" + ", ".join(f"d{n}:1" for n in range(500)) + "}"
        ) * 80)]),
    ),
    Hostile(
        "scenarios",
        "Every shipped scenario, as a list and loaded.",
        flood([
            get(f"{CONTROL}/scenarios"),
            post(f"{CONTROL}/scenarios/happy-return/load", {}),
        ]),
    ),
    Hostile(
        "resets",
        "Resets of a world that is filled again at once.",
        flood([*(event(body) for body in LIFE), post(f"{CONTROL}/reset", {})]),
    ),
    Hostile("settings", "Settings that change all the time.", flood([_settings()])),
    Hostile(
        "many-faults",
        "Events in a world with 100 armed faults.",
        flood([event(body) for body in LIFE]),
        send_all(
            post(f"{CONTROL}/faults", {"match": {"order_id": f"ord-{n}x"}, "effect": "empty"})
            for n in range(100)
        ),
    ),
    Hostile("hanging", "300 requests that a fault never answers.", _hanging),
    Hostile(
        "documents",
        "The OpenAPI document and all rules.",
        flood([get(f"{CONTROL}/openapi.json"), get(f"{CONTROL}/rules")]),
    ),
    Hostile(
        "unknown-rules",
        "Names of rules that do not exist, to guess from.",
        flood([get(f"{CONTROL}/rules/" + "timestamp-regresion" * 400)]),
    ),
)  # fmt: skip
