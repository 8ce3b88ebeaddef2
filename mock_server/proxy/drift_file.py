"""The file that a proxy keeps its drift in: written now and then, and at the end, as a whole."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from contracts.drift.attribution import settled
from contracts.drift.document import DriftError, from_json, to_json
from contracts.drift.drift import Drift, merged
from contracts.utf8 import decoded
from mock_server.start_error import StartError

EVERY_SECONDS = 2.0


@dataclass
class DriftFile:
    """`earlier` is what the file held at the start: a proxy that is started again goes on."""

    path: Path
    earlier: Drift = field(default_factory=Drift)
    _written: int = -1

    @classmethod
    def opened(cls, path: Path) -> "DriftFile":
        """The file, read where it exists; StartError where it cannot be read or written."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = decoded(path.read_bytes()) if path.exists() else ""
            with path.open("ab"):
                pass
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StartError(f"--drift {path}: {reason}") from None
        if not text.strip():
            return cls(path)
        try:
            return cls(path, settled(from_json(json.loads(text))))
        except DriftError as error:
            raise StartError(f"--drift {path}: {error}; name another file") from None
        except ValueError:
            raise StartError(f"--drift {path}: this is not JSON; name another file") from None

    def write(self, drift: Drift) -> None:
        """Replace the file, all at once, if there is anything new."""
        if drift.exchanges == self._written:
            return
        document = to_json(
            merged([self.earlier, settled(drift)]) if self.earlier.exchanges else drift
        )
        part = self.path.with_name(f"{self.path.name}.part")
        part.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
        part.replace(self.path)
        self._written = drift.exchanges

    async def keep(
        self, read: Callable[[], Awaitable[Drift]], notice: Callable[[str], None]
    ) -> None:
        """Write it every few seconds until this is cancelled, and then once more."""
        told = False
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                told = self._try(await read(), notice, told=told)
        finally:
            self._try(await read(), notice, told=False)

    def _try(self, drift: Drift, notice: Callable[[str], None], *, told: bool) -> bool:
        try:
            self.write(drift)
        except OSError as error:
            if not told:
                notice(f"--drift {self.path}: {error.strerror}; nothing is written there")
            return True
        return False
