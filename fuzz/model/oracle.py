"""What any server that claims the contract must answer: the fuzzer's naive expectation.

Written from the provider's pages alone and apart from `contracts`, so that the two check each
other. It is deliberately slow-witted: the history is a list, and an order's story is told again
from its start at every request (`model_orders.tell`).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from fuzz.model.bodies import faults_of, value_rules
from fuzz.model.findings import Found, capped, found, worst
from fuzz.model.json_text import Parsed, parse, sameness
from fuzz.model.order_view import view
from fuzz.model.orders import Event, Settings, Story, event_of, tell
from fuzz.model.placement import elsewhere
from fuzz.model.requests import (
    EVENTS,
    credentials_of,
    header_rules,
    is_key,
    values_of,
    wrong_address,
)
from fuzz.model.times import SECOND

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Asked:
    """One HTTP request as it is sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"
    path: str = EVENTS


@dataclass(frozen=True)
class Expected:
    """What must come back.

    `findings` maps the rules of this request's own event to severities, the worse of two;
    `counts` says how many of each. `world` is the API key, None where no world is asked.
    `replay_of` is the number of the request whose event id must come back; `stored` says that a
    new event was accepted.
    """

    status: int
    error_code: str | None
    findings: Mapping[str, str]
    world: str | None
    replay_of: int | None = None
    stored: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _World:
    """One key's history. `loose` are findings that nothing resolves."""

    orders: dict[str, list[Event]] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    loose: list[Found] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def copy(self) -> "_World":
        # Stories are told anew and never changed, so the copies may share them.
        orders = {order_id: list(events) for order_id, events in self.orders.items()}
        return _World(
            orders, dict(self.stories), dict(self.keys), list(self.loose), list(self.events)
        )


class Model:
    """Judges requests one after the other and remembers them.

    `now` is the time at which the next request arrives, in nanoseconds since 1970 UTC; it,
    `enforcement` (flag, reject), `levels` (rule to severity, off, refuse or accept), `auth`
    (both, authorization, bearer-header), `api_keys` (empty: any), `timestamp_tolerance` (seconds)
    and `protection_products` (ids, or prefixes that end in `*`) may be changed between requests.
    """

    def __init__(
        self,
        *,
        now: int,
        enforcement: str = "flag",
        levels: Mapping[str, str] = NOTHING,
        auth: str = "both",
        api_keys: Collection[str] = (),
    ) -> None:
        self.now = now
        self.enforcement = enforcement
        self.levels = levels
        self.auth = auth
        self.api_keys = api_keys
        self.timestamp_tolerance = 1
        self.protection_products: Collection[str] = ()
        self.asked = 0
        self._worlds: dict[str, _World] = {}

    def copy(self) -> "Model":
        """The same history, to go on with by itself."""
        other = Model(
            now=self.now,
            enforcement=self.enforcement,
            levels=self.levels,
            auth=self.auth,
            api_keys=self.api_keys,
        )
        other.timestamp_tolerance = self.timestamp_tolerance
        other.protection_products = self.protection_products
        other.asked = self.asked
        other._worlds = {key: world.copy() for key, world in self._worlds.items()}
        return other

    def orders(self, world: str) -> dict[str, dict[str, Any]]:
        """The placed orders as the control API shows them, by id."""
        stories = self._worlds.get(world, _World()).stories
        return {
            order_id: view(order_id, story)
            for order_id, story in stories.items()
            if story.placed is not None
        }

    def order(self, world: str, order_id: str) -> dict[str, Any] | None:
        """One placed order; None where there is none."""
        story = self._worlds.get(world, _World()).stories.get(order_id)
        return None if story is None or story.placed is None else view(order_id, story)

    def open_findings(self, world: str) -> Counter[str]:
        """How many findings of each rule are open."""
        known = self._worlds.get(world, _World())
        counted = Counter(one.rule for one in known.loose)
        for story in known.stories.values():
            for findings in (*story.findings.values(), *story.later.values()):
                counted.update(one.rule for one in capped(findings) if one.open)
        return counted

    def findings(self, world: str) -> Counter[tuple[str, ...]]:
        """How many findings there are of each rule, severity and state (open, resolved)."""
        known = self._worlds.get(world, _World())
        told = list(known.loose)
        for story in known.stories.values():
            for findings in (*story.findings.values(), *story.later.values()):
                told += capped(findings)
        return Counter((one.rule, one.severity, "open" if one.open else "resolved") for one in told)

    def late_findings(self, world: str) -> dict[int, Counter[str]]:
        """The rules that events broke when their placement came, by the number of the request."""
        stories = self._worlds.get(world, _World()).stories.values()
        return {
            number: Counter(one.rule for one in capped(findings))
            for story in stories
            for number, findings in story.later.items()
        }

    def events(self, world: str) -> list[int]:
        """The numbers of the requests whose events were accepted, in their order."""
        return list(self._worlds.get(world, _World()).events)

    def reset(self, world: str) -> None:
        """Forget all of a world."""
        self._worlds.pop(world, None)

    def sender(self, asked: Asked) -> str | None:
        """The key whose world a request belongs to; None where no good key was sent."""
        return credentials_of(values_of(asked.headers), self.auth, self.api_keys).key

    def ask(self, asked: Asked) -> Expected:
        """Judge a request and remember it: route, credentials, body, key, schema, order."""
        number = self.asked
        self.asked += 1
        headers = values_of(asked.headers)
        credentials = credentials_of(headers, self.auth, self.api_keys)
        live = ["auth-environment-mismatch"] if credentials.live else []
        path = asked.path.partition("?")[0]
        if asked.method != "POST" or path != EVENTS:
            rules = [*live, *wrong_address(asked.method, path)]
            return self._refuse(404, "entity_not_found", credentials.key, self._named(rules))
        if credentials.key is None:
            return self._refuse(401, "unauthorized", None, self._named(live or ["auth-invalid"]))
        world = self._worlds.setdefault(credentials.key, _World())
        findings = self._named([*credentials.advice, *header_rules(headers)])
        key = headers.get("hakuna-idempotency-key") or None
        parsed = parse(asked.body)
        if parsed is not None:
            findings += self._named(["json-duplicate-key"] * parsed.repeated_keys)
        else:
            findings += self._named(["body-invalid"])
        bad_key = key is not None and not is_key(key)
        if bad_key:
            findings += self._named(["idempotency-key-invalid"])
        if parsed is None or bad_key:
            return self._refuse(400, "invalid_request_parameters", credentials.key, findings)
        return self._judge_body(number, credentials.key, world, key, parsed, findings)

    def _judge_body(
        self,
        number: int,
        api_key: str,
        world: _World,
        key: str | None,
        parsed: Parsed,
        findings: list[Found],
    ) -> Expected:
        body = parsed.value
        same = sameness(body)
        earlier = world.keys.get(key) if key is not None else None
        if earlier is not None and earlier[0] != same:
            findings += self._named(["idempotency-key-reused"])
            return self._refuse(400, "invalid_request_parameters", api_key, findings)
        faults = faults_of(body)
        if faults:
            findings += self._named(list(faults.elements()))
            return self._refuse(400, "invalid_request_parameters", api_key, findings)
        findings += self._named(list(value_rules(body).elements()))
        if earlier is not None:
            world.loose += capped(findings)
            return _expected(200, None, api_key, findings, replay_of=earlier[1])
        order_id = body["payload"]["order_id"]
        settings = Settings(
            self.levels, self.timestamp_tolerance * SECOND, tuple(self.protection_products)
        )
        others = elsewhere(story.lines for story in world.stories.values())
        event = event_of(body, same, number, self.now, settings, others)
        history = [*world.orders.get(order_id, ()), event]
        story = tell(history)
        own = findings + story.findings[number]
        broken = [one.rule for one in own if self._refuses(one)]
        if broken:
            return self._refuse(*_refusal(broken), api_key, own)
        world.loose += capped(findings)
        world.orders[order_id] = history
        world.stories[order_id] = story
        world.events.append(number)
        if key is not None:
            world.keys[key] = (same, number)
        return _expected(200, None, api_key, own, stored=True)

    def _refuses(self, found: Found) -> bool:
        level = self.levels.get(found.rule)
        if level in ("refuse", "accept"):
            return level == "refuse"
        return self.enforcement == "reject" and found.severity == "violation"

    def _named(self, rules: list[str]) -> list[Found]:
        made = (found(rule, self.levels) for rule in rules)
        return [one for one in made if one is not None]

    def _refuse(
        self, status: int, code: str, api_key: str | None, findings: list[Found]
    ) -> Expected:
        if api_key is not None:
            loose = self._worlds.setdefault(api_key, _World()).loose
            loose += [Found(one.rule, one.severity) for one in capped(findings)]
        return _expected(status, code, api_key, findings)


def _refusal(broken: list[str]) -> tuple[int, str]:
    """Status and code of an event that reject mode refuses."""
    if "unknown-order" in broken:
        return 404, "entity_not_found"
    if "order-cancel-after-fulfillment" in broken or "order-already-cancelled" in broken:
        return 400, "cancel_decline"
    return 400, "invalid_request_parameters"


def _expected(
    status: int,
    code: str | None,
    api_key: str | None,
    findings: list[Found],
    *,
    replay_of: int | None = None,
    stored: bool = False,
) -> Expected:
    counts = Counter(one.rule for one in capped(findings))
    return Expected(status, code, worst(findings), api_key, replay_of, stored, counts)
