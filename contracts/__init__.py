"""The contract of the Hakuna Events API as data and pure functions: this room judges.

It knows no clock, no socket, no randomness and no other room; time, ids and settings are arguments.
`judge` is the one place where the order of checks stands.
"""

from contracts.findings.finding import Basis, Finding, Severity, State
from contracts.http.credentials import Auth
from contracts.http.request import Request
from contracts.judging.judge import Accepted, Verdict, World, judge
from contracts.judging.policy import Enforcement, Policy
from contracts.judging.world import FindingLog, ScratchWorld
from contracts.rules import RULES, Rule
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
