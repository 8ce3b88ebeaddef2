"""The page that Prometheus reads: the tally, and what the store holds at this moment."""

import time
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from contracts.version import __version__
from mock_server.control.responses import ControlError
from mock_server.metrics.tally import BUCKETS_MS, TALLY, Tally
from mock_server.server_state import SERVER, Server
from mock_server.store.reader import Reader

if TYPE_CHECKING:
    from prometheus_client.core import Metric

PREFIX = "hakuna_mock_"


async def metrics(request: web.Request) -> web.Response:
    """Counters and gauges as Prometheus text, or as OpenMetrics where the scraper accepts that."""
    try:
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - an extra
        from prometheus_client.registry import CollectorRegistry  # noqa: PLC0415 - an extra
    except ImportError:
        raise ControlError(
            501,
            "metrics need prometheus-client, which is not installed: "
            "pip install 'hakuna-mock[metrics]'",
        ) from None
    server = request.app[SERVER]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(server, request.app[TALLY], await server.store.read()))
    encode, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
    # Added as a header: aiohttp would not take the charset as part of a content type.
    return web.Response(body=encode(registry), headers={hdrs.CONTENT_TYPE: content_type})


class _Snapshot:
    """One scrape, as a collector of prometheus-client."""

    def __init__(self, server: Server, tally: Tally, reader: Reader) -> None:
        self._server = server
        self._tally = tally
        self._reader = reader

    def collect(self) -> "Iterator[Metric]":
        """Every metric, in the order in which it is printed."""
        yield from self._process()
        yield from self._counted()
        yield self._durations()
        yield from self._kept()

    def _process(self) -> "Iterator[Metric]":
        yield _gauge("build_info", "The running version.", [((__version__,), 1)], "version")
        started = time.time() - (time.monotonic() - self._server.started_at)
        yield _gauge("start_time_seconds", "When the server started, Unix time.", [((), started)])

    def _counted(self) -> "Iterator[Metric]":
        tally = self._tally
        yield _counter(
            "requests",
            "Requests outside /_mock by the status of the reply; none: a fault kept it back.",
            [((status,), count) for status, count in sorted(tally.requests.items())],
            "status",
        )
        yield _counter(
            "events",
            "Accepted events by type, replays left out.",
            [((name,), count) for name, count in sorted(tally.events.items())],
            "type",
        )
        yield _counter("replays", "Answers given again for a known key.", [((), tally.replays)])
        yield _counter(
            "findings",
            "Findings raised, by rule; what became of them is not told here.",
            [((rule, str(of)), count) for (rule, of), count in sorted(tally.findings.items())],
            "rule",
            "severity",
        )
        yield _counter(
            "faults",
            "Faults played, by name.",
            [((name,), count) for name, count in sorted(tally.faults.items())],
            "fault",
        )

    def _durations(self) -> "Metric":
        from prometheus_client.core import HistogramMetricFamily  # noqa: PLC0415 - an extra

        counts = list(accumulate(self._tally.durations))
        bounds = [*(str(ms / 1000) for ms in BUCKETS_MS), "+Inf"]
        found = HistogramMetricFamily(
            f"{PREFIX}judging_duration_seconds", "Time to judge and store a request."
        )
        found.add_metric([], list(zip(bounds, counts, strict=True)), self._tally.seconds)
        return found

    def _kept(self) -> "Iterator[Metric]":
        reader, store = self._reader, self._server.store
        worlds, events = reader.counts()
        used, limit = reader.memory()
        evicted = reader.evicted(None)
        yield _gauge("worlds", "Worlds that are kept, one for each API key.", [((), worlds)])
        yield _gauge("events_kept", "Accepted events that are kept.", [((), events)])
        yield _gauge(
            "open_findings",
            "Findings that are open now, those of evicted orders included.",
            [((str(of),), count) for of, count in reader.open_counts(None).items()],
            "severity",
        )
        yield _gauge("memory_used_bytes", "What the worlds take, about.", [((), used)])
        yield _gauge("memory_limit_bytes", "What they may take (--max-memory).", [((), limit)])
        yield _counter(
            "evicted",
            "What was evicted to stay within the limits.",
            [
                (("worlds",), evicted.worlds),
                (("orders",), evicted.orders),
                (("events",), evicted.events),
                (("idempotency_keys",), evicted.keys),
                (("requests",), evicted.requests),
                (("findings",), evicted.findings),
            ],
            "what",
        )
        yield _counter("effects", "Effects that the store's log has seen.", [((), store.position)])
        yield _gauge(
            "store_info",
            "The store.",
            [((store.kind, str(store.durable).lower()), 1)],
            "kind",
            "durable",
        )


Samples = Iterable[tuple[tuple[str, ...], float]]


def _counter(name: str, text: str, samples: Samples, *labels: str) -> "Metric":
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415 - an extra

    found = CounterMetricFamily(f"{PREFIX}{name}", text, labels=labels)
    for values, number in samples:
        found.add_metric(values, number)
    return found


def _gauge(name: str, text: str, samples: Samples, *labels: str) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - an extra

    found = GaugeMetricFamily(f"{PREFIX}{name}", text, labels=labels)
    for values, number in samples:
        found.add_metric(values, number)
    return found
