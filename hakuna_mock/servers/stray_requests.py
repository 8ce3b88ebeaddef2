"""Requests that reached a server of ours outside the worlds that its tests were given.

A shop with a hard-coded API key, or without one, fills no world that a test looks at: without this
module every test of it would pass.
"""

import uuid
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from contracts.findings.finding import Basis, Severity, State
from contracts.findings.sources import cite
from fuzz.client.control_client import ControlClient

UNEXPECTED_KEY = "unexpected-key"
"""The finding about a key that was not given out. It is not a rule: a server can't know it."""

Row = dict[str, Any]


class StrayRequests:
    """The keys that were given out, and what arrived under none of them.

    A stray request belongs to the world that is the first to read it, so that two worlds which are
    open at the same time never both report it.
    """

    def __init__(self, control: ControlClient) -> None:
        self._control = control
        self._given: set[str] = set()
        self._ended: set[str] = set()
        self._owners: dict[str, str] = {}

    def new_key(self) -> str:
        """A fresh API key; what arrives under it is expected from now on."""
        key = "sk_test_" + uuid.uuid4().hex
        self._given.add(_world_id(key))
        return key

    def end(self, key: str) -> None:
        """The test of this key has ended; what still arrives under it was sent too late."""
        self._given.discard(_world_id(key))
        self._ended.add(_world_id(key))

    def rows(self, after: int, key: str) -> list[Row]:
        """The stray requests beyond a journal number that belong to the world of a key."""
        return [
            row
            for row in self._control.rows("/requests", after=after)
            if row["world"] not in self._given and self._owners.setdefault(row["id"], key) == key
        ]

    def findings(self, rows: Sequence[Row]) -> list[Row]:
        """What is wrong with stray requests: their keys, and then what any request may be."""
        if not rows:
            return []
        ids = {row["id"] for row in rows}
        others = [row for row in self._control.rows("/findings") if row["request_id"] in ids]
        return [*self._unexpected_keys(rows), *others]

    def masks(self, rows: Sequence[Row]) -> list[str]:
        """The masked keys of stray requests, each once; requests without a usable key have none."""
        worlds = {row["world"] for row in rows}
        return [row["key_masked"] for row in self._control.rows("/worlds") if row["id"] in worlds]

    def _unexpected_keys(self, rows: Sequence[Row]) -> Iterator[Row]:
        keyed = sorted((row for row in rows if row["world"]), key=lambda row: str(row["world"]))
        for world, group in groupby(keyed, key=lambda row: str(row["world"])):
            sent = list(group)
            (mask,) = self.masks(sent) or ["a key whose world is gone"]
            yield _finding(sent[0], mask, len(sent), ended=world in self._ended)


def _finding(first: Row, mask: str, count: int, *, ended: bool) -> Row:
    requests = "1 request" if count == 1 else f"{count} requests"
    if ended:
        message = f"{requests} came under {mask}, the key of a world that has ended"
        fix = (
            "wait in each test for what it sends; let the code under test read its API key in each "
            "test, not once for all of them"
        )
    else:
        message = f"{requests} came under {mask}, a key that no test was given"
        fix = (
            "give the code under test hakuna.api_key (hakuna.headers holds it), or let it read a "
            "variable that the ini option hakuna_env maps, and use the fixture hakuna_env"
        )
    return {
        "rule": UNEXPECTED_KEY,
        "severity": str(Severity.VIOLATION),
        "basis": str(Basis.HOUSE),
        "state": str(State.OPEN),
        "pointer": "",
        "message": message,
        "fix": fix,
        "source": cite("house"),
        "order_id": None,
        "event_id": None,
        "request_id": first["id"],
        "related": [],
    }


def _world_id(key: str) -> str:
    """The id of a key's world on a server of this process."""
    from mock_server.store.memory import world_id_of

    return world_id_of(key)
