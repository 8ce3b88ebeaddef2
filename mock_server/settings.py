"""What the server is told: flags, environment, TOML file, defaults, in this order of strength.

One table holds every option; the command line, the environment and the file are read from it, so
that each flag has its twin `HAKUNA_MOCK_<FLAG>`. The environment is read here and nowhere else.
"""

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.http.credentials import SANDBOX_KEY, Auth, mask
from contracts.judging.policy import Enforcement, Policy
from contracts.judging.retention import Bounds
from contracts.suggestions import hint, nearest
from contracts.timing.rfc3339 import Instant, parse_instant, why_not_an_instant
from contracts.timing.world_clock import WorldClock

DEFAULT_PORT = 4258
ENV_PREFIX = "HAKUNA_MOCK_"
OF_CLIENTS = frozenset({"HAKUNA_MOCK_URL"})
"""Variables that tell a shop or a test where the mock is; the server may see them, too."""

LOG_FORMATS = ("pretty", "json", "quiet")

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KiB|MiB|GiB)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3}


class SettingsError(ValueError):
    """A setting has no usable value; the message names where it was set, and what it may be."""


def _text(value: str) -> str:
    if not value:
        raise ValueError("may not be empty")
    return value


def _token(value: str) -> str:
    if not value or not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError("must be printable ASCII, for it is sent as a header")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65_535:
        raise ValueError("must be a port from 0 (any free one) to 65535")
    return int(value)


def _whole(value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("must be a whole number")
    return int(value)


def _positive(value: str) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def _size(value: str) -> int:
    match = _SIZE.fullmatch(value.strip())
    size = int(match[1]) * _UNITS[(match[2] or "").lower()] if match else 0
    if not 0 < size <= 1024**3:
        raise ValueError("must be a size such as 1MiB, 512KiB or 1000000, 1GiB at most")
    return size


def _instant(value: str) -> Instant:
    instant = parse_instant(value)
    if instant is None:
        raise ValueError(f"must be a point in time: {why_not_an_instant(value)}")
    return instant


def _flag(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() not in known:
        raise ValueError("must be true or false")
    return known[value.lower()]


def _key(value: str) -> str:
    if not SANDBOX_KEY.fullmatch(value):
        raise ValueError(f"{mask(value)} is no sandbox key: sk_test_ and then letters, digits or _")
    return value


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return parse


@dataclass(frozen=True)
class Option:
    """How one setting is read from text, and what the help says of it."""

    parse: Callable[[str], Any]
    help: str
    metavar: str
    many: bool = False


def _option(
    default: Any,
    parse: Callable[[str], Any],
    metavar: str,
    help: str,  # noqa: A002
    *,
    many: bool = False,
    secret: bool = False,
) -> Any:
    return field(
        default=default, repr=not secret, metadata={"option": Option(parse, help, metavar, many)}
    )


@dataclass(frozen=True)
class Settings:
    """Everything the server can be told; each field is a flag, a variable and a key of the file."""

    host: str = _option("127.0.0.1", _text, "HOST", "Address to listen on.")
    port: int = _option(DEFAULT_PORT, _port, "PORT", "Port to listen on; 0 takes any free one.")
    ready_file: Path | None = _option(
        None, Path, "PATH", "Write url, events_url, inspector_url and pid there once listening."
    )
    enforcement: Enforcement = _option(
        Enforcement.FLAG,
        lambda value: Enforcement(_one_of("flag", "reject")(value)),
        "flag|reject",
        "flag: rule violations get 200 and are recorded. reject: they get 400.",
    )
    auth: Auth = _option(
        Auth.BOTH,
        lambda value: Auth(_one_of("both", "authorization", "bearer-header")(value)),
        "both|authorization|bearer-header",
        "Which header may carry the API key.",
    )
    api_key: tuple[str, ...] = _option(
        (), _key, "KEY", "Keys that exist (default: any sk_test_…).", many=True, secret=True
    )
    seed: int | None = _option(None, _whole, "N", "Make event ids and chance repeatable.")
    clock: Instant | None = _option(
        None,
        _instant,
        "RFC3339",
        "Stop the clocks of all worlds at this time.",
    )
    max_body: int = _option(1024**2, _size, "SIZE", "Longest body of an event.")
    journal_limit: int = _option(10_000, _positive, "N", "Requests kept in each world's journal.")
    max_worlds: int = _option(
        1000, _positive, "N", "Worlds kept; the least recently used one goes first."
    )
    max_orders: int = _option(
        10_000, _positive, "N", "Orders kept in each world; ended ones go first."
    )
    max_order_events: int = _option(10_000, _positive, "N", "Events that one order takes.")
    max_idempotency_keys: int = _option(
        50_000, _positive, "N", "Idempotency keys kept in each world."
    )
    max_findings: int = _option(20_000, _positive, "N", "Findings kept in each world.")
    max_connections: int = _option(1000, _positive, "N", "Connections open at once.")
    load: tuple[str, ...] = _option(
        (), _text, "SCENARIO", "Scenarios to play at the start, by name or file.", many=True
    )
    allow_host: tuple[str, ...] = _option(
        (), _text, "NAME", "Further host names that may open /_mock.", many=True
    )
    admin_token: str | None = _option(
        None,
        _token,
        "TOKEN",
        "Needed for /_mock off loopback; made and printed when absent.",
        secret=True,
    )
    log_format: str = _option(
        "pretty", _one_of(*LOG_FORMATS), "|".join(LOG_FORMATS), "How each request is logged."
    )
    no_ui: bool = _option(False, _flag, "", "Do not serve anything for people under /_mock/.")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def reachable_host(self) -> str:
        """The host part of a URL under which this machine reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"[{host}]" if ":" in host and not host.startswith("[") else host

    @property
    def policy(self) -> Policy:
        """What a new world is told."""
        return Policy(
            enforcement=self.enforcement,
            auth=self.auth,
            api_keys=frozenset(self.api_key),
            clock=WorldClock(self.clock),
            max_order_events=self.max_order_events,
        )

    @property
    def bounds(self) -> Bounds:
        """How much the memory keeps."""
        return Bounds(
            worlds=self.max_worlds,
            orders=self.max_orders,
            keys=self.max_idempotency_keys,
            findings=self.max_findings,
            journal=self.journal_limit,
        )


OPTIONS: dict[str, Option] = {one.name: one.metadata["option"] for one in fields(Settings)}


def env_name(option: str) -> str:
    """The environment variable of an option."""
    return ENV_PREFIX + option.upper()


def unknown_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """What to say of variables that look like settings and are none: most are misspelt."""
    environ = os.environ if environ is None else environ
    said = []
    for name in sorted(environ):
        option = name.removeprefix(ENV_PREFIX)
        if option == name or option.lower() in OPTIONS or name in OF_CLIENTS:
            continue
        meant = nearest(option, OPTIONS)
        more = f"; did you mean {env_name(meant)}?" if meant else ""
        said.append(f"{name} is no setting of the server, so it does nothing{more}")
    return said


def read_settings(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings in force. `flags` holds what was said on the command line, as text.

    `config` is a TOML file with a table `[tool.hakuna-mock]`; without it `pyproject.toml` of the
    working directory is used where it has one. SettingsError names the place of a bad value.
    """
    environ = os.environ if environ is None else environ
    chosen: dict[str, Any] = {}
    chosen.update(_from_file(config))
    for name, option in OPTIONS.items():
        text = environ.get(env_name(name), "")
        texts = re.split(r"[\s,]+", text.strip(", \t\n")) if option.many else [text]
        if any(one.strip() for one in texts):
            chosen[name] = _parsed(option, texts, env_name(name))
        said = (flags or {}).get(name)
        if said is not None and said is not False and said != ():
            texts = [str(one) for one in said] if option.many else [_as_text(said)]
            chosen[name] = _parsed(option, texts, f"--{name.replace('_', '-')}")
    return Settings(**chosen)


def _as_text(value: object) -> str:
    """A value of TOML or click as it would be written in the environment."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(option: Option, texts: list[str], where: str) -> Any:
    try:
        values = tuple(option.parse(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"{where} {error}") from None
    return values if option.many else values[0]


def _from_file(config: Path | None) -> dict[str, Any]:
    path = config or Path("pyproject.toml")
    if config is None and not path.is_file():
        return {}
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # TOML and UTF-8 faults are the second
        if config is None:
            return {}
        deep = "this is nested too deeply" if isinstance(error, RecursionError) else str(error)
        reason = getattr(error, "strerror", None) or deep
        raise SettingsError(f"{path}: {reason}") from None
    tools = document.get("tool")
    table = tools.get("hakuna-mock") if isinstance(tools, dict) else None
    if config and table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: [tool.hakuna-mock] is no table; write port = 4258 under it")
    found = {}
    for key, value in table.items() if isinstance(table, dict) else ():
        name = key.replace("-", "_")
        where = f"{path}: [tool.hakuna-mock] {key}"
        option = OPTIONS.get(name)
        if option is None:
            options = [one.replace("_", "-") for one in OPTIONS]
            raise SettingsError(f"{where} is no setting{hint(key, options)}")
        values = value if isinstance(value, list) and option.many else [value]
        texts = [_as_text(one) for one in values]
        found[name] = _parsed(option, texts, where)
    return found
