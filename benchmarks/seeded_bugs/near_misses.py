"""Bugs that accept a near miss: another case, a beginning, one character more or less."""

import re

from contracts.event_kinds import EVENT_TYPES
from contracts.http import credentials
from contracts.http import request as request_module
from contracts.http.request import Request
from contracts.json_text.parser import Document
from contracts.judging import replies
from contracts.timing import rfc3339
from contracts.worlds.world import World
from seeded_bugs import around, bug, case, checked
from seeded_bugs.seams import definition


def _keys(pattern):
    credentials.SANDBOX_KEY = re.compile(pattern)


@bug("near misses")
def key_prefix_in_any_case():
    """`SK_TEST_…` is a sandbox key."""
    _keys("(?i:sk_test_)[A-Za-z0-9_]+")


@bug("near misses")
def key_prefix_without_its_last_character():
    """`sk_testabc` is a sandbox key."""
    _keys("sk_test[A-Za-z0-9_]+")


@bug("near misses")
def key_prefix_without_its_first_character():
    """`k_test_…` is a sandbox key."""
    _keys("s?k_test_[A-Za-z0-9_]+")


def _names_read(change):
    """Header names are changed before anybody looks at them."""

    def headers(old, lines):
        return old((change(name), value) for name, value in lines)

    around(request_module, "joined", headers)


@bug("near misses")
def scheme_by_its_beginning():
    """`Bearers KEY` is as good as `Bearer KEY`."""

    def header(old, self, name):
        value = old(self, name)
        return re.sub(r"(?i)^bearer\S* ", "Bearer ", value) if value else value

    around(Request, "header", header)


@bug("near misses")
def bearer_header_with_one_more_letter():
    """A key in the header `Bearers` is read as well."""
    _names_read(lambda name: "Bearer" if name.lower() == "bearers" else name)


@bug("near misses")
def authorization_by_its_beginning():
    """`Authorizations` is read as `Authorization`."""
    _names_read(lambda name: name[:13] if name.lower().startswith("authorization") else name)


@bug("near misses")
def idempotency_header_by_its_beginning():
    """`Hakuna-Idempotency` is read as well."""
    _names_read(
        lambda name: "Hakuna-Idempotency-Key" if name.lower() == "hakuna-idempotency" else name
    )


@bug("near misses")
def dashes_of_header_names_left_out():
    """`HakunaVersion` is read as `Hakuna-Version`."""
    _names_read(lambda name: "Hakuna-Version" if name.lower() == "hakunaversion" else name)


def _paths(accepts):
    case.Case.on_route = property(
        lambda self: self.request.method == "POST" and accepts(self.request.path)
    )


@bug("near misses")
def path_by_its_beginning():
    """Every path that begins with the endpoint's is the endpoint."""
    _paths(lambda path: path.startswith(replies.ENDPOINT))


@bug("near misses")
def path_in_the_singular():
    """`/sandbox/event` is the endpoint, too."""
    _paths(lambda path: path in (replies.ENDPOINT, "/sandbox/event"))


@bug("near misses")
def first_letter_of_the_path():
    """`/Sandbox/…` in one other letter's case is the endpoint."""
    _paths(lambda path: path in (replies.ENDPOINT, "/sandbox/EVENTS"))


def _documents(change):
    """Bodies are changed after they were parsed."""

    def parse(old, raw):
        found = old(raw)
        if isinstance(found, Document) and isinstance(found.value, dict):
            change(found.value)
        return found

    around(request_module, "parse", parse)


def _typed(change):
    def set_type(body):
        if isinstance(body.get("type"), str):
            body["type"] = change(body["type"])

    _documents(set_type)


@bug("near misses")
def type_in_any_case():
    """`Order_placed` is an event type."""
    _typed(str.lower)


@bug("near misses")
def type_by_its_beginning():
    """What begins with an event type is that type."""
    _typed(
        lambda text: next(
            (event_type for event_type in EVENT_TYPES if text.startswith(event_type)), text
        )
    )


@bug("near misses")
def type_without_its_last_word():
    """`order_fulfillment` and `order_refund` are event types."""
    _typed(lambda text: f"{text}_added" if f"{text}_added" in EVENT_TYPES else text)


def _named(change):
    def rename(value):
        if isinstance(value, dict):
            for name in list(value):
                rename(value[name])
                if (new := change(name)) != name and new not in value:
                    value[new] = value.pop(name)
        for inner in value if isinstance(value, list) else ():
            rename(inner)

    _documents(rename)


@bug("near misses")
def field_names_begin_in_any_case():
    """`Payload` and `Quantity` are read as `payload` and `quantity`."""
    _named(lambda name: name[:1].lower() + name[1:])


@bug("near misses")
def underscores_of_field_names_left_out():
    """`orderid` is read as `order_id`."""
    _named(lambda name: "order_id" if name == "orderid" else name)


@bug("near misses")
def country_with_a_capital():
    """`De` is a country code."""
    definition("country")["pattern"] = "^[A-Za-z][a-z]$"


@bug("near misses")
def currency_ends_with_a_capital():
    """`euR` is a currency code."""
    definition("currency")["pattern"] = "^[a-z]{2}[A-Za-z]$"


@bug("near misses")
def currency_of_two_letters():
    """`eu` is a currency code, and `eurr` one as well."""
    definition("currency").update(pattern="^[a-z]{3,4}$", maxLength=4)


def _rule_of(rule_id, name, good):
    def check(old, context):
        return () if good(context.request.header(name) or "") else old(context)

    checked(rule_id, check)


@bug("near misses")
def version_by_its_beginning():
    """`v2.00` and `v2.0s` are taken for `v2.0`."""
    _rule_of("version-header-unexpected", "Hakuna-Version", lambda text: text.startswith("v2.0"))


@bug("near misses")
def version_without_its_dot():
    """`v2` is taken for `v2.0`."""
    _rule_of("version-header-unexpected", "Hakuna-Version", lambda text: text == "v2")


@bug("near misses")
def content_type_by_its_beginning():
    """`application/jsons` is JSON."""
    _rule_of("content-type", "Content-Type", lambda text: text.startswith("application/json"))


@bug("near misses")
def content_type_by_its_end():
    """Whatever ends with `json` is JSON."""
    _rule_of("content-type", "Content-Type", lambda text: text.lower().endswith("json"))


@bug("near misses")
def idempotency_key_without_its_dashes():
    """Idempotency keys are compared without their dashes."""
    around(World, "reply", lambda old, self, key: old(self, key) or _replied(self, key))


def _replied(world, key):
    plain = key.replace("-", "")
    return next(
        (reply for name, reply in world.replies.items() if name.replace("-", "") == plain), None
    )


@bug("near misses")
def a_letter_after_a_time():
    """One letter may follow a time."""
    rfc3339._RFC3339 = re.compile(rfc3339._RFC3339.pattern + "[A-Za-z]?")
