"""The rules as data for people: what the control API, the command line and the docs show."""

from typing import Any

from contracts.http.credentials import without_live_key
from contracts.judging.replies import ENDPOINT
from contracts.rules import Example, Rule


def describe(rule: Rule[Any]) -> dict[str, Any]:
    """A rule with its evidence as JSON."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "variants": rule.variants or None,
        "basis": str(rule.basis),
        "because": rule.because or None,
        "source": rule.source,
        "events": list(rule.events),
        "family": rule.family,
        "always_refuses": rule.always_refuses,
        "why": rule.why,
        "fix": rule.fix,
        "passes": [in_words(example) for example in rule.passes],
        "violates": [in_words(example) for example in rule.violates],
    }


def in_words(example: Example) -> str:
    """An example in one line: its shorthand, and what was changed in the last request."""
    with_ = [
        f"{name}: {without_live_key(value)}"
        for name, value in example.headers.items()
        if value is not None
    ]
    with_ += [f"{pointer} = {value!r}" for pointer, value in example.edits.items()]
    without = [name for name, value in example.headers.items() if value is None]
    changes = [
        f"with {'; '.join(with_)}" if with_ else "",
        f"without {', '.join((*without, *example.without))}" if without or example.without else "",
        f"sent as {example.raw}" if example.raw is not None else "",
        f"posted to {example.path}" if example.path != ENDPOINT else "",
    ]
    return "   ".join((example.shorthand, *filter(None, changes)))
