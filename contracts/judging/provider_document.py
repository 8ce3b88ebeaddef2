"""An event held against the reader's copy of the provider's document, where there is one."""

from collections.abc import Iterator

from contracts.findings.finding import OFF, Finding, Severity
from contracts.findings.outside import PROVIDER_CONTRACT
from contracts.http.credentials import mask_keys
from contracts.judging.trail import Trail
from contracts.schemas.provider_contract import Difference, ProviderContract
from contracts.schemas.schema_errors import schema_errors


def held_against_provider(trail: Trail, document: object, *, accepted: bool) -> Trail:
    """The trail with what the provider's document says otherwise than ours about an event."""
    contract = trail.policy.provider_contract
    level = trail.policy.levels.get(PROVIDER_CONTRACT.id)
    if contract is None or level == OFF:
        return trail
    found = tuple(
        _finding(difference, trail, Severity(level) if level else None)
        for difference in _differences(contract, document, accepted=accepted)
    )
    return trail.adding(found)


def _differences(
    contract: ProviderContract, document: object, *, accepted: bool
) -> Iterator[Difference]:
    agrees = contract.accepts(document) == accepted
    if agrees:
        return
    if accepted:
        for refusal in contract.refusals(document):
            yield Difference(
                refusal.pointer,
                f"“{contract.title}” refuses this, hakuna-mock accepts it: {refusal.message}",
            )
    else:
        first = schema_errors(document)[:3]
        message = "; ".join(f"{error.pointer}: {error.message}" for error in first)
        yield Difference(
            "", f"“{contract.title}” accepts this event, hakuna-mock refuses it: {message}"
        )


def _finding(difference: Difference, trail: Trail, severity: Severity | None) -> Finding:
    request = trail.request
    return PROVIDER_CONTRACT.finding(
        mask_keys(difference.message),
        request.request_id,
        trail.order_id,
        pointer=difference.pointer,
        event_id=request.event_id,
        severity=severity,
    )
