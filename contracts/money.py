"""Amounts as people write them: minor units as in ISO 4217, 2 for a currency not listed."""

from collections.abc import Iterable, Mapping
from typing import Any

_DECIMALS: Mapping[str, int] = {
    item: decimals
    for decimals, currencies in (
        (0, "bif djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xof xpf clp"),
        (3, "bhd iqd jod kwd lyd omr tnd"),
        (4, "clf uyw"),
    )
    for item in currencies.split()
}
_SYMBOLS = {"eur": "€", "gbp": "£", "usd": "$", "jpy": "¥"}


def money(amount: int, currency: str) -> str:
    """Minor units in words: `€84.99`, `¥8,499`, `SEK 1,084.99`."""
    decimals = _DECIMALS.get(currency, 2)
    whole, rest = divmod(abs(amount), 10**decimals)
    number = f"{whole:,}" + (f".{rest:0{decimals}}" if decimals else "")
    sign = "-" if amount < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{currency.upper()} {sign}{number}"


def sums(at_stake: Iterable[Mapping[str, Any]]) -> str:
    """Sums of several currencies: `€84.99 and SEK 10.00`; "" for none."""
    return " and ".join(money(item["amount"], item["currency"]) for item in at_stake)
