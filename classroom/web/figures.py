"""
The numbers of the parts that do not speak Prometheus themselves: database and media workers.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from classroom.recording.numbers import Numbers
from classroom.store.backend import Figures
from classroom.web.metrics import Figure

_COUNTED = {
    "forwarded": "RTP packets sent to viewers",
    "skipped": "RTP packets not sent because a viewer's path was full",
    "unsendable": "Packets that could not be encrypted",
    "late_ticks": "Ticks that came 20 ms or more after their time",
}
_TOTALS = {
    "up_packets": "RTP packets of publishers that came, those sent again included",
    "up_lost": "RTP packets of publishers that never came",
    "up_repaired": "RTP packets of publishers that came when they were sent again",
    "up_nacks": "Requests to publishers to send again",
    "up_plis": "Requests to publishers for a key frame",
    "down_packets": "RTP packets to viewers that were new to them",
    "down_retransmitted": "RTP packets to viewers that were sent again",
    "down_nacks": "Requests of viewers to send again",
    "down_plis": "Requests of viewers for a key frame",
    "received_bytes": "Bytes that came from peers; eight times its rate is the bit rate",
    "sent_bytes": "Bytes of RTP sent to viewers; eight times its rate is the bit rate",
}
_GAUGES = {
    "peers": ("peers", "Pages that have to do with media"),
    "legs": ("legs", "Transports of peers"),
    "legs_lost": ("legs_lost", "Transports that nothing was heard of for some seconds"),
    "loop_lag_seconds": ("lag", "The latest that a tick was within half a minute"),
    "cpu_per_packet_seconds": (
        "cpu_per_packet",
        "Processor time a forwarded packet in the last two seconds; 0 while next to nothing is forwarded",
    ),
    "resident_bytes": ("resident", "Memory of the worker"),
}
_BY_SOCKET = {
    "received": "Datagrams received, and frames over TCP",
    "sent": "Datagrams sent, and frames over TCP",
    "truncated": "Datagrams and frames longer than any honest one",
    "congested": "Datagrams and frames dropped because the socket was full",
    "refused": "Datagrams that the system refused to send",
}
_OF_TCP = {
    "accepted": "Connections for media accepted",
    "turned_away": "Connections for media turned away because there were too many",
    "unproved": "Connections for media closed because they showed no password",
    "stuck": "Connections for media closed because nothing was read there",
}

_OF_RECORDER = {
    "recordings": "Recordings that are being made or finished",
    "captures": "Captures that may still grow",
    "lag": "Seconds of media that were captured and not read yet",
    "full": "Recordings that wait for room on the disk",
    "failing": "Recordings that wait after another error",
}


def of_recorder(numbers: Numbers | None, restarts: int) -> Iterator[Figure]:
    """Yield what the recorder says of itself; nothing of that while it is away."""
    yield Figure("sabak_recorder_up", "Whether the recorder runs", numbers is not None)
    yield Figure("sabak_recorder_restarts", "Times the recorder had to be started again", restarts, "counter")
    if numbers is not None:
        for name, text in _OF_RECORDER.items():
            yield Figure(f"sabak_recorder_{name}", text, getattr(numbers, name))


def of_database(figures: Figures) -> Iterable[Figure]:
    """Return what the database has done."""
    yield Figure("sabak_database_reads", "Read transactions", figures.reads, "counter")
    yield Figure("sabak_database_writes", "Writes asked for", figures.writes, "counter")
    yield Figure("sabak_database_commits", "Transactions written", figures.commits, "counter")
    yield Figure("sabak_database_failures", "Reads and writes that failed", figures.failures, "counter")
    yield Figure("sabak_database_waiting", "Writes that wait", figures.waiting)


def of_media(stats: Mapping[str, Any]) -> Iterator[Figure]:
    """Return what the media workers have counted; one that is away has only `sabak_media_up`."""
    for number, worker in enumerate(stats["workers"]):
        where = (("worker", str(number)),)
        yield Figure("sabak_media_up", "Whether the worker serves", 0 if worker is None else 1, labels=where)
        if worker is None:
            continue
        for name, (key, text) in _GAUGES.items():
            yield Figure(f"sabak_media_{name}", text, worker[key], labels=where)
        yield Figure("sabak_media_rooms", "Classes with media", len(worker["rooms"]), labels=where)
        yield Figure("sabak_media_cpu_seconds", "Processor time", worker["cpu"], "counter", where)
        for name, text in _COUNTED.items():
            yield Figure(f"sabak_media_{name}", text, worker[name], "counter", where)
        for name, text in _TOTALS.items():
            yield Figure(f"sabak_media_{name}", text, worker["totals"][name], "counter", where)
        for name, text in _BY_SOCKET.items():
            total = sum(socket[name] for socket in worker["sockets"])
            yield Figure(f"sabak_media_datagrams_{name}", text, total, "counter", where)
        connections = [socket for socket in worker["sockets"] if "open" in socket]
        count = sum(socket["open"] for socket in connections)
        yield Figure("sabak_media_tcp_connections", "Connections for media", count, labels=where)
        for name, text in _OF_TCP.items():
            total = sum(socket[name] for socket in connections)
            yield Figure(f"sabak_media_tcp_{name}", text, total, "counter", where)
        yield from _of_captures(worker["captures"], where)
        for event, count in worker["pipe"].items():
            labels = (*where, ("event", str(event)))
            yield Figure("sabak_media_pipe", "Between the workers of one class", count, "counter", labels)
        for name, text in (("dropped", "Packets dropped"), ("faults", "Defects that cost one packet or leg")):
            for reason, count in worker[name].items():
                labels = (*where, ("reason", str(reason)))
                yield Figure(f"sabak_media_{name}", text, count, "counter", labels)


def _of_captures(captures: Mapping[str, Any], where: tuple[tuple[str, str], ...]) -> Iterator[Figure]:
    """Yield what a worker captures for recordings."""
    running, waiting = captures["running"], captures["waiting"]
    yield Figure("sabak_media_captures", "Files that are being captured into", running, labels=where)
    yield Figure("sabak_media_captures_waiting_bytes", "What waits for the disk", waiting, labels=where)
    yield Figure("sabak_media_captured_bytes", "Bytes captured", captures["written"], "counter", where)
    text = "Packets that were not captured because the disk was behind"
    yield Figure("sabak_media_captures_thrown", text, captures["thrown"], "counter", where)
    for reason, count in captures["ended"].items():
        labels = (*where, ("reason", str(reason)))
        yield Figure("sabak_media_captures_ended", "Captures that have ended", count, "counter", labels)
