"""The contract of the Hakuna Events API as data and pure functions: this room judges.

It knows no clock, no socket, no randomness and no other room; time, ids and settings are arguments.
`judge` is the one place where the order of checks stands.
"""

from contracts.findings.finding import Basis, Finding, Severity, State
from contracts.http.credentials import Auth
from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.policy import Enforcement, Policy
from contracts.judging.session import Session
from contracts.judging.verdict import Verdict, WorldView
from contracts.judging.world import World
from contracts.rules import RULES, Rule
from contracts.version import __version__

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
