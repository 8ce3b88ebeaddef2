"""What exchanges with the provider have said, as an effect of a compacted log, and back."""

from collections import OrderedDict
from dataclasses import replace

from contracts.drift.drift import Drift, Tested
from contracts.worlds.effects import DriftRestored


def drift_restored(drift: Drift) -> DriftRestored:
    """The effect that makes this drift again; the drift may change afterwards."""
    return DriftRestored(
        upstreams=drift.upstreams,
        exchanges=drift.exchanges,
        tested=tuple(
            (name, replace(item.confirmed), replace(item.refuted))
            for name, item in drift.tested.items()
        ),
        refusals=tuple((kind, replace(refusal)) for kind, refusal in drift.refusals.items()),
        failures=tuple((name, replace(failure)) for name, failure in drift.failures.items()),
        more=drift.more,
        refused_keys=tuple(drift.refused_keys),
        unknown_here=tuple(drift.unknown_here.items()),
        accepted=drift.accepted,
    )


def drift_of(effect: DriftRestored) -> Drift:
    """The drift that the effect was made of."""
    return Drift(
        upstreams=effect.upstreams,
        exchanges=effect.exchanges,
        tested={
            name: Tested(replace(confirmed), replace(refuted))
            for name, confirmed, refuted in effect.tested
        },
        refusals={kind: replace(refusal) for kind, refusal in effect.refusals},
        failures={name: replace(failure) for name, failure in effect.failures},
        more=effect.more,
        refused_keys=OrderedDict.fromkeys(effect.refused_keys),
        unknown_here=OrderedDict(effect.unknown_here),
        accepted=effect.accepted,
    )
