"""The faults that the server plays on demand."""

from markdown import angle, block, code, page, table

from contracts.faults.catalogue import CATALOGUE, MAX_MS, MAX_SECONDS, STATUSES
from contracts.faults.fault import FAULT_HEADER
from contracts.faults.outage import MODES
from contracts.faults.registry import MAX_ARMED
from contracts.faults.retry_tracking import MAX_REMEMBERED
from contracts.rules import ON_DEMAND, RULES


def text() -> str:
    """The page."""
    statuses = ", ".join(map(str, STATUSES))
    return page(
        "Faults on demand",
        "The provider's pages list no 429 and no 5xx, so all of this is `house`: what any HTTP "
        "service does to its clients one day. `hakuna-mock catalog` and `GET /_mock/v1/catalog` "
        "say the same. [How to use them](../how-to/faults-and-retries.md).",
        table(
            ["effect", "the client sees", "event", "a good client"],
            (
                (
                    code(item.name),
                    angle(item.sees),
                    "stored" if item.processed else "not stored",
                    angle(item.good),
                )
                for item in CATALOGUE.values()
            ),
        ),
        "## Three ways to ask for one",
        "The first that is there decides, in this order. All of them need a good API key; a name "
        "that does not exist is refused with 400 (`fault-unknown`).",
        table(
            ["way", "written", "counts"],
            (
                (
                    "a header of the request",
                    code(f"{FAULT_HEADER}: unavailable; times=2"),
                    "every request that carries it; with `times` those of one order together",
                ),
                (
                    "the end of the order id",
                    code("ord-1--mock-unavailable-x2"),
                    "requests of that order; once without `-xN`",
                ),
                (
                    "the control API",
                    code('POST /_mock/v1/faults {"effect": "unavailable", "times": 2}'),
                    "requests of the world that the key names, without a key of all worlds",
                ),
            ),
        ),
        "## The fault of the control API",
        block(
            '{"id": "mine", "match": {"type": "order_refund_added", "order_id": "ord-1"},\n'
            ' "effect": {"status": 429, "retry_after": 5, "delay_ms": 200},\n'
            ' "times": 2, "after": 1}',
            "json",
        ),
        table(
            ["member", "meaning"],
            (
                (
                    "`effect`",
                    f'a name of the table, {{"status": …}} ({statuses}), {{"delay_ms": …}}',
                ),
                ("`delay_ms`", f"milliseconds before the reply, {MAX_MS} at most, for any effect"),
                ("`retry_after`", f"seconds for 429 and 503, {MAX_SECONDS} at most"),
                ("`match`", "which events: `type`, `order_id`, both optional"),
                ("`times`", "how often it plays; 1 where neither `times` nor `rate` is given"),
                (
                    "`rate`",
                    "a chance from 0 to 1 for each event; `serve --seed` makes it repeatable",
                ),
                ("`after`", "how many matching events pass first"),
                ("`id`", f"made where it is missing; a world holds {MAX_ARMED}, spent ones go"),
            ),
        ),
        "The header knows the same numbers, `rate_limited; retry_after=5; times=2`; the order id "
        "how late and how often, `--mock-delay-500-x3`. The journal says in `fault` what was "
        "played; the status of a request that got no reply is 0.",
        "## Outages",
        '`PUT /_mock/v1/settings {"outage": {"mode": "refuse", "seconds": 30}}` lets every '
        "event of a world fail, whatever faults are armed, until the seconds are over or "
        '`{"outage": null}` is put.',
        table(["mode", "effect"], ((code(mode), code(effect)) for mode, effect in MODES.items())),
        "## What is said of the client",
        table(
            ["rule", "severity", "says"],
            (
                (f"[{item}](rules.md#{item})", RULES[item].severity, angle(RULES[item].title))
                for item in sorted(ON_DEMAND)
            ),
        ),
        f"A world remembers the last {MAX_REMEMBERED} events that got no answer: the retry of an "
        "earlier one is not told from a new event, and its `retry-missing` stays open.",
    )
