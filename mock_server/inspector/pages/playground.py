"""Playground: a sample, an earlier request or an own event, with mistakes; ask what the mock would
say, send it, or let the next requests meet a fault.
"""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from aiohttp import web

from contracts.faults.fault import FAULT_HEADER
from contracts.http.credentials import mask_keys, read_credentials
from contracts.http.idempotency import KEY_HEADER
from contracts.http.request import Request, joined
from contracts.judging.delivery import Send
from contracts.judging.replies import ENDPOINT
from contracts.judging.verdict import Verdict
from contracts.orders.order import Order
from contracts.rules.rule import PLACED
from contracts.values import dataclass
from mock_server.control.dry_run import describe_verdict, dry_run
from mock_server.control.resources.requests import find_request
from mock_server.control.responses import ControlError, answered, choice, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.inspector.forms import default_key, read_form
from mock_server.inspector.journal_rows import row_of
from mock_server.inspector.marked_json import marked_body
from mock_server.inspector.playground import fault_forms
from mock_server.inspector.playground.defects import MUTATIONS, Mutation, made_in, mutated
from mock_server.inspector.playground.samples import ALL_EVENTS, as_text, sample
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.quickstart import DEFAULT_KEY
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of

MAX_ORDERS = 50
_KEPT = ("content-type", "hakuna-version", FAULT_HEADER.lower())
"""Headers of an earlier request that are sent again."""

KEY_PLACE = "{key}"
"""Stands in the headers for the API key, which is in a field of its own and never shown again."""


@dataclass(frozen=True)
class _Draft:
    """What is in the form."""

    type: str
    order_id: str
    chosen: list[str]
    headers: str
    body: str
    like: str = ""
    """The id of the request that it repeats."""


async def page(request: web.Request) -> web.Response:
    """The form, filled with a sample."""
    draft = await _drafted(request)
    if wants_twin(request):
        headers = dict(line.split(": ", 1) for line in draft.headers.splitlines())
        return answered({"headers": headers, "raw": draft.body})
    return await _shown(request, draft)


async def judge_or_send(request: web.Request) -> web.Response:
    """The verdict on what the form holds; with `do=send` it is really sent, with `do=arm` and
    `remove` its faults are armed and removed.
    """
    known_parameters(request, "type", "order_id", "mistake", "like")
    form = await read_form(request)
    if form.get("mistake") or form.get("do") == "new-key":
        return await _judged(request, _changed(form))
    if form.get("remove"):
        await fault_forms.disarm(request, form["remove"])
    elif form.get("do") == "arm":
        await fault_forms.arm(request, form)
    else:
        return await _judged(request, form)
    return await _shown(request, _typed(form), form=form)


def _changed(form: Mapping[str, str]) -> dict[str, str]:
    """The form with one mistake made in what was typed, or with a new idempotency key."""
    headers = _read_headers(form.get("headers", ""), KEY_PLACE)
    text = form.get("body", "")
    if form.get("mistake"):
        mistake = MUTATIONS.get(form["mistake"])
        if mistake is None:
            raise ControlError(400, f"there is no mistake {form['mistake'][:40]!r}")
        text, headers = made_in(text, headers, mistake, as_text) or (text, headers)
    else:
        headers[KEY_HEADER] = str(uuid.uuid4())
    return {**form, "headers": _lines(headers), "body": text, "do": "check"}


def _lines(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _mistakes(draft: _Draft) -> list[tuple[Mutation, bool]]:
    """All mistakes, and whether each can be made in what is in the form."""
    try:
        headers = _read_headers(draft.headers, KEY_PLACE)
    except ControlError:
        return [(mutation, True) for mutation in MUTATIONS.values()]
    return [
        (mutation, made_in(draft.body, headers, mutation, as_text) is not None)
        for mutation in MUTATIONS.values()
    ]


def _typed(form: Mapping[str, str]) -> _Draft:
    return _Draft(
        form.get("type", PLACED),
        form.get("order_id", ""),
        [],
        form.get("headers", ""),
        form.get("body", ""),
    )


async def _judged(request: web.Request, form: Mapping[str, str]) -> web.Response:
    server = request.app[SERVER]
    typed = form.get("key", "").strip()
    key = typed or default_key(request)
    headers = _read_headers(form.get("headers", ""), key)
    body = form.get("body", "").encode("utf-8", "surrogatepass")
    sent = form.get("do") == "send"
    chosen = await scope_of(request)
    if sent:
        if not typed and chosen not in (None, world_id_of(key)):
            raise ControlError(400, "type the API key of the chosen world to send into it")
        message = await _send(server, headers, body)
    else:
        # Without a key a dry run looks at the chosen world; its key is not known to anybody here.
        world_id = chosen if chosen and not typed else _world_of(server, headers)
        (verdict,) = await dry_run(server, world_id, [(headers, body)])
        findings = [*verdict.findings, *verdict.later_findings]
        message = {**describe_verdict(verdict), "findings": findings, "event_id": None}
        message |= _reply(verdict)
    message["findings"] = sorted(message["findings"], key=lambda item: item.severity.rank)
    message["marked"] = marked_body(body, message["findings"])
    return await _shown(request, _typed(form), said=message, sent=sent, form=form)


def _reply(verdict: Verdict) -> dict[str, Any]:
    """The body as a client gets it, or would get it, and the fault that made it so."""
    delivery = verdict.delivery
    body = delivery.body if isinstance(delivery, Send) else b""
    fault = verdict.fault.effect.name if verdict.fault else None
    text = body.decode("utf-8", "backslashreplace")
    return {
        "reply": text if fault else as_text(verdict.body),
        "fault": fault,
        "replayed": verdict.replayed,
    }


async def _send(server: Server, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    limit = server.settings.max_body
    problem = f"the body has {len(body)} bytes; {limit} are the limit"
    read = ReadBody(b"", problem, broken=True) if len(body) > limit else ReadBody(body)
    judged = await judge_and_store(server, "POST", ENDPOINT, tuple(headers.items()), read)
    verdict = judged.verdict
    findings = list(verdict.findings)
    return {
        "status": verdict.status or 0,
        "body": verdict.body,
        "findings": findings,
        "event_id": verdict.event_id,
        "request_id": judged.entry.id,
        "world": world_id_of(verdict.key) if verdict.key else None,
        **_reply(verdict),
    }


def _world_of(server: Server, headers: dict[str, str]) -> str | None:
    """The world that the headers' key names; without a usable key it does not matter."""
    asked = Request("POST", ENDPOINT, tuple(headers.items()), b"", 0, "", "")
    key = read_credentials(asked, server.settings.policy).key
    return world_id_of(key) if key else None


def _read_headers(text: str, key: str) -> dict[str, str]:
    headers = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, mark, value = line.partition(":")
        if not mark or not name.strip():
            raise ControlError(400, f"header line {number} is not `Name: value`")
        headers[name.strip()] = value.strip().replace(KEY_PLACE, key)
    return headers


async def _drafted(request: web.Request) -> _Draft:
    """The sample that the address asks for, or the request that is to be repeated."""
    known_parameters(request, "type", "order_id", "mistake", "like")
    if request.query.get("like"):
        return await _again(request, request.query["like"])
    given = [(name, value) for name, value in request.query.items() if value]
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    server = request.app[SERVER]
    kind = choice(asked, "type", ALL_EVENTS) or PLACED
    unknown = [item for item in asked.query.getall("mistake", []) if item not in MUTATIONS]
    if unknown:
        raise ControlError(400, f"there is no mistake {unknown[0][:40]!r}")
    chosen = asked.query.getall("mistake", [])
    now = (await server.now(await _playing_in(request))).at
    order_id = asked.query.get("order_id", "")
    order: Order | None = None
    if order_id:
        rows = (await server.store.read()).orders_named(await _playing_in(request), order_id)
        order = next((row.order for row in rows if row.order.is_placed), None)
    body = sample(kind, order, order_id or _new_order_id(now), now)
    headers = {
        "Authorization": f"Bearer {KEY_PLACE}",
        "Content-Type": "application/json",
        "Hakuna-Version": "v2.0",
        KEY_HEADER: str(uuid.uuid4()),
    }
    text, told = mutated(body, headers, [MUTATIONS[item] for item in chosen], as_text)
    return _Draft(kind, order_id, chosen, _lines(told), text)


async def _again(request: web.Request, request_id: str) -> _Draft:
    """An earlier request, ready to be changed and sent once more under a new idempotency key."""
    found = await find_request(request, request_id)
    row = row_of(await request.app[SERVER].store.read(), found)
    asked = joined(row.entry.headers)
    headers = {name.title(): asked[name] for name in _KEPT if name in asked}
    if KEY_HEADER.lower() in asked:
        headers[KEY_HEADER] = str(uuid.uuid4())
    if "authorization" in asked or "bearer" not in asked:
        headers = {"Authorization": f"Bearer {KEY_PLACE}", **headers}
    else:
        headers = {"Bearer": KEY_PLACE, **headers}
    body = mask_keys(row.entry.body.decode("utf-8", "backslashreplace"))
    with suppress(ValueError, RecursionError):  # what is no JSON stays as it came
        body = as_text(json.loads(body))
    kind = row.type if row.type in ALL_EVENTS else PLACED
    return _Draft(kind, row.order_id, [], _lines(headers), body, row.entry.id)


async def _playing_in(request: web.Request) -> str:
    """The world that a sample is made for: the chosen one, else that of the key used by default."""
    return await scope_of(request) or world_id_of(default_key(request))


def _new_order_id(now: int) -> str:
    return f"ord-{now // 1_000_000_000 % 1_000_000}"


async def _shown(
    request: web.Request,
    draft: _Draft,
    said: dict[str, Any] | None = None,
    *,
    sent: bool = False,
    form: Mapping[str, str] | None = None,
) -> web.Response:
    server = request.app[SERVER]
    chosen = await scope_of(request)
    key = (form or {}).get("key", "")
    reader = await server.store.read()
    latest = islice(reader.orders_before(await _playing_in(request)), MAX_ORDERS)
    shared = not server.settings.keys
    elsewhere = chosen not in (None, world_id_of(default_key(request)))
    hint = DEFAULT_KEY if shared else "empty: the first --api-key of this server"
    return await rendered(
        request,
        "playground",
        here="playground",
        draft=draft,
        types=ALL_EVENTS,
        orders=[row.order.order_id for _, row in latest],
        mistakes=_mistakes(draft),
        said=said,
        sent=sent,
        effects=fault_forms.EFFECTS,
        # Whoever looks at all worlds means all of them; a shop's key is seldom the one above.
        fault=fault_forms.draft_of(form, everywhere=chosen is None),
        armed=await fault_forms.armed(server, chosen),
        open_faults=bool(form and (form.get("do") == "arm" or form.get("remove"))),
        # Of all keys only the one that everybody knows is written into a page.
        key=DEFAULT_KEY if shared and not elsewhere and key in ("", DEFAULT_KEY) else "",
        retype=bool(key) and key != DEFAULT_KEY,
        key_hint="the key of the chosen world; only needed to send" if elsewhere else hint,
    )
