"""Faults for the next requests, as the playground's form arms them and its list shows them."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from contracts.faults.catalogue import CATALOGUE, FaultError, Kind, effect_of
from contracts.faults.fault import Fault
from contracts.values import dataclass
from contracts.worlds.control import fault_armed
from contracts.worlds.effects import FaultsRemoved
from contracts.worlds.world import World
from mock_server.control.responses import ControlError, not_found
from mock_server.control.world_scope import scope_of
from mock_server.inspector.forms import key_of
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Change, UnknownWorldError

_NUMBERS = {
    "times": "Times",
    "after": "Let pass first",
    "delay_ms": "Delay, ms",
    "retry_after": "Retry-After, s",
}
FIELDS = (*_NUMBERS, "effect", "type", "order_id", "everywhere")
"""The form's fields, each with `fault_` before it."""

_MAX_DIGITS = 9
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
    """What is in the fields: as it was typed, else the usual."""
    if form is None:
        usual = {"times": "1", "effect": "unavailable", "everywhere": "1" if everywhere else ""}
        return {name: usual.get(name, "") for name in FIELDS}
    typed = {name: form.get(f"fault_{name}", "") for name in FIELDS}
    return {**typed, "times": typed["times"] or "1", "effect": typed["effect"] or "unavailable"}


async def arm(request: web.Request, form: Mapping[str, str]) -> None:
    """Arm what the form says, for the world of its key, the chosen world, or all worlds."""
    asked = draft_of(form)
    document: dict[str, Any] = {
        "effect": asked["effect"],
        "match": {name: asked[name].strip() for name in ("type", "order_id") if asked[name]},
    }
    for name, title in _NUMBERS.items():
        if asked[name].strip():
            document[name] = _number(title, asked[name].strip())
    store = request.app[SERVER].store

    def decide(world: World) -> Change[Fault]:
        return Change(*fault_armed(world, document))

    key, world_id = await _scope(request, form, everywhere=bool(asked["everywhere"]))
    try:
        if key is None:
            await store.change(world_id, decide)
        else:
            await store.change_key(key, decide)
    except FaultError as error:
        raise ControlError(400, f"{error.pointer.strip('/') or 'the fault'}: {error}") from None
    except UnknownWorldError:
        not_found("world", world_id or "")
    request.app[SERVER].announce_change()


async def disarm(request: web.Request, button: str) -> None:
    """Remove the fault that a button of the list names."""
    named, _, fault_id = button.partition("/")
    world_id = None if named == EVERYWHERE else named
    chosen = await scope_of(request)
    store = request.app[SERVER].store
    ids = [row["id"] for owner, row in (await store.read()).faults(None) if owner == world_id]
    if chosen not in (None, world_id or chosen) or fault_id not in ids:
        not_found("fault", fault_id, ids)
    removed = Change(None, (FaultsRemoved((fault_id,)),))
    await store.change(world_id, lambda _: removed)
    request.app[SERVER].announce_change()


async def armed(server: Server, world_id: str | None) -> list[Armed]:
    """The faults that requests of the world may meet, its own first; for None all there are."""
    reader = await server.store.read()
    rows = [
        (owner, row)
        for owner, row in reader.faults(None)
        if owner is None or world_id in (None, owner)
    ]
    masks = {row.id: row.key_masked for row in reader.worlds()} if rows else {}
    rows.sort(key=lambda pair: pair[0] is None)
    return [_shown(row, owner, masks) for owner, row in rows]


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


async def _scope(
    request: web.Request, form: Mapping[str, str], *, everywhere: bool
) -> tuple[str | None, str | None]:
    """The key, else the id, of the world that the form is about; None and None for all worlds."""
    if everywhere:
        return None, None
    chosen = await scope_of(request)
    if chosen and not form.get("key", "").strip():
        return None, chosen
    key = key_of(request, form)
    if chosen not in (None, world_id_of(key)):
        raise ControlError(400, "the key names another world than the chosen one")
    return key, None


def _number(title: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise ControlError(400, f"{title}: {text[:40]!r} is not a whole number")
    return int(text)


EFFECTS = tuple(CATALOGUE.values())
