"""Metrics: the text that Prometheus reads, and who may read it."""

from collections.abc import Iterable

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from classroom.web.metrics import MAX_SERIES, Figure, HttpCounters, Metrics
from classroom.web.problems import Problem


def request(remote: str, **headers: str) -> web.Request:
    plain = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/metrics", plain).clone(remote=remote)  # type: ignore[return-value]


def samples(
    metrics: Metrics, figures: Iterable[Figure] = ()
) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.text(figures).decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def test_requests_and_their_times() -> None:
    counters = HttpCounters()
    counters.add("GET", "/api/classes", 200, 0.003, False)
    counters.add("GET", "/api/classes", 200, 0.3, False)
    counters.add("BREW", "", 405, 99.0, False)
    counters.add("GET", "/socket.io/", 101, 3600.0, True)
    found = samples(Metrics(counters, [], ""))
    labels = (("method", "GET"), ("route", "/api/classes"), ("status", "200"))
    assert found[("sabak_http_requests_total", labels)] == 2
    labels = (("method", "other"), ("route", "unknown"), ("status", "405"))
    assert found[("sabak_http_requests_total", labels)] == 1
    assert found[("sabak_http_request_seconds_bucket", (("le", "0.005"),))] == 1
    assert found[("sabak_http_request_seconds_bucket", (("le", "0.5"),))] == 2
    assert found[("sabak_http_request_seconds_bucket", (("le", "+Inf"),))] == 3
    assert found[("sabak_http_request_seconds_sum", ())] == pytest.approx(99.303)


def test_the_number_of_series_is_bounded() -> None:
    counters = HttpCounters()
    for number in range(MAX_SERIES + 10):
        counters.add("GET", f"/{number}", 200, 0.0, False)
    assert len(counters.requests) == MAX_SERIES


def test_figures_of_other_parts() -> None:
    figures = [
        Figure("sabak_refusals", "Refusals", 3, "counter", (("code", "too_fast"),)),
        Figure("sabak_refusals", "Refusals", 1, "counter", (("code", "locked"),)),
        Figure("sabak_connections", "Connections", 7),
    ]
    found = samples(Metrics(HttpCounters(), [], ""), figures)
    assert found[("sabak_refusals_total", (("code", "too_fast"),))] == 3
    assert found[("sabak_refusals_total", (("code", "locked"),))] == 1
    assert found[("sabak_connections", ())] == 7
    assert ("process_resident_memory_bytes", ()) in found


@pytest.mark.parametrize(
    ("remote", "headers", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.1", {}, False),
        ("127.0.0.1", {"X_Forwarded_For": "8.8.8.8"}, False),  # a proxy on this machine opens no door
        ("127.0.0.1", {"Authorization": "Bearer wrong"}, True),
        ("10.0.0.1", {"Authorization": "Bearer word"}, True),
        ("10.0.0.1", {"Authorization": "Bearer wörd"}, False),
        ("10.0.0.1", {"Authorization": "Bearer "}, False),
    ],
)
async def test_who_may_read(remote: str, headers: dict[str, str], allowed: bool) -> None:
    metrics = Metrics(HttpCounters(), [], "word")
    if allowed:
        answer = await metrics.serve(request(remote, **headers))
        assert isinstance(answer, web.Response)
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    else:
        with pytest.raises(Problem, match="not_found"):
            await metrics.serve(request(remote, **headers))


async def test_an_empty_token_opens_nothing() -> None:
    with pytest.raises(Problem):
        await Metrics(HttpCounters(), [], "").serve(request("10.0.0.1", Authorization="Bearer "))


async def test_a_scrape_asks_the_other_parts() -> None:
    async def source() -> list[Figure]:
        return [Figure("sabak_connections", "Connections", 7)]

    answer = await Metrics(HttpCounters(), [source], "").serve(request("127.0.0.1"))
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    assert b"sabak_connections 7.0" in answer.body
