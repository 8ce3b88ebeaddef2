"""What whoever runs the server is told when a bound is reached, each thing once."""

from collections.abc import Callable

from contracts.findings.evictions import Evictions


class Notices:
    """Reports each bound once, and which flag raises it."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice
        self._reported: set[str] = set()

    def world_evicted(self, world_id: str, limit: int) -> None:
        """A world was evicted because there were more than `limit`."""
        self._once(
            "--max-worlds", f"world {world_id} was evicted, for more than {limit} are in use"
        )

    def evicted(self, world_id: str, evictions: Evictions) -> None:
        """A world evicted orders or keys."""
        if evictions.orders:
            self._once("--max-orders", f"world {world_id} evicts its older orders")
        if evictions.keys:
            message = f"world {world_id} evicts its older idempotency keys"
            self._once("--max-idempotency-keys", message)

    def out_of_memory(self, limit: int) -> None:
        """All worlds together take more than `limit` bytes."""
        self._once("--max-memory", f"more than {limit >> 20} MiB are kept: older journals go first")

    def _once(self, flag: str, what: str) -> None:
        if flag not in self._reported:
            self._reported.add(flag)
            self._notice(f"{what}; {flag} keeps more (this is reported once, the counts go on)")
