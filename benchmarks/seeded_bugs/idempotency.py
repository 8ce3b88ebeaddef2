"""Bugs of what an idempotency key names, and what is kept of it."""

from dataclasses import replace

from contracts.http.request import Request
from contracts.worlds import world
from contracts.schemas import validator
from contracts.worlds.world import World
from seeded_bugs import around, bug, judge


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
    around(
        judge._Judgement,
        "_replay",
        lambda old, self, earlier: old(self, replace(earlier, event_id=self.request.event_id)),
    )


@bug("idempotency")
def replay_applies_again():
    """A retry gets the first id, and its units move once more."""

    def verdict(old, self):
        found = old(self)
        if not found.replayed:
            return found
        from contracts.orders.order import Arrival, receive
        from contracts.orders.order import Order as Whole

        event = self.event
        current = self.world.order(event.order_id) or Whole(event.order_id)
        steps = receive(current, Arrival(found.event_id, event), "again")
        self.world.orders[event.order_id] = steps[-1].after
        return found

    around(judge._Judgement, "verdict", verdict)


@bug("idempotency")
def replay_is_listed_again():
    """A retry stands in the list of events once more."""
    from mock_server.store import memory

    def commit(old, self, verdict, arrived):
        old(self, verdict, arrived)
        if verdict.replayed:
            record = self.events[verdict.event_id]
            self.events[verdict.event_id + "-again"] = record

    around(memory._MemoryWorld, "commit", commit)


@bug("idempotency")
def replay_silent():
    """What is wrong with a retry's own headers is not said."""

    def replay(old, self, earlier):
        self.findings = ()
        return old(self, earlier)

    around(judge._Judgement, "_replay", replay)


@bug("idempotency")
def schema_before_key():
    """A malformed body under a taken key is judged by its schema, not by the key."""

    def verdict(old, self):
        from contracts.json_text.parser import JsonFault

        parsed = self.request.parsed
        if not isinstance(parsed, JsonFault) and not validator.accepts(parsed.value):
            self.world = world.World()
        return old(self)

    around(judge._Judgement, "verdict", verdict)


@bug("idempotency")
def key_of_a_malformed_body():
    """A malformed body takes its key: the corrected one is refused."""
    from mock_server.store import memory

    taken = {}

    def refuse(old, self, found):
        from contracts.http.idempotency import EarlierReply
        from contracts.json_text.parser import JsonFault

        key = self.request.header("Hakuna-Idempotency-Key")
        if key and not isinstance(self.request.parsed, JsonFault):
            print_ = judge.fingerprint(self.request.parsed.value)
            earlier = EarlierReply(print_, self.request.event_id, "")
            taken.setdefault((self.key, key), earlier)
        return old(self, found)

    around(judge._Judgement, "_refuse_body", refuse)

    async def decide(old, self, address, arrived, decider):
        if address.key is not None:
            world = self._world_of(address.key)
            for (owner, key), earlier in list(taken.items()):
                if owner == address.key:
                    world.state.replies.setdefault(key, earlier)
                    del taken[owner, key]
        return await old(self, address, arrived, decider)

    around(memory.MemoryStore, "decide", decide)


@bug("idempotency")
def newest_body_kept():
    """A second body under a key is refused, but takes the key over."""

    def verdict(old, self):
        from contracts.json_text.parser import JsonFault

        found = old(self)
        key = self.request.header("Hakuna-Idempotency-Key")
        parsed = self.request.parsed
        if not isinstance(parsed, JsonFault) and any(
            one.rule == "idempotency-key-reused" for one in found.findings
        ):
            print_ = judge.fingerprint(parsed.value)
            self.world.replies[key] = replace(self.world.replies[key], fingerprint=print_)
        return found

    around(judge._Judgement, "verdict", verdict)


@bug("idempotency")
def forty_keys_kept():
    """Only the last forty keys of a world are remembered."""
    around(
        World,
        "reply",
        lambda old, self, key: (
            old(self, key) if self._base or key in list(self.replies)[-40:] else None
        ),
    )
