"""Findings about what lies outside a request: the provider behind a proxy, and its document.

They are no rules, for nobody breaks them by what an event holds; they have an id, a title and a fix
as rules have.
"""

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

    def finding(self, message: str, request_id: str, order_id: str | None = None) -> Finding:
        """A finding of this kind about one request."""
        return Finding(
            rule=self.id,
            severity=self.severity,
            basis=self.basis,
            pointer="",
            message=message,
            fix=self.fix,
            source=self.source,
            order_id=order_id,
            event_id=None,
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

OUTSIDE: dict[str, Outside] = {one.id: one for one in (UPSTREAM_FAILED,)}
"""Every kind by id."""
