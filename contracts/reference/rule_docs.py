"""The rules as data for people: what the control API, the command line and the docs show."""

from typing import Any

from contracts.http.credentials import without_live_key
from contracts.rules import Example, Rule


def describe(rule: Rule[Any]) -> dict[str, Any]:
    """A rule with its evidence as JSON."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "variants": rule.variants or None,
        "basis": str(rule.basis),
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
    absent = [name for name, value in example.headers.items() if value is None]
    absent += example.without
    changed = [
        f"{name}: {without_live_key(value)}"
        for name, value in example.headers.items()
        if value is not None
    ]
    changed += [f"{pointer} = {value!r}" for pointer, value in example.edits.items()]
    changes = [f"without {', '.join(absent)}"] if absent else []
    changes += [f"with {'; '.join(changed)}"] if changed else []
    if example.raw is not None:
        changes.append(f"sent as {example.raw}")
    if example.path != "/sandbox/events":
        changes.append(f"sent to {example.path}")
    return f"{example.shorthand}   {', '.join(changes)}".rstrip()
