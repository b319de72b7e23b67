"""The numbers of the other parts, as /metrics names them."""

from classroom.store.backend import Figures
from classroom.web import figures
from classroom.web.metrics import HttpCounters, Metrics
from signaling import measures

WORKER = {
    "pid": 1,
    "cpu": 0.5,
    "resident": 1000,
    "peers": 4,
    "legs": 3,
    "legs_lost": 1,
    "late_ticks": 5,
    "lag": 0.03,
    "cpu_per_packet": 6e-6,
    "totals": {name: at for at, name in enumerate(measures.NAMES)},
    "dropped": {"forged": 2},
    "faults": {},
    "forwarded": 10,
    "skipped": 0,
    "unsendable": 0,
    "pipe": {"sent": 4, "dropped": 0},
    "captures": {"running": 2, "waiting": 300, "written": 9_000, "thrown": 7, "ended": {"disk_full": 1}},
    "sockets": [
        {"received": 1, "sent": 2, "truncated": 0, "congested": 0, "refused": 0},
        {
            "received": 10,
            "sent": 0,
            "truncated": 0,
            "congested": 0,
            "refused": 0,
            "accepted": 5,
            "open": 2,
            "turned_away": 1,
            "unproved": 1,
            "stuck": 1,
        },
    ],
    "rooms": {"a": {}},
}


def test_a_worker_that_is_away_is_down_and_nothing_else() -> None:
    (figure,) = figures.of_media({"workers": [None]})
    assert (figure.name, figure.value, figure.labels) == ("sabak_media_up", 0, (("worker", "0"),))


def test_a_worker_tells_what_it_counts() -> None:
    found = {(f.name, f.labels): f.value for f in figures.of_media({"workers": [None, WORKER]})}
    where = (("worker", "1"),)
    assert found[("sabak_media_legs", where)] == 3
    assert found[("sabak_media_rooms", where)] == 1
    assert found[("sabak_media_datagrams_received", where)] == 11
    assert found[("sabak_media_tcp_connections", where)] == 2
    assert found[("sabak_media_tcp_accepted", where)] == 5
    assert found[("sabak_media_legs_lost", where)] == 1
    assert found[("sabak_media_cpu_per_packet_seconds", where)] == 6e-6
    assert found[("sabak_media_loop_lag_seconds", where)] == 0.03
    for at, name in enumerate(measures.NAMES):
        assert found[(f"sabak_media_{name}", where)] == at
    assert found[("sabak_media_pipe", (*where, ("event", "sent")))] == 4
    assert found[("sabak_media_captures", where)] == 2
    assert found[("sabak_media_captures_waiting_bytes", where)] == 300
    assert found[("sabak_media_captured_bytes", where)] == 9_000
    assert found[("sabak_media_captures_thrown", where)] == 7
    assert found[("sabak_media_captures_ended", (*where, ("reason", "disk_full")))] == 1
    assert found[("sabak_media_dropped", (*where, ("reason", "forged")))] == 2


def test_all_of_it_is_good_prometheus() -> None:
    numbers = [
        *figures.of_database(Figures(reads=1, writes=2, commits=3, waiting=4, failures=5)),
        *figures.of_media({"workers": [WORKER]}),
    ]
    text = Metrics(HttpCounters(), [], "").text(numbers)
    assert b"sabak_database_waiting 4.0" in text
    assert b'sabak_media_forwarded_total{worker="0"} 10.0' in text


def test_what_is_told_is_read_back_by_prometheus() -> None:
    """What promtool would check: every family has one help and one type, and no series comes twice."""
    from prometheus_client.parser import text_string_to_metric_families

    numbers = list(figures.of_media({"workers": [WORKER, None, WORKER]}))
    text = Metrics(HttpCounters(), [], "").text(numbers).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    media = [family for name, family in families.items() if name.startswith("sabak_media_")]
    assert len(media) > 20
    for family in media:
        assert family.documentation
        assert family.type in ("gauge", "counter")
        series = [tuple(sorted(sample.labels.items())) for sample in family.samples]
        assert len(series) == len(set(series))
    read = {(s.name, s.labels.get("worker")): s.value for family in media for s in family.samples}
    assert read[("sabak_media_up", "1")] == 0
    assert read[("sabak_media_up_lost_total", "2")] == measures.NAMES.index("up_lost")
    lines = text.splitlines()
    types = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
