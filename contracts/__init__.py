"""The contract of the Hakuna Events API as data and pure functions: this room judges.

It knows no clock, no socket, no randomness and no other room; time, ids and settings are arguments.
`judge` is the one place that holds the order of checks.

What is listed here is imported when it is first used: a command that prints its help, or needs the
version, loads no rule and no schema.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from contracts.version import __version__

if TYPE_CHECKING:
    from contracts.findings.finding import Basis, Finding, Severity, State
    from contracts.http.credentials import Auth
    from contracts.http.request import Request
    from contracts.judging.judge import judge
    from contracts.judging.session import Session
    from contracts.judging.verdict import Verdict, WorldView
    from contracts.rules import RULES, Rule
    from contracts.worlds.policy import Enforcement, Policy
    from contracts.worlds.world import World

__all__ = [
    "RULES",
    "Auth",
    "Basis",
    "Enforcement",
    "Finding",
    "Policy",
    "Request",
    "Rule",
    "Session",
    "Severity",
    "State",
    "Verdict",
    "World",
    "WorldView",
    "__version__",
    "judge",
]

_HOMES = {
    "Auth": ".http.credentials",
    "Basis": ".findings.finding",
    "Enforcement": ".worlds.policy",
    "Finding": ".findings.finding",
    "Policy": ".worlds.policy",
    "RULES": ".rules",
    "Request": ".http.request",
    "Rule": ".rules",
    "Session": ".judging.session",
    "Severity": ".findings.finding",
    "State": ".findings.finding",
    "Verdict": ".judging.verdict",
    "World": ".worlds.world",
    "WorldView": ".judging.verdict",
    "judge": ".judging.judge",
}
"""In which module each name is, below this package."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name], __name__), name)
    return value
