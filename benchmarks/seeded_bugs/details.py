"""A second round of bugs, planted after the fuzzer had found the first: limits, details, corners.

Written to survive: each needs something that the moves of the first round did not do.
"""

import asyncio
import re
from dataclasses import replace
from itertools import groupby

from contracts import codes, credentials, events, gate, instant, order, schemas
from contracts.events import ItemsEvent, LineItem
from contracts.findings import Severity
from contracts.ledger import Ledger
from contracts.order import Outcome, Step
from contracts.policy import Enforcement
from contracts.replies import ErrorCode
from contracts.request import Request
from contracts.rules import customer
from contracts.scratch import ScratchWorld
from mock_server import app, events_endpoint
from mock_server.control import requests
from mock_server.memory_store import MemoryStore
from seeded_bugs import around, bug, judge

SECONDS = 0.003


# --- quantities and lines ---


@bug("quantities")
def cancelled_units_ship():
    """Cancelled units can still be shipped."""
    Ledger.unshipped = property(
        lambda self: max(0, self.ordered - self.fulfilled - self.refunded_unshipped)
    )


@bug("quantities")
def refunded_units_ship():
    """Units that were refunded before shipment can still be shipped."""
    Ledger.unshipped = property(
        lambda self: max(0, self.ordered - self.fulfilled - self.cancelled_unshipped)
    )


@bug("quantities")
def two_entries_of_a_line():
    """Of more than two entries for one line the first two count."""

    def move(old, current, arrival, event, before):
        by_line = sorted(event.items, key=lambda item: item.line_id)
        kept = [
            item
            for _, group in groupby(by_line, key=lambda item: item.line_id)
            for item in list(group)[:2]
        ]
        return old(current, arrival, replace(event, items=tuple(kept)), before)

    around(order, "_move_items", move)


@bug("quantities")
def quantities_as_doubles():
    """Quantities are kept as doubles: beyond 2^53 they are rounded."""
    old = events._placed

    def placed(body, payload):
        found = old(body, payload)
        lines = tuple(replace(one, quantity=int(float(one.quantity))) for one in found.lines)
        return replace(found, lines=lines)

    events._BUILDERS["order_placed"] = placed


@bug("quantities")
def ten_lines():
    """An order has ten lines at most; the others are dropped."""
    around(
        order,
        "_placed",
        lambda old, current, event_id, event: old(
            current, event_id, replace(event, lines=event.lines[:10])
        ),
    )


@bug("quantities")
def ten_entries():
    """An event has ten entries at most; the others are dropped."""

    def move(old, current, arrival, event, before):
        return old(current, arrival, replace(event, items=event.items[:10]), before)

    around(order, "_move_items", move)


@bug("transitions")
def ten_events_of_an_order():
    """After ten events an order is full: later ones are recorded only."""

    def meet(old, current, arrival, before):
        step = old(current, arrival, before)
        if len(current.accepted) > 10 and isinstance(arrival.event, ItemsEvent):
            return Step(arrival, Outcome.APPLIED, before, current)
        return step

    around(order, "_meet", meet)


@bug("placements")
def second_plan_line_wins():
    """Of two protection lines with one id the last one counts, of two products the first."""

    def placed(old, current, event_id, event):
        lines: dict[str, LineItem] = {}
        for line in event.lines:
            if line.id not in lines or line.is_protection:
                lines[line.id] = line
        return old(current, event_id, replace(event, lines=tuple(lines.values())))

    around(order, "_placed", placed)


# --- tables ---


def _codes(**changes):
    changed = codes.codes()._replace(**changes)
    codes.codes = customer.codes = lambda: changed


@bug("placements")
def kuna():
    """Croatia still pays in kuna."""
    _codes(country_currencies={**codes.codes().country_currencies, "hr": ("hrk",)})


@bug("placements")
def euro_of_liechtenstein():
    """Liechtenstein pays in euro."""
    _codes(country_currencies={**codes.codes().country_currencies, "li": ("eur",)})


def _zip(country, pattern):
    known = codes.codes().postal_codes
    changed = known[country]._replace(pattern=re.compile(pattern))
    _codes(postal_codes={**known, country: changed})


@bug("placements")
def dutch_digits_only():
    """Dutch postal codes have four digits and nothing else."""
    _zip("nl", "[0-9]{4}")


@bug("placements")
def no_zip_plus_four():
    """American postal codes have five digits and nothing else."""
    _zip("us", "[0-9]{5}")


# --- times and texts ---


def _form(change):
    instant._RFC3339 = re.compile(change(instant._RFC3339.pattern))


@bug("schema")
def newline_after_a_time():
    """A newline may follow a time, as `$` in a pattern allows."""
    _form(lambda pattern: f"{pattern}\n?")


@bug("schema")
def comma_in_a_time():
    """A comma may stand before the fraction of a second."""
    _form(lambda pattern: pattern.replace(r"\.", "[.,]"))


@bug("schema")
def offset_without_colon():
    """`+0100` is an offset."""
    _form(lambda pattern: pattern.replace("([+-])([0-9]{2}):", "([+-])([0-9]{2}):?"))


@bug("schema")
def digits_of_all_scripts():
    """The digits of a time may be Arabic ones."""
    _form(lambda pattern: pattern.replace("[0-9]", r"\d"))


@bug("schema")
def every_fourth_year():
    """2100 has a 29th of February."""
    instant.days_in_month = lambda year, month: (
        instant._MONTH_DAYS[month - 1] + (month == 2 and year % 4 == 0)
    )


@bug("schema")
def no_leap_day_in_2000():
    """2000 has no 29th of February."""
    instant.days_in_month = lambda year, month: (
        instant._MONTH_DAYS[month - 1] + (month == 2 and year % 4 == 0 and year % 100 != 0)
    )


@bug("schema")
def leap_second_at_any_time():
    """Any minute may have a 61st second."""
    old = instant.parse_instant

    def parse(text):
        found = old(text)
        return old(text.replace(":60", ":59")) if found is None and ":60" in text else found

    gate.parse_instant = events.parse_instant = parse


def _definition(name):
    return schemas.schema("common")["$defs"][name]


@bug("schema")
def newline_after_a_country():
    """A newline may follow a country code, as `$` in a pattern allows."""
    _definition("country").update(pattern="^[a-z]{2}\n?$", maxLength=3)


@bug("schema")
def newline_after_a_currency():
    """A newline may follow a currency code, as `$` in a pattern allows."""
    _definition("currency").update(pattern="^[a-z]{3}\n?$", maxLength=4)


@bug("schema")
def letters_of_all_scripts():
    """Lowercase letters of a country code may have accents."""
    _definition("country")["pattern"] = "^[a-zà-ÿ]{2}$"


@bug("schema")
def texts_of_at_most_4096():
    """Texts have 4,096 characters at most."""
    _definition("text")["maxLength"] = 4096


# --- doors ---


@bug("headers")
def header_names_to_the_letter():
    """Header names are compared with their case."""
    around(
        Request,
        "header",
        lambda old, self, name: (
            old(self, name) if any(sent == name for sent, _ in self.headers) else None
        ),
    )


@bug("routes")
def query_is_path():
    """A query behind the endpoint's path is a 404."""

    async def answer(request):
        server = request.app[events_endpoint.SERVER]
        body = await events_endpoint.read_body(request, server.settings.max_body)
        headers = tuple(request.headers.items())
        return await events_endpoint.answer_bytes(
            server, request.method, request.path_qs, headers, body
        )

    app.answer = answer


@bug("headers")
def no_version_in_replies():
    """Replies do not carry `Hakuna-Mock`."""
    around(judge, "base_headers", lambda old, request_id: old(request_id)[1:])


@bug("credentials")
def key_in_a_refusal():
    """A refusal repeats the key that was sent."""
    judge.mask_keys = str
    old = credentials._wrong_scheme
    credentials._wrong_scheme = lambda value: f"{old(value)}: {value}"


@bug("control API")
def strangers_not_journalled():
    """Requests without a good key are not kept in the journal."""

    async def keep(old, self, key, entry):
        if key is not None:
            await old(self, key, entry)

    around(MemoryStore, "journal", keep)


@bug("control API")
def findings_of_strangers_lost():
    """What is wrong with credentials is said in the reply only, not in the list of findings."""

    async def decide(old, self, address, arrived, decider):
        verdict = await old(self, address, arrived, decider)
        if address.key is None:
            self._stranger_findings._kept.clear()
        return verdict

    around(MemoryStore, "decide", decide)


# --- worlds ---


@bug("isolation")
def order_of_another_world():
    """`/orders/{id}` shows the order of whichever world has it."""

    async def found(old, self, world_id, order_id):
        return await old(self, world_id, order_id) or (await old(self, None, order_id))[:1]

    around(MemoryStore, "order", found)


@bug("isolation")
def event_of_another_world():
    """`/events/{id}` shows the event of whichever world has it."""

    async def found(old, self, world_id, event_id):
        return await old(self, world_id, event_id) or await old(self, None, event_id)

    around(MemoryStore, "event", found)


@bug("isolation")
def request_of_another_world():
    """`/requests/{id}` shows the request of whichever world has it."""
    old = requests.one_request

    async def everything(_request):
        return None

    async def one_request(request):
        kept, requests.narrowed = requests.narrowed, everything
        try:
            return await old(request)
        finally:
            requests.narrowed = kept

    app.ROUTES = tuple(
        (method, path, one_request if path.startswith("/requests/{") else handler)
        for method, path, handler in app.ROUTES
    )


# --- idempotency ---


@bug("idempotency")
def forty_keys_kept():
    """Only the last forty keys of a world are remembered."""
    around(
        ScratchWorld,
        "reply",
        lambda old, self, key: (
            old(self, key) if self._base or key in list(self.replies)[-40:] else None
        ),
    )


@bug("reject mode")
def replay_is_judged_again():
    """After a change to reject mode the retry of a flagged event is refused."""
    flagged = set()

    def accept(old, self, steps, names):
        verdict = old(self, steps, names)
        if any(one.severity is Severity.VIOLATION for one in verdict.findings):
            flagged.add(verdict.event_id)
        return verdict

    def replay(old, self, earlier):
        if self.policy.enforcement == Enforcement.REJECT and earlier.event_id in flagged:
            return self._refuse(ErrorCode.INVALID, ["it breaks a rule"])
        return old(self, earlier)

    around(judge._Judgement, "_accept", accept)
    around(judge._Judgement, "_replay", replay)


# --- at the same moment ---


def _decide(new):
    around(MemoryStore, "decide", new)


@bug("concurrency")
def other_body_in_a_race():
    """Two bodies under one new key at the same moment are both accepted."""

    async def decide(old, self, address, arrived, decider):
        key = address.idempotency_key
        if address.key is None or key is None:
            return await old(self, address, arrived, decider)
        world = self._world_of(address.key)
        known = world.state.reply(key) is not None
        await asyncio.sleep(SECONDS)
        verdict = decider(world.state, world.policy)
        if not known and any(one.rule == "idempotency-key-reused" for one in verdict.findings):
            kept = world.state.replies.pop(key)
            verdict = decider(world.state, world.policy)
            world.state.replies[key] = kept
            if verdict.accepted:
                accepted = replace(verdict.accepted, idempotency=None)
                verdict = replace(verdict, accepted=accepted)
        world.commit(verdict, arrived)
        return verdict

    _decide(decide)


@bug("concurrency")
def stored_in_the_other_world():
    """Of two events at the same moment the second is stored in the world of the first."""
    busy = []

    async def decide(old, self, address, arrived, decider):
        if address.key is None:
            return await old(self, address, arrived, decider)
        busy.append(address.key)
        first = busy[0]
        await asyncio.sleep(SECONDS)
        busy.remove(address.key)
        world = self._world_of(address.key)
        verdict = decider(world.state, world.policy)
        self._world_of(first).commit(verdict, arrived)
        return verdict

    _decide(decide)
