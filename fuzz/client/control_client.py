"""How to call a hakuna-mock's control API: paths, worlds, pages, refusals.

This is the only place that knows. It holds no connection of its own: `send` makes the requests, so
one client serves a single connection (`Target.ask`), a pool of them, or one for each thread.

    with closing(Target("http://127.0.0.1:4258")) as target:
        control = ControlClient(target.base_url, target.ask)
        for event in control.rows("/events", "sk_test_shop"):
            ...
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from contracts.printable import printable
from contracts.shorthand import latest_time
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.policy import Enforcement, Policy
from contracts.worlds.settings_change import SettingError, change_settings
from fuzz.client.http_client import Reply, TargetError

CONTROL = "/_mock/v1"
"""Where the control API begins."""

ADMIN_HEADER = "Hakuna-Mock-Admin"
"""Carries the admin token, which a server that others can reach asks for."""

LATEST_HEADER = "hakuna-mock-latest"
"""Numbers the latest request of a server, where a reply speaks of worlds."""

MAX_PAGE_SIZE = 1000
"""The longest page that a server hands out."""

_MAX_SHOWN = 200

_JUDGING = ("enforcement", "rules", "protection_products", "timestamp_tolerance")
"""The settings that decide what replies must be."""

Row = dict[str, Any]


class Send(Protocol):
    """Makes one HTTP request; `Target.ask` is one. TargetError if there is no reply."""

    def __call__(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        /,
    ) -> Reply: ...


class ControlError(TargetError):
    """The server refused a call, or answered something else than documented. `reply` is what came.

    The message names the server, the call and the server's own words.
    """

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message)
        self.reply = reply


@dataclass(frozen=True)
class ServerIdentity:
    """What a server turned out to be, and the settings of the world that was looked at.

    `is_mock` says that it is a hakuna-mock. `settings` is None where they can't be read: of another
    server, or where `reply` refuses (`status` 401: the key is unknown here; 403: an admin token is
    missing).
    """

    is_mock: bool
    reply: Reply
    settings: Mapping[str, Any] | None = None

    @property
    def status(self) -> int:
        """The status of the reply."""
        return self.reply.status

    @property
    def enforcement(self) -> Enforcement | None:
        """How the world answers violations; None where its settings can't be read."""
        return None if self.settings is None else Enforcement(self.settings["enforcement"])

    @property
    def policy(self) -> Policy | None:
        """How the world judges; None where its settings can't be read or mean nothing here."""
        if self.settings is None:
            return None
        shown = {name: self.settings[name] for name in _JUDGING if name in self.settings}
        try:
            return change_settings(Policy(), shown, Moment(0))
        except (SettingError, TypeError):
            return None


@dataclass(frozen=True)
class WorldState:
    """What `GET /worlds` tells of one world: as much as a verdict needs.

    `id` is None while nothing was sent there. `tag` changes with each of its requests; None on a
    server that has none. `latest` is the number of the latest request of the whole server.
    """

    id: str | None
    findings: Mapping[str, int]
    """How many are open, by severity."""
    tag: str | None
    latest: int

    @property
    def requests(self) -> int:
        """How many requests the world has had."""
        return int((self.tag or "").strip('"') or 0)


class ControlClient:
    """The control API of the server at `url`, over whatever connections `send` uses.

    Every call takes the API key whose world it is about; without a key it is about all worlds.
    """

    def __init__(self, url: str, send: Send, admin_token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._send = send
        self._admin = {ADMIN_HEADER: admin_token} if admin_token else {}

    def call(
        self,
        method: str,
        path: str,
        key: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call and return the reply, whatever its status.

        `path` is what follows `/_mock/v1`; `body` is sent as JSON. TargetError if nothing answers.
        """
        __tracebackhide__ = True
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, CONTROL + path, data, {**self.headers(key), **(headers or {})})

    def headers(self, key: str | None = None) -> dict[str, str]:
        """The headers that narrow a call to the world of a key, and the admin token."""
        return {**({"Authorization": f"Bearer {key}"} if key else {}), **self._admin}

    def accepted(self, method: str, path: str, key: str | None = None, body: Any = None) -> Reply:
        """Make one call and return the reply; ControlError if it is not a 200."""
        __tracebackhide__ = True
        return self._accept(self.call(method, path, key, body), method, path)

    def get(self, path: str, key: str | None = None) -> Any:
        """The JSON of one resource; ControlError if the server refuses."""
        __tracebackhide__ = True
        return self.accepted("GET", path, key).json()

    def find(self, path: str, key: str | None = None) -> Any:
        """The JSON of one resource, None if there is none; ControlError if the server refuses."""
        __tracebackhide__ = True
        reply = self.call("GET", path, key)
        return None if reply.status == 404 else self._accept(reply, "GET", path).json()

    def _accept(self, reply: Reply, method: str, path: str) -> Reply:
        __tracebackhide__ = True
        if reply.status != 200:
            message = f"{self.url} refused {method} {CONTROL}{path}: {refusal(reply)}"
            raise ControlError(message, reply)
        return reply

    def pages(
        self, path: str, key: str | None = None, *, after: int = 0, size: int = MAX_PAGE_SIZE
    ) -> Iterator[tuple[Reply, list[Row]]]:
        """A list page by page, beginning behind the row number `after`.

        ControlError if the server refuses, answers something that is not a list, or never ends it.
        """
        __tracebackhide__ = True
        separator = "&" if "?" in path else "?"
        position: int | None = after
        while position is not None:
            reply = self.accepted("GET", f"{path}{separator}after={position}&limit={size}", key)
            rows = reply.json()
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                message = f"{self.url} answered GET {CONTROL}{path} with something else than a list"
                raise ControlError(message, reply)
            yield reply, rows
            position = self._next_position(reply, path, position)

    def rows(self, path: str, key: str | None = None, *, after: int = 0) -> list[Row]:
        """All rows of a list, beginning behind the row number `after`."""
        __tracebackhide__ = True
        found: list[Row] = []
        for _, rows in self.pages(path, key, after=after):  # no comprehension: a frame of its own
            found += rows
        return found

    def _next_position(self, reply: Reply, path: str, after: int) -> int | None:
        """Where the list continues, None at its end; a list that never ends is an error."""
        value = reply.headers.get("hakuna-mock-next")
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or len(value) > 18 or int(value) <= after:
            raise ControlError(
                f"{self.url} never ends the list GET {CONTROL}{path}: after row {after} its "
                f"Hakuna-Mock-Next is {printable(value, _MAX_SHOWN)!r}",
                reply,
            )
        return int(value)

    def identify(self, key: str) -> ServerIdentity:
        """Find out whether the server is a hakuna-mock, and the settings of the key's world.

        TargetError if nothing answers; nothing else raises.
        """
        __tracebackhide__ = True
        reply = self.call("GET", "/settings", key)
        if "hakuna-mock" not in reply.headers:
            return ServerIdentity(is_mock=False, reply=reply)
        settings = reply.json() if reply.status == 200 else None
        readable = isinstance(settings, dict) and settings.get("enforcement") in tuple(Enforcement)
        return ServerIdentity(is_mock=True, reply=reply, settings=settings if readable else None)

    def settings(self, key: str) -> Mapping[str, Any]:
        """The settings of the key's world; ControlError if the server refuses."""
        __tracebackhide__ = True
        settings: Mapping[str, Any] = self.get("/settings", key)
        return settings

    def change_settings(self, key: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change what is named, and return all settings; ControlError if the server refuses."""
        __tracebackhide__ = True
        settings: Mapping[str, Any] = self.accepted("PUT", "/settings", key, changes).json()
        return settings

    def latest_time(self, order_id: str, key: str) -> Instant | None:
        """The latest time in the accepted events of an order, None where there are none."""
        __tracebackhide__ = True
        rows = self.rows(f"/events?order_id={quote(order_id, safe='')}", key)
        return latest_time(row["body"] for row in rows)

    def reset(self, key: str) -> None:
        """Clear the key's world, but for its settings; ControlError if the server refuses."""
        __tracebackhide__ = True
        self.accepted("POST", "/reset", key)

    def world(self, key: str) -> WorldState:
        """The key's world in one call; ControlError if the server refuses."""
        __tracebackhide__ = True
        reply = self.accepted("GET", "/worlds", key)
        rows = reply.json()
        latest = int(reply.headers.get(LATEST_HEADER, 0))
        if not rows:
            return WorldState(None, {}, reply.headers.get("etag"), latest)
        return WorldState(rows[0]["id"], rows[0]["findings"], reply.headers.get("etag"), latest)

    def at_stake(self, key: str) -> list[Row]:
        """What the open findings of a world stake, as a verdict sums it; none where a server does
        not say.
        """
        verdict = self.call("GET", "/verdict?fail_on=never&min_events=0", key).json()
        rows = verdict.get("at_stake") if isinstance(verdict, dict) else None
        return rows if isinstance(rows, list) else []

    def delete_world(self, world_id: str, tag: str | None = None) -> Reply:
        """Delete a world, with a `tag` only if no request came since that `WorldState` was read.

        The reply's status is 200, 412 if one came, 404 if there is no such world.
        """
        __tracebackhide__ = True
        headers = {"If-Match": tag} if tag else {}
        return self.call("DELETE", f"/worlds/{world_id}", headers=headers)


def refusal(reply: Reply) -> str:
    """What the server wrote in a refusal: its status, and its message or the start of its body."""
    body = reply.json()
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    if isinstance(error, dict) and not message and isinstance(error.get("validation_errors"), list):
        message = "; ".join(map(str, error["validation_errors"]))
    text = message or reply.body[:_MAX_SHOWN].decode("utf-8", "replace")
    return printable(f"{reply.status} {text}".strip(), _MAX_SHOWN * 2)
