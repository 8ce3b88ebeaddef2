"""Bugs of what an idempotency key names, and what is kept of it."""

from dataclasses import replace

from contracts.http.idempotency import EarlierReply
from contracts.http.request import Request
from contracts.schemas import validator
from contracts.worlds import world
from contracts.worlds.world import World
from seeded_bugs import around, around_judge, bug, judge


def _key(change):
    """Idempotency keys are changed before they are looked up."""
    around(
        Request,
        "header",
        lambda old, self, name: (
            change(self, value)
            if (value := old(self, name)) and name == "Hakuna-Idempotency-Key"
            else value
        ),
    )


@bug("idempotency")
def keys_in_any_case():
    """Idempotency keys are compared without their case."""
    _key(lambda _request, key: key.lower())


@bug("idempotency")
def keys_of_36_characters():
    """Only 36 characters of an idempotency key are kept, as many as a UUID has."""
    _key(lambda _request, key: key[:36] if len(key) <= 255 and key.isascii() else key)


@bug("idempotency")
def keys_of_100_characters():
    """Only 100 characters of an idempotency key are kept."""
    _key(lambda _request, key: key[:100] if len(key) <= 255 and key.isascii() else key)


@bug("idempotency")
def key_and_order():
    """A key belongs to an order: for another order it is new."""

    def change(request, key):
        parsed = getattr(request.parsed, "value", None)
        payload = parsed.get("payload") if isinstance(parsed, dict) else None
        order_id = payload.get("order_id") if isinstance(payload, dict) else None
        if not isinstance(order_id, str) or len(key) > 100:
            return key
        return f"{key}|{order_id.encode().hex()[:100]}"

    _key(change)


@bug("idempotency")
def key_and_type():
    """A key belongs to a type of event: for another type it is new."""

    def change(request, key):
        parsed = getattr(request.parsed, "value", None)
        kind = parsed.get("type") if isinstance(parsed, dict) else None
        known = isinstance(kind, str) and kind.startswith("order_") and kind.isascii()
        return f"{key}|{kind}" if known and len(key) < 100 and " " not in kind else key

    _key(change)


@bug("idempotency")
def empty_key_is_a_key():
    """An empty key is remembered like any other."""

    def header(old, self, name):
        value = old(self, name)
        return "(empty)" if name == "Hakuna-Idempotency-Key" and value == "" else value

    around(Request, "header", header)


def _reply(new):
    around(world.World, "reply", new)


@bug("idempotency")
def keys_not_kept():
    """A retry is a new event."""
    _reply(lambda _old, _self, _key: None)


@bug("idempotency")
def five_keys_kept():
    """Only the last five keys of a world are remembered."""

    def reply(old, self, key):
        return old(self, key) if key in list(self.replies)[-5:] else None

    _reply(reply)


class _Anything(str):
    """A text that is equal to every other."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _other):
        return True

    def __ne__(self, _other):
        return False


@bug("idempotency")
def body_not_compared():
    """A key that is used for another body answers the first id."""
    _reply(
        lambda old, self, key: (
            replace(found, fingerprint=_Anything()) if (found := old(self, key)) else None
        )
    )


@bug("idempotency")
def third_time_is_new():
    """The second retry of a key is a new event."""
    asked = {}

    def reply(old, self, key):
        found = old(self, key)
        if found:
            asked[id(self), key] = asked.get((id(self), key), 0) + 1
        return found if asked.get((id(self), key), 0) < 2 else None

    _reply(reply)


@bug("idempotency")
def replay_with_a_new_id():
    """A retry is recognised, and gets a new id."""

    def replay(old, found, trail, match, event, key, _event_id):
        return old(found, trail, match, event, key, found.request.event_id)

    around_judge("replay", replay)


def _with_replays(more):
    """What a retry stores besides: `more(case, event, event_id)` gives effects."""

    def replay(old, found, trail, match, event, key, event_id):
        verdict = old(found, trail, match, event, key, event_id)
        effects = tuple(more(found, event, event_id))
        return replace(verdict, effects=(*verdict.effects, *effects))

    around_judge("replay", replay)


@bug("idempotency")
def replay_applies_again():
    """A retry gets the first id, and its units move once more."""
    from contracts.judging.order_effects import order_effects
    from contracts.orders.order import Arrival, receive
    from contracts.worlds.effects import EventReplayed, OrderOpened

    def more(found, event, event_id):
        order = found.world.order(event.order_id)
        steps = receive(order, Arrival(event_id, event)) if order else ()
        moved = order_effects(steps)
        return [item for item in moved if not isinstance(item, EventReplayed | OrderOpened)]

    _with_replays(more)


@bug("idempotency")
def replay_is_listed_again():
    """A retry appears in the list of events once more."""
    from contracts.worlds.effects import EventAccepted

    def more(found, _event, event_id):
        record = found.world.event(event_id)
        if record is not None:
            again = replace(record, seq=found.request.seq)
            yield EventAccepted(again, found.fingerprint)

    _with_replays(more)


@bug("idempotency")
def replay_silent():
    """What is wrong with a retry's own headers is not said."""

    def replay(old, found, trail, match, event, key, event_id):
        return old(found, trail.owning(()), match, event, key, event_id)

    around_judge("replay", replay)


class _WithoutReplies:
    """A world that remembers no idempotency key."""

    def __init__(self, world):
        self._world = world

    def __getattr__(self, name):
        return getattr(self._world, name)

    def reply(self, _key):
        return None


@bug("idempotency")
def schema_before_key():
    """A malformed body under a taken key is judged by its schema, not by the key."""
    from contracts.json_text.parser import JsonFault

    def body(old, faced):
        parsed = faced.case.request.parsed
        if not isinstance(parsed, JsonFault) and not validator.accepts(parsed.value):
            world = _WithoutReplies(faced.case.world)
            faced = replace(faced, case=replace(faced.case, world=world))
        return old(faced)

    around_judge("check_body", body)


@bug("idempotency")
def key_of_a_malformed_body():
    """A malformed body takes its key: the corrected one is refused."""
    from contracts.worlds.effects import ReplyRemembered

    def schema(old, read):
        verdict = old(read)
        found = read.faced.case
        if read.key and isinstance(verdict, judge.Verdict):
            earlier = EarlierReply(found.fingerprint, found.request.event_id, "")
            taken = ReplyRemembered(read.key, earlier)
            return replace(verdict, effects=(*verdict.effects, taken))
        return verdict

    around_judge("check_schema", schema)


@bug("idempotency")
def newest_body_kept():
    """A second body under a key is refused, but takes the key over."""
    from contracts.worlds.effects import ReplyRemembered

    def body(old, faced):
        verdict = old(faced)
        found = faced.case
        key = found.request.header("Hakuna-Idempotency-Key")
        rules = {item.rule for item in getattr(verdict, "findings", ())}
        if "idempotency-key-reused" in rules:
            reply = replace(found.world.reply(key), fingerprint=found.fingerprint)
            taken = ReplyRemembered(key, reply)
            return replace(verdict, effects=(*verdict.effects, taken))
        return verdict

    around_judge("check_body", body)


@bug("idempotency")
def forty_keys_kept():
    """Only the last forty keys of a world are remembered."""
    around(
        World,
        "reply",
        lambda old, self, key: (
            old(self, key) if self.base or key in list(self.replies)[-40:] else None
        ),
    )
