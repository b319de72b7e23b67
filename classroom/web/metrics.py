"""
/metrics for Prometheus: what HTTP did, what the process uses, what live classes and media say about
themselves.

Requests are counted in plain integers; prometheus_client is imported by the first scrape, because most
installations never have one and it costs memory. The page is not public: it answers this machine itself, or
whoever knows `metrics_token`. A request that came through any proxy counts as foreign, since the proxy's own
address would else open the door.
"""

import hmac
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import hdrs, web

from classroom.web import guard
from classroom.web.problems import Problem

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # s; above the last a person has left
MAX_SERIES = 500  # Methods x routes x status classes that exist; a bound in case that is wrong.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of another part of the program, as /metrics shows it."""

    name: str
    help: str
    value: float
    kind: Literal["gauge", "counter"] = "gauge"
    labels: tuple[tuple[str, str], ...] = ()


Source = Callable[[], Awaitable[Iterable[Figure]]]


class HttpCounters:
    """Requests by method, route and status, and how long they took."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, str, str]] = Counter()
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0
        self.malformed = 0

    def add(self, method: str, route: str, status: int, took: float, upgraded: bool) -> None:
        """Count one request. The life of a WebSocket is no response time and stays out of the histogram."""
        key = (method if method in _METHODS else "other", route or "unknown", str(status))
        if key in self.requests or len(self.requests) < MAX_SERIES:
            self.requests[key] += 1
        if not upgraded:
            self.buckets[bisect_left(BUCKETS, took)] += 1
            self.seconds += took


class Metrics:
    """The handler of /metrics."""

    def __init__(self, http: HttpCounters, sources: Iterable[Source], token: str) -> None:
        self._http = http
        self._sources = tuple(sources)
        self._token = token

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """
        Answer a scrape in the text format. Raises Problem not_found to strangers, who need not know it
        exists.
        """
        if not self._may_read(request):
            raise Problem("not_found")
        return web.Response(
            body=self.text([figure for source in self._sources for figure in await source()]),
            headers={
                hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8",
                hdrs.CACHE_CONTROL: "no-store",
            },
        )

    def text(self, figures: Iterable[Figure]) -> bytes:
        """Return everything in Prometheus' text format, with `figures` of the other parts."""
        from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        registry.register(_Collector(self._http, figures))
        return generate_latest(registry)

    def _may_read(self, request: web.Request) -> bool:
        given = request.headers.get(hdrs.AUTHORIZATION, "").removeprefix("Bearer ")
        if self._token and hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), self._token.encode()
        ):
            return True
        return guard.is_loopback(request.remote) and not guard.is_forwarded(request)


class _Collector:
    """What prometheus_client asks for its families of metrics."""

    def __init__(self, http: HttpCounters, figures: Iterable[Figure]) -> None:
        self._http = http
        self._figures = figures

    def collect(self) -> Iterable[Any]:
        """Yield the families of metrics, as prometheus_client asks for them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily(
            "sabak_http_requests", "HTTP requests", labels=["method", "route", "status"]
        )
        for labels, count in self._http.requests.items():
            requests.add_metric(labels, count)
        yield requests
        total, cumulated = 0, []
        for bound, count in zip([*map(str, BUCKETS), "+Inf"], self._http.buckets, strict=True):
            total += count
            cumulated.append((bound, total))
        took = HistogramMetricFamily("sabak_http_request_seconds", "Time to answer, WebSockets left out")
        took.add_metric([], cumulated, self._http.seconds)
        yield took
        malformed = CounterMetricFamily("sabak_http_malformed", "Requests that are no HTTP")
        malformed.add_metric([], self._http.malformed)
        yield malformed
        families: dict[str, Any] = {}
        for figure in self._figures:
            family = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
            names = [name for name, _ in figure.labels]
            if figure.name not in families:
                families[figure.name] = family(figure.name, figure.help, labels=names)
            families[figure.name].add_metric([value for _, value in figure.labels], figure.value)
        yield from families.values()
