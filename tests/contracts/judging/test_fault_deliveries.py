"""Each effect of the catalogue does to the client what its line says, and nothing else.

An effect without behaviour fails here: what a client receives would be the usual reply.
"""

import json

import pytest
from plays import Shop

from contracts.faults.catalogue import CATALOGUE, Kind
from contracts.judging.delivery import Cut, Delivery, Hang, Send
from contracts.shorthand import bodies

PLACED = bodies("P{d:1}")[0]


def received(fault: str | None) -> tuple[Delivery, Shop]:
    """How the reply to a placement leaves, and the shop that sent it."""
    shop = Shop()
    verdict = shop.send(PLACED, {"Hakuna-Mock-Fault": fault} if fault else None)
    return verdict.delivery, shop


def what_it_is(delivery: Delivery) -> object:
    """A delivery without its ids and the header that names the fault."""
    if not isinstance(delivery, Send):
        return delivery
    headers = {name: value for name, value in delivery.headers if not name.startswith("Hakuna-M")}
    return delivery.status, headers, delivery.body, delivery.delay_ms


each_effect = pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda item: item.name)


@each_effect
def test_a_client_receives_something_else_than_the_usual_reply(kind: Kind):
    assert what_it_is(received(kind.name)[0]) != what_it_is(received(None)[0])


@each_effect
def test_no_two_effects_are_the_same_to_a_client(kind: Kind):
    others = [item for item in CATALOGUE if item != kind.name]
    mine, mine_stored = received(kind.name)[0], kind.processed
    same = [
        item
        for item in others
        if what_it_is(received(item)[0]) == what_it_is(mine)
        and CATALOGUE[item].processed == mine_stored
    ]
    assert same == []


@each_effect
def test_the_event_is_stored_where_the_catalogue_says_so(kind: Kind):
    _, shop = received(kind.name)
    assert len(shop.session.world.orders) == kind.processed


@each_effect
def test_a_client_gets_the_status_of_the_catalogue_or_no_reply(kind: Kind):
    delivery, _ = received(kind.name)
    if isinstance(delivery, Send):
        assert delivery.status == (kind.status or 200)
    else:
        assert isinstance(delivery, Cut | Hang)
        assert (kind.status, kind.answered) == (0, False)


@each_effect
def test_a_client_learns_the_event_id_where_the_catalogue_says_so(kind: Kind):
    delivery, _ = received(kind.name)
    try:
        told = isinstance(delivery, Send) and "event_id" in json.loads(delivery.body)
    except ValueError:
        told = False
    assert told == kind.answered
