"""
The teacher: 720p VP8 at 1.5 Mbit/s and 30 frames a second, and Opus at 50 packets a second, in real time.

A key frame (every three seconds, and whenever it is asked for) is as large as seven other frames; the others
differ in size by chance. They are cut and paced as Chromium does it. Each payload ends with the time it was
sent at and a checksum. The packets carry the header extensions that Chromium sends. Sender reports go out
once a second.

It is told by lines of JSON: prints {"offer": SDP}, wants {"answer": SDP}, prints {"connected": true} and, at
the end of its input, {"sent": packets, "key_frames": n, "late_ms": the worst}.
"""

from __future__ import annotations

import json
import os
import random
import select
import struct
import sys
import time
import zlib
from collections import deque
from collections.abc import Iterator

from signaling.core import rtcp, rtcp_writer, sdp
from signaling.rtc.dtls import make_identity
from tests.benchmarks.media_viewer import MARK
from tests.support.light_peer import Credentials, LightPeer
from tests.support.media import offer_of

FRAMES, SOUNDS = 30, 50  # A second.
PAYLOAD = 1_150  # Bytes at most, mark included.
KEY_BYTES = 41_000
FRAME_BYTES = 5_850  # On average: with a key frame in 90 this makes 1.5 Mbit/s.
KEY_EVERY = 90
SOUND_BYTES = 100
PACE = 2.5 * 1_500_000 / 8  # Bytes a second
BURST = 0.040  # Seconds' worth of them.
CONSENT_EVERY = 2.5
REPORT_EVERY = 1.0
# Extension ids of the offer (tests/fixtures/sdp/chromium_plain.sdp).
LEVEL, SENT_AT, TRANSPORT_CC, MID = 1, 2, 3, 4


class Pacer:
    """
    What Chromium does with the packets of a large frame: a burst, and the rest at a steady pace.

    libwebrtc's pacer (pacing_controller.h) sends at 2.5 times the bit rate and lets 40 ms of that go at once.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, int, bool, bytes, bytes, int]] = deque()
        self._debt = 0.0
        self._at = 0.0

    def put(self, packet: tuple[int, int, bool, bytes, bytes, int]) -> None:
        self._waiting.append(packet)

    def due(self, now: float) -> Iterator[tuple[int, int, bool, bytes, bytes, int]]:
        """Hand out what may be sent now."""
        self._debt = max(0.0, self._debt - (now - self._at) * PACE)
        self._at = now
        while self._waiting and self._debt < BURST * PACE:
            packet = self._waiting.popleft()
            self._debt += packet[-1]
            yield packet

    def wait(self) -> float:
        """Return in how many seconds the next packet is due."""
        return max(0.0, self._debt / PACE - BURST) if self._waiting else 1.0


class Publisher:
    """One peer and its two streams."""

    def __init__(self, peer: LightPeer, ssrcs: tuple[int, int]) -> None:
        self.peer = peer
        self.sound_ssrc, self.picture_ssrc = ssrcs
        self.sent = self.key_frames = 0
        self.late = 0.0
        self._pacer = Pacer()
        self._numbers = [random.randrange(1 << 14), random.randrange(1 << 14)]
        self._packets, self._octets = [0, 0], [0, 0]
        self._transport = 0
        self._noise = random.randbytes(2 * PAYLOAD)

    def _send(self, kind: int, timestamp: int, marker: bool, head: bytes, begin: bytes, size: int) -> None:
        """
        Send one packet of `size` bytes of payload.

        It is `head`, which may be rewritten on the way, `begin`, noise, and the mark.
        """
        ssrc = (self.sound_ssrc, self.picture_ssrc)[kind]
        number = self._numbers[kind] = self._numbers[kind] + 1 & 0xFFFF
        self._transport = self._transport + 1 & 0xFFFF
        start = number % PAYLOAD
        body = begin + self._noise[start : start + size - len(head) - len(begin) - MARK.size]
        words = bytes((SENT_AT << 4 | 2, 0, 0, 0, TRANSPORT_CC << 4 | 1)) + struct.pack("!H", self._transport)
        words += bytes((MID << 4, 48 + kind)) + (b"" if kind else bytes((LEVEL << 4, 0x80 | 30)))
        words += b"\0" * (-len(words) % 4)
        packet = struct.pack(
            "!BBHIIHH",
            0x90,
            (96 if kind else 111) | (0x80 if marker else 0),
            number,
            timestamp & 0xFFFFFFFF,
            ssrc,
            0xBEDE,
            len(words) // 4,
        )
        mark = MARK.pack(time.time_ns(), zlib.crc32(body))
        self.peer.send_rtp(packet + words + head + body + mark)
        self.sent += 1
        self._packets[kind] += 1
        self._octets[kind] += size

    def sound(self, number: int) -> None:
        """Send a packet of sound; the pacer lets sound pass at once."""
        self._send(0, number * 960, False, b"", b"", SOUND_BYTES)

    def frame(self, number: int, key: bool) -> None:
        """Cut a frame into packets of about the same size, as libwebrtc does, and give them to the pacer."""
        size = KEY_BYTES if key else int(FRAME_BYTES * random.uniform(0.5, 1.5))
        self.key_frames += key
        parts = -(-size // PAYLOAD)
        kind = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 1280, 720) if key else b"\x11\0\0"
        for part in range(parts):
            descriptor = struct.pack("!BBH", 0x80 if part else 0x90, 0x80, 0x8000 | number & 0x7FFF)
            share = size // parts + (part >= parts - size % parts)
            last = part == parts - 1
            self._pacer.put((1, number * 90_000 // FRAMES, last, descriptor, b"" if part else kind, share))

    def report(self, sound: int, frame: int) -> None:
        """Send both sender reports."""
        stamps = (sound * 960, frame * 90_000 // FRAMES)
        clock = rtcp_writer.ntp(time.time() % 65_536)
        for kind, ssrc in enumerate((self.sound_ssrc, self.picture_ssrc)):
            report = rtcp.SenderReport(ssrc, clock, stamps[kind], self._packets[kind], self._octets[kind])
            self.peer.send_rtcp(rtcp_writer.build_sr(report) + rtcp_writer.build_sdes(ssrc, "teacher"))

    def asked_for_key_frame(self) -> bool:
        """Read what has come; whether a key frame is wanted."""
        self.peer.pump()
        asked = False
        while self.peer.rtcp:
            for packet in rtcp.parse(self.peer.rtcp.pop()):
                asked = asked or isinstance(packet, rtcp.KeyFrameRequest)
        self.peer.stun.clear()
        return asked

    def run(self) -> None:
        """Publish until the input ends."""
        started = consented = reported = time.monotonic()
        frame = sound = key_at = 0
        while not select.select([0], (), (), 0)[0]:
            now = time.monotonic()
            elapsed = now - started
            if self.asked_for_key_frame():
                key_at = frame
            while sound < elapsed * SOUNDS:
                self.sound(sound)
                sound += 1
            while frame < elapsed * FRAMES:
                self.late = max(self.late, elapsed - frame / FRAMES)
                self.frame(frame, key=frame >= key_at)
                key_at = frame + KEY_EVERY if frame >= key_at else key_at
                frame += 1
            for packet in self._pacer.due(time.monotonic()):
                self._send(*packet)
            if now - consented > CONSENT_EVERY:
                consented = now
                self.peer.check()
            if now - reported > REPORT_EVERY:
                reported = now
                self.report(sound, frame)
            due = min(frame / FRAMES, sound / SOUNDS) + started - time.monotonic()
            select.select([0], (), (), max(0.0, min(due, self._pacer.wait())))


def connect(answer: str, identity: object) -> LightPeer:
    """Shake hands. RuntimeError when nobody answers."""
    peer = LightPeer(identity, Credentials.of(answer))  # type: ignore[arg-type]
    peer.check()
    peer.hello()
    for _ in range(500):
        select.select([peer.socket], (), (), 0.02)
        peer.pump()
        if peer.connected:
            return peer
    raise RuntimeError("the worker does not answer the publisher")


def main() -> None:
    identity = make_identity(time.time())
    offer = offer_of(identity)
    ssrcs = [media.ssrcs[0] for media in sdp.parse(offer).media]
    print(json.dumps({"offer": offer}), flush=True)
    peer = connect(json.loads(sys.stdin.readline())["answer"], identity)
    print(json.dumps({"connected": True}), flush=True)
    publisher = Publisher(peer, (ssrcs[0], ssrcs[1]))
    publisher.run()
    late = round(1000 * publisher.late, 1)
    answer = {"sent": publisher.sent, "key_frames": publisher.key_frames, "late_ms": late}
    os.write(1, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
