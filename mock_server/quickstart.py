"""The first request to try: what the start-up output and empty pages show."""

import json

from contracts.shorthand import bodies

DEFAULT_KEY = "sk_test_" + "demo"
"""Under which scenarios are loaded where no key is named; the first request uses it, too."""

_TRY_BODY = json.dumps(bodies("P{d:1, p:1>d}")[0], separators=(",", ":"), ensure_ascii=False)


def curl(events_url: str, key: str) -> str:
    """One ready-to-paste request; a given key is never printed, so its place is named instead."""
    shown = "$YOUR_KEY" if key else DEFAULT_KEY
    return (
        f"  curl -i {events_url} \\\n"
        f'    -H "Authorization: Bearer {shown}" -H "Content-Type: application/json" \\\n'
        f"    -d '{_TRY_BODY}'"
    )
