"""What is wrong with a document that should be a scenario, in words instead of JSON Schema's."""

from typing import Any

from contracts.printable import printable
from contracts.schemas.keyword_errors import KeywordError
from contracts.suggestions import hint

_SENT = ("body", "raw", "base64", "shorthand", "control")
_LETTERS = {
    "name": "lowercase letters, digits and dashes, a dash not first",
    "base64": "letters, digits, + and /, and = at the end",
    "method": "capital letters",
    "path": "a path, which begins with /",
}
_TYPES = {"object": "an object", "array": "a list", "string": "text", "integer": "a whole number"}
_MAX_SHOWN = 60


def in_words(error: KeywordError) -> str:
    """What is wrong at the place of an error, and what may be there."""
    value, node = error.value, error.node
    field = str(error.path[-1]) if error.path else ""
    expected: Any = node[error.keyword]
    match error.keyword:
        case "required":
            missing = [repr(name) for name in expected if name not in value]
            return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        case "additionalProperties" if isinstance(value, dict):
            known = list(node.get("properties", {}))
            extra = next((name for name in value if name not in known), "")
            more = hint(extra, known, f"known are {', '.join(known)}")
            return f"there is no {printable(extra, _MAX_SHOWN)!r} here{more}"
        case "oneOf" if isinstance(value, dict) and error.path:
            given = [name for name in _SENT if name in value]
            given_in_words = f"not {' and '.join(given)} at once" if given else "and this has none"
            return f"a step has one of {', '.join(_SENT)}, {given_in_words}"
        case "pattern" | "not" if field in _LETTERS:
            return f"{_shown(value)} cannot be the {field}: write {_LETTERS[field]}"
        case "not" | "minLength" if field == "headers":
            return f"{_shown(value)} cannot be the name of a header: letters, digits and dashes can"
        case "anyOf" if isinstance(value, str):
            return f"{_shown(value)} cannot be sent as a header: write text in one line, or null"
        case "type":
            names = [expected] if isinstance(expected, str) else expected
            return f"{_shown(value)} is not {' or '.join(_TYPES.get(item, item) for item in names)}"
        case "anyOf":
            return f"{_shown(value)} is not text or null"
        case "minItems":
            return "this list may not be empty"
        case "enum":
            return f"{_shown(value)} is not one of {', '.join(map(str, expected))}"
        case _:
            return f"{_shown(value)} cannot be here"


def _shown(value: Any) -> str:
    return printable(repr(value), _MAX_SHOWN)
