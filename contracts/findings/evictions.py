"""What a world no longer knows because it is bounded, and how messages say so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evictions:
    """How many orders, events and idempotency keys of a world were evicted to keep it small."""

    orders: int = 0
    events: int = 0
    keys: int = 0

    def or_evicted_order(self) -> str:
        """The other reason for an unknown order, as the end of a sentence; "" where there is none.

        Which orders were evicted is not kept: that would take the memory which was to be saved.
        """
        if not self.orders:
            return ""
        if self.orders == 1:
            return ", or it is the older order that this world evicted"
        return f", or it is one of the {self.orders} older orders that this world evicted"

    def or_evicted_key(self) -> str:
        """The same for a retry whose idempotency key is not recognised any more."""
        if not self.keys:
            return ""
        plural = "" if self.keys == 1 else "s"
        return (
            f" (this world evicted {self.keys} older idempotency key{plural}: if this is a retry, "
            "its key may be among them; serve --max-idempotency-keys keeps more)"
        )
