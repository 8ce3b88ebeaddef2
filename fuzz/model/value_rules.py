"""Rules about the values of one event in the naive model, each as a function of its own.

`make new-rule` adds stubs here. A function gets an event without faults and returns how often it
breaks the rule; `RULES` gives each rule its severity.
"""

from collections.abc import Callable
from typing import Any

RULES: dict[str, tuple[str, Callable[[dict[str, Any]], int]]] = {}
"""Rule to its severity and its function."""
