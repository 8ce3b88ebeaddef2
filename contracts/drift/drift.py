"""What many exchanges said: counted, with the first and the last exchange of each kind.

`Drift` counts what happened and decides nothing; `attribution.py` says what follows from it.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeVar

from contracts.drift.assumption import ASSUMPTIONS
from contracts.drift.comparison import Comparison, Outcome, Refusal
from contracts.drift.exchange import Evidence
from contracts.http.masking import mask_secrets
from contracts.values import replace

T = TypeVar("T")

MAX_GROUPS = 300
"""Kinds of refusals that are kept apart; more are counted."""

MAX_FAILURES = 30
KIND_COST = 6_000
"""Bytes that the evidence of one kind takes, about."""

MAX_TEXTS, MAX_TEXT = 5, 300
MAX_REMEMBERED = 2_000
"""Refused keys and orders unknown here that are remembered in each world."""

_VARIABLE = re.compile(r"\S*[0-9]\S*|'[^']*'|\"[^\"]*\"")


@dataclass
class Counted:
    """How often something was seen, and the first and the last exchange that shows it."""

    count: int = 0
    first: Evidence | None = None
    last: Evidence | None = None
    saw: str = ""
    """What the provider did, in the last of them."""

    def add(self, evidence: Evidence, saw: str = "") -> None:
        """Count one more."""
        self.count += 1
        self.first = self.first or evidence
        self.last = evidence
        self.saw = saw or self.saw

    def merge(self, other: "Counted") -> None:
        """Count those of another run, too."""
        self.count += other.count
        both = [item for item in (self.first, other.first) if item]
        self.first = min(both, key=lambda item: item.at, default=None)
        last = [item for item in (self.last, other.last) if item]
        self.last = max(last, key=lambda item: item.at, default=None)
        if other.saw and (not self.saw or self.last is other.last):
            self.saw = other.saw


@dataclass
class Tested:
    """One assumption: the exchanges that confirm it, and those that refute it."""

    confirmed: Counted = field(default_factory=Counted)
    refuted: Counted = field(default_factory=Counted)


@dataclass
class Drift:
    """Everything that was seen of one provider: of one key, of one run, or of many.

    `upstreams` are the addresses, `exchanges` how many there were. `more` counts refusals of kinds
    that were too many to keep apart. `refused_keys`, `unknown_here` and `accepted` are history,
    which `compare` reads; they are not part of what is merged.
    """

    upstreams: tuple[str, ...] = ()
    exchanges: int = 0
    tested: dict[str, Tested] = field(default_factory=dict)
    refusals: dict[Refusal, Counted] = field(default_factory=dict)
    failures: dict[str, Counted] = field(default_factory=dict)
    more: int = 0
    refused_keys: OrderedDict[str, None] = field(default_factory=OrderedDict)
    unknown_here: OrderedDict[str, str] = field(default_factory=OrderedDict)
    accepted: bool = False

    def add(self, comparison: Comparison) -> None:
        """Count what one exchange said."""
        self.exchanges += 1
        for outcome in comparison.outcomes:
            self._test(outcome, comparison.evidence)
        if comparison.accepted and not self.accepted:
            self.accepted = True
            self._know_the_key()
        if comparison.refusal:
            self._refuse(comparison.refusal, comparison.evidence)
        if comparison.failure:
            self._fail(comparison.failure, comparison.evidence)
        self._remember(comparison)

    def _test(self, outcome: Outcome, evidence: Evidence) -> None:
        tested = self.tested.setdefault(outcome.assumption, Tested())
        counted = tested.confirmed if outcome.confirmed else tested.refuted
        counted.add(evidence, outcome.saw)

    def _refuse(self, refusal: Refusal, evidence: Evidence) -> None:
        if self.accepted and refusal.needs_key:
            refusal = replace(refusal, needs_key=False)
        key, texts = kind_of(refusal), refusal.texts
        counted = self.refusals.get(key)
        if counted is None:
            if len(self.refusals) >= MAX_GROUPS:
                self.more += 1
                return
            counted = self.refusals[key] = Counted()
        counted.add(evidence, shown_texts(texts))

    def _fail(self, failure: str, evidence: Evidence) -> None:
        name = failure[:160]
        if name not in self.failures and len(self.failures) >= MAX_FAILURES:
            name = "other failures"
        self.failures.setdefault(name, Counted()).add(evidence)

    def _know_the_key(self) -> None:
        """The key is good: earlier refusals were not about the key itself."""
        before, self.refusals = self.refusals, {}
        for refusal, counted in before.items():
            known = replace(refusal, needs_key=False)
            self.refusals.setdefault(known, Counted()).merge(counted)

    def _remember(self, comparison: Comparison) -> None:
        if comparison.refused_key:
            _keep(self.refused_keys, comparison.refused_key, None)
        if comparison.unknown_here:
            order_id, fingerprint = comparison.unknown_here
            if order_id not in self.unknown_here:
                _keep(self.unknown_here, order_id, fingerprint)
        if comparison.known_again:
            order_id, fingerprint = comparison.known_again
            if self.unknown_here.get(order_id) == fingerprint:
                del self.unknown_here[order_id]

    def merge(self, other: "Drift") -> None:
        """Add what another key, run or file has seen."""
        self.upstreams = tuple(dict.fromkeys((*self.upstreams, *other.upstreams)))
        self.exchanges += other.exchanges
        self.more += other.more
        for name, tested in other.tested.items():
            own = self.tested.setdefault(name, Tested())
            own.confirmed.merge(tested.confirmed)
            own.refuted.merge(tested.refuted)
        for refusal, counted in other.refusals.items():
            if refusal in self.refusals or len(self.refusals) < MAX_GROUPS:
                self.refusals.setdefault(refusal, Counted()).merge(counted)
            else:
                self.more += counted.count
        for failure, counted in other.failures.items():
            name = failure
            if name not in self.failures and len(self.failures) >= MAX_FAILURES:
                name = "other failures"
            self.failures.setdefault(name, Counted()).merge(counted)

    @property
    def bytes(self) -> int:
        """About how many bytes it takes in memory."""
        kinds = len(self.tested) + len(self.refusals) + len(self.failures)
        return KIND_COST * kinds + 100 * (len(self.refused_keys) + len(self.unknown_here))


def merged(parts: "list[Drift]") -> Drift:
    """Several as one; they stay as they are."""
    whole = Drift()
    for part in parts:
        whole.merge(part)
    return whole


def kind_of(refusal: Refusal) -> Refusal:
    """The refusal without what differs from one event to the next: ids, numbers, quoted values."""
    texts = tuple(
        _VARIABLE.sub("…", mask_secrets(text))[:MAX_TEXT] for text in refusal.texts[:MAX_TEXTS]
    )
    suspects = tuple(sorted(suspect for suspect in refusal.suspects if suspect in ASSUMPTIONS))
    code = refusal.error_code
    return replace(refusal, suspects=suspects, texts=texts, error_code=code and code[:80])


def shown_texts(texts: tuple[str, ...]) -> str:
    """Validation errors as they came, in one line."""
    return "; ".join(mask_secrets(text)[:MAX_TEXT] for text in texts[:MAX_TEXTS])


def _keep(kept: OrderedDict[str, T], name: str, value: T) -> None:
    kept[name] = value
    kept.move_to_end(name)
    while len(kept) > MAX_REMEMBERED:
        kept.popitem(last=False)
