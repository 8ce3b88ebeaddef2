"""Faults for the next requests, as the playground's form arms them and its list shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from contracts.faults.catalogue import CATALOGUE, FaultError, Kind, effect_of
from contracts.faults.fault import read_fault
from contracts.faults.registry import FaultBook
from mock_server.control.responses import ControlError, not_found
from mock_server.control.world_scope import narrowed
from mock_server.inspector.forms import key_of
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of

_NUMBERS = {
    "times": "Times",
    "after": "Let pass first",
    "delay_ms": "Delay, ms",
    "retry_after": "Retry-After, s",
}
FIELDS = (*_NUMBERS, "effect", "type", "order_id", "everywhere")
"""The form's fields, each with `fault_` before it."""

_MOST_DIGITS = 9
EVERYWHERE = "every"
"""Stands for all worlds where a button names the world of its fault."""


@dataclass(frozen=True)
class Armed:
    """One armed fault as the list shows it. `world` is masked; None stands for every key."""

    id: str
    button: str
    kind: Kind
    what: str
    match: str
    world: str | None
    played: int
    seen: int
    times: int | None

    @property
    def spent(self) -> bool:
        """Whether it has played as often as it was to."""
        return self.times is not None and self.played >= self.times


def draft_of(form: Mapping[str, str] | None, *, everywhere: bool = False) -> dict[str, str]:
    """What stands in the fields: as it was typed, else the usual."""
    if form is None:
        usual = {"times": "1", "effect": "unavailable", "everywhere": "1" if everywhere else ""}
        return {name: usual.get(name, "") for name in FIELDS}
    typed = {name: form.get(f"fault_{name}", "") for name in FIELDS}
    return {**typed, "times": typed["times"] or "1", "effect": typed["effect"] or "unavailable"}


async def arm(request: web.Request, form: Mapping[str, str]) -> None:
    """Arm what the form says, for the world of its key, the chosen world, or all worlds."""
    asked = draft_of(form)
    book = await _book(request, form, everywhere=bool(asked["everywhere"]))
    said: dict[str, Any] = {
        "effect": asked["effect"],
        "match": {name: asked[name].strip() for name in ("type", "order_id") if asked[name]},
    }
    for name, title in _NUMBERS.items():
        if asked[name].strip():
            said[name] = _number(title, asked[name].strip())
    try:
        book.add(read_fault(said, book.new_id()))
    except FaultError as error:
        raise ControlError(400, f"{error.pointer.strip('/') or 'the fault'}: {error}") from None
    request.app[SERVER].announce()


async def disarm(request: web.Request, button: str) -> None:
    """Remove the fault that a button of the list names."""
    world_id, _, fault_id = button.partition("/")
    chosen = await narrowed(request)
    books = await request.app[SERVER].store.fault_books(None)
    for owner, book in books:
        if (owner or EVERYWHERE) == world_id and chosen in (None, owner or chosen):
            if book.remove(fault_id):
                request.app[SERVER].announce()
                return
            not_found("fault", fault_id, list(book.armed))
    not_found("fault", fault_id)


async def armed(server: Server, world_id: str | None) -> list[Armed]:
    """The faults that requests of the world may meet, its own first; for None all there are."""
    books = [
        (owner, book)
        for owner, book in await server.store.fault_books(None)
        if owner is None or world_id in (None, owner)
    ]
    masks = {row.id: row.key_masked for row in await server.store.worlds()}
    return [
        _shown(row, owner, masks)
        for owner, book in sorted(books, key=lambda pair: pair[0] is None)
        for row in book.rows()
    ]


def _shown(row: Mapping[str, Any], owner: str | None, masks: Mapping[str, str]) -> Armed:
    effect = effect_of(row["effect"])
    status = f" ({effect.kind.status})" if effect.kind.status else ""
    notes = [effect.in_words() + status]
    if effect.retry_after is not None:
        notes.append(f"Retry-After {effect.retry_after} s")
    if row["after"]:
        notes.append(f"after {row['after']} that pass")
    if row["rate"] is not None:
        notes.append(f"{100 * row['rate']:g} % of them")
    about = [row["match"].get("type"), row["match"].get("order_id")]
    return Armed(
        id=row["id"],
        button=f"{owner or EVERYWHERE}/{row['id']}",
        kind=effect.kind,
        what=", ".join(notes),
        match=" of ".join(filter(None, about)) or "any event",
        world=masks.get(owner) if owner else None,
        played=row["played"],
        seen=row["seen"],
        times=row["times"],
    )


async def _book(request: web.Request, form: Mapping[str, str], *, everywhere: bool) -> FaultBook:
    store = request.app[SERVER].store
    chosen = await narrowed(request)
    key: str | None = None
    world_id: str | None = None
    if not everywhere:
        if chosen and not form.get("key", "").strip():
            world_id = chosen
        else:
            key = key_of(request, form)
            if chosen not in (None, world_id_of(key)):
                raise ControlError(400, "the key names another world than the chosen one")
    book = await store.faults(key, world_id)
    if book is None:
        not_found("world", world_id or "")
    return book


def _number(title: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise ControlError(400, f"{title}: {text[:40]!r} is no whole number")
    return int(text)


EFFECTS = tuple(CATALOGUE.values())
