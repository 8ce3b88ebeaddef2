"""A server that is asked politely: one request at a time, slowly, and nothing twice.

Every request is written to a file before it is sent, and its reply when it came. A run that was
interrupted goes on from there: what was answered is not sent again, and neither is what was under
way.
"""

import base64
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fuzz.client.http_client import Exchange, Reply, Target, TargetError, Watch

VERSION = 1


class RunFileError(Exception):
    """The file of a run cannot be used; the message says why."""


class UnderWayError(Exception):
    """The request was under way when the run was interrupted: it is not sent again."""


@dataclass
class RunFile:
    """The file of one run. `run` is the prefix of its order ids, `replied` what came back so far.

    `begun` are requests that were sent, whether or not a reply came. Requests are known by the hash
    of all that is sent.
    """

    path: Path
    run: str
    target: str
    begun: set[str] = field(default_factory=set)
    replied: dict[str, tuple[Reply, float]] = field(default_factory=dict)
    is_new: bool = True
    _out: IO[str] | None = None

    @classmethod
    def read(cls, path: Path, target: str) -> "RunFile":
        """The file of an interrupted run, or of a new one, read and not opened for writing."""
        try:
            rows = _rows(path) if path.exists() else []
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not the file of a run"
            raise RunFileError(f"{path}: {reason}") from None
        if rows and ("finished" in rows[-1] or _sent_nothing(rows)):
            rows = []
        found = cls._resumed(path, target, rows) if rows else cls._new(path, target)
        found.is_new = not rows
        return found

    @classmethod
    def opened(cls, path: Path, target: str) -> "RunFile":
        """The file of an interrupted run, or of a new one; RunFileError where it cannot be used."""
        found = cls.read(path, target)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            found._out = path.open("w" if found.is_new else "a", encoding="utf-8")  # noqa: SLF001
        except OSError as error:
            raise RunFileError(f"{path}: {error.strerror}") from None
        if found.is_new:
            found._write({"version": VERSION, "run": found.run, "target": target})  # noqa: SLF001
        return found

    @classmethod
    def _new(cls, path: Path, target: str) -> "RunFile":
        return cls(path, f"hm{uuid.uuid4().hex[:8]}", target)

    @classmethod
    def _resumed(cls, path: Path, target: str, rows: list[dict[str, Any]]) -> "RunFile":
        head = rows[0]
        try:
            if head["version"] != VERSION or head["target"] != target:
                raise RunFileError(
                    f"{path} belongs to a run against {head['target']}; finish that one, or name "
                    "another file"
                )
            found = cls(path, head["run"], target)
            for row in rows[1:]:
                if "sending" in row:
                    found.begun.add(row["sending"])
                elif "unsent" in row:
                    found.begun.discard(row["unsent"])
                elif "reply" in row:
                    body = base64.b64decode(row["body"])
                    reply = Reply(row["status"], row["headers"], body)
                    found.replied[row["reply"]] = (reply, row["seconds"])
        except (KeyError, TypeError, ValueError) as error:
            raise RunFileError(f"{path}: it is not the file of a run ({error!r:.60})") from None
        return found

    @property
    def resumes(self) -> bool:
        """Whether it goes on with an interrupted run."""
        return bool(self.begun)

    def sending(self, request: str) -> None:
        """Note that a request leaves now; on disk before this returns."""
        self.begun.add(request)
        self._write({"sending": request})

    def unsent(self, request: str) -> None:
        """Note that there was no connection: the request is sent when the run goes on."""
        self.begun.discard(request)
        self._write({"unsent": request})

    def received(self, request: str, reply: Reply, seconds: float) -> None:
        """Note its reply."""
        self.replied[request] = (reply, seconds)
        self._write(
            {
                "reply": request,
                "status": reply.status,
                "headers": dict(reply.headers),
                "body": base64.b64encode(reply.body).decode(),
                "seconds": round(seconds, 4),
            }
        )

    def finish(self) -> None:
        """The run is complete: the next one begins anew."""
        self._write({"finished": True})
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()
            self._out = None

    def _write(self, row: Mapping[str, Any]) -> None:
        assert self._out is not None  # noqa: S101 - opened before
        self._out.write(json.dumps(row) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())


def _sent_nothing(rows: list[dict[str, Any]]) -> bool:
    """Whether no request of the run can have arrived, so that its target may have been a slip."""
    return {row.get("sending") for row in rows} <= {None, *(row.get("unsent") for row in rows)}


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; a last line that a crash cut off is removed from it."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        try:
            rows.append(json.loads(line))
        except ValueError:
            if number < len(lines) - 1 or not rows:
                raise
            path.write_text("".join(lines[:number]), "utf-8")
    return rows


class PoliteTarget(Target):
    """A server that gets at most `per_second` requests a second, each of them once."""

    def __init__(
        self,
        base_url: str,
        run_file: RunFile,
        *,
        per_second: float,
        timeout: float,
        watch: Watch | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(base_url, timeout, watch)
        self._file = run_file
        self._interval = 1 / per_second
        self._wait = wait
        self._next = 0.0
        self._turns: dict[str, int] = {}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        again: bool = False,
    ) -> Reply:
        """Send one request, or give the reply that it had before the run was interrupted."""
        del again
        name = self._name(method, path, body, headers)
        if name in self._file.replied:
            reply, seconds = self._file.replied[name]
            if self.watch:
                self.watch.saw(Exchange(method, path, headers or {}, body or b"", reply, seconds))
            return reply
        if name in self._file.begun:
            raise UnderWayError
        now = time.monotonic()
        if now < self._next:
            self._wait(self._next - now)
        self._next = time.monotonic() + self._interval
        self._file.sending(name)
        began = time.perf_counter()
        try:
            reply = super().ask(method, path, body, headers, again=False)
        except TargetError as error:
            if error.unsent:
                self._file.unsent(name)
            raise
        self._file.received(name, reply, time.perf_counter() - began)
        return reply

    def _name(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> str:
        """A request's name: a hash of what is sent, and how often the same was sent before."""
        lines = [method, path, *(f"{name}: {value}" for name, value in (headers or {}).items())]
        text = "\n".join(lines).encode() + b"\n\n" + (body or b"")
        digest = hashlib.sha256(text).hexdigest()[:24]
        turn = self._turns[digest] = self._turns.get(digest, 0) + 1
        return f"{digest}-{turn}"
