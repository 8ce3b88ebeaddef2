"""Shorthand as events to judge, offline or on a server."""

import json
from contextlib import closing

from contracts.shorthand import body_of, parse
from fuzz.target import Target
from hakuna_mock.judging import Item, judge_by_server
from hakuna_mock.reports.model import Report, Source

DEFAULT_KEY = "sk_test_" + "play"


def play_items(shorthand: str) -> list[Item]:
    """The events of a shorthand text, each called by its own piece of it."""
    bodies = [(play.text, body_of(play)) for play in parse(shorthand)]
    return [
        (Source(text, json.dumps(body, indent=2, ensure_ascii=False)), text, body)
        for text, body in bodies
    ]


def play_on_server(items: list[Item], url: str, key: str | None) -> Report:
    """Send to a server under a key (default: `sk_test_play`)."""
    with closing(Target(url)) as target:
        return judge_by_server(items, target, key or DEFAULT_KEY)
