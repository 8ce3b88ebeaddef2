"""The `error_code` of a refusal, and the HTTP status that goes with it."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """The `error_code` of refusals. Only the first two are published for calls like ours; for 401
    and 404 no code is, so these names are hakuna-mock's.
    """

    INVALID = "invalid_request_parameters"
    CANCEL_DECLINE = "cancel_decline"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "entity_not_found"

    @property
    def status(self) -> int:
        """The HTTP status that goes with it."""
        return {ErrorCode.UNAUTHORIZED: 401, ErrorCode.NOT_FOUND: 404}.get(self, 400)
