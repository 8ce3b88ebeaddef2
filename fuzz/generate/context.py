"""A conversation under way: its clients, what the model expects, and what is sent next.

Actions make a `Step`: requests, one after the other or in parallel, or a call of the control API.
It holds plain bytes, so that it can be recorded, shrunk and sent again.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import field
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.scenarios.rule_examples import usual_headers
from contracts.values import dataclass
from fuzz.generate.choices import Choices, Shuffler, shuffled
from fuzz.generate.client_simulator import Body, ClientSimulator, SimulatedOrder
from fuzz.model.oracle import HttpRequest, Model

Headers = tuple[tuple[str, str], ...]
SEND, IN_PARALLEL, RESET, SETTINGS, DRY_RUN = "send", "parallel", "reset", "settings", "dry run"

MAX_ORDERS = 6


@dataclass(frozen=True)
class Step:
    """One step. `key` is the API key whose world RESET, SETTINGS and DRY_RUN are about.

    `settings` is the body of SETTINGS; DRY_RUN asks for the verdicts on its requests.
    """

    action: str
    requests: tuple[HttpRequest, ...] = ()
    mode: str = SEND
    key: str = ""
    settings: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """How many requests it sends; a dry run of several is one."""
        return len(self.requests) if self.mode in (SEND, IN_PARALLEL) else 1


@dataclass
class Context:
    """What the actions know. `sent` are the requests that a client may repeat, oldest first.

    `controllable` says whether the target takes RESET, SETTINGS and DRY_RUN. A client has at most
    `max_orders`: with few of them, each has a long history. `shuffler` belongs to the whole run;
    `follow_ups` are steps that must follow the last one.
    """

    clients: tuple[ClientSimulator, ...]
    model: Model
    controllable: bool = False
    sent: list[tuple[ClientSimulator, HttpRequest]] = field(default_factory=list)
    request_count: int = 0
    max_orders: int = MAX_ORDERS
    shuffler: Shuffler | None = None
    follow_ups: list[Step] = field(default_factory=list)

    def shuffled(self, choices: Choices, name: Hashable) -> Choices:
        """Shuffled choices under that name; without a shuffler the choices themselves."""
        return shuffled(self.shuffler, choices, name)

    def sent_by(self, client: ClientSimulator) -> list[HttpRequest]:
        """The requests of one client, oldest first."""
        return [request for sender, request in self.sent if sender is client]

    def headers(
        self, client: ClientSimulator, changes: Mapping[str, str | None] | None = None
    ) -> Headers:
        """The headers of a good client under a new idempotency key, with changes."""
        self.request_count += 1
        usual: dict[str, str | None] = dict(usual_headers(self.request_count, client.key))
        usual[KEY_HEADER] = f"{client.tag}-{self.request_count}"
        usual.update(changes or {})
        return tuple((name, value) for name, value in usual.items() if value is not None)

    def request_for(
        self,
        client: ClientSimulator,
        body: Body | bytes,
        changes: Mapping[str, str | None] | None = None,
    ) -> HttpRequest:
        """A request that the client sends, remembered for retries."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = HttpRequest(self.headers(client, changes), raw)
        self.sent.append((client, request))
        return request

    def active_units(self, client: ClientSimulator, order: SimulatedOrder) -> Mapping[str, int]:
        """Active units of each line of an order; empty before its placement was accepted."""
        return self.model.active_units(client.key, order.order_id)

    def unshipped_units(self, client: ClientSimulator, order: SimulatedOrder) -> Mapping[str, int]:
        """Units of each line that can still be shipped, never more than the active ones."""
        return self.model.unshipped_units(client.key, order.order_id)


Action = Callable[..., Step | None]
"""`(context, client, choices) -> Step`; None if the action is not possible now."""
