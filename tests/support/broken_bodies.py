"""Bodies that are no event: one or several faults, and text that is no strict JSON."""

import json
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Chooser(Protocol):
    """What draws: see `model_conversations.Chooser`."""

    def of(self, options: Any) -> Any: ...
    def chance(self, one_in: int) -> bool: ...
    def some(self, least: int, most: int) -> int: ...
    def below(self, number: int) -> int: ...


VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    1.0,
    0.5,
    "",
    "1",
    "DE",
    "EUR",
    "de",
    "2024-03-01T09:00:00Z",
    "2024-03-01t09:00:00.1234567899z",
    "2024-03-01 09:00:00Z",
    "2024-03-01",
    "2024-03-01T09:00:00",
    "2024-03-01T24:00:00Z",
    "2024-02-30T09:00:00Z",
    "2024-03-01T23:59:60Z",
    "2024-03-02T00:59:60+01:00",
    "2024-03-01T09:00:60Z",
    "0000-02-29T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    1709283600000,
    "Order_placed",
    "order_paid",
    "order_cancelled",
    "order_refund_added",
    [],
    {},
    [1],
    10**30,
    1e300,
    "é\n",
)


def broken(chooser: Chooser, body: Any) -> Any:
    """The body with one to three of its members replaced, left out or added."""
    made = json.loads(json.dumps(body))
    if chooser.chance(30):
        return chooser.of((None, [], [made], "x", 1, {}, True))
    for _ in range(chooser.of((1, 1, 1, 2, 3))):
        holder: Any = made
        for _ in range(8):
            if isinstance(holder, list):
                if not holder:
                    break
                place: Any = chooser.below(len(holder))
            elif isinstance(holder, dict) and holder:
                place = chooser.of(sorted(holder))
            else:
                break
            inner = holder[place]
            # Mostly down to a leaf: the containers are few and the leaves many.
            if isinstance(inner, dict | list) and inner and not chooser.chance(6):
                holder = inner
                continue
            if chooser.chance(3):
                del holder[place]
            elif isinstance(holder, dict) and chooser.chance(12):
                holder[f"{place}_"] = holder.pop(place)
            else:
                holder[place] = chooser.of(VALUES)
            break
    return made


def raw_text(chooser: Chooser, body: Any) -> bytes:
    """The body as text with something odd about it; a few of the oddities are allowed."""
    text = json.dumps(body)
    opened = text.replace("{", "{" + chooser.of(ODD_MEMBERS), 1 + chooser.below(2))
    return chooser.of(
        (
            opened.encode(),
            opened.encode(),
            b"\xef\xbb\xbf" + text.encode(),
            text[:-1].encode(),
            text.encode() + b"x",
            b" \n\t" + text.encode() + b"\r\n ",
            b"",
            text.encode("utf-16"),
            text.encode() + b"\xff",
            b"[" * 70 + b"]" * 70,
            b"\x0b" + text.encode(),
            text.replace('"', "'").encode(),
            text.replace(": ", ": +").encode(),
            json.dumps(body, indent=2, ensure_ascii=False).encode(),
        )
    )


ODD_MEMBERS = (
    '"type": "order_placed", ',
    '"order_id": 1, ',
    '"x": NaN, ',
    '"x": -Infinity, ',
    '"x": 1e400, ',
    '"x": 1E5, "x": 2, "x": 3, ',
    '"x": "\\ud800", ',
    '"\\udc00": 1, ',
    '"x": "\\ud83d\\ude00", ',
    '"x": ' + "9" * 308 + ", ",
    '"x": ' + "9" * 309 + ", ",
    '"x": -' + "9" * 308 + ", ",
    '"x": ' + "[" * 62 + "]" * 62 + ", ",
    '"x": ' + "[" * 63 + "]" * 63 + ", ",
    '"x": ' + "[" * 64 + "]" * 64 + ", ",
    '"x": {"a": 1, "a": 1}, "y": {"a": {"b": 0, "b": 0}}, ',
    '"x": "\x01", ',
    '"x": 01, ',
    '"x": -0, ',
    '"x": .5, ',
    '"payload": {}, ',
    ",",
)
