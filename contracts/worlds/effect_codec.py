"""Effects to JSON and back, so that a log on disk outlives the process and the release.

`VERSION` is written with a log. A release that changes the shape of an effect raises it, and reads
the shapes of earlier versions. No API key is written: which keys exist belongs to the server.
"""

import base64
import json
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import orjson
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union

from contracts.findings.finding import RuleLevel, Severity
from contracts.worlds.effects import Effect, OrderChanged, OrderOpened
from contracts.worlds.journal import Headers
from contracts.worlds.policy import Policy

VERSION = 1


def encode(effects: Iterable[Effect]) -> str:
    """Effects as one JSON array, the kind of each under `is`."""
    structure = _converter().unstructure
    return _written([structure(effect, unstructure_as=Effect) for effect in effects])


def decode(text: str) -> list[Effect]:
    """The effects that `encode` wrote; ValueError where the text is not that."""
    return [_effect(item) for item in _array(text)]


def encode_listed(listed: Iterable[tuple[int, Effect]]) -> str:
    """Effects of a compacted log, each with its position, as one JSON array of pairs."""
    structure = _converter().unstructure
    return _written([[at, structure(item, unstructure_as=Effect)] for at, item in listed])


def decode_listed(text: str) -> list[tuple[int, Effect]]:
    """The pairs that `encode_listed` wrote; ValueError where the text is not that."""
    try:
        return [(int(at), _effect(item)) for at, item in _array(text)]
    except TypeError as error:
        raise ValueError(f"this is not a compacted log: {text[:80]}") from error


def _written(documents: list[Any]) -> str:
    """Most texts are orjson's. It has no integer of more than 64 bits, which it would read back as
    a float, and no half of a surrogate pair, which a header may hold: a text with one of them
    starts with a space, and `_array` reads it with the standard library.
    """
    try:
        return orjson.dumps(documents).decode()
    except TypeError:
        return " " + json.dumps(documents, separators=(",", ":"))


def _array(text: str) -> list[Any]:
    documents = json.loads(text) if text.startswith(" ") else orjson.loads(text)
    if not isinstance(documents, list):
        raise ValueError(f"this is not a list of effects: {text[:80]}")  # noqa: TRY004
    return documents


def _effect(document: Any) -> Effect:
    try:
        return cast("Effect", _converter().structure(document, cast("Any", Effect)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"this is not an effect of version {VERSION}: {str(document)[:80]}"
        ) from error


@cache
def _converter() -> Converter:
    made = Converter(
        omit_if_default=True, prefer_attrib_converters=False, detailed_validation=False
    )
    # A server that starts reads hundreds of thousands of these: their texts are not looked at.
    made.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
    made.register_structure_hook_func(lambda kind: kind == Headers, _pairs)
    made.register_unstructure_hook(bytes, _bytes_to_json)
    made.register_structure_hook(bytes, lambda value, _: _bytes_from_json(value))
    made.register_structure_hook(RuleLevel, lambda value, _: _level(value))
    made.register_unstructure_hook(
        Policy,
        make_dict_unstructure_fn(
            Policy,
            made,
            _cattrs_omit_if_default=True,
            auth=override(omit=True),
            api_keys=override(omit=True),
            key_names=override(omit=True),
            max_order_events=override(omit=True),
            provider_contract=override(omit=True),
        ),
    )
    for kind in (OrderOpened, OrderChanged):
        made.register_unstructure_hook(
            kind,
            make_dict_unstructure_fn(
                kind, made, _cattrs_omit_if_default=True, order=override(omit=True)
            ),
        )
    configure_tagged_union(Effect, made, tag_name="is")
    return made


def _texts(value: list[str], _: Any) -> tuple[str, ...]:
    return tuple(value)


def _pairs(value: list[list[str]], _: Any) -> tuple[tuple[str, str], ...]:
    return tuple([(name, text) for name, text in value])


def _level(value: str) -> RuleLevel:
    return Severity(value) if value in tuple(Severity) else value


def _bytes_to_json(value: bytes) -> str | dict[str, str]:
    """Text as it is, so that a log can be read; other bytes in base64."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode("ascii")}


def _bytes_from_json(value: str | dict[str, str]) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8")
    return base64.b64decode(value["base64"])
