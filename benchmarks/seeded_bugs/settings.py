"""Bugs of the list of worlds and of their settings."""

from dataclasses import replace

from contracts.findings.finding import Severity
from contracts.judging import trail
from contracts.worlds import control
from contracts.worlds.policy import Policy
from mock_server.control.resources import worlds
from mock_server.store.reader import Reader
from seeded_bugs import around, bug
from seeded_bugs.seams import routed


@bug("control API")
def worlds_not_narrowed():
    """With a key the list of worlds still shows all."""

    async def worlds_(_request):
        return None

    async def scope_of(_request):
        return None

    assert worlds_
    old = worlds.worlds

    async def listed(request):
        kept, worlds.scope_of = worlds.scope_of, scope_of
        try:
            return await old(request)
        finally:
            worlds.scope_of = kept

    routed("/worlds", listed)


@bug("control API")
def world_counts_waiting_orders():
    """The list of worlds counts orders that were never placed."""
    around(
        Reader,
        "worlds",
        lambda old, self, world_id=None: (
            replace(row, orders=len(self._worlds.by_id[row.id].orders))
            for row in old(self, world_id)
        ),
    )


@bug("control API")
def world_counts_all_findings():
    """The list of worlds counts resolved findings, too."""

    def rows(old, self, world_id=None):
        for row in old(self, world_id):
            findings = self._worlds.by_id[row.id].findings
            counts = {item: sum(found.severity is item for found in findings) for item in Severity}
            yield replace(row, findings=counts)

    around(Reader, "worlds", rows)


@bug("control API")
def settings_replaced():
    """PUT /settings forgets what it does not name."""
    around(control, "change_settings", lambda old, _policy, asked, now: old(Policy(), asked, now))


@bug("control API")
def rules_replaced():
    """PUT /settings forgets the levels of rules that it does not name."""
    around(
        control,
        "change_settings",
        lambda old, policy, asked, now: old(
            replace(policy, levels={}) if "rules" in asked else policy, asked, now
        ),
    )


class _Shown(dict):
    """Levels that are shown otherwise than they work."""

    def __init__(self, real, shown):
        super().__init__(real)
        self._shown = shown

    def items(self):
        return self._shown.items()


@bug("control API")
def off_is_advice():
    """A rule that is switched off still advises."""

    def changed(old, policy, asked, now):
        found = old(policy, asked, now)
        self_made = {
            rule: Severity.ADVICE if level == "off" else level
            for rule, level in found.levels.items()
        }
        return replace(found, levels=_Shown(self_made, found.levels))

    around(control, "change_settings", changed)


@bug("control API")
def level_of_the_first_finding():
    """Other severities hold for a rule's usual findings only, not where it knows two."""

    def evaluate(old, *args, **named):
        return tuple(
            replace(item, severity=Severity.WARNING)
            if item.rule == "item-entry-repeated" and "identical" in item.message
            else item
            for item in old(*args, **named)
        )

    around(trail, "evaluate", evaluate)
