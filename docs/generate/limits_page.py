"""Every limit of the server."""

from markdown import code, page, table

from mock_server.control.limits_table import limits


def text() -> str:
    """The page."""
    return page(
        "Limits",
        "The mock is made to be left running, and to be pointed at by code that is not finished: "
        "a shop that loops, a load test, a client that hangs. So everything that a client can make "
        "large, slow or many has a bound, and beyond it something documented happens. The provider "
        "publishes no limits: all of these are `house` choices, and no sign of how production "
        "behaves.",
        "`curl http://127.0.0.1:4258/_mock/v1/limits` shows the values in force. Each flag of "
        "`serve` has its twin `HAKUNA_MOCK_<FLAG>`.",
        table(
            ("what", "limit", "flag", "beyond it"),
            (
                (limit.name, limit.value, limit.flag and code(limit.flag), limit.client)
                for limit in limits()
            ),
        ),
        "**What is evicted is never hidden.** `GET /_mock/v1/health` counts it (`evicted`), the "
        "lists say it in `Hakuna-Mock-Evicted`, the inspector above its lists, and the server once "
        "on stderr, with the flag that keeps more. A verdict counts the findings of evicted orders "
        "and worlds; `POST /_mock/v1/reset` forgets them.",
        "**An event for an evicted order** meets an order that the mock does not know. "
        "`unknown-order` then says that the order may be one of those that were evicted: which "
        "ones they were is not kept. A placement under the id of an evicted order is a new order.",
        "**Memory** is flat once the bounds are reached: [a million events](../soak.md).",
        "**Within these limits** a client can still be a burden: what another one feels of it is "
        "[measured](../performance.md#what-one-client-feels-of-another).",
    )
