"""What `PUT /settings` makes of a world's policy, for the server and for offline plays alike."""

from collections.abc import Callable
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.outage import read_outage
from contracts.http.credentials import mask_keys
from contracts.suggestions import hint
from contracts.timing.moment import Moment
from contracts.values import replace
from contracts.worlds.policy import MAX_NAME, Enforcement, Policy, check_protection_product
from contracts.worlds.rule_levels import (
    RuleLevelError,
    check_rule_level,
    rule_levels,
    with_rule_levels,
)

MAX_RETRIES = 1000
MAX_TOLERANCE = 86_400
MAX_PROTECTION_PRODUCTS = 1000


class SettingError(ValueError):
    """A setting cannot be so; the message begins with its place in the document."""


def change_settings(policy: Policy, changes: Any, now: Moment) -> Policy:
    """The policy with what is named changed and the rest as it was; SettingError else."""
    if not isinstance(changes, dict):
        raise SettingError('settings are an object such as {"enforcement": "reject"}')
    for name, value in changes.items():
        change = _CHANGES.get(name)
        if change is None:
            raise SettingError(f"/{name[:40]}: there is no such setting{hint(name, _CHANGES)}")
        policy = change(policy, value, now)
    return policy


def shown_settings(policy: Policy, now: Moment) -> dict[str, Any]:
    """The settings as `GET /settings` answers them and `change_settings` takes them.

    `enforcement` and `rules` always, the others where they differ from the default.
    """
    shown: dict[str, Any] = {
        "enforcement": str(policy.enforcement),
        "rules": rule_levels(policy),
    }
    if policy.outage and (outage := policy.outage.to_json(now)):
        shown["outage"] = outage
    if policy.retries_per_second != Policy().retries_per_second:
        shown["retries_per_second"] = policy.retries_per_second
    if policy.protection_products:
        shown["protection_products"] = list(policy.protection_products)
    if policy.timestamp_tolerance != Policy().timestamp_tolerance:
        shown["timestamp_tolerance"] = policy.timestamp_tolerance
    if policy.name:
        shown["name"] = policy.name
    return shown


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
    number = _whole("retries_per_second", value, 1, MAX_RETRIES)
    return replace(policy, retries_per_second=number)


def _tolerance(policy: Policy, value: Any, _now: Moment) -> Policy:
    return replace(
        policy, timestamp_tolerance=_whole("timestamp_tolerance", value, 0, MAX_TOLERANCE)
    )


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SettingError(f"/{name}: must be a whole number from {least} to {most}")
    return value


def _protection_products(policy: Policy, value: Any, _now: Moment) -> Policy:
    if not isinstance(value, list) or not all(isinstance(product, str) for product in value):
        raise SettingError('/protection_products: must be a list such as ["plan-*"]')
    if len(value) > MAX_PROTECTION_PRODUCTS:
        raise SettingError(
            f"/protection_products: has {len(value)} entries; send {MAX_PROTECTION_PRODUCTS} at "
            "most, a prefix and * stands for many"
        )
    for place, product in enumerate(value):
        try:
            check_protection_product(product)
        except ValueError as error:
            raise SettingError(f"/protection_products/{place}: {error}") from None
    return replace(policy, protection_products=tuple(value))


def check_name(value: Any) -> str:
    """A name for a world; SettingError for what cannot be one."""
    if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
        raise SettingError(f"/name: must be a text of {MAX_NAME} visible characters at most")
    return mask_keys(value)


def _name(policy: Policy, value: Any, _now: Moment) -> Policy:
    return replace(policy, name=check_name(value))


def _rules(policy: Policy, value: Any, _now: Moment) -> Policy:
    if not isinstance(value, dict):
        raise SettingError('/rules: must be an object such as {"zip-format": "off"}')
    for rule, level in value.items():
        try:
            check_rule_level(rule, "off" if level is None else level)
        except RuleLevelError as error:
            raise SettingError(f"/rules/{rule[:80]}: {error}") from None
    return with_rule_levels(policy, value)


_CHANGES: dict[str, Callable[[Policy, Any, Moment], Policy]] = {
    "enforcement": _enforcement,
    "rules": _rules,
    "outage": _outage,
    "retries_per_second": _retries,
    "protection_products": _protection_products,
    "timestamp_tolerance": _tolerance,
    "name": _name,
}
"""How each setting is changed."""
