"""The contract of the Hakuna Events API as data and pure functions: this room judges.

It knows no clock, no socket, no randomness and no other room; time, ids and settings are arguments.
`judge` is the one place where the order of checks stands.
"""

from contracts.findings import Basis, Finding, Severity, State
from contracts.judge import Accepted, Verdict, World, judge
from contracts.policy import Auth, Enforcement, Policy
from contracts.request import Request
from contracts.rules import RULES, Rule
from contracts.scratch import FindingLog, ScratchWorld
from contracts.version import __version__

__all__ = [
    "RULES",
    "Accepted",
    "Auth",
    "Basis",
    "Enforcement",
    "Finding",
    "FindingLog",
    "Policy",
    "Request",
    "Rule",
    "ScratchWorld",
    "Severity",
    "State",
    "Verdict",
    "World",
    "__version__",
    "judge",
]
