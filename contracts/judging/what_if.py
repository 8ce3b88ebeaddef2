"""An order's story judged once more, with one of its events replaced. Nothing is stored.

The other orders of the world are as they are now, and faults on demand do not play again: what is
told is what the rules say of the events, one after the other.
"""

from collections.abc import Sequence
from typing import Any

from contracts.faults.registry import NO_MATCH, FaultMatch, FaultRegistry
from contracts.findings.at_stake import OrderStakes, by_currency
from contracts.findings.finding import Finding
from contracts.http.idempotency import EarlierReply
from contracts.http.request import Request
from contracts.judging.session import Session
from contracts.judging.verdict import Verdict
from contracts.orders.order import Order
from contracts.values import replace
from contracts.worlds.policy import Policy
from contracts.worlds.world import World


class Story:
    """The events of one order, judged one after the other in a world where it was never heard of.

    What the world's settings say counts; an outage does not, and neither do keys and their headers.
    """

    def __init__(self, world: World | None, order_id: str, policy: Policy) -> None:
        told = World(
            replace(policy, outage=None, auth=Policy().auth, api_keys=frozenset()),
            base=_OtherOrders(world or World(policy), order_id),
        )
        told.faults = _NoFaults()
        self._session = Session(told)
        self.event_ids: list[str] = []

    def tell(self, request: Request) -> Verdict:
        """The verdict on the next event, under the id that the request proposes."""
        verdict = self._session.judge(request)
        if verdict.accepted:
            self.event_ids.append(request.event_id)
        return verdict

    def findings(self, event_id: str) -> Sequence[Finding]:
        """The findings of one of the events as they stand at the end of what was told."""
        return self._session.world.findings.of_event(event_id)

    @property
    def at_stake(self) -> list[dict[str, Any]]:
        """What its open findings stake."""
        return by_currency(self._session.world.at_stake.items())


class _OtherOrders(World):
    """A world as if one of its orders had never been."""

    def __init__(self, world: World, order_id: str) -> None:
        super().__init__(base=world)
        self._world = world
        self._hidden = order_id

    def events_received(self, order_id: str) -> int:
        return 0 if order_id == self._hidden else self._world.events_received(order_id)

    def order(self, order_id: str) -> Order | None:
        return None if order_id == self._hidden else self._world.order(order_id)

    def order_stakes(self, order_id: str) -> OrderStakes | None:
        return None if order_id == self._hidden else self._world.order_stakes(order_id)

    def first_event(self, order_id: str, fingerprint: str) -> str | None:
        return None if order_id == self._hidden else self._world.first_event(order_id, fingerprint)

    def orders_with_product(self, product_id: str) -> list[str]:
        found = self._world.orders_with_product(product_id)
        return [item for item in found if item != self._hidden]

    def order_with_protection(self, product_id: str) -> str | None:
        found = self._world.order_with_protection(product_id)
        return None if found == self._hidden else found

    def reply(self, key: str) -> EarlierReply | None:
        found = self._world.reply(key)
        return None if found and found.order_id == self._hidden else found

    def unanswered(self, fingerprint: str) -> None:
        """No fault plays, so nothing waits for its retry."""


class _NoFaults(FaultRegistry):
    """No fault plays, whoever asks for one."""

    def match(self, *_asked: Any) -> FaultMatch:
        return NO_MATCH
