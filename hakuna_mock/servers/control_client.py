"""A hakuna-mock to ask, wherever it runs: its own thread, another process, a container.

Everything goes over HTTP, so that the plugin's own server and `--hakuna-target` are the same code.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from contracts.judging.replies import ENDPOINT
from fuzz.client.control_client import CONTROL, ControlClient, ControlError, refusal
from fuzz.client.http_client import Reply, Target, TargetError

__all__ = ["HakunaError", "HakunaServer", "refusal"]

TIMEOUT = 15.0


class HakunaError(Exception):
    """Something was asked for that cannot be done; the message says why and what to do."""


class HakunaServer:
    """One server, asked by any number of threads at once, each with a connection while it asks."""

    def __init__(self, url: str, *, own: bool = False, admin_token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.own = own
        self.before_forgetting: Callable[[str], None] = lambda _key: None
        """Called with a key before its world is emptied or deleted."""
        self._admin_token = admin_token
        self._idle: deque[Target] = deque()
        self._strangers_until = 0

    @property
    def events_url(self) -> str:
        """Where events are posted."""
        return self.url + ENDPOINT

    def ask(self, method: str, path: str, key: str | None = None, body: Any = None) -> Reply:
        """A call of the control API, narrowed to the world of a key; TargetError if unanswered."""
        __tracebackhide__ = True
        with self._target() as target:
            return self._control(target).call(method, path, key, body)

    def post_event(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One event, as a shop would send it."""
        __tracebackhide__ = True
        with self._target() as target:
            # Sent once: a connection that is cut on demand is for the test to see.
            return target.ask("POST", ENDPOINT, body, headers, again=False)

    def get(self, path: str, key: str | None = None) -> Any:
        """The JSON of a control call; HakunaError with the server's words where it refuses."""
        __tracebackhide__ = True
        return self._good(path, key).json()

    def _good(self, path: str, key: str | None) -> Reply:
        __tracebackhide__ = True
        reply = self.ask("GET", path, key)
        if reply.status != 200:
            raise HakunaError(f"{self.url} refused GET {CONTROL}{path}: {refusal(reply)}")
        return reply

    def rows(self, path: str, key: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """All rows of a list, page by page, beyond the row with the number `after`."""
        __tracebackhide__ = True
        with self._target() as target:
            try:
                return self._control(target).rows(path, key, after=after)
            except ControlError as error:
                raise HakunaError(str(error)) from None

    def _control(self, target: Target) -> ControlClient:
        return ControlClient(self.url, target.ask, self._admin_token)

    def check(self, key: str) -> None:
        """HakunaError where this is no hakuna-mock, or one that a fresh key cannot use."""
        reply = self.ask("GET", "/settings", key)
        if "hakuna-mock" not in reply.headers:
            raise HakunaError(
                f"{self.url} answers, but is no hakuna-mock (GET {CONTROL}/settings: "
                f"{reply.status}); start one with: hakuna-mock serve"
            )
        if reply.status == 401:
            raise HakunaError(
                f"{self.url} takes certain API keys only, and each test needs a fresh one; "
                f"start it without --api-key ({refusal(reply)})"
            )
        if reply.status != 200:
            raise HakunaError(
                f"{self.url} refuses its control API: {refusal(reply)}. The plugin sends the token "
                "of the environment variable HAKUNA_MOCK_ADMIN_TOKEN"
            )

    def strangers(self, after: int) -> list[dict[str, Any]]:
        """Requests without a usable key, beyond a journal number.

        Only of a server of one's own: on a shared one nobody knows whose they are.
        """
        if not self.own:
            return []
        rows = self.rows("/requests?status=401", after=after)
        self._strangers_until = max(self._strangers_until, *(row["seq"] for row in rows), 0)
        return [row for row in rows if row["world"] is None]

    def strangers_so_far(self) -> int:
        """The journal number up to which requests without a usable key are somebody else's."""
        self.strangers(self._strangers_until)
        return self._strangers_until

    def close(self) -> None:
        """Let go of the connections."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    @contextmanager
    def _target(self) -> Iterator[Target]:
        """A connection while it is needed. Errors leave without the frames that hold the key."""
        __tracebackhide__ = True
        try:
            target = self._idle.pop()
        except IndexError:
            target = Target(self.url, TIMEOUT)
        try:
            yield target
        except TargetError as error:
            raise TargetError(str(error)) from None
        finally:
            self._idle.append(target)
