"""Headers of a well-behaved client, and every odd form of each."""

import re

from chooser import Chooser

USUAL = {"Hakuna-Version": "v2.0", "Content-Type": "application/json"}


def headers_of(chooser: Chooser, key: str, given: str | None) -> tuple[tuple[str, str], ...]:
    headers = [("Authorization", f"Bearer {key}"), *USUAL.items()]
    if given is not None:
        headers.append(("Hakuna-Idempotency-Key", given))
    if not chooser.chance(6):
        return tuple(headers)
    place = chooser.below(len(headers))
    name = headers[place][0]
    other = chooser.of(ODD_HEADERS[name])
    written = {"KEY": key, "LIVE": "sk_live_"}
    headers[place : place + 1] = [
        (made, re.sub("KEY|LIVE", lambda found: written[found[0]], value)) for made, value in other
    ]
    return tuple(headers)


# LIVE stands for the prefix of a live key, which no file of the repository holds with a key.
ODD_HEADERS: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "Authorization": (
        (("Bearer", "KEY"),),
        (("authorization", "bearer KEY"),),
        (("Authorization", "Bearer   KEY  "),),
        (("Authorization", "Bearer KEY"), ("Bearer", "KEY")),
        (("Authorization", "Bearer KEY"), ("bearer", "sk_test_two")),
        (("Authorization", "Bearer KEY"), ("Bearer", "pk_test_1")),
        (("Authorization", "Bearer KEY"), ("Bearer", "LIVE1")),
        (("Authorization", "Bearer LIVE1"), ("Bearer", "KEY")),
        (("Authorization", "Bearer pk_1"), ("Bearer", "KEY")),
        (("Authorization", "KEY"), ("Bearer", "KEY")),
        (("Authorization", "Basic KEY"),),
        (("Authorization", ""),),
        (("Authorization", ""), ("Bearer", "KEY")),
        (("Authorization", "Bearer"), ("Bearer", "KEY")),
        (("Authorization", "Bearer LIVEabc"),),
        (("Bearer", "LIVEabc"),),
        (("Bearer", "Bearer KEY"),),
        (("Bearer", ""),),
        (("Authorization", "Bearer KEY"), ("Bearer", "")),
        (("X-API-KEY", "KEY"),),
        (("Authorization", "Bearer sk_test_"),),
        (("Authorization", "Bearer KEY-"),),
        (("Authorization", "Bearer KEY"), ("Authorization", "Bearer KEY")),
        (("Authorization", "Bearer SK_TEST_one"),),
        (("Authorization", "Bearer sk_live_"),),
        (("Authorization", "LIVEabc"),),
        (("Authorization", "Basic LIVEabc"),),
        (("Authorization", "Bearer\tKEY"),),
        (("Authorization", "Bearer sk_test_other"),),
        (),
    ),
    "Hakuna-Version": (
        (),
        (("hakuna-version", " v2.0 "),),
        (("Hakuna-Version", "v1.2"),),
        (("Hakuna-Version", "V2.0"),),
        (("Hakuna-Version", ""),),
        (("Hakuna-Version", "  "),),
        (("Hakuna-Version", "v2.0"), ("Hakuna-Version", "v2.0")),
    ),
    "Content-Type": (
        (),
        (("Content-Type", "application/json; charset=utf-8"),),
        (("content-type", "APPLICATION/JSON"),),
        (("Content-Type", "application/vnd.x+json"),),
        (("Content-Type", "text/plain"),),
        (("Content-Type", ""),),
        (("Content-Type", "application/jsonp"),),
        (("Content-Type", "application/x-www-form-urlencoded"),),
    ),
    "Hakuna-Idempotency-Key": (
        (("hakuna-idempotency-key", "key-1"),),
        (("Hakuna-Idempotency-Key", ""),),
        (("Hakuna-Idempotency-Key", "  "),),
        (("Hakuna-Idempotency-Key", " key-2 "),),
        (("Hakuna-Idempotency-Key", "a b"),),
        (("Hakuna-Idempotency-Key", "é"),),
        (("Hakuna-Idempotency-Key", "x" * 255),),
        (("Hakuna-Idempotency-Key", "x" * 256),),
        (("Hakuna-Idempotency-Key", "key-1"), ("Hakuna-Idempotency-Key", "key-1")),
        (("Hakuna-Idempotency-Key", "Key-1"),),
        (("Hakuna-Idempotency-Key", "~!"),),
        (("Hakuna-Idempotency-Key", "a\x7f"),),
    ),
}
