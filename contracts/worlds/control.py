"""What the control API changes in a world, as effects: settings, clock, faults, reset.

Each function reads a JSON document and says what is wrong with it in an error of its own kind:
`SettingError`, `ClockError`, `FaultError`.
"""

from typing import Any

from contracts.faults.fault import Fault, read_fault
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import Instant
from contracts.timing.world_clock import set_clock
from contracts.values import replace
from contracts.worlds.effects import Effect, FaultArmed, FaultsRemoved, PolicyChanged
from contracts.worlds.settings_change import change_settings
from contracts.worlds.world import World


def settings_changed(
    world: World, asked: Any, machine: Instant, monotonic_ns: int
) -> PolicyChanged:
    """`PUT /settings`: what is named changes, the rest stays."""
    now = Moment(world.policy.clock.time(machine), monotonic_ns)
    return PolicyChanged(change_settings(world.policy, asked, now))


def clock_changed(world: World, asked: Any, machine: Instant) -> PolicyChanged:
    """`POST /clock`: `machine` is the time of the machine's clock."""
    clock = set_clock(world.policy.clock, asked, machine)
    return PolicyChanged(replace(world.policy, clock=clock))


def fault_armed(world: World, asked: Any) -> tuple[Fault, tuple[Effect, ...]]:
    """`POST /faults`: the fault with its id; the oldest spent one makes room where it must."""
    fault = read_fault(asked, world.faults.new_id())
    spent = world.faults.room_for(fault)
    removed = (FaultsRemoved((spent,)),) if spent else ()
    return fault, (*removed, FaultArmed(fault))
