"""What any server that claims the contract must answer: the fuzzer's naive expectation.

Written from the provider's pages alone and apart from `contracts`, so that the two check each
other. It is deliberately slow-witted: the history is a list, and an order's history is made
again from its start at every request (`orders.history_of`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from contracts.values import dataclass
from fuzz.model.bodies import body_faults, value_rules
from fuzz.model.findings import Finding, capped, make_finding, worst_severities
from fuzz.model.json_text import Parsed, canonical_form, parse
from fuzz.model.order_view import order_view
from fuzz.model.orders import Event, OrderHistory, event_of, history_of
from fuzz.model.placement import NOTHING_ELSEWHERE, Elsewhere, Line, elsewhere
from fuzz.model.requests import (
    EVENTS,
    credentials_of,
    header_rules,
    is_key,
    values_of,
    wrong_address,
)
from fuzz.model.stakes import at_stake, price_findings
from fuzz.model.world_settings import USUAL_SETTINGS, WorldSettings


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request as it is sent."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"
    path: str = EVENTS


@dataclass(frozen=True)
class Prediction:
    """What must come back.

    `findings` maps the rules of this request's own event to severities, the worse of two;
    `counts` says how many of each. `world` is the API key, None where no world is asked.
    `replay_of` is the number of the request whose event id must come back; `stored` says that a
    new event of the order `order_id` was accepted.
    """

    status: int
    error_code: str | None
    findings: Mapping[str, str]
    world: str | None
    replay_of: int | None = None
    stored: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    order_id: str | None = None


@dataclass
class _World:
    """One key's history. `unresolvable` are findings that nothing resolves."""

    orders: dict[str, list[Event]] = field(default_factory=dict)
    histories: dict[str, OrderHistory] = field(default_factory=dict)
    keys: dict[str, tuple[str, int]] = field(default_factory=dict)
    unresolvable: list[Finding] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def copy(self) -> "_World":
        # Histories are made anew and never changed, so the copies may share them.
        orders = {order_id: list(events) for order_id, events in self.orders.items()}
        return _World(
            orders,
            dict(self.histories),
            dict(self.keys),
            list(self.unresolvable),
            list(self.events),
        )


class Model:
    """Judges requests one after the other and remembers them.

    `now` is the time at which the next request arrives, in nanoseconds since 1970 UTC; it,
    `settings`, `auth` (both, authorization, bearer-header) and `api_keys` (empty: any) may be
    changed between requests. `before` is what orders hold that were placed before the model began.
    """

    def __init__(
        self,
        *,
        now: int,
        settings: WorldSettings = USUAL_SETTINGS,
        auth: str = "both",
        api_keys: Collection[str] = (),
        before: Elsewhere = NOTHING_ELSEWHERE,
    ) -> None:
        self.now = now
        self.settings = settings
        self.auth = auth
        self.api_keys = api_keys
        self.before = before
        self.requests_seen = 0
        self._worlds: dict[str, _World] = {}

    def copy(self) -> "Model":
        """The same history, to go on with by itself."""
        other = Model(
            now=self.now,
            settings=self.settings,
            auth=self.auth,
            api_keys=self.api_keys,
            before=self.before,
        )
        other.requests_seen = self.requests_seen
        other._worlds = {key: world.copy() for key, world in self._worlds.items()}
        return other

    def orders(self, world: str) -> dict[str, dict[str, Any]]:
        """The placed orders as the control API shows them, by id."""
        histories = self._worlds.get(world, _World()).histories
        return {
            order_id: order_view(order_id, history)
            for order_id, history in histories.items()
            if history.placed is not None
        }

    def order(self, world: str, order_id: str) -> dict[str, Any] | None:
        """One placed order; None where there is none."""
        history = self._worlds.get(world, _World()).histories.get(order_id)
        return None if history is None or history.placed is None else order_view(order_id, history)

    def active_units(self, world: str, order_id: str) -> dict[str, int]:
        """The active units of each line of an order; empty before its placement."""
        return {line.id: line.active for line in self._lines(world, order_id)}

    def unshipped_units(self, world: str, order_id: str) -> dict[str, int]:
        """The units of each line that can still be shipped; empty before the placement."""
        return {
            line.id: min(line.active, line.ordered - line.fulfilled)
            for line in self._lines(world, order_id)
        }

    def _lines(self, world: str, order_id: str) -> Iterable[Line]:
        history = self._worlds.get(world, _World()).histories.get(order_id)
        return () if history is None else history.lines.values()

    def elsewhere(self, world: str) -> Elsewhere:
        """What the orders of a world hold, those before the model began included."""
        histories = self._worlds.get(world, _World()).histories.values()
        return self.before | elsewhere(history.lines for history in histories)

    def open_findings(self, world: str) -> Counter[str]:
        """How many findings of each rule are open."""
        known = self._worlds.get(world, _World())
        counted = Counter(item.rule for item in known.unresolvable)
        for history in known.histories.values():
            for findings in (*history.findings.values(), *history.later.values()):
                counted.update(item.rule for item in capped(findings) if item.open)
        return counted

    def findings(self, world: str) -> Counter[tuple[str, ...]]:
        """How many findings there are of each rule, severity, state (open, resolved) and cost.

        The cost is minor units with their currency, "" for none.
        """
        known = self._worlds.get(world, _World())
        told = [(item, "") for item in known.unresolvable]
        for history in known.histories.values():
            price_findings(history)
            currency = _currency(history)
            for findings in (*history.findings.values(), *history.later.values()):
                told += [(item, currency) for item in capped(findings)]
        return Counter(
            (
                item.rule,
                item.severity,
                "open" if item.open else "resolved",
                f"{item.cost} {currency}" if item.cost else "",
            )
            for item, currency in told
        )

    def at_stake(self, world: str) -> dict[str, int]:
        """What the open findings of a world cost, by currency; each unit counts once."""
        sums: Counter[str] = Counter()
        for history in self._worlds.get(world, _World()).histories.values():
            sums[_currency(history)] += at_stake(history)
        return {currency: amount for currency, amount in sums.items() if amount}

    def late_findings(self, world: str) -> dict[int, Counter[str]]:
        """The rules that events broke when their placement came, by the number of the request."""
        histories = self._worlds.get(world, _World()).histories.values()
        return {
            number: Counter(item.rule for item in capped(findings))
            for history in histories
            for number, findings in history.later.items()
        }

    def events(self, world: str) -> list[int]:
        """The numbers of the requests whose events were accepted, in their order."""
        return list(self._worlds.get(world, _World()).events)

    def reset(self, world: str) -> None:
        """Forget all of a world."""
        self._worlds.pop(world, None)

    def world_of(self, request: HttpRequest) -> str | None:
        """The key whose world a request belongs to; None where no good key was sent."""
        return credentials_of(values_of(request.headers), self.auth, self.api_keys).key

    def predict(self, request: HttpRequest) -> Prediction:
        """Judge a request and remember it: route, credentials, body, key, schema, order."""
        number = self.requests_seen
        self.requests_seen += 1
        headers = values_of(request.headers)
        credentials = credentials_of(headers, self.auth, self.api_keys)
        live = ["auth-environment-mismatch"] if credentials.live else []
        path = request.path.partition("?")[0]
        if request.method != "POST" or path != EVENTS:
            rules = [*live, *wrong_address(request.method, path)]
            return self._refuse(404, "entity_not_found", credentials.key, self._named(rules))
        if credentials.key is None:
            return self._refuse(401, "unauthorized", None, self._named(live or ["auth-invalid"]))
        world = self._worlds.setdefault(credentials.key, _World())
        findings = self._named([*credentials.advice, *header_rules(headers)])
        key = headers.get("hakuna-idempotency-key") or None
        parsed = parse(request.body)
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
        findings: list[Finding],
    ) -> Prediction:
        body = parsed.value
        canonical = canonical_form(body)
        earlier = world.keys.get(key) if key is not None else None
        if earlier is not None and earlier[0] != canonical:
            findings += self._named(["idempotency-key-reused"])
            return self._refuse(400, "invalid_request_parameters", api_key, findings)
        faults = body_faults(body)
        if faults:
            findings += self._named(list(faults.elements()))
            return self._refuse(400, "invalid_request_parameters", api_key, findings)
        findings += self._named(list(value_rules(body).elements()))
        if earlier is not None:
            world.unresolvable += capped(findings)
            return _prediction(200, None, api_key, findings, replay_of=earlier[1])
        order_id = body["payload"]["order_id"]
        others = self.elsewhere(api_key)
        event = event_of(body, canonical, number, self.now, self.settings, others)
        events = [*world.orders.get(order_id, ()), event]
        history = history_of(events)
        own = findings + history.findings[number]
        broken = [
            finding.rule for finding in own if self.settings.refuses(finding.rule, finding.severity)
        ]
        if broken:
            return self._refuse(*_refusal(broken), api_key, own)
        world.unresolvable += capped(findings)
        world.orders[order_id] = events
        world.histories[order_id] = history
        world.events.append(number)
        if key is not None:
            world.keys[key] = (canonical, number)
        return replace(_prediction(200, None, api_key, own, stored=True), order_id=order_id)

    def _named(self, rules: list[str]) -> list[Finding]:
        made = (make_finding(rule, self.settings.rules) for rule in rules)
        return [item for item in made if item is not None]

    def _refuse(
        self, status: int, code: str, api_key: str | None, findings: list[Finding]
    ) -> Prediction:
        if api_key is not None:
            unresolvable = self._worlds.setdefault(api_key, _World()).unresolvable
            unresolvable += [Finding(item.rule, item.severity) for item in capped(findings)]
        return _prediction(status, code, api_key, findings)


def _currency(history: OrderHistory) -> str:
    return str(history.placed.payload["order_currency"]) if history.placed else ""


def _refusal(broken: list[str]) -> tuple[int, str]:
    """Status and code of an event that reject mode refuses."""
    if "unknown-order" in broken:
        return 404, "entity_not_found"
    if "order-cancel-after-fulfillment" in broken or "order-already-cancelled" in broken:
        return 400, "cancel_decline"
    return 400, "invalid_request_parameters"


def _prediction(
    status: int,
    code: str | None,
    api_key: str | None,
    findings: list[Finding],
    *,
    replay_of: int | None = None,
    stored: bool = False,
) -> Prediction:
    counts = Counter(item.rule for item in capped(findings))
    return Prediction(status, code, worst_severities(findings), api_key, replay_of, stored, counts)
