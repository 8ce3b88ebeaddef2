"""The settings of a world that change what a request must cause, as the control API shows them."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from contracts.values import dataclass

USUAL_TOLERANCE = 1
"""By how many seconds two times of one order may be in the wrong order, if nothing else was set."""

REFUSE, ACCEPT = "refuse", "accept"
"""Levels that decide about the reply and leave the severity as it is."""


@dataclass(frozen=True)
class WorldSettings:
    """`rules` maps rules to a severity, `off`, `refuse` or `accept`.

    `protection_products` are product ids, or prefixes that end in `*`, that are plans. Times of one
    order may disagree by `timestamp_tolerance` seconds.
    """

    enforcement: str = "flag"
    rules: Mapping[str, str] = field(default_factory=dict)
    protection_products: tuple[str, ...] = ()
    timestamp_tolerance: int = USUAL_TOLERANCE

    def changed(self, changes: Mapping[str, Any]) -> "WorldSettings":
        """The settings after `PUT /settings`: what is named changes, the rest stays.

        Settings without a bearing on verdicts are passed over, as is what a broken server makes of
        one. A rule's null takes its override away.
        """
        rules, products = changes.get("rules"), changes.get("protection_products")
        tolerance = changes.get("timestamp_tolerance")
        levels = {**self.rules, **(rules if isinstance(rules, dict) else {})}
        return replace(
            self,
            enforcement=changes.get("enforcement", self.enforcement),
            rules={rule: level for rule, level in sorted(levels.items()) if level is not None},
            protection_products=(
                tuple(map(str, products))
                if isinstance(products, list)
                else self.protection_products
            ),
            timestamp_tolerance=(
                tolerance if isinstance(tolerance, int) else self.timestamp_tolerance
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """The settings as the control API shows them; the rarer ones where they are unusual."""
        shown: dict[str, Any] = {"enforcement": self.enforcement, "rules": dict(self.rules)}
        if self.protection_products:
            shown["protection_products"] = list(self.protection_products)
        if self.timestamp_tolerance != USUAL_TOLERANCE:
            shown["timestamp_tolerance"] = self.timestamp_tolerance
        return shown

    def overrides(self) -> list[str]:
        """What differs from a new world's usual settings, in words; the enforcement aside."""
        named = [f"{rule} {level}" for rule, level in self.rules.items()]
        if self.protection_products:
            named.append(f"protection_products {', '.join(self.protection_products)}")
        if self.timestamp_tolerance != USUAL_TOLERANCE:
            named.append(f"timestamp_tolerance {self.timestamp_tolerance} s")
        return named

    def refuses(self, rule: str, severity: str) -> bool:
        """Whether a request with this finding is refused."""
        level = self.rules.get(rule)
        if level in (REFUSE, ACCEPT):
            return level == REFUSE
        return self.enforcement == "reject" and severity == "violation"


USUAL_SETTINGS = WorldSettings()
"""What a new world starts with, if nothing else was asked for."""
