"""What a test sent, as a scenario file that `hakuna-mock play` repeats."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.http.credentials import mask
from contracts.scenarios.format import Scenario, Step, StepExpectation, write_scenario
from contracts.scenarios.runner import dry_run
from contracts.scenarios.step_from_request import step_from_request, unmasked
from contracts.timing.rfc3339 import Instant
from contracts.worlds.policy import Policy

_LONGEST_NAME = 80


def scenario_of(
    title: str,
    requests: Sequence[dict[str, Any]],
    api_key: str,
    now: Instant,
    policy: Policy | None = None,
) -> Scenario | None:
    """The scenario of journal rows, with what the judge says of each step; None without a step.

    `title` is the test's name, `policy` how its world judges. Requests that never became one
    (broken HTTP) are left out.
    """
    steps = tuple(_step(row, api_key) for row in requests if row["method"])
    if not steps:
        return None
    about = "Recorded by the pytest plugin of hakuna-mock; expect is what the judge says."
    plain = Scenario(name_of(title), steps, title, about)
    played = dry_run(plain, now, policy)
    expected = tuple(
        replace(
            step,
            expect=StepExpectation(outcome.status, outcome.findings, error_code=outcome.error_code),
        )
        for step, (_, outcome) in zip(steps, played.requests, strict=True)
    )
    return replace(plain, steps=expected, open_findings=played.open_findings)


def write_recording(folder: Path, scenario: Scenario) -> Path:
    """The file of a scenario in a folder, which is made; OSError where it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scenario.name}.json"
    document = write_scenario(scenario)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return path


def name_of(title: str) -> str:
    """A scenario's name for a test: readable, and another one for each test."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[-_LONGEST_NAME:].strip("-")
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{words}-{digest}".strip("-")


def _step(row: dict[str, Any], api_key: str) -> Step:
    body = row["body"].encode("utf-8", "surrogatepass")
    method, path = row["method"], row["path"]
    refused = row["status"] == 401
    headers = unmasked(row["headers"], mask(api_key), api_key, refused=refused)
    step = step_from_request(headers, body, method=method, path=path)
    fault = row.get("fault")
    if fault and FAULT_HEADER not in step.headers and "--mock-" not in row["body"]:
        # The world's own fault, which nothing in the request asks for.
        return replace(step, headers={**step.headers, FAULT_HEADER: fault})
    return step
