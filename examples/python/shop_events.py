"""What a small shop tells Hakuna about its orders: placed, shipped, refunded, cancelled."""

import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

ATTEMPTS = 3
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Line:
    """One line of an order. `protects` is the product id that an insurance line belongs to."""

    id: str
    product_id: str
    title: str
    brand: str
    quantity: int
    price_cents: int
    protects: str | None = None


@dataclass(frozen=True)
class Order:
    """An order as the shop keeps it. `customer` and `address` hold the fields of the API."""

    id: str
    customer: Mapping[str, str]
    address: Mapping[str, str]
    lines: tuple[Line, ...]


class ShopEvents:
    """Publishes order events; each method returns the id of the accepted event.

    Quantities are pieces by line id, this time and not in all.
    """

    def __init__(self, url: str, api_key: str, session: requests.Session | None = None) -> None:
        self._url = url
        self._session = session or requests.Session()
        self._session.headers["Authorization"] = f"Bearer {api_key}"
        self._session.headers["Hakuna-Version"] = "v2.0"

    @classmethod
    def from_environment(cls) -> "ShopEvents":
        """The shop as it is deployed: HAKUNA_URL and HAKUNA_API_KEY say where to and as whom."""
        return cls(os.environ["HAKUNA_URL"], os.environ["HAKUNA_API_KEY"])

    def placed(self, order: Order) -> str:
        """A customer bought something."""
        return self._publish(
            "order_placed",
            order,
            placed_at=_now(),
            order_currency="eur",
            customer=dict(order.customer),
            customer_billing_address=dict(order.address),
            line_items=[_line_item(line) for line in order.lines],
        )

    def shipped(self, order: Order, quantities: Mapping[str, int]) -> str:
        """Goods left the warehouse."""
        items = _items(quantities, "fulfilled_at")
        return self._publish("order_fulfillment_added", order, fulfillment_items=items)

    def refunded(self, order: Order, quantities: Mapping[str, int]) -> str:
        """Goods came back and were paid back; their protections go with them."""
        items = _items(self.with_protections(order, quantities), "refunded_at")
        return self._publish("order_refund_added", order, refund_items=items)

    def cancelled(self, order: Order) -> str:
        """The whole order was called off before anything was shipped."""
        return self._publish("order_cancelled", order, cancelled_at=_now())

    def with_protections(self, order: Order, quantities: Mapping[str, int]) -> dict[str, int]:
        """The quantities with those of the protections that belong to the products."""
        whole = dict(quantities)
        products = {line.id: line.product_id for line in order.lines if not line.protects}
        for line_id, pieces in quantities.items():
            for line in order.lines:
                if line.protects == products.get(line_id) and line.id not in quantities:
                    whole[line.id] = min(pieces, line.quantity)
        return whole

    def _publish(self, kind: str, order: Order, **payload: Any) -> str:
        event = {"type": kind, "payload": {"order_id": order.id, **payload}}
        # One key for all attempts: if only the reply was lost, the event must not count twice.
        headers = {"Hakuna-Idempotency-Key": str(uuid.uuid4())}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                reply = self._session.post(
                    self._url, json=event, headers=headers, timeout=TIMEOUT_SECONDS
                )
                break
            except requests.ConnectionError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.1 * attempt)
        reply.raise_for_status()
        return str(reply.json()["event_id"])


def _line_item(line: Line) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": line.id,
        "quantity": line.quantity,
        "price_amount": line.price_cents,
        "product_id": line.product_id,
        "product_title": line.title,
        "product_brand": line.brand,
    }
    if line.protects:
        item["custom_properties"] = {"product_reference": line.protects}
    return item


def _items(quantities: Mapping[str, int], stamp: str) -> list[dict[str, Any]]:
    now = _now()
    return [
        {"line_item_id": line, "quantity": pieces, stamp: now}
        for line, pieces in quantities.items()
    ]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
