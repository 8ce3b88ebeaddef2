"""A request of up to 1 MiB is judged within a second or two: one loop serves everybody."""

import json
import time
from typing import Any

from plays import FLAG, Shop

from contracts import judge
from contracts.http.limits import MAX_ITEMS
from contracts.json_text.parser import MAX_STRING
from contracts.shorthand import bodies

PLACEMENT = bodies("P{d:1}")[0]


def seconds_for(shop: Shop, body: Any) -> float:
    request = shop.request(body)
    start = time.process_time()
    judge(request, shop.world, FLAG)
    return time.process_time() - start


def event_of(letter: str, entries: list[dict[str, Any]]) -> bytes:
    event = bodies(f"{letter}{{d:1}}")[0]
    (items,) = [name for name in event["payload"] if name.endswith("_items")]
    event["payload"][items] = [{**event["payload"][items][0], **entry} for entry in entries]
    return json.dumps(event).encode()


def test_an_order_with_thousands_of_lines_and_plans():
    lines = ", ".join(f"d{n}:1, p{n}:1>d{n}" for n in range(1500))
    shop = Shop()
    assert seconds_for(shop, bodies(f"P{{{lines}}}")[0]) < 2
    shop.play(f"P{{{lines}}}")
    products = ", ".join(f"d{n}:1" for n in range(1500))
    for letter in "FRC":
        assert seconds_for(shop, bodies(f"{letter}{{{products}}}")[0]) < 2


def test_thousands_of_entries_for_one_line():
    shop = Shop().play("P{d:2}")
    entries = [{"quantity": number} for number in range(1, MAX_ITEMS)]
    assert seconds_for(shop, event_of("R", entries)) < 2


def test_thousands_of_identical_entries_for_one_line():
    shop = Shop().play("P{d:2}")
    assert seconds_for(shop, event_of("R", [{}] * MAX_ITEMS)) < 2


def test_thousands_of_entries_for_unknown_lines_of_a_large_order():
    shop = Shop().play("P{" + ", ".join(f"d{n:05}:1" for n in range(4000)) + "}")
    entries = [{"line_item_id": f"lime-d{number:05}"} for number in range(8000)]
    assert seconds_for(shop, event_of("R", entries)) < 2


def test_thousands_of_unknown_fields():
    assert seconds_for(Shop(), {**PLACEMENT, **{f"k{n}": n for n in range(40_000)}}) < 2


def test_thousands_of_custom_properties():
    body = bodies("P{d:1}")[0]
    line = body["payload"]["line_items"][0]
    line["custom_properties"] = {f"product_ref_{n}": n for n in range(30_000)}
    assert seconds_for(Shop(), body) < 2


def test_a_very_long_text_in_every_place():
    for name in ("order_id", "order_currency", "placed_at"):
        body = bodies("P{d:1}")[0]
        for length in (MAX_STRING, 1_000_000):
            body["payload"][name] = "x" * length
            assert seconds_for(Shop(), body) < 2
    assert seconds_for(Shop(), {**PLACEMENT, "type": "order_" * 150_000}) < 2
