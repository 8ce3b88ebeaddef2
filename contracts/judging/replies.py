"""What is answered: the documented bodies, and our own headers beside them.

The body stays exactly as the provider documents it; everything we have to say travels in headers
(`Hakuna-Mock…`, `Link`), which client code under test does not read.
"""

from collections.abc import Iterable
from typing import Any

from contracts.faults.catalogue import STATUSES, Effect
from contracts.findings.finding import Finding, most_severe_first
from contracts.http.error_code import ErrorCode
from contracts.schemas.schema_errors import SchemaError
from contracts.version import __version__

ENDPOINT = "/sandbox/events"
_SANDBOX = "/sandbox"


def base_url(given: str) -> str:
    """The base URL of a server, also where its sandbox or its events endpoint was given."""
    url = given.rstrip("/")
    return url.removesuffix(ENDPOINT if url.endswith(ENDPOINT) else _SANDBOX)


def accepted_body(event_id: str) -> dict[str, Any]:
    """The body of a 200."""
    return {"event_id": event_id}


def error_body(code: ErrorCode, errors: Iterable[str]) -> dict[str, Any]:
    """The body of every refusal."""
    return {"error": {"error_code": str(code), "validation_errors": list(errors)}}


def unavailable_body(said: str) -> dict[str, Any]:
    """The body where a server cannot store anything: the documented shape, a code of our own."""
    return {"error": {"error_code": "unavailable", "validation_errors": [said]}}


def fault_body(effect: Effect) -> dict[str, Any]:
    """The body of an error on demand: the documented shape, codes and words of our own."""
    if effect.kind.status not in STATUSES:
        return {}
    message = f"hakuna-mock plays the fault {effect.name}; nothing was stored"
    return {"error": {"error_code": effect.name, "validation_errors": [message]}}


def in_words(finding: Finding | SchemaError, *, with_rule: bool = False) -> str:
    """A finding or a fault as one `validation_errors` string: where, what, what to do."""
    place = f"{finding.pointer}: " if finding.pointer else ""
    name = f"{finding.rule}: " if with_rule else ""
    return f"{name}{place}{finding.message}; {finding.fix}"


def base_headers(request_id: str) -> list[tuple[str, str]]:
    """What every reply carries."""
    return [("Hakuna-Mock", __version__), ("Hakuna-Mock-Request", request_id)]


def finding_headers(findings: tuple[Finding, ...], event_id: str | None) -> list[tuple[str, str]]:
    """The rules that fired, the most severe first, and where to read more of an event."""
    if not findings:
        return []
    headers = [("Hakuna-Mock-Findings", ",".join(most_severe_first(findings)))]
    if event_id:
        headers.append(("Link", f'</_mock/events/{event_id}>; rel="describedby"'))
    return headers


def is_production_path(path: str) -> bool:
    """Whether it is the production endpoint's path, or below it."""
    return path == "/events" or path.startswith("/events/")


def wrong_route(method: str, path: str) -> str:
    """Why a request off the endpoint is a 404, and where to go instead."""
    shown = path if len(path) <= 80 else f"{path[:77]}…"
    if path == ENDPOINT:
        return f"{method} {shown}: events are posted; send POST {ENDPOINT}"
    if is_production_path(path):
        return f"{method} {shown}: this is the production path; the sandbox is POST {ENDPOINT}"
    if path.rstrip("/") == ENDPOINT:
        return f"{method} {shown}: remove the slash at the end; the endpoint is POST {ENDPOINT}"
    return f"{method} {shown}: there is nothing here; events are sent to POST {ENDPOINT}"
