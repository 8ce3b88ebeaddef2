"""Requests as strangers send them: any route, any headers, any bytes."""

import json

import page
from conversations import stories
from hypothesis import strategies as st
from mutants import EVENTS, mutants
from plays import NOW, event_id

from contracts import Request
from contracts.scenarios.rule_examples import EXAMPLE_KEY

LIVE_KEY = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"

KEYS = (
    EXAMPLE_KEY,
    page.KEY,
    LIVE_KEY,
    "pk_test_" + "Ab12Cd34Ef56Gh78",
    "sk_test_",
    "",
    "nonsense",
)

HEADERS = {
    "Authorization": st.sampled_from(["Bearer ", "bearer ", "Basic ", ""]).flatmap(
        lambda scheme: st.sampled_from(KEYS).map(lambda key: scheme + key)
    ),
    "Bearer": st.sampled_from(KEYS),
    "X-API-KEY": st.sampled_from(KEYS),
    "Hakuna-Version": st.sampled_from(["v2.0", "v1.2", "", " v2.0 ", "v" * 300]),
    "Hakuna-Idempotency-Key": st.sampled_from(["k1", "k2", "", "two words", "k" * 256, "ü"]),
    "Content-Type": st.sampled_from(["application/json", "text/plain", "", "a/b+json; x=y"]),
}

PATHS = (
    "/sandbox/events",
    "/sandbox/events/",
    "/events",
    "/events/1",
    "/eventsource",
    "/",
    "",
    "/" + "x" * 200,
    "/sandbox/events/" + LIVE_KEY,
)


@st.composite
def header_lines(draw) -> tuple[tuple[str, str], ...]:
    """A few header lines in any case, some of them twice."""
    names = draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=6))
    styles = (str, str.lower, str.upper)
    return tuple((draw(st.sampled_from(styles))(name), draw(HEADERS[name])) for name in names)


GOOD_HEADERS = (("Authorization", f"Bearer {EXAMPLE_KEY}"), ("Hakuna-Version", "v2.0"))


def byte_bodies() -> st.SearchStrategy[bytes]:
    """Bytes: noise, JSON, broken JSON, events, events with faults."""
    events = st.sampled_from(EVENTS) | mutants() | stories(max_events=0).map(lambda s: s.bodies[0])
    written = events.map(lambda event: json.dumps(event).encode())
    return st.binary(max_size=40) | written | written.map(lambda raw: raw[: len(raw) // 2])


def requests(number: int = 1) -> st.SearchStrategy[Request]:
    """Any request; about every second one gets past route and credentials."""
    good = st.tuples(st.just("POST"), st.just("/sandbox/events"), st.just(GOOD_HEADERS))
    strange = st.tuples(
        st.sampled_from(["POST", "GET", "PUT", "OPTIONS", "post", ""]),
        st.sampled_from(PATHS),
        header_lines(),
    )
    mixed = st.tuples(st.just("POST"), st.just("/sandbox/events"), header_lines())
    return st.builds(
        lambda door, body, problem: Request(
            *door, body, NOW, event_id(number), f"req-{number}", problem
        ),
        good | strange | mixed,
        byte_bodies(),
        st.sampled_from([None, None, None, None, "the body is longer than 1 MiB"]),
    )
