"""Playing a scenario into worlds of the running server, as if a shop had sent it."""

from itertools import count
from typing import Any

from contracts.scenarios.format import FreshKeys, Scenario, keys_from, requests_of
from mock_server.http.events_endpoint import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import Server


async def load(server: Server, scenario: Scenario, key: str) -> list[dict[str, Any]]:
    """Send every request of the scenario; what was answered, in order.

    Calls of the control API are passed over: they are for whoever plays it from outside.
    """
    answered = []
    run, numbers = f"{server.store.identity}-{server.store.position}", count(1)
    fresh = FreshKeys(lambda: f"loaded-{run}-{next(numbers)}")
    for asked in requests_of(scenario, keys_from(scenario, key)):
        if asked.step.is_control:
            continue
        headers = fresh.headers(asked.key, asked.headers)
        judged = await judge_and_store(
            server, asked.step.method, asked.step.path, tuple(headers.items()), ReadBody(asked.body)
        )
        verdict = judged.verdict
        answered.append(
            {
                "status": verdict.status or 0,
                "event_id": verdict.event_id,
                "findings": [finding.rule for finding in verdict.findings],
            }
        )
    return answered
