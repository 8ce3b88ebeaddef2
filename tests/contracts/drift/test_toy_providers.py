"""Each toy provider deviates in one known way: the audit names that, and nothing else."""

import pytest
from audit import audited
from toy_providers import TOYS

from contracts.drift.attribution import standings


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.name)
def test_a_deviation_is_named_and_nothing_else(toy):
    drift = audited(toy.make().reply).drift
    found = standings(drift)
    refuted = {one.assumption.id: one.refuted.saw for one in found.refuted}
    assert set(refuted) == toy.refuted, refuted
    assert not found.unclear, [one for one, _ in found.unclear]
    assert bool(found.unexplained) is toy.unexplained, [one for one, _ in found.unexplained]
    assert bool(drift.failures) is toy.failures
