"""Playing a scenario into worlds of the running server, as if a shop had sent it."""

from typing import Any

from contracts.replies import ENDPOINT
from contracts.scenario import FIRST_KEY, FreshKeys, Scenario, key_names, requests_of
from mock_server.body import ReadBody
from mock_server.events_endpoint import judge_and_keep
from mock_server.keys import Server

DEFAULT_KEY = "sk_test_" + "demo"
"""Under which scenarios are loaded where no key is named; the banner's example uses it, too."""


def keys_of(scenario: Scenario, key: str) -> dict[str, str]:
    """API keys for the scenario's key names: the given one, and others made from it."""
    return {
        name: key if name == FIRST_KEY else f"{key}_{name.replace('-', '_')}"
        for name in key_names(scenario)
    }


async def load(server: Server, scenario: Scenario, key: str) -> list[dict[str, Any]]:
    """Send every request of the scenario; what was answered, in order."""
    answered = []
    fresh = FreshKeys(lambda: f"loaded-{server.next_seq()}")
    for asked in requests_of(scenario, keys_of(scenario, key)):
        headers = fresh.headers(asked.key, asked.headers)
        verdict, _ = await judge_and_keep(
            server, "POST", ENDPOINT, tuple(headers.items()), ReadBody(asked.body)
        )
        answered.append(
            {
                "status": verdict.status,
                "event_id": verdict.event_id,
                "findings": [finding.rule for finding in verdict.findings],
            }
        )
    return answered
