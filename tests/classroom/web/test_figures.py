"""The numbers of the other parts, as /metrics names them."""

from classroom.store.backend import Figures
from classroom.web import figures
from classroom.web.metrics import HttpCounters, Metrics

WORKER = {
    "pid": 1,
    "cpu": 0.5,
    "resident": 1000,
    "legs": 3,
    "dropped": {"forged": 2},
    "faults": {},
    "forwarded": 10,
    "skipped": 0,
    "unsendable": 0,
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
    assert found[("sabak_media_dropped", (*where, ("reason", "forged")))] == 2


def test_all_of_it_is_good_prometheus() -> None:
    numbers = [
        *figures.of_database(Figures(reads=1, writes=2, commits=3, waiting=4, failures=5)),
        *figures.of_media({"workers": [WORKER]}),
    ]
    text = Metrics(HttpCounters(), [], "").text(numbers)
    assert b"sabak_database_waiting 4.0" in text
    assert b'sabak_media_forwarded_total{worker="0"} 10.0' in text
