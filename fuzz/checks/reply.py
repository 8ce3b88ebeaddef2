"""What one reply must be: status, body, code, id, and on a hakuna-mock its headers.

`verify` and `fuzz` hold the same things against a server; what differs is who says what must come.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.findings.finding import Severity
from contracts.printable import printable
from fuzz.client.http_client import Reply

MOST_SHOWN = 400
"""So many characters of an expected or given value are shown."""

DOCUMENTED_CODES = frozenset({"invalid_request_parameters", "cancel_decline"})
EVENT_ID = re.compile(r"evt-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_RANKS = {str(severity): severity.rank for severity in Severity}


@dataclass(frozen=True)
class Must:
    """What must come back. `rules` are the rules of the findings header, None: not judged.

    `severities` gives them their order, where it is known; `event` says that the reply is about
    one, `replayed` that it is a retry's.
    """

    status: int
    error_code: str | None = None
    rules: Collection[str] | None = None
    severities: dict[str, str] | None = None
    replayed: bool | None = None


@dataclass(frozen=True)
class Problem:
    """A check that failed: its id in `fuzz.checks`, what must have come, what came.

    `gist` says what is wrong in words that are the same wherever the same thing is wrong.
    """

    check: str
    expected: Any
    got: Any
    gist: str = ""


def difference(must: Iterable[str], got: Iterable[str]) -> str:
    """Which rules are missing and which are too many; empty where the two are the same."""
    wanted, came = set(must), set(map(str, got))
    parts = [f"{rule} is missing" for rule in sorted(wanted - came)]
    parts += [f"{rule} was not expected" for rule in sorted(came - wanted)]
    return ", ".join(parts)


def first(wrong: str) -> str:
    """The first of several differences: it tells failures apart well enough."""
    return wrong.partition(", ")[0]


def shown(value: Any) -> str:
    """A value of a problem in words."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text, MOST_SHOWN)


def problems(must: Must, reply: Reply, *, is_mock: bool) -> Iterator[Problem]:
    """Everything that is wrong with a reply; after a wrong status nothing else is looked at."""
    if reply.status != must.status:
        yield Problem("reply-status", must.status, reply.status)
        return
    wrong = _body_problem(must, reply)
    if wrong is not None:
        came = reply.body[:200].decode("utf-8", "replace")
        yield Problem("reply-body", wrong, came, f"{wrong}: {_shape(reply.json())}")
        return
    kind = reply.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        yield Problem("reply-headers", "Content-Type: application/json", kind or "none")
    if must.status != 200:
        code = reply.json()["error"]["error_code"]
        # For 401 and 404 no code is published: only our own server has to use our names.
        if (is_mock or must.error_code in DOCUMENTED_CODES) and code != must.error_code:
            yield Problem("reply-error-code", must.error_code, code)
    if is_mock:
        yield from _own_headers(must, reply)


def _shape(value: Any) -> str:
    """The names in a body, without its values: what makes two wrong bodies alike."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_shape(one)}' for name, one in sorted(value.items()))}}}"
    return type(value).__name__


def _body_problem(must: Must, reply: Reply) -> str | None:
    """What the body should be, where it is not."""
    body = reply.json()
    if must.status == 200:
        event_id = body.get("event_id") if isinstance(body, dict) and len(body) == 1 else None
        if isinstance(event_id, str) and EVENT_ID.fullmatch(event_id):
            return None
        return 'exactly {"event_id": "evt-<uuid4, lowercase>"}'
    error = body.get("error") if isinstance(body, dict) and len(body) == 1 else None
    if isinstance(error, dict) and set(error) == {"error_code", "validation_errors"}:
        said = error["validation_errors"]
        if isinstance(error["error_code"], str) and isinstance(said, list):
            if must.error_code == "invalid_request_parameters" and not said:
                return "validation_errors that say what is wrong"
            if all(isinstance(one, str) for one in said):
                return None
    return 'exactly {"error": {"error_code": text, "validation_errors": [texts]}}'


def _own_headers(must: Must, reply: Reply) -> Iterator[Problem]:
    """The headers of a hakuna-mock."""
    listed = [one for one in reply.headers.get("hakuna-mock-findings", "").split(",") if one]
    if must.rules is not None and sorted(listed) != sorted(set(must.rules)):
        wanted = ", ".join(sorted(set(must.rules))) or "no rule"
        wrong = difference(must.rules, listed) or "a rule stands twice"
        came = ", ".join(listed) or "no rule"
        yield Problem("reply-findings", wanted, f"{came}: {wrong}", first(wrong))
    elif must.severities is not None:
        ranks = [_RANKS[must.severities[rule]] for rule in listed]
        if ranks != sorted(ranks):
            yield Problem("reply-findings", "the most severe rule first", listed)
    if must.status == 401 and reply.headers.get("www-authenticate") != "Bearer":
        came = reply.headers.get("www-authenticate", "none")
        yield Problem("reply-headers", "WWW-Authenticate: Bearer", came)
    event_id = reply.json().get("event_id") if must.status == 200 else None
    link = reply.headers.get("link")
    due = f'</_mock/events/{event_id}>; rel="describedby"' if event_id and listed else None
    if link != due:
        yield Problem("reply-headers", f"Link: {due}" if due else "no Link", link or "none")
    replayed = "hakuna-mock-replayed" in reply.headers
    if must.replayed is not None and replayed != must.replayed:
        yield Problem("reply-headers", f"Hakuna-Mock-Replayed: {must.replayed}", replayed)
    if not reply.headers.get("hakuna-mock-request"):
        yield Problem("reply-headers", "a Hakuna-Mock-Request id", "none")
    if not reply.headers.get("hakuna-mock"):
        yield Problem("reply-headers", "Hakuna-Mock: its version", "none")
