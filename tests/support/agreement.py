"""The fuzzer's naive model and `contracts.judging.judge` asked the same, and where they differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import Auth, Enforcement, Policy, Request, Session
from contracts.findings.finding import Finding
from contracts.http.credentials import read_credentials
from contracts.orders.presentation import describe_order
from fuzz.model.findings import RANK
from fuzz.model.oracle import HttpRequest, Model
from fuzz.model.world_settings import WorldSettings


@dataclass(frozen=True)
class Settings:
    """How both are set; `levels` maps rules to severities or off."""

    enforcement: str = "flag"
    levels: Mapping[str, str] = field(default_factory=dict)
    auth: str = "both"
    api_keys: frozenset[str] = frozenset()
    timestamp_tolerance: int = 1
    protection_products: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One request of a conversation, when it arrives, and the settings of its moment."""

    asked: HttpRequest
    now: int
    settings: Settings = Settings()


@dataclass
class Both:
    """The model and the judge, each with a memory of its own."""

    model: Model = field(default_factory=lambda: Model(now=0))
    sessions: dict[str, Session] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """The rules that some reply named."""

    def ask(self, turn: Turn) -> list[str]:
        """Where the two differ about this request and what it left, in words."""
        settings = turn.settings
        policy = Policy(
            Enforcement(settings.enforcement),
            Auth(settings.auth),
            settings.levels,
            settings.api_keys,
            timestamp_tolerance=settings.timestamp_tolerance,
            protection_products=settings.protection_products,
        )
        self.model.now = turn.now
        self.model.settings = WorldSettings(
            settings.enforcement,
            settings.levels,
            settings.protection_products,
            settings.timestamp_tolerance,
        )
        self.model.auth = settings.auth
        self.model.api_keys = settings.api_keys
        expected = self.model.predict(turn.asked)
        number = len(self.ids)
        self.ids.append(f"evt-00000000-0000-4000-8000-{number:012}")
        asked = turn.asked
        request = Request(
            asked.method,
            asked.path,
            asked.headers,
            asked.body,
            turn.now,
            self.ids[number],
            f"r{number}",
        )
        key = read_credentials(request, policy).key or ""
        session = self.sessions.setdefault(key, Session())
        session.world.policy = policy
        verdict = session.judge(request)
        self.named.update(finding.rule for finding in verdict.findings)
        severities: dict[str, str] = {}
        for item in verdict.findings:
            if RANK[item.severity.value] > RANK.get(severities.get(item.rule, ""), 0):
                severities[item.rule] = item.severity.value
        pairs = {
            "status": (expected.status, verdict.status),
            "error_code": (expected.error_code, verdict.body.get("error", {}).get("error_code")),
            "findings": (dict(expected.findings), severities),
            "counts": (
                dict(expected.counts),
                dict(Counter(finding.rule for finding in verdict.findings)),
            ),
            "world": (expected.world, verdict.key),
            "stored": (expected.stored, verdict.accepted is not None),
            "event id": (
                self.ids[expected.replay_of]
                if expected.replay_of is not None
                else self.ids[number]
                if expected.stored
                else None,
                verdict.event_id,
            ),
            "replayed": (expected.replay_of is not None, verdict.replayed),
        }
        found = list(_differences(pairs))
        if verdict.key is not None:
            found += _differences(self._state(verdict.key))
        return found

    def _state(self, key: str) -> dict[str, tuple[Any, Any]]:
        world = self.sessions[key].world
        orders = {
            order_id: step_lines
            for order_id, order in world.orders.items()
            if (step_lines := describe_order(order)) is not None and order.is_placed
        }
        mine = self.model.orders(key)
        return {
            "open findings": (
                dict(self.model.open_findings(key)),
                dict(
                    Counter(finding.rule for finding in world.findings if finding.state == "open")
                ),
            ),
            "findings and costs": (
                dict(self.model.findings(key)),
                dict(Counter(map(_with_cost, world.findings))),
            ),
            "at stake": (
                self.model.at_stake(key),
                {item: amount for item, amount in world.at_stake.items() if amount},
            ),
            "orders": (
                mine,
                {
                    order_id: {
                        name: order.get(name) for name in mine.get(order_id, {"order_id": 0})
                    }
                    for order_id, order in orders.items()
                },
            ),
        }


def _with_cost(finding: Finding) -> tuple[str, ...]:
    stake = finding.at_stake
    cost = f"{stake.amount} {stake.currency}" if stake else ""
    return finding.rule, str(finding.severity), str(finding.state), cost


def _differences(pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for what, (model, judged) in pairs.items():
        if model == judged:
            continue
        if isinstance(model, dict) and isinstance(judged, dict):
            names = {name for name in {*model, *judged} if model.get(name) != judged.get(name)}
            left = {name: model[name] for name in names if name in model}
            right = {name: judged[name] for name in names if name in judged}
            yield f"{what}: the model says {left!r}, the judge {right!r}"
        else:
            yield f"{what}: the model says {model!r}, the judge {judged!r}"


def first_difference(turns: tuple[Turn, ...]) -> str | None:
    """The first request about which the two differ, in words; None where they agree."""
    both = Both()
    for number, turn in enumerate(turns):
        found = both.ask(turn)
        if found:
            return "\n".join([f"request {number} of {len(turns)}:", *found])
    return None


def shortened(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """As few of these turns as still differ, one left out at a time."""
    place = len(turns) - 1
    while place >= 0:
        fewer = turns[:place] + turns[place + 1 :]
        if first_difference(fewer):
            turns = fewer
        place -= 1
    return turns
