"""Typical mistakes, one click each: changes of a sample that a shop's code makes for real."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from contracts.event_kinds import ITEM_LISTS, TIME_FIELDS
from contracts.http.idempotency import KEY_HEADER
from contracts.values import dataclass

Body = dict[str, Any]
Headers = dict[str, str]


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True)
class Mutation:
    """One mistake. `change` edits a body and its headers in place; text changes are `garble`.

    `otherwise` says why it cannot be made where it would change nothing.
    """

    id: str
    title: str
    otherwise: str
    change: Callable[[Body, Headers], None]
    garble: Callable[[str], str] = _as_it_is


def _entries(body: Body) -> list[dict[str, Any]]:
    payload = body["payload"]
    return next((payload[name] for name in ITEM_LISTS if name in payload), [])


def _stamped(body: Body, value: Any) -> None:
    for holder in (body["payload"], *_entries(body)):
        for stamp in TIME_FIELDS:
            if stamp in holder:
                holder[stamp] = value


def _drop_protection(body: Body, _headers: Headers) -> None:
    entries = _entries(body)
    plans = [entry for entry in entries if "custom_properties" in entry]
    # Of an items event the sample's first entry is the product, what follows it its protections.
    for plan in plans or entries[1:]:
        entries.remove(plan)


def _one_more(body: Body, _headers: Headers) -> None:
    for item in _entries(body)[:1]:
        item["quantity"] = item.get("quantity", 0) + 1


def _twice(body: Body, _headers: Headers) -> None:
    entries = _entries(body)
    entries.extend(dict(entry) for entry in entries[:1])


def _unknown_line(body: Body, _headers: Headers) -> None:
    for item in _entries(body)[:1]:
        item["line_item_id" if "line_item_id" in item else "id"] = "line-nobody-knows"


def _text_quantity(body: Body, _headers: Headers) -> None:
    for item in _entries(body)[:1]:
        item["quantity"] = str(item.get("quantity", 1))


def _currency(value: str) -> Callable[[Body, Headers], None]:
    def change(body: Body, _headers: Headers) -> None:
        if "order_currency" in body["payload"]:
            body["payload"]["order_currency"] = value

    return change


def _without(*names: str) -> Callable[[Body, Headers], None]:
    def change(_body: Body, headers: Headers) -> None:
        for name in names:
            headers.pop(name, None)

    return change


def _bearer_header(_body: Body, headers: Headers) -> None:
    value = headers.pop("Authorization", None)
    if value is not None:
        headers["Bearer"] = value.removeprefix("Bearer ") or "{key}"


def _misspelt(body: Body, _headers: Headers) -> None:
    body["payload"]["ordr_id"] = body["payload"]["order_id"]


def _broken(text: str) -> str:
    """The text without its last brace, unless it is broken already."""
    return text.rstrip().removesuffix("}") if _is_json(text) else text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _nothing(_body: Body, _headers: Headers) -> None:
    return


MUTATIONS: dict[str, Mutation] = {
    item.id: item
    for item in (
        Mutation(
            "drop-protection",
            "forget the protection",
            "no protection is here",
            _drop_protection,
        ),
        Mutation("quantity-plus-one", "one unit more", "this event has no entries", _one_more),
        Mutation("entry-twice", "the first entry twice", "this event has no entries", _twice),
        Mutation("unknown-line", "an unknown line", "this event has no entries", _unknown_line),
        Mutation(
            "wrong-currency", "wrong currency", "only order_placed has a currency", _currency("usd")
        ),
        Mutation(
            "capital-currency",
            "currency in capitals",
            "only order_placed has a currency",
            _currency("EUR"),
        ),
        Mutation("text-quantity", "quantity as text", "this event has no entries", _text_quantity),
        Mutation(
            "epoch-time",
            "time as a number",
            "no time is here",
            lambda body, _: _stamped(body, 1709283600000),
        ),
        Mutation(
            "future-time",
            "time in the future",
            "no time is here",
            lambda body, _: _stamped(body, "2999-01-01T00:00:00.000Z"),
        ),
        Mutation("misspelt-field", "a misspelt field", "no order_id is here", _misspelt),
        Mutation(
            "no-credentials",
            "no credentials",
            "no key is sent",
            _without("Authorization", "Bearer"),
        ),
        Mutation(
            "bearer-header",
            "key in the Bearer header",
            "no key is sent in Authorization",
            _bearer_header,
        ),
        Mutation(
            "no-version", "no version header", "no version is sent", _without("Hakuna-Version")
        ),
        Mutation(
            "no-idempotency-key",
            "no idempotency key",
            "no idempotency key is sent",
            _without(KEY_HEADER),
        ),
        Mutation("broken-json", "broken JSON", "it is broken already", _nothing, _broken),
    )
}
"""All of them by id, those of the body first."""


def mutated(
    body: Body, headers: Headers, chosen: list[Mutation], as_text: Callable[[Any], str]
) -> tuple[str, Headers]:
    """The sample's text and headers after the chosen mistakes."""
    told = dict(headers)
    for item in chosen:
        item.change(body, told)
    text = as_text(body)
    for item in chosen:
        text = item.garble(text)
    return text, told


def made_in(
    text: str, headers: Headers, mistake: Mutation, as_text: Callable[[Any], str]
) -> tuple[str, Headers] | None:
    """What was typed, with one mistake more; None where that would change nothing."""
    told = dict(headers)
    try:
        body = json.loads(text)
        before = json.loads(text)
        mistake.change(body, told)
        after = text if body == before else as_text(body)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        after, told = text, dict(headers)
        with suppress(KeyError, TypeError, AttributeError):
            mistake.change({"payload": {}}, told)  # those of the headers need no body
    after = mistake.garble(after)
    return None if (after, told) == (text, headers) else (after, told)
