"""A conversation under way: two shops, the model's expectation, and what is sent next.

A `Step` is what the moves make: requests that are sent one after the other or at once, or a word
to the control API. It holds plain bytes, so that it can be recorded, shrunk and sent again.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.scenarios.rule_examples import usual_headers
from fuzz.generate.choices import Deck, Dice, dealt
from fuzz.generate.client_simulator import Body, Shop, ShopOrder
from fuzz.model.oracle import Asked, Model

Headers = tuple[tuple[str, str], ...]
SEND, AT_ONCE, RESET, SETTINGS, CHECK = "send", "at once", "reset", "settings", "check"


MOST_ORDERS = 6


@dataclass(frozen=True)
class Step:
    """One step. `key` is the API key that RESET, SETTINGS and CHECK are about.

    `settings` is the body of SETTINGS; CHECK asks what would become of its requests.
    """

    move: str
    requests: tuple[Asked, ...] = ()
    how: str = SEND
    key: str = ""
    settings: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """How many requests it is; a question about several is one."""
        return len(self.requests) if self.how in (SEND, AT_ONCE) else 1


@dataclass
class Talk:
    """What the moves know. `sent` are the requests that a shop may repeat, oldest first.

    `controllable` says whether the target takes RESET, SETTINGS and CHECK. A shop has at most
    `most_orders`: with few of them each has a long life. `deck` deals the choices of a run,
    `later` are steps that must follow the last one.
    """

    shops: tuple[Shop, ...]
    model: Model
    controllable: bool = False
    sent: list[tuple[Shop, Asked]] = field(default_factory=list)
    numbers: int = 0
    most_orders: int = MOST_ORDERS
    deck: Deck | None = None
    later: list[Step] = field(default_factory=list)

    def dealt(self, dice: Dice, name: Hashable) -> Dice:
        """Dice that deal the choices which go by that name, where there is a deck."""
        return dealt(self.deck, dice, name)

    def headers(self, shop: Shop, changes: Mapping[str, str | None] | None = None) -> Headers:
        """The headers of a good client under a new idempotency key, changed."""
        self.numbers += 1
        usual: dict[str, str | None] = dict(usual_headers(self.numbers, shop.key))
        usual[KEY_HEADER] = f"{shop.tag}-{self.numbers}"
        usual.update(changes or {})
        return tuple((name, value) for name, value in usual.items() if value is not None)

    def post(
        self, shop: Shop, body: Body | bytes, changes: Mapping[str, str | None] | None = None
    ) -> Asked:
        """A request that the shop sends, remembered for retries."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        asked = Asked(self.headers(shop, changes), raw)
        self.sent.append((shop, asked))
        return asked

    def left(self, shop: Shop, order: ShopOrder) -> Mapping[str, int]:
        """Active units of each line of an order, empty before its placement was accepted."""
        seen = self.model.order(shop.key, order.order_id)
        return {line["id"]: line["active"] for line in seen["lines"]} if seen else {}

    def unshipped(self, shop: Shop, order: ShopOrder) -> Mapping[str, int]:
        """Units of each line that can still be shipped, never below the active ones."""
        seen = self.model.order(shop.key, order.order_id)
        return {
            line["id"]: min(line["active"], line["ordered"] - line["fulfilled"])
            for line in (seen["lines"] if seen else ())
        }


Move = Callable[..., Step | None]
"""`(talk, shop, dice) -> Step`, None where the move is not possible now."""
