"""A file that holds one JSON document of our own making, such as coverage or drift."""

import json
from pathlib import Path
from typing import Any

from contracts.utf8 import decoded
from hakuna_mock.inputs.reading import InputError


def read_json(path: Path) -> Any:
    """The document in a file; InputError names the file, and the line where there is one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    try:
        text = decoded(data)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: this is not JSON") from None
    except ValueError:  # a number of thousands of digits
        raise InputError(f"{path}: a number in it is too long") from None
    except RecursionError:
        raise InputError(f"{path}: this is nested too deeply") from None
