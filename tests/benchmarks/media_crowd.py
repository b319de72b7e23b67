"""
All viewers, in a process of their own: what they have to do by the clock, and what they receive, counted.

It is told what to do by lines of JSON and answers in the same way:

    {"offer": SDP, "number": n}   a viewer begins; answered by {"answer": SDP, "number": n}, and, when it has
                                  shaken hands, {"connected": n, "seconds": since then}
    {"window": true}              answered by what was received since the last such line

Each packet is read and counted; missing are the holes in the sequence numbers of each viewer's sound and
picture. Drops on this side (of the socket, and of the kernel's queue before it) are told apart: they are this
program's, not the worker's.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from signaling.rtc.dtls import make_identity
from tests.benchmarks.media_mail import BATCH, Mail
from tests.benchmarks.media_viewer import MARK, Viewer, sampled
from tests.benchmarks.media_wires import FIRST
from tests.support.media import answer_to

CAPACITY = 4_096
SOUND, PICTURE = 111, 96
REST = 0.001  # Seconds between batches: a longer one costs less a packet, and the kernel notes the time.


class Crowd:
    """Everything of the process; `run` ends with its input."""

    def __init__(self, network: str) -> None:
        self.mail = Mail(network, FIRST)
        self.identity = make_identity(time.time())
        self.viewers: dict[int, Viewer] = {}
        self.to = ("", 0)
        self.first = np.zeros((CAPACITY, 2), np.int64)
        self.highest = np.zeros((CAPACITY, 2), np.int64)
        self.counted = np.zeros((CAPACITY, 2), np.int64)
        self.samples = np.array([sampled(number) for number in range(CAPACITY)])
        self.octets = self.other = 0
        self._told = self._totals()
        self._input = b""

    # --- packets -----------------------------------------------------------------------------------

    def read(self) -> int:
        """Take one batch."""
        mail = self.mail
        count = mail.receive()
        if not count:
            return 0
        numbers = mail.numbers(count)
        first, second = mail.bytes[:count, 0], mail.bytes[:count, 1]
        kinds = second & 0x7F
        rtp = (first >= 128) & ((second < 192) | (second > 223))
        media = np.flatnonzero(rtp & ((kinds == SOUND) | (kinds == PICTURE)))
        self.octets += int(mail.lengths[:count].sum())
        self._count(media, numbers, kinds)
        special = np.flatnonzero(~rtp | self.samples[numbers])
        self.other += int(count - len(media))
        if len(special):
            times = mail.times(count)
            for row in special.tolist():
                self._hand_over(row, int(numbers[row]), int(times[row]))
        return count

    def _count(self, media: Any, numbers: Any, kinds: Any) -> None:
        rows = self.mail.bytes[media, 2:4].astype(np.int64)
        sequence = rows[:, 0] << 8 | rows[:, 1]
        key = numbers[media] * 2 + (kinds[media] == PICTURE)
        counted, highest = self.counted.reshape(-1), self.highest.reshape(-1)
        new = np.flatnonzero(counted[key] == 0)
        for place in new[::-1].tolist():  # Backwards: of several, the first is what counts.
            self.first.reshape(-1)[key[place]] = highest[key[place]] = sequence[place]
        ahead = (sequence - highest[key] & 0xFFFF).astype(np.uint16).astype(np.int16)
        np.maximum.at(highest, key, highest[key] + ahead)
        np.add.at(counted, key, 1)

    def _hand_over(self, row: int, number: int, unix: int) -> None:
        viewer = self.viewers.get(number)
        if viewer is None:
            return
        viewer.take(bytes(self.mail.bytes[row, : self.mail.lengths[row]]), unix)
        if viewer.connected and not viewer.told:
            viewer.told = True
            self.tell({"connected": number, "seconds": time.monotonic() - viewer.begun_at})

    # --- what it is told ---------------------------------------------------------------------------

    def hear(self) -> bool:
        """Take what was said; False at the end of it."""
        said = os.read(0, 1 << 20)
        *lines, self._input = (self._input + said).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "offer" in message:
                self._begin(message["number"], message["offer"])
            else:
                self.tell(self._window())
        return bool(said)

    def _begin(self, number: int, offer: str) -> None:
        viewer = Viewer(
            number, offer, self.identity, lambda data: self.mail.send(number, data, self.to), time.monotonic()
        )
        self.viewers[number] = viewer
        self.to = (viewer.server.host, viewer.server.port)
        self.tell({"answer": answer_to(offer, self.identity, number + 2), "number": number})

    @staticmethod
    def tell(message: dict[str, Any]) -> None:
        os.write(1, json.dumps(message).encode() + b"\n")

    # --- what it tells -----------------------------------------------------------------------------

    def _totals(self) -> dict[str, float]:
        expected = np.where(self.counted > 0, self.highest - self.first + 1, 0)
        opened = sum(viewer.opened for viewer in self.viewers.values())
        return {
            "at": time.monotonic(),
            "cpu": time.process_time(),
            "packets": int(self.counted.sum()),
            "missing": int((expected - self.counted).sum()),
            "octets": self.octets,
            "other": self.other,
            "opened": opened,
            "wrong": sum(viewer.wrong for viewer in self.viewers.values()),
            "dropped_here": self.mail.dropped + queue_drops(),
        }

    def _window(self) -> dict[str, Any]:
        now, before = self._totals(), self._told
        self._told = now
        delays: list[int] = []
        for viewer in self.viewers.values():
            delays += viewer.delays
            viewer.delays.clear()
        found: dict[str, Any] = {name: now[name] - before[name] for name in now}
        found["unseen"] = sum(1 for number in self.viewers if not self.counted[number].all())
        places = (50, 99, 99.9, 100)
        found["delays"] = [float(ms) for ms in np.percentile(delays, places) / 1e6] if delays else [0.0] * 4
        return found

    # --- the clock ---------------------------------------------------------------------------------

    def _counts(self, number: int) -> list[tuple[int, int]]:
        missing = self.highest[number] - self.first[number] + 1 - self.counted[number]
        return [(int(self.highest[number, kind]), int(missing[kind])) for kind in (0, 1)]

    def run(self) -> None:
        due = 0.0
        while True:
            readable, _, _ = select.select([0, self.mail.socket], (), (), 0.005)
            if 0 in readable and not self.hear():
                return
            if self.mail.socket in readable:
                while self.read() == BATCH:
                    pass
            now = time.monotonic()
            if now >= due:
                due = now + 0.01
                for viewer in list(self.viewers.values()):
                    viewer.tick(now, self._counts, time.time_ns())
            time.sleep(REST)


def queue_drops() -> int:
    """Packets that the kernel threw away before any socket saw them, on every core."""
    try:
        lines = Path("/proc/net/softnet_stat").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1], 16) for line in lines)


if __name__ == "__main__":
    assert MARK.size == 12
    Crowd(sys.argv[1]).run()
