"""Generated conversations as logs of effects: what a store would keep, and what came of it."""

import random
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from chooser import Chooser
from model_conversations import conversation

from contracts import Auth, Enforcement, Policy, Request, World
from contracts.drift.document import to_json
from contracts.drift.exchange import ProviderReply
from contracts.faults.catalogue import CATALOGUE
from contracts.judging.judge import judge
from contracts.judging.shadow import shadow
from contracts.worlds.apply import apply, evictions
from contracts.worlds.compacted import hold
from contracts.worlds.control import clock_changed, fault_armed, settings_changed
from contracts.worlds.effect_codec import decode_listed, encode_listed
from contracts.worlds.effects import Effect, FaultsRemoved, PolicyChanged, RunStarted, WorldReset
from contracts.worlds.retention import Bounds

SMALL = Bounds(orders=2, keys=1, findings=40, journal=5)


class Log:
    """A world and every effect that was applied to it."""

    def __init__(self, bounds: Bounds = SMALL) -> None:
        self.world = World(bounds=bounds)
        self.effects: list[Effect] = []

    def append(self, effects: Iterable[Effect]) -> None:
        effects = tuple(effects)
        for item in effects:
            self._apply(item)
        for item in evictions(self.world, effects):
            self._apply(item)

    def _apply(self, effect: Effect) -> None:
        self.effects.append(effect)
        apply(self.world, effect, len(self.effects))


def logged(seed: int) -> Log:
    """The log of one conversation: requests, faults, settings, clocks, a reset now and then."""
    seeded = random.Random(seed)
    log = Log()
    for number, turn in enumerate(conversation(Chooser(seeded.randrange)), start=1):
        with suppress(ValueError):
            log.append(_control(seeded, log.world, turn.now))
        settings = turn.settings
        policy = Policy(Enforcement(settings.enforcement), Auth.BOTH, settings.levels)
        if policy.levels != log.world.policy.levels:
            log.append([PolicyChanged(policy)])
        headers = turn.asked.headers
        if seeded.random() < 0.3:
            fault = seeded.choice([*CATALOGUE, "unavailable; times=1", "commit_drop; rate=0.5"])
            headers = (*headers, ("Hakuna-Mock-Fault", fault))
        request = Request(
            turn.asked.method,
            turn.asked.path,
            headers,
            turn.asked.body,
            turn.now,
            f"evt-00000000-0000-4000-8000-{number:012}",
            f"req-{number}",
            monotonic_ns=number * 10**8,
            random_unit=seeded.random(),
            seq=number,
        )
        if seeded.random() < 0.3:
            log.append(shadow(request, log.world, _provider_reply(seeded, number)).effects)
        else:
            log.append(judge(request, log.world, log.world.policy).effects)
    return log


def _provider_reply(seeded: random.Random, number: int) -> ProviderReply:
    """Any reply of a provider: accepted, refused, broken, none."""
    headers = (("Content-Type", "application/json"),)
    event_id = f"evt-{seeded.choice([number, 1]):08}"
    refused = b'{"error": {"error_code": "no", "validation_errors": ["a", "b 7"]}}'
    return seeded.choice(
        [
            ProviderReply(200, headers, b'{"event_id": "%s"}' % event_id.encode(), 3.5),
            ProviderReply(201, headers, b'{"id": 7}', 1500.0),
            ProviderReply(400, headers, refused, 1.0),
            ProviderReply(404, (), b"\xff<html>", 1.0),
            ProviderReply(503, (), b"", 1.0),
            ProviderReply(None, error="the connection ended"),
        ]
    )


def _control(seeded: random.Random, world: World, now: int) -> Iterable[Effect]:
    chance = seeded.random()
    if chance < 0.08:
        asked = {"effect": seeded.choice(list(CATALOGUE)), "times": seeded.choice([1, 3, None])}
        return fault_armed(world, asked)[1]
    if chance < 0.10:
        return [FaultsRemoved(seeded.choice([None, ("fault-1",)]))]
    if chance < 0.14:
        asked = seeded.choice([{"advance": "3d"}, {"freeze": True}, {"reset": True}])
        return [clock_changed(world, asked, now)]
    if chance < 0.18:
        outage = seeded.choice([None, {"mode": "refuse", "seconds": 5}, "hang"])
        return [settings_changed(world, {"outage": outage, "retries_per_second": 2}, now, 0)]
    if chance < 0.20:
        return [RunStarted(seeded.randrange(100), now)]
    return [WorldReset()] if chance > 0.99 else []


def rebuilt(effects: Iterable[Effect], bounds: Bounds = SMALL) -> World:
    """A world made of a log alone."""
    world = World(bounds=bounds)
    for position, effect in enumerate(effects, start=1):
        apply(world, effect, position)
    return world


def recompacted(world: World, bounds: Bounds = SMALL) -> World:
    """A world made of the compacted log of another one, by way of text."""
    again = World(bounds=bounds)
    listed = hold(world, with_policy=True).effects()
    for position, item in decode_listed(encode_listed(listed)):
        apply(again, item, position)
    return again


def held(world: World) -> dict[str, Any]:
    """Everything that a world holds, to be compared."""
    return {
        "policy": world.policy,
        "orders": world.orders,
        "events": list(world.events),
        "histories": {
            order_id: (history.received, list(history.events), history.first_by_fingerprint)
            for order_id, history in world.histories.items()
        },
        "placements": list(world.placements),
        "findings": list(world.findings.rows),
        "open": world.findings.open_counts,
        "stakes": world.stakes,
        "at stake": world.at_stake,
        "runs": world.runs,
        "evicted findings": world.findings.evicted,
        "replies": list(world.replies.items()),
        "retries": list(world.retries.items()),
        "faults": (world.faults.rows(), world.faults.new_id(), world.faults.counted),
        "coverage": world.coverage.to_json(),
        "drift": (to_json(world.drift), world.drift.refused_keys, world.drift.unknown_here),
        "numbers": world.event_numbers,
        "evictions": world.evictions,
        "journal": (list(world.journal.rows), world.journal.received, world.journal.evicted),
        "bytes": world.bytes,
        "first to go": (list(world.kept._ended), list(world.kept._live)),
        "found by event": [world.findings.of_event(record.event_id) for _, record in world.events],
        "all findings": len(world.findings),
    }
