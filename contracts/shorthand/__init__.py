"""The one-line notation for event sequences: `P{d:1, p:1>d} F{d:1} R{d:1,p:1}@5`.

docs/tutorial.md shows the notation. `parse` reads it, `bodies` makes full, realistic events of it,
`continued` does so for orders that a world knows, `show` prints events back. Rules, tests, reports
and `hakuna-mock play` all use it.
"""

from contracts.shorthand.bodies import bodies, body_of
from contracts.shorthand.continuation import continued, latest_time, undated_orders
from contracts.shorthand.grammar import Entry, Play, ShorthandError, parse
from contracts.shorthand.printing import show

__all__ = [
    "Entry",
    "Play",
    "ShorthandError",
    "bodies",
    "body_of",
    "continued",
    "latest_time",
    "parse",
    "show",
    "undated_orders",
]
