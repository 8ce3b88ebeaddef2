"""Rows of the database to effects and worlds, and worlds to rows."""

import gc
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from contracts.values import dataclass
from contracts.worlds.compacted import HeldWorld, hold
from contracts.worlds.effect_codec import (
    decode,
    decode_listed,
    encode,
    encode_listed,
)
from contracts.worlds.effects import Effect, WorldCreated, WorldDeleted, WorldEvicted, WorldReset
from mock_server.store.decisions import Applied
from mock_server.store.worlds import Gone, Worlds

PART_EFFECTS = 500
"""So many effects make one row of a snapshot."""

WORLD, ALL = "world", "all"
"""The parts of a snapshot: effects of one world, and what belongs to all of them."""

FORGETTING = (WorldDeleted, WorldEvicted, WorldReset)
"""After these something that was shown is gone."""


class DamagedLogError(Exception):
    """The log cannot be read; the text says where and why."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of the log, still as text."""

    position: int
    world_id: str | None
    effects: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A row of a snapshot, still as text."""

    part: str
    world_id: str | None
    content: str


def row_of(applied: Applied) -> dict[str, Any]:
    """What was applied as a row of the log."""
    return {
        "position": applied.position,
        "world_id": applied.world_id,
        "effects": encode(applied.effects),
    }


def apply_row(worlds: Worlds, row: LogRow, position: int) -> tuple[int, bool]:
    """Carry out a row of the log on worlds that are at `position`: the position after it, and
    whether something disappeared. DamagedLogError where the row is none, or one before it is gone.
    """
    try:
        effects = decode(row.effects)
    except ValueError as error:
        raise DamagedLogError(f"the row at position {row.position} is damaged: {error}") from error
    if row.position - len(effects) != position:
        raise DamagedLogError(
            f"the row at position {row.position} holds {len(effects)} effects, but the one before "
            f"it ends at {position}: a row is missing, or was changed"
        )
    for at, effect in enumerate(effects, start=position + 1):
        worlds.apply(row.world_id, effect, at)
    worlds.measure(row.world_id)
    return row.position, any(isinstance(item, FORGETTING) for item in effects)


def apply_part(worlds: Worlds, row: PartRow) -> None:
    """Take over a row of a snapshot; DamagedLogError where it is none."""
    try:
        if row.part == ALL:
            _take_over(worlds, json.loads(row.content))
            return
        for position, effect in decode_listed(row.content):
            worlds.apply(row.world_id, effect, position)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedLogError(f"the snapshot is damaged: {error}") from error
    worlds.measure(row.world_id)


@dataclass(frozen=True)
class Frozen:
    """Worlds as they were at a position, as effects: they can be written while the worlds go on."""

    position: int
    worlds: list[tuple[str | None, str, HeldWorld]]
    others: dict[str, Any]

    def parts(self) -> Iterator[PartRow]:
        """The rows of a snapshot, one after the other."""
        for world_id, mask, held in self.worlds:
            made: list[tuple[int, Effect]] = [] if world_id is None else [(0, WorldCreated(mask))]
            effects = chain(made, held.effects())
            while some := list(islice(effects, PART_EFFECTS)):
                yield PartRow(WORLD, world_id, encode_listed(some))
        yield PartRow(ALL, None, json.dumps(self.others))


def freeze(worlds: Worlds, position: int) -> Frozen:
    """All that is there now. Nothing else may happen meanwhile, so it is only taken hold of."""
    with without_collections():
        every: list[tuple[str | None, str, HeldWorld]] = [
            (None, "", hold(worlds.shared, with_policy=None in worlds.with_policy)),
            *(
                (
                    item,
                    worlds.keys_masked[item],
                    hold(world, with_policy=item in worlds.with_policy),
                )
                for item, world in worlds.by_id.items()
            ),
        ]
    others = {
        "gone": worlds.gone.to_json(),
        "by_use": worlds.by_use,
        "latest_seq": worlds.latest_seq,
    }
    return Frozen(position, every, others)


def _take_over(worlds: Worlds, others: dict[str, Any]) -> None:
    worlds.gone = Gone.from_json(others["gone"])
    worlds.latest_seq = max(worlds.latest_seq, int(others["latest_seq"]))
    for world_id in others["by_use"]:
        worlds.use(world_id)


def apply_rows(worlds: Worlds, rows: Iterable[LogRow], position: int) -> tuple[int, int, bool]:
    """Carry out rows of the log: the position after them, their length in characters, and whether
    something disappeared.
    """
    length, forgot = 0, False
    for row in rows:
        position, forgets = apply_row(worlds, row, position)
        forgot = forgot or forgets
        length += len(row.effects)
    return position, length, forgot


@contextmanager
def without_collections() -> Iterator[None]:
    """No garbage is looked for: all that is made here stays, and walking it again and again takes
    longer than making it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
