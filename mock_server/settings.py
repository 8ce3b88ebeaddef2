"""The settings of the server: flags, environment, TOML file, defaults, in this order of strength.

One table holds every option; the command line, the environment and the file are read from it, so
that each flag has its twin `HAKUNA_MOCK_<FLAG>`. The environment is read here and nowhere else.
"""

import ipaddress
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from contracts.http.credentials import Auth
from contracts.schemas.provider_contract import ProviderContract
from contracts.suggestions import hint
from contracts.timing.rfc3339 import Instant
from contracts.timing.world_clock import WorldClock
from contracts.utf8 import decoded
from contracts.worlds.policy import Enforcement, Policy
from contracts.worlds.retention import Bounds
from mock_server.option_values import (
    ANY_WHOLE,
    BODY_SIZE,
    INSTANT,
    MEMORY_SIZE,
    NAMED_KEY,
    PATH,
    PORT,
    POSITIVE,
    PROTECTION_PRODUCT,
    PROVIDER_DOCUMENT,
    RULE_LEVEL,
    STATE,
    SWITCH,
    TOKEN,
    Kind,
    as_text,
    choice,
    split_named_key,
    whole,
    words,
)

DEFAULT_PORT = 4258
ENV_PREFIX = "HAKUNA_MOCK_"
OTHERS_VARIABLES = frozenset({"HAKUNA_MOCK_URL", "HAKUNA_MOCK_UPSTREAM"})
"""What a shop or a test, and `hakuna-mock proxy`, read; the server may see them, too."""

PORT_VARIABLE = "HAKUNA_MOCK_PORT"
"""Further variables that Kubernetes sets in every pod beside a service named hakuna-mock."""

PROGRAM_BYTES = 96 * 1024**2
"""So much of `max_memory` is for the program and the requests in hand, not for what is kept."""

LOG_FORMATS = ("pretty", "json", "quiet")


class SettingsError(ValueError):
    """A setting has no usable value; the message names where it was set, and what it may be."""


@dataclass(frozen=True)
class Option:
    """How one setting is given, and its help.

    `many`: it takes several values; `keyed`: each of them is `KEY=VALUE`, and a stronger place
    overrides single keys of a weaker one.
    """

    kind: Kind
    help: str
    many: bool = False
    keyed: bool = False
    flag: str = ""


def _option(
    default: Any,
    kind: Kind,
    help: str,  # noqa: A002
    *,
    many: bool = False,
    keyed: bool = False,
    secret: bool = False,
) -> Any:
    option = Option(kind, help, many, keyed)
    return field(default=default, repr=not secret, metadata={"option": option})


@dataclass(frozen=True)
class Settings:
    """Every setting of the server; each field is a flag, a variable and a key of the file."""

    host: str = _option("127.0.0.1", words("HOST"), "Address to listen on.")
    port: int = _option(DEFAULT_PORT, PORT, "Port to listen on; 0 takes any free one.")
    ready_file: Path | None = _option(
        None, PATH, "Write url, events_url, inspector_url and pid there once listening."
    )
    enforcement: Enforcement = _option(
        Enforcement.FLAG,
        choice(*Enforcement, convert=Enforcement),
        "flag: rule violations get 200 and are recorded. reject: they get 400.",
    )
    rules: tuple[tuple[str, str], ...] = _option(
        (),
        RULE_LEVEL,
        "Level of a rule: off, advice, warning, violation, refuse or accept; repeatable.",
        many=True,
        keyed=True,
    )
    protection_products: tuple[str, ...] = _option(
        (),
        PROTECTION_PRODUCT,
        "Product that is a protection plan, or a prefix and *; repeatable.",
        many=True,
    )
    timestamp_tolerance: int = _option(
        1, whole(0, 86_400), "Seconds by which the times of an order may disagree."
    )
    contract: ProviderContract | None = _option(
        None,
        PROVIDER_DOCUMENT,
        "The provider's OpenAPI document; events are held against it, too.",
    )
    auth: Auth = _option(Auth.BOTH, choice(*Auth, convert=Auth), "Header that carries the API key.")
    api_key: tuple[str, ...] = _option(
        (),
        NAMED_KEY,
        "Keys that exist (default: any sk_test_…); NAME= names the world of a key.",
        many=True,
        secret=True,
    )
    seed: int | None = _option(None, ANY_WHOLE, "Make event ids and chance repeatable.")
    clock: Instant | None = _option(None, INSTANT, "Stop the clocks of all worlds at this time.")
    max_body: int = _option(1024**2, BODY_SIZE, "Longest body of an event.")
    journal_limit: int = _option(10_000, POSITIVE, "Requests kept in each world's journal.")
    max_worlds: int = _option(
        1000, POSITIVE, "Worlds kept; the least recently used one goes first."
    )
    max_orders: int = _option(10_000, POSITIVE, "Orders kept in each world; ended ones go first.")
    max_order_events: int = _option(10_000, POSITIVE, "Events that one order takes.")
    max_idempotency_keys: int = _option(50_000, POSITIVE, "Idempotency keys kept in each world.")
    max_findings: int = _option(20_000, POSITIVE, "Findings kept in each world.")
    max_memory: int = _option(
        512 * 1024**2,
        MEMORY_SIZE,
        "Memory that the server takes, about; older journals go first.",
    )
    max_connections: int = _option(1000, POSITIVE, "Connections open at once.")
    state: str | None = _option(
        None, STATE, "SQLite file (made when absent) or postgresql://… to keep all in.", secret=True
    )
    load: tuple[str, ...] = _option(
        (), words("SCENARIO"), "Scenarios to play at the start, by name or file.", many=True
    )
    allow_host: tuple[str, ...] = _option(
        (), words("NAME"), "Further host names that may open /_mock.", many=True
    )
    admin_token: str | None = _option(
        None, TOKEN, "Needed for /_mock off loopback; made and printed when absent.", secret=True
    )
    loop: str = _option(
        "asyncio",
        choice("asyncio", "uvloop", "auto"),
        "Event loop; auto: uvloop where it is installed.",
    )
    log_format: str = _option("pretty", choice(*LOG_FORMATS), "How each request is logged.")
    no_ui: bool = _option(False, SWITCH, "Do not serve anything for people under /_mock/.")

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
    def keys(self) -> tuple[str, ...]:
        """The keys that exist, without their names; empty: any sandbox key."""
        return tuple(split_named_key(item)[1] for item in self.api_key)

    @property
    def key_names(self) -> dict[str, str]:
        """The names given with keys, by the id of the key's world."""
        from mock_server.store.memory import world_id_of  # noqa: PLC0415 - where keys are named

        named = [split_named_key(item) for item in self.api_key]
        return {world_id_of(key): name for name, key in named if name}

    @property
    def judging(self) -> Policy:
        """How events are judged, whoever sends them and wherever: the options of `JUDGING`."""
        policy = Policy(
            enforcement=self.enforcement,
            protection_products=self.protection_products,
            timestamp_tolerance=self.timestamp_tolerance,
            provider_contract=self.contract,
        )
        if not self.rules:
            return policy
        from contracts.worlds.rule_levels import with_rule_levels  # noqa: PLC0415 - all rules

        return with_rule_levels(policy, dict(self.rules))

    @cached_property
    def policy(self) -> Policy:
        """The settings of a new world."""
        return replace(
            self.judging,
            auth=self.auth,
            api_keys=frozenset(self.keys),
            key_names=self.key_names,
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
            memory=self.max_memory - PROGRAM_BYTES,
        )


def _flag(name: str, option: Option) -> str:
    """The flag of a setting: `--rule` is given several times to set `rules`."""
    return f"--{(name.removesuffix('s') if option.many else name).replace('_', '-')}"


OPTIONS: dict[str, Option] = {
    item.name: replace(item.metadata["option"], flag=_flag(item.name, item.metadata["option"]))
    for item in fields(Settings)
}

JUDGING = ("enforcement", "rules", "protection_products", "timestamp_tolerance")
"""The options that say how events are judged: commands that judge without a server take them."""


def max_refused(max_connections: int) -> int:
    """So many connections beyond the limit are read and told why they are refused."""
    return max(8, min(200, max_connections // 5))


def env_name(option: str) -> str:
    """The environment variable of an option."""
    return ENV_PREFIX + option.upper()


def is_service_link(port: str) -> bool:
    """Whether Kubernetes set it for a service of that name; a port looks otherwise."""
    return re.match(r"(tcp|udp|sctp)://", port) is not None


def read_settings(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
    only: Collection[str] = OPTIONS.keys(),
) -> Settings:
    """The settings in force. `flags` holds what the command line gave, as text.

    `config` is a TOML file with a table `[tool.hakuna-mock]`; without it `pyproject.toml` of the
    working directory is used where it has one. SettingsError names the place of a bad value. Of
    the options that are not in `only`, whoever asks needs none: they keep their default.
    """
    environ = os.environ if environ is None else environ
    table = _table(config)
    chosen: dict[str, Any] = {}
    for name in only:
        option = OPTIONS[name]
        places = [
            place
            for place in (
                _from_flags(name, option, flags or {}),
                _from_environment(name, option, environ),
                table.get(name),
            )
            if place is not None
        ]
        if places and option.keyed:
            pairs = [_parsed(option, *place) for place in reversed(places)]
            chosen[name] = tuple(dict(pair for place in pairs for pair in place).items())
        elif places:
            # A stronger place makes a bad variable harmless; a bad file never is.
            chosen[name] = _parsed(option, *places[0])
            if name in table:
                _parsed(option, *table[name])
    return Settings(**chosen)


def read_policy(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
    only: Collection[str] = JUDGING,
) -> Policy:
    """How events are judged, from the same places as the settings of a server."""
    return read_settings(flags, environ, config, only).judging


Place = tuple[list[str], str]
"""Values as text, and where they are."""


def _from_flags(name: str, option: Option, flags: Mapping[str, Any]) -> Place | None:
    value = flags.get(name)
    if value is None or value is False or value in ((), {}, []):
        return None
    if option.keyed and isinstance(value, Mapping):
        value = [f"{key}={level}" for key, level in value.items()]
    texts = [str(item) for item in value] if option.many else [as_text(value)]
    return texts, option.flag


def _from_environment(name: str, option: Option, environ: Mapping[str, str]) -> Place | None:
    variable = env_name(name)
    text = environ.get(variable, "")
    if variable == PORT_VARIABLE and is_service_link(text):
        return None
    texts = re.split(r"[\s,]+", text.strip(", \t\n")) if option.many else [text]
    return (texts, variable) if any(item.strip() for item in texts) else None


def _parsed(option: Option, texts: list[str], where: str) -> Any:
    try:
        values = tuple(option.kind.parse(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"{where} {error}") from None
    return values if option.many else values[0]


def _table(config: Path | None) -> dict[str, Place]:
    """What the table `[tool.hakuna-mock]` sets, by option."""
    path = config or Path("pyproject.toml")
    document = _read_toml(path, may_be_missing=config is None)
    tools = document.get("tool")
    table = tools.get("hakuna-mock") if isinstance(tools, dict) else None
    if table is None:
        if document and path.name != "pyproject.toml":
            raise SettingsError(f"{path} has no table [tool.hakuna-mock]; write the settings there")
        return {}
    if not isinstance(table, dict):
        message = "[tool.hakuna-mock] is not a table; write port = 4258 under it"
        raise SettingsError(f"{path}: {message}")
    found: dict[str, Place] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        where = f"{path}: [tool.hakuna-mock] {key}"
        option = OPTIONS.get(name)
        if option is None:
            options = [item.replace("_", "-") for item in OPTIONS]
            raise SettingsError(f"{where} is not a setting{hint(key, options)}")
        if option.keyed and not isinstance(value, dict):
            raise SettingsError(
                f'{where} must be a table, such as {key} = {{"zip-format" = "off"}}'
            )
        if option.keyed:
            texts = [f"{item}={as_text(level)}" for item, level in value.items()]
            where = f"{path}: [tool.hakuna-mock.{key}]"
        else:
            values = value if isinstance(value, list) and option.many else [value]
            if any(isinstance(item, list | dict) for item in values):
                raise SettingsError(
                    f"{where} must be {'a list of texts' if option.many else 'one value'}"
                )
            texts = [as_text(item) for item in values]
        if texts:
            found[name] = (texts, where)
    return found


def _read_toml(path: Path, *, may_be_missing: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(decoded(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:  # ValueError: not TOML, or not UTF-8
        if may_be_missing and isinstance(error, FileNotFoundError):
            return {}
        deep = "this is nested too deeply" if isinstance(error, RecursionError) else str(error)
        reason = getattr(error, "strerror", None) or deep
        raise SettingsError(f"{path} cannot be read: {reason}") from None
