"""Near misses of what is accepted, at every door: address, headers and their names, the body.

A comparison that ignores case, or looks at the beginning of a text only, takes them for the text.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from contracts.event_kinds import EVENT_TYPES, ORDER_PLACED
from contracts.http.credentials import SANDBOX_KEY
from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.malformed_bodies import valid_event, with_every_field
from fuzz.generate.choices import Choices, one_of
from fuzz.generate.client_simulator import Body, ClientSimulator
from fuzz.generate.context import Context, Step
from fuzz.generate.near import near_misses
from fuzz.model.oracle import HttpRequest

VERSION_HEADER = "Hakuna-Version"
FREE_TEXTS = frozenset(
    (
        "first_name",
        "last_name",
        "email",
        "phone",
        "zip",
        "city",
        "address_line_1",
        "address_line_2",
        "product_title",
    )
)
"""Fields of a body in which one text is as good as another."""

Door = Callable[[HttpRequest, str], list[HttpRequest]]
"""All near misses of one part of a request; the second argument is the conversation's tag."""

Groups = Callable[[HttpRequest, str], dict[str, list[HttpRequest]]]
"""The same in groups, by what they are about: each group is tried as often as every other.

Else a time, which has dozens of near misses, crowds out a country, which has nine.
"""


def _addresses(request: HttpRequest, _tag: str) -> list[HttpRequest]:
    paths = [path for path in near_misses(request.path) if path.startswith("/")]
    methods = [method for method in near_misses(request.method) if method in ("PUT", "GET")]
    return [replace(request, path=path) for path in paths] + [
        replace(request, method=method) for method in methods
    ]


def _changed(request: HttpRequest, name: str, new: str, value: str) -> HttpRequest:
    """The request with one header under another name, or with another value."""
    headers = tuple(
        (new, value) if header == name else (header, old) for header, old in request.headers
    )
    return replace(request, headers=headers)


def _header_names(request: HttpRequest, _tag: str) -> list[HttpRequest]:
    return [
        _changed(request, name, near, value)
        for name, value in request.headers
        for near in near_misses(name)
        if near.lower() not in {other.lower() for other, _ in request.headers} - {name.lower()}
        and _is_token(near)
    ]


def _is_token(name: str) -> bool:
    return all(item.isalnum() or item == "-" for item in name)


def _values(name: str) -> Door:
    """Near misses of the value of a header; of a key or scheme each word for itself."""

    def door(request: HttpRequest, tag: str) -> list[HttpRequest]:
        value = dict(request.headers).get(name)
        if value is None:
            return []
        words = value.split(" ")
        found = list(near_misses(value, tag if tag in value else ""))
        for place, word in enumerate(words if len(words) > 1 else ()):
            found += [
                " ".join([*words[:place], near, *words[place + 1 :]])
                for near in near_misses(word, tag if tag in word else "")
            ]
        return [
            _changed(request, name, name, item)
            for item in dict.fromkeys(found)
            if not _is_another_key(item.rpartition(" ")[2], value)
        ]

    return door


def _is_another_key(near: str, value: str) -> bool:
    """Whether a near miss of a key is a good key, too: it names a world of its own, whose settings
    nobody knows, and which no scenario has a name for.
    """
    return bool(SANDBOX_KEY.fullmatch(near)) and near not in value.split(" ")


def _key_forms(request: HttpRequest, tag: str) -> list[HttpRequest]:
    """The key in the literal `Bearer` header, and near misses of it there."""
    value = dict(request.headers).get("Authorization", "")
    key = value.rpartition(" ")[2]
    alone = _changed(request, "Authorization", "Bearer", key)
    return [
        *(
            _changed(alone, "Bearer", "Bearer", near)
            for near in near_misses(key, tag)
            if not _is_another_key(near, key)
        ),
        *(_changed(alone, "Bearer", near, key) for near in near_misses("Bearer")),
    ]


def _whole(door: Door) -> Groups:
    """All near misses of a part that has no fields."""
    return lambda request, tag: {"": found} if (found := door(request, tag)) else {}


def _in_body(change: Callable[[Body, str], Iterator[tuple[str, Body]]]) -> Groups:
    """Near misses by the field of the body that they are about."""

    @lru_cache(maxsize=1)  # a step asks several times about one body
    def bodies(raw: bytes, tag: str) -> list[tuple[str, bytes]]:
        return [(field, json.dumps(body).encode()) for field, body in change(json.loads(raw), tag)]

    def groups(request: HttpRequest, tag: str) -> dict[str, list[HttpRequest]]:
        found: dict[str, list[HttpRequest]] = {}
        for field, body in bodies(request.body, tag):
            found.setdefault(field, []).append(replace(request, body=body))
        return found

    return groups


def _types(body: Body, _tag: str) -> Iterator[tuple[str, Body]]:
    for near in near_misses(str(body["type"])):
        yield "type", {**body, "type": near}


def _field_names(body: Body, _tag: str) -> Iterator[tuple[str, Body]]:
    for path, name in _places(body):
        holder = dict(_at(body, path))
        value = holder.pop(name)
        for near in near_misses(name):
            if near != name and near not in holder:
                yield _shown(path, name), _with(body, path, {**holder, near: value})


def _texts(body: Body, tag: str) -> Iterator[tuple[str, Body]]:
    for path, name in _places(body):
        holder = _at(body, path)
        value = holder[name]
        if not isinstance(value, str) or name == "type" or name in FREE_TEXTS:
            continue
        # An order id is of this conversation only with its tag.
        for near in near_misses(value, tag if name == "order_id" else ""):
            yield _shown(path, name), _with(body, path, {**holder, name: near})


def _shown(path: tuple[Any, ...], name: str) -> str:
    return "/".join(map(str, (*path, name)))


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every field: the way to the object that holds it, and its name; of a list the first entry."""
    if isinstance(value, dict):
        yield from ((path, name) for name in value)
    inner = (
        value
        if isinstance(value, dict)
        else dict(enumerate(value[:1]))
        if isinstance(value, list)
        else {}
    )
    for step, item in inner.items():
        yield from _places(item, (*path, step))


def _with(value: Any, path: tuple[Any, ...], holder: Body) -> Any:
    """The value with another object at that place; all else is shared, not copied."""
    if not path:
        return holder
    around: Any = dict(value) if isinstance(value, dict) else list(value)
    around[path[0]] = _with(value[path[0]], path[1:], holder)
    return around


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


NEAR_MISSES: dict[str, Groups] = {
    "address": _whole(_addresses),
    "header names": _whole(_header_names),
    "Authorization": _whole(_values("Authorization")),
    "Bearer": _whole(_key_forms),
    "version": _whole(_values(VERSION_HEADER)),
    "content type": _whole(_values("Content-Type")),
    "idempotency key": _whole(_values(KEY_HEADER)),
    "event type": _in_body(_types),
    "field names": _in_body(_field_names),
    "texts": _in_body(_texts),
}
"""What has near misses; each is a function that gives all of them."""

_WEIGHTED = (*NEAR_MISSES, "header names", "Authorization", *("field names", "texts") * 3)
"""The fields and headers, those with many near misses more often."""

OF_A_KIND = frozenset({"field names", "texts"})
"""Fields whose near misses depend on the type of the event."""

KINDS = (*EVENT_TYPES, ORDER_PLACED.type, ORDER_PLACED.type)
"""Types of events for those fields: a placement has most of the fields."""

AT_ONCE = 6
"""Near misses in one step."""


def near_miss(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A valid event, and near misses of one part of it: each once before any comes again."""
    name = one_of(context.shuffled(choices, "door"), _WEIGHTED)
    kinds = KINDS if name in OF_A_KIND else EVENT_TYPES
    kind = one_of(context.shuffled(choices, ("near miss", name)), kinds)
    body = with_every_field(valid_event(client, choices, kind))
    requests = []
    for _ in range(AT_ONCE):
        request = HttpRequest(context.headers(client), json.dumps(body).encode())
        found = NEAR_MISSES[name](request, client.tag)
        if found:
            unseen = (name, kind) if name in OF_A_KIND else name
            group = one_of(context.shuffled(choices, ("group", unseen)), list(found))
            requests.append(one_of(context.shuffled(choices, (unseen, group)), found[group]))
    return Step(f"near miss: {name}", tuple(requests)) if requests else None


def near_key(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """An event that was sent, again under near misses of its idempotency key."""
    sent = [item for item in context.sent_by(client) if KEY_HEADER in dict(item.headers)]
    if not sent:
        return None
    request = one_of(choices, (sent[-1], sent[0]))
    found = _values(KEY_HEADER)(request, client.tag)
    if not found:
        return None
    again = one_of(context.shuffled(choices, "near key"), found)
    return Step("near miss: used key", (request, again))


ACTIONS = ((near_miss, 8), (near_key, 2))
"""The actions with their weights."""
