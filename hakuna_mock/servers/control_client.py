"""A hakuna-mock to test against, wherever it runs: its own thread, another process, a container.

Everything goes over HTTP, so that the plugin's own server and `--hakuna-target` are the same code.
"""

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from contracts.judging.replies import ENDPOINT
from fuzz.client.control_client import LATEST_HEADER, ControlClient, WorldState, refusal
from fuzz.client.http_client import Reply, Target, TargetError
from hakuna_mock.servers.stray_requests import StrayRequests

__all__ = ["HakunaError", "HakunaServer", "WorldState", "refusal"]

TIMEOUT = 15.0


class HakunaError(Exception):
    """What a test wants cannot be done; the message says why and what to do."""


class HakunaServer:
    """One server. Any number of threads may use it, each with a connection during a request.

    `own` says that nobody else uses it, so that all it receives is known to come from these tests.
    """

    def __init__(self, url: str, *, own: bool = False, admin_token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.own = own
        self.before_forgetting: Callable[[str], None] | None = None
        """Called with a key before its world is emptied or deleted."""
        self.control = ControlClient(self.url, self._send, admin_token)
        self.stray = StrayRequests(self.control) if own else None
        self._latest: int | None = 0 if own else None
        self._idle: deque[Target] = deque()

    @property
    def events_url(self) -> str:
        """Where events are posted."""
        return self.url + ENDPOINT

    def post_event(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One event, as a shop would send it."""
        __tracebackhide__ = True
        # Sent once: a connection that is cut on demand is for the test to see.
        return self._send("POST", ENDPOINT, body, headers, again=False)

    def get(self, path: str, key: str | None = None) -> Any:
        """The JSON of a control call; TargetError with the server's words where it refuses."""
        __tracebackhide__ = True
        return self.control.get(path, key)

    def rows(self, path: str, key: str | None = None) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        __tracebackhide__ = True
        return self.control.rows(path, key)

    def world(self, key: str) -> WorldState:
        """The world of a key as it is now."""
        __tracebackhide__ = True
        state = self.control.world(key)
        self._latest = state.latest
        return state

    def delete(self, world: WorldState, *, unchanged: bool = False) -> bool:
        """Delete a world, with `unchanged` only if nothing was sent there since it was read.

        Whether it is gone.
        """
        __tracebackhide__ = True
        if world.id is None:
            return True
        reply = self.control.delete_world(world.id, world.tag if unchanged else None)
        if LATEST_HEADER in reply.headers:
            self._latest = int(reply.headers[LATEST_HEADER])
        if reply.status in (200, 404, 412):
            return reply.status != 412
        raise TargetError(f"{self.url} refused to delete a world: {refusal(reply)}")

    def new_key(self) -> str:
        """A fresh API key for a world of its own."""
        return self.stray.new_key() if self.stray else "sk_test_" + uuid.uuid4().hex

    def latest(self, key: str) -> int:
        """The number of the latest request that an own server has received, whoever sent it.

        It takes no call where the last reply said it, and nothing but this run's tests came since.
        """
        if not self.own:
            return 0
        return self.world(key).latest if self._latest is None else self._latest

    def forget_latest(self) -> None:
        """A test that is not judged may have sent something."""
        self._latest = None

    def check(self, key: str) -> None:
        """HakunaError where this is not a hakuna-mock, or one that a fresh key cannot use."""
        found = self.control.identify(key)
        if not found.is_mock:
            raise HakunaError(
                f"{self.url} answers, but is not a hakuna-mock (GET /_mock/v1/settings: "
                f"{found.status}); start one with: hakuna-mock serve"
            )
        if found.status == 401:
            raise HakunaError(
                f"{self.url} takes certain API keys only, and each test needs a fresh one; "
                f"start it without --api-key ({refusal(found.reply)})"
            )
        if found.status != 200:
            raise HakunaError(
                f"{self.url} refuses its control API: {refusal(found.reply)}. The plugin sends the "
                "token of the environment variable HAKUNA_MOCK_ADMIN_TOKEN"
            )

    def close(self) -> None:
        """Close the connections."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        again: bool = True,
    ) -> Reply:
        """One request on an idle connection. Errors leave without the frames that hold the key."""
        __tracebackhide__ = True
        try:
            target = self._idle.pop()
        except IndexError:
            target = Target(self.url, TIMEOUT)
        try:
            return target.ask(method, path, body, headers, again=again)
        except TargetError as error:
            raise TargetError(str(error), nobody_listens=error.nobody_listens) from None
        finally:
            self._idle.append(target)
