"""
What figures of lines cost a worker: `python -m tests.benchmarks.figures 150 500`.

Everybody of a room with four cameras at once, as one pause, and a few at each tick, as the worker does it,
with the encoding for the control socket. A manual clock: what is measured is processor time alone.
"""

import random
import statistics
import sys
import time
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from signaling.core.model import TICK_S
from signaling.core.router import Room
from signaling.faults import Faults
from signaling.measures import STATS_EVERY, Measures
from signaling.peers import HostedRoom, Peer
from signaling.rtc.fanout import FanOut
from signaling.rtc.leg import Leg
from tests.support.media_room import RoomPair

CAMERAS = 4
ROUNDS = 3


def room(count: int) -> RoomPair:
    """Return a room in which `count` viewers get CAMERAS cameras and voices."""
    pair = RoomPair()
    for number in range(CAMERAS):
        pair.publisher(f"t{number}")
    for number in range(count):
        pair.viewer(f"v{number}")
    pair.run(0.5, speaking=["t0"], showing=list(pair.publishers))
    return pair


def at_once(core: Room, now: float) -> float:
    """Return the shortest of some tries, in seconds."""
    took = []
    for _ in range(2 * ROUNDS):
        since = time.process_time()
        for found in core.stats(now):
            msgspec.msgpack.encode(found)
        took.append(time.process_time() - since)
    return min(took)


def spread(pair: RoomPair) -> list[float]:
    """Return how long each tick's share took, in seconds."""
    now, told = pair.now, 0

    def emit(event: Any) -> None:
        nonlocal told
        told += len(msgspec.msgpack.encode(event))

    measures = Measures(emit, Faults(), FanOut(), lambda: {"cpu": 0.0}, now)
    hosted = HostedRoom("r", pair.room)
    leg = SimpleNamespace(state="connected", bytes_received=0, bytes_sent=0, path=None)
    for name in [*pair.publishers, *pair.viewers]:
        measures.add(Peer(hosted, name, subscriber=cast(Leg, leg)))
    took = []
    for _ in range(round(ROUNDS * STATS_EVERY / TICK_S)):
        now += TICK_S
        since = time.process_time()
        measures.tick(now)
        took.append(time.process_time() - since)
    assert told, "nobody was told"
    return took


def main(counts: list[int]) -> None:
    """Measure for each number of viewers."""
    random.seed(1)
    for count in counts:
        pair = room(count)
        pause, ticks = at_once(pair.room, pair.now), spread(pair)
        mean, most = statistics.mean(ticks), sorted(ticks)[len(ticks) * 99 // 100]
        print(
            f"{count} viewers: all at once {pause * 1e3:.1f} ms; a tick's share {mean * 1e3:.2f} ms"
            f" in the mean, {most * 1e3:.2f} ms at most in 99 of 100"
        )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [150, 500])
