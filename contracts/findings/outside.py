"""Findings about what lies outside a request: the provider behind a proxy, and its document.

They are not rules, for nobody breaks them by what an event holds; they have an id, a title and a
fix as rules have.
"""

from dataclasses import asdict

from contracts.findings.finding import Basis, Finding, Severity
from contracts.values import dataclass


@dataclass(frozen=True)
class Outside:
    """One kind of such findings."""

    id: str
    title: str
    severity: Severity
    basis: Basis
    why: str
    fix: str
    source: str

    def __str__(self) -> str:
        head = f"{self.id}: {self.title} ({self.severity}, {self.basis})"
        return f"{head}\n\n{self.why}\n\nfix:    {self.fix}\nsource: {self.source}"

    def to_json(self) -> dict[str, str]:
        """What there is to say of it."""
        return {name: str(value) for name, value in asdict(self).items()}

    def finding(
        self,
        message: str,
        request_id: str,
        order_id: str | None = None,
        *,
        pointer: str = "",
        event_id: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this kind about one request."""
        return Finding(
            rule=self.id,
            severity=severity or self.severity,
            basis=self.basis,
            pointer=pointer,
            message=message,
            fix=self.fix,
            source=self.source,
            order_id=order_id,
            event_id=event_id,
            request_id=request_id,
        )


UPSTREAM_FAILED = Outside(
    "upstream-failed",
    "The provider answers each event",
    Severity.WARNING,
    Basis.HOUSE,
    "The proxy sent the event on and got no usable reply. Nobody knows whether the provider stored "
    "it, so a good client sends it again under the same idempotency key.",
    "send the event again with the same Hakuna-Idempotency-Key; see whether the address, the "
    "network and the certificate are right",
    "hakuna-mock's own choice, not the provider's word",
)

PROVIDER_CONTRACT = Outside(
    "provider-contract",
    "The provider's own document and this contract agree on the event",
    Severity.WARNING,
    Basis.DOCUMENTED,
    "The reader's copy of the provider's OpenAPI document (--contract) refuses what is accepted "
    "here, or the other way round. The provider's document is the better witness.",
    "follow the provider's document, and tell hakuna-mock's maintainers what it says",
    "the OpenAPI document that --contract names",
)

OUTSIDE: dict[str, Outside] = {item.id: item for item in (UPSTREAM_FAILED, PROVIDER_CONTRACT)}
"""Every kind by id."""
