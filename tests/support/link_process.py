"""
Bad lines: what a packet goes through on its way, and the process that lets packets go through it.

`tc netem` is a module of the kernel that many machines lack. This needs /dev/net/tun alone: the two ends of a
line are TUN devices, and this process reads what is sent into one and, when its time has come, writes it into
the other. All IP traffic takes part. TUN devices have no checksum or segmentation offload unless asked for,
so every packet is whole and at most an MTU long.

    python -m tests.support.link_process HERE THERE SEED

makes devices of these two names, says `ready`, and then takes lines of JSON ({"down": {...}, "up": {...}},
see `Way`), each answered by a line of counters. "down" is from HERE to THERE. It ends with its input.
"""

import contextlib
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import struct
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_WAITING = 20_000  # Packets under way in one direction: 4 s of 50 Mbit/s, some 30 MB of memory.
BURST = 64  # Packets read before it is looked at what is due; some 0.5 ms.
LARGEST = 65_536  # No IP packet is larger.
NICENESS = -15  # What is late here is measured as a worse line: go before browsers that encode.

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h


@dataclass(frozen=True)
class Way:
    """
    One direction of a line.

    `rate` in bit/s of IP packets (None: any) with a queue of `queue_ms` before it, as in the router of a
    home; what does not fit is dropped. `loss` (0..1) strikes by chance, independently. Delays are one way;
    jitter adds 0 to `jitter_ms`, and packets still come in order unless `reorder`.
    """

    delay_ms: float = 0.0
    loss: float = 0.0
    rate: float | None = None
    queue_ms: float = 250.0
    jitter_ms: float = 0.0
    reorder: bool = False


@dataclass
class Counters:
    """Packets of one direction, and octets that arrived."""

    carried: int = 0
    octets: int = 0
    lost: int = 0  # by chance
    dropped: int = 0  # because the queue was full


class Direction:
    """The rules of one direction; knows neither clock nor device."""

    def __init__(self, way: Way, chance: random.Random) -> None:
        self.way = way
        self.counters = Counters()
        self._chance = chance
        self._free_at = 0.0  # when the line has sent all that waits
        self._last = 0.0  # when the newest packet arrives

    def change(self, way: Way, now: float) -> None:
        """Be another line from now on. What waits goes on at the new rate, as seen by all that follow."""
        if self.way.rate and way.rate and self._free_at > now:
            self._free_at = now + (self._free_at - now) * self.way.rate / way.rate
        elif not way.rate:
            self._free_at = now
        self.way = way

    def enter(self, size: int, now: float) -> float | None:
        """Take a packet of `size` octets; return when it arrives, or None if it never does."""
        way, counters = self.way, self.counters
        leaves = now
        if way.rate:
            begins = max(self._free_at, now)
            if begins - now > way.queue_ms / 1000:
                counters.dropped += 1
                return None
            leaves = self._free_at = begins + size * 8 / way.rate
        if way.loss and self._chance.random() < way.loss:
            counters.lost += 1
            return None
        arrives = leaves + way.delay_ms / 1000
        if way.jitter_ms:
            arrives += self._chance.random() * way.jitter_ms / 1000
        if not way.reorder:
            arrives = max(arrives, self._last)
        self._last = arrives
        counters.carried += 1
        counters.octets += size
        return arrives


@dataclass
class Pipe:
    """One direction at work: from one device to the other."""

    source: int
    target: int
    direction: Direction
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def read(self) -> None:
        for _ in range(BURST):
            try:
                packet = os.read(self.source, LARGEST)
            except OSError:  # nothing more, or the device is down
                return
            now = time.monotonic()
            arrives = self.direction.enter(len(packet), now)
            if arrives is not None and len(self.waiting) < MAX_WAITING:
                heapq.heappush(self.waiting, (arrives, next(self.numbers), packet))

    def deliver(self) -> None:
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, packet = heapq.heappop(self.waiting)
            with contextlib.suppress(OSError):  # the other device is down: a pulled cable
                os.write(self.target, packet)

    @property
    def due(self) -> float:
        return self.waiting[0][0] if self.waiting else float("inf")


def tun(name: str) -> int:
    """Make a TUN device that is gone when the file is closed."""
    made = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(made, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return made


def answer(line: str, pipes: dict[str, Pipe]) -> str:
    """Do what a line of JSON asks for, and say what has happened so far."""
    for name, way in json.loads(line).items():
        pipes[name].direction.change(Way(**way), time.monotonic())
    told: dict[str, Any] = {name: asdict(pipe.direction.counters) for name, pipe in pipes.items()}
    return json.dumps({**told, "cpu": time.process_time()})


def main(here: str, there: str, seed: int) -> None:
    with contextlib.suppress(OSError):  # only root may; then it is less exact
        os.nice(NICENESS)
    near, far = tun(here), tun(there)
    pipes = {
        "down": Pipe(near, far, Direction(Way(), random.Random(seed))),
        "up": Pipe(far, near, Direction(Way(), random.Random(seed + 1))),
    }
    print("ready", flush=True)
    while True:
        wait = min(pipe.due for pipe in pipes.values()) - time.monotonic()
        # select, and not poll: it counts microseconds.
        ready, _, _ = select.select([near, far, 0], [], [], max(wait, 0) if wait < 1 else 1)
        for pipe in pipes.values():
            if pipe.source in ready:
                pipe.read()
            pipe.deliver()
        if 0 in ready:
            line = sys.stdin.readline()
            if not line:
                return
            print(answer(line, pipes), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
