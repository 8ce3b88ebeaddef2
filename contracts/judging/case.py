"""The facts of one judgement: the request, the world that it meets, and what follows from both."""

from typing import Any

from contracts.http.credentials import Credentials, without_live_key
from contracts.http.request import Request
from contracts.json_text.fingerprint import fingerprint
from contracts.json_text.parser import Document
from contracts.judging.replies import ENDPOINT
from contracts.judging.trail import Trail
from contracts.judging.verdict import WorldView
from contracts.orders.order import Step
from contracts.rules import OrderContext
from contracts.schemas import validator
from contracts.timing.rfc3339 import SECOND
from contracts.values import cached_property, dataclass
from contracts.worlds.policy import Policy


@dataclass(frozen=True)
class Case:
    """One request before its world. What is read of the body is None before the key is good."""

    request: Request
    world: WorldView
    policy: Policy
    credentials: Credentials

    @property
    def on_route(self) -> bool:
        """Whether it was sent to the endpoint, with its method."""
        return self.request.method == "POST" and self.request.path == ENDPOINT

    @property
    def key(self) -> str | None:
        """The API key, which names the world."""
        return self.credentials.key

    @cached_property
    def document(self) -> Any:
        """The body, if it is JSON and somebody known sent it to the endpoint."""
        if not self.on_route or self.credentials.problem is not None:
            return None
        parsed = self.request.parsed
        return parsed.value if isinstance(parsed, Document) else None

    @cached_property
    def named_type(self) -> str | None:
        """The event type that the body names; None where it names none of the five."""
        return validator.named_type(self.document)

    @cached_property
    def sent_order_id(self) -> str | None:
        """The order id of the body as it was sent."""
        payload = self.document.get("payload") if isinstance(self.document, dict) else None
        order_id = payload.get("order_id") if isinstance(payload, dict) else None
        return order_id if isinstance(order_id, str) and order_id else None

    @cached_property
    def order_id(self) -> str | None:
        """The order id as findings may show it: never with a live key in it."""
        return without_live_key(self.sent_order_id)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for bodies that mean the same event; for bodies that are JSON."""
        return fingerprint(self.document)

    @property
    def trail(self) -> Trail:
        """What the rules found before any was evaluated: nothing."""
        return Trail(self.request, self.policy, self.order_id, self.named_type)

    def order_context(self, step: Step, repeats: str | None = None) -> OrderContext:
        """An event of this request that meets its order, for the rules."""
        return OrderContext(
            step,
            self.request.received_at,
            self.world,
            repeats,
            self.policy.off,
            self.world.evictions,
            self.policy.protection_products,
            self.policy.timestamp_tolerance * SECOND,
        )
