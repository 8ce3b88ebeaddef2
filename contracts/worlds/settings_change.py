"""What `PUT /settings` makes of a world's policy, for the server and for rehearsals alike."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.outage import read_outage
from contracts.findings.finding import OFF, Severity
from contracts.rules import RULES
from contracts.suggestions import hint
from contracts.timing.moment import Moment
from contracts.worlds.policy import Enforcement, Policy

_LEVELS = (*Severity, OFF)
MOST_RETRIES = 1000


class SettingError(ValueError):
    """A setting cannot be so; the message begins with its place in the document."""


def change_settings(policy: Policy, asked: Any, now: Moment) -> Policy:
    """The policy with what is named changed and the rest as it was; SettingError else."""
    if not isinstance(asked, dict):
        raise SettingError('settings are an object such as {"enforcement": "reject"}')
    for name, value in asked.items():
        change = _CHANGES.get(name)
        if change is None:
            raise SettingError(f"/{name[:40]}: there is no such setting{hint(name, _CHANGES)}")
        policy = change(policy, value, now)
    return policy


def _enforcement(policy: Policy, value: Any, _now: Moment) -> Policy:
    if value not in tuple(Enforcement):
        raise SettingError("/enforcement: must be flag or reject (a rule can be off)")
    return replace(policy, enforcement=Enforcement(value))


def _outage(policy: Policy, value: Any, now: Moment) -> Policy:
    try:
        return replace(policy, outage=read_outage(value, now, policy.outage))
    except FaultError as error:
        raise SettingError(f"{error.pointer}: {error}") from None


def _retries(policy: Policy, value: Any, _now: Moment) -> Policy:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_RETRIES:
        said = f"/retries_per_second: must be a whole number from 1 to {MOST_RETRIES}"
        raise SettingError(said)
    return replace(policy, retries_per_second=value)


def _rules(policy: Policy, value: Any, _now: Moment) -> Policy:
    if not isinstance(value, dict):
        raise SettingError('/rules: must be an object such as {"zip-format": "off"}')
    levels = dict(policy.levels)
    for rule, level in value.items():
        if rule not in RULES:
            more = hint(rule, RULES)
            raise SettingError(f"/rules/{rule[:80]}: there is no such rule{more}")
        if level is None:
            levels.pop(rule, None)
        elif level in _LEVELS:
            levels[rule] = OFF if level == OFF else Severity(level)
        else:
            raise SettingError(f"/rules/{rule}: must be one of {', '.join(_LEVELS)} or null")
    return replace(policy, levels=levels)


_CHANGES: dict[str, Callable[[Policy, Any, Moment], Policy]] = {
    "enforcement": _enforcement,
    "rules": _rules,
    "outage": _outage,
    "retries_per_second": _retries,
}
"""How each setting is changed."""
