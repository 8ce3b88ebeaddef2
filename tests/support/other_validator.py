"""The schemas as another implementation reads them: jsonschema, beside jsonschema-rs."""

from functools import cache

from jsonschema import Draft202012Validator, FormatChecker

from contracts import schemas
from contracts.schemas.validator import is_date_time


@cache
def jsonschema_validator(schema_name: str) -> Draft202012Validator:
    """The validator of that schema, with our own formats and no reference to follow."""
    formats = FormatChecker(formats=())
    formats.checks("date-time")(is_date_time)
    return Draft202012Validator(schemas.inlined(schema_name), format_checker=formats)
