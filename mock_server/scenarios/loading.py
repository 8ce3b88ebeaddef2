"""Playing a scenario into worlds of the running server, as if a shop had sent it."""

from contextlib import suppress
from itertools import count
from typing import Any

from contracts.judging.verdict import Verdict
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import (
    FreshKeys,
    Scenario,
    ScenarioRequest,
    keys_from,
    requests_of,
)
from contracts.scenarios.runner import controlled
from contracts.worlds.world import World
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import Server
from mock_server.store.protocol import Change


async def read_shipped(server: Server) -> None:
    """Have the shipped scenarios at hand: read once, aside, for it takes a tenth of a second."""
    if not shipped.cache_info().currsize:
        await server.worker.run(shipped)


async def load(server: Server, scenario: Scenario, key: str) -> list[dict[str, Any]]:
    """Send every request of the scenario; what was answered, in order.

    Calls of the control API are passed over: they are for whoever plays it from outside.
    """
    return [
        {
            "status": verdict.status or 0,
            "event_id": verdict.event_id,
            "findings": [finding.rule for finding in verdict.findings],
        }
        for _, verdict in await play(server, scenario, key, controls=False)
        if verdict
    ]


async def play(
    server: Server, scenario: Scenario, key: str, *, controls: bool = True
) -> list[tuple[ScenarioRequest, Verdict | None]]:
    """Each request of the scenario with its verdict, None for calls of the control API.

    With `controls` those are made, too: in a world of its own they disturb nobody.
    """
    played: list[tuple[ScenarioRequest, Verdict | None]] = []
    run, numbers = f"{server.store.identity}-{server.store.position}", count(1)
    fresh = FreshKeys(lambda: f"loaded-{run}-{next(numbers)}")
    keys = keys_from(scenario, key)
    for asked in requests_of(scenario, keys):
        step = asked.step
        if step.is_control:
            if controls:

                def decide(world: World, asked: ScenarioRequest = asked) -> Change[None]:
                    return Change(None, controlled(world, asked.step, server.clock()))

                with suppress(ValueError):  # what a server refuses changes nothing
                    await server.store.change_key(keys[asked.key], decide)
            played.append((asked, None))
            continue
        headers = fresh.headers(asked.key, asked.headers)
        judged = await judge_and_store(
            server, step.method, step.path, tuple(headers.items()), ReadBody(asked.body)
        )
        played.append((asked, judged.verdict))
    return played
