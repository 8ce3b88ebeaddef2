"""What of the scenarios a provider's sandbox gets: no hostile bytes, nothing under a second key."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.http.idempotency import KEY_HEADER
from contracts.json_text.parser import Document, parse
from contracts.judging.replies import ENDPOINT
from contracts.scenarios.format import Scenario, ScenarioRequest, key_names, requests_of
from contracts.values import dataclass
from hakuna_mock.reports.model import counted

MAX_BODY = 64 * 1024
MAX_VALUE = 300
_HEADERS = frozenset(
    {"authorization", "bearer", "content-type", "hakuna-version", KEY_HEADER.lower()}
)
_KEY = "sk_test_the_only_key"


@dataclass(frozen=True)
class PolitePlan:
    """The scenarios of a polite run, why others are left out, and how long it takes."""

    scenarios: Sequence[Scenario]
    left_out: Mapping[str, Sequence[str]]
    requests: int
    per_second: float

    def in_words(self) -> Iterator[str]:
        """The plan, line by line."""
        seconds = self.requests / self.per_second
        takes = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
        yield (
            f"{counted(len(self.scenarios), 'scenario')}, {counted(self.requests, 'request')}, "
            f"one at a time and at most {self.per_second:g} a second: about {takes}"
        )
        for reason, names in self.left_out.items():
            yield f"left out {counted(len(names), 'scenario')}: {reason}"


def polite_plan(scenarios: Sequence[Scenario], per_second: float) -> PolitePlan:
    """What of these scenarios a provider's sandbox gets."""
    chosen: list[Scenario] = []
    left_out: dict[str, list[str]] = {}
    requests = 0
    for scenario in scenarios:
        reason = _impolite(scenario)
        if reason:
            left_out.setdefault(reason, []).append(scenario.name)
        else:
            chosen.append(scenario)
            requests += sum(len(step.bodies()) for step in scenario.steps)
    return PolitePlan(chosen, left_out, requests, per_second)


def _impolite(scenario: Scenario) -> str:
    """Why a provider does not get this, "" where it does."""
    if len(key_names(scenario)) > 1:
        return "they need a second key"
    if scenario.is_on_demand:
        return "only a hakuna-mock plays faults on demand"
    if any(step.is_control for step in scenario.steps):
        return "they call the control API of a hakuna-mock"
    for request in requests_of(scenario, dict.fromkeys(key_names(scenario), _KEY)):
        reason = _impolite_request(request)
        if reason:
            return reason
    return ""


def _impolite_request(request: ScenarioRequest) -> str:
    step = request.step
    if step.method != "POST" or step.path != ENDPOINT:
        return "they ask for other paths or methods"
    for name, value in request.headers.items():
        if name.lower() not in _HEADERS or not _is_plain(value):
            return "they send unusual headers"
        if name.lower() in ("authorization", "bearer") and _KEY not in value:
            return "they send a key that is not yours"
    if len(request.body) > MAX_BODY or not isinstance(parse(request.body), Document):
        return "they send bodies that are no JSON, or very long"
    return ""


def _is_plain(value: str) -> bool:
    return len(value) <= MAX_VALUE and value.isascii() and value.isprintable()
