"""Reading the reader's own copy of the provider's OpenAPI document, JSON or YAML, from a file."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts.schemas.provider_contract import (
    ContractDocumentError,
    ProviderContract,
    read_provider_contract,
)
from contracts.utf8 import decoded

MAX_BYTES = 20 * 1024 * 1024
_URL = re.compile(r"https?://", re.IGNORECASE)


def read_document(path: str) -> ProviderContract:
    """The contract in a file; ValueError with words that follow the option's name."""
    if _URL.match(path):
        raise ValueError(f"{path}: nothing is fetched; save the document, and name the file")
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ValueError(f"{path}: it has more than {MAX_BYTES >> 20} MiB")
    try:
        text = decoded(data)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    try:
        return read_provider_contract(_parsed(path, text))
    except ContractDocumentError as error:
        raise ValueError(f"{path}: {error}") from None
    except RecursionError:
        raise ValueError(f"{path}: this is nested too deeply") from None


def _parsed(path: str, text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}:{error.lineno}: this is not JSON: {error.msg}") from None
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise ValueError(
            f"{path}: this is not JSON, and reading YAML needs PyYAML: "
            "pip install 'hakuna-mock[yaml]'"
        ) from None
    try:
        return yaml.load(text, Loader=_plain_loader(yaml))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{path}{line}: this is not YAML: {problem}") from None


def _plain_loader(yaml: Any) -> Any:
    """A safe loader that leaves dates as the texts that they are in JSON."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc] # yaml is imported by name
        pass

    Loader.yaml_implicit_resolvers = {
        first: [resolver for resolver in resolvers if resolver[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
