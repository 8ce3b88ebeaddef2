"""An order's story told again: with the same events it is the same, with another event it is that
of a shop that sent the other event in the first place.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from plays import Shop

from contracts.judging.what_if import Story
from contracts.shorthand import bodies

GOOD = ["P{d:2,p:2>d,a:1}", "F{d:1}", "F{d:2,a:1}", "R{d:1}", "R{d:1,p:1}", "C{a}", "X"]
ODD = ["P{d:1,p:2>d}", "P{p:1>x}", "R{p:1}", "C{d:1}", "R{zz:1}", "R{d:2}"]
EVENTS = st.sampled_from(GOOD + ODD)
PLAYS = st.lists(EVENTS, min_size=1, max_size=7)


def sent(text):
    """A shop with another order, which then sends these events."""
    shop = Shop()
    shop.play("P#other{d:1,p:1>d} F#other{d:1} R#other{d:1}")
    shop.events = []
    for body in bodies(text):
        request = shop.request(body)
        shop.events.append(request)
        shop.receive(request)
    return shop


def told(shop, requests):
    story = Story(shop.world, "ord-1", shop.policy)
    for request in requests:
        story.tell(request)
    return [story.findings(request.event_id) for request in requests]


@given(PLAYS)
def test_the_same_events_tell_the_same_story(plays):
    shop = sent(" ".join(plays))
    stored = [shop.log.of_event(event.event_id) for event in shop.events]
    before = shop.snapshot()
    assert told(shop, shop.events) == stored
    assert shop.snapshot() == before


@given(PLAYS, EVENTS, st.data())
def test_another_event_tells_the_story_of_a_shop_that_sent_it(plays, other, data):
    place = data.draw(st.integers(0, len(plays) - 1))
    day = f"@{place}"
    shop = sent(" ".join(plays))
    (body,) = bodies(other + day)
    changed = list(shop.events)
    changed[place] = replace(changed[place], body=Shop().request(body).body)
    instead = sent(" ".join([*plays[:place], other, *plays[place + 1 :]]))
    expected = [instead.log.of_event(event.event_id) for event in instead.events]
    assert told(shop, changed) == expected
