"""Bugs of the journal and of what it may not show."""

from contracts.worlds import journal
from contracts.worlds.effects import FindingOpened, RequestRecorded
from mock_server.http import judged
from mock_server.store import memory
from mock_server.store.worlds import Worlds
from seeded_bugs import around, bug


@bug("control API")
def refused_not_journalled():
    """The journal leaves out 404s."""
    around(
        journal.Journal,
        "add",
        lambda old, self, entry: None if entry.status == 404 else old(self, entry),
    )


@bug("control API")
def journal_says_200():
    """The journal shows 200 for replays and refusals alike."""
    around(journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "status": 200})


@bug("control API")
def journal_of_short_bodies():
    """The journal keeps 200 bytes of a body."""
    around(
        journal.Entry,
        "to_json",
        lambda old, self, world: {**(row := old(self, world)), "body": row["body"][:200]},
    )


@bug("control API")
def journal_without_events():
    """The journal does not say which event a request became."""
    around(
        journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "event_id": None}
    )


@bug("control API")
def replays_unmarked_in_the_journal():
    """The journal does not tell retries from new events."""
    around(
        journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "replayed": False}
    )


@bug("control API")
def keys_in_the_journal():
    """The journal shows the `Authorization` header as it came."""
    judged.masked_headers = lambda headers: headers


@bug("control API")
def literal_header_in_the_journal():
    """The journal masks `Authorization`, but not the literal `Bearer` header."""
    old = judged.masked_headers
    judged.masked_headers = lambda headers: tuple(
        pair if pair[0].lower() == "bearer" else old((pair,))[0] for pair in headers
    )


@bug("control API")
def key_in_the_list_of_worlds():
    """The list of worlds shows keys as they are."""
    memory.mask = lambda key: key


@bug("control API")
def strangers_not_journalled():
    """Requests without a good key are not kept in the journal."""

    def apply(old, self, world_id, effect, position):
        if world_id is not None or not isinstance(effect, RequestRecorded):
            old(self, world_id, effect, position)

    around(Worlds, "apply", apply)


@bug("control API")
def findings_of_strangers_lost():
    """What is wrong with credentials is said in the reply only, not in the list of findings."""

    def apply(old, self, world_id, effect, position):
        if world_id is not None or not isinstance(effect, FindingOpened):
            old(self, world_id, effect, position)

    around(Worlds, "apply", apply)
