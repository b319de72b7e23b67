"""
A room in which somebody says anything at all: as publisher, as viewer, in packets and in reports.

Whatever it is, nothing raises, figures can be written for the program, what is kept stays bounded, numbers
stay good for SRTP (`FakeViewer` refuses others), and somebody else's sound and picture lack nothing.
"""

import random
import struct
from itertools import pairwise

import msgspec
import pytest

from signaling.core import rtcp, rtcp_writer
from tests.support.media_room import FakePublisher, RoomPair

EDGES32 = (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
EDGES64 = (0, 1, 1 << 32, 1 << 63, (1 << 64) - 1, 2_208_988_800 << 32, 0x83AA7E80 << 32)
BYTES = (0, 1, 0x10, 0x7F, 0x80, 0x90, 0xBE, 0xDE, 0xF0, 0xFF)


class Hostile:
    """Mallory, among a teacher and a viewer."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.pair = RoomPair(seed=seed)
        self.pair.publisher("teacher")
        self.mallory: FakePublisher = self.pair.publisher("mallory", ("microphone", "camera", "screen"))
        self.pair.viewer("anna")
        self.pair.viewer("mallory")
        self.pair.run(1.0, speaking=["teacher", "mallory"], showing=["teacher", "mallory"])
        self.mallory.on_rtcp = self.ignore  # type: ignore[method-assign]
        self.skew = 0

    def ignore(self, packet: bytes) -> list[bytes]:
        """Mallory repeats nothing that was asked for, and makes no key frames."""
        return []

    # --- packets -----------------------------------------------------------------------------------

    def media(self) -> list[bytes]:
        """Return what a publisher sends, spoilt in one of many ways."""
        spoil = self.chance.choice(
            [self.bitten, self.cut, self.jumping, self.back_in_time, self.other_type, self.renamed, self.junk]
        )
        now = self.pair.now
        packets = [self.mallory.speak(now, level=self.chance.randrange(128))]
        kind = self.chance.choice(["camera", "screen"])
        packets += self.mallory.show(now, kind)
        return [spoil(packet) for packet in packets]

    def bitten(self, packet: bytes) -> bytes:
        found = bytearray(packet)
        for _ in range(self.chance.randrange(1, 4)):
            at = self.chance.choice([self.chance.randrange(len(found)), self.chance.randrange(40)])
            found[min(at, len(found) - 1)] = self.chance.choice(BYTES)
        return bytes(found)

    def cut(self, packet: bytes) -> bytes:
        return packet[: self.chance.randrange(len(packet))]

    def jumping(self, packet: bytes) -> bytes:
        self.skew += self.chance.choice([0, 1, 0x7FFF, 0x8000, 0x8001, 600, -600])
        number = int.from_bytes(packet[2:4], "big") + self.skew & 0xFFFF
        return packet[:2] + struct.pack(">H", number) + packet[4:]

    def back_in_time(self, packet: bytes) -> bytes:
        return packet[:4] + struct.pack(">I", self.chance.choice(EDGES32)) + packet[8:]

    def other_type(self, packet: bytes) -> bytes:
        return packet[:1] + bytes((self.chance.choice([109, 120, 124, 0, 127, 0x80 | 120]),)) + packet[2:]

    def renamed(self, packet: bytes) -> bytes:
        ssrc = self.chance.choice([*EDGES32, *self.ssrcs(), self.chance.getrandbits(32)])
        return packet[:8] + struct.pack(">I", ssrc) + packet[12:]

    def junk(self, packet: bytes) -> bytes:
        return packet[:12] + self.chance.randbytes(self.chance.randrange(60))

    # --- reports -----------------------------------------------------------------------------------

    def ssrcs(self) -> list[int]:
        """Return everybody's: those that come in, and those that go out."""
        teacher = self.pair.publishers["teacher"]
        found = [layer.ssrc for each in (teacher, self.mallory) for layer in each.video["camera"]]
        found += [each.audio["microphone"].ssrc for each in (teacher, self.mallory)]
        for number in range(self.pair.room.pairs):
            pair = self.pair.room.pair(number)
            found += [pair.audio_ssrc, pair.video_ssrc, pair.video_rtx_ssrc]
        return found

    def report(self) -> bytes:
        chance, ssrcs = self.chance, self.ssrcs()
        ssrc, word = chance.choice(ssrcs), lambda: chance.choice([*EDGES32, chance.getrandbits(32)])
        block = rtcp.ReportBlock(
            ssrc, chance.randrange(256), chance.choice([0, 0x7FFFFF]), *(word() for _ in "1234")
        )
        made = chance.randrange(8)
        if made == 0:
            found = rtcp_writer.build_sr(
                rtcp.SenderReport(ssrc, chance.choice(EDGES64), word(), word(), word())
            )
        elif made == 1:
            found = rtcp_writer.build_rr(1, [block] * chance.randrange(1, 31))
        elif made == 2:
            first = chance.choice(EDGES32)
            found = rtcp_writer.build_nack(1, ssrc, [n & 0xFFFF for n in range(first, first + 800)])
        elif made == 3:
            body = bytes((len(ssrcs[:5]), *chance.choices(BYTES, k=3))) + struct.pack(">5I", *ssrcs[:5])
            found = struct.pack(">BBHII", 0x8F, rtcp.PSFB, 9, 1, 0) + b"REMB" + body
        elif made == 4:
            found = rtcp_writer.build_pli(1, ssrc) * 20
        elif made == 5:
            found = struct.pack(">BBHI", 0x81, rtcp.BYE, 1, ssrc)
        elif made == 6:
            found = struct.pack(">BBHIIHHI", 0x8F, rtcp.RTPFB, 4, 1, ssrc, 0, 0xFFFF, word())
        else:
            found = struct.pack(">BBHIIBBH", 0x84, rtcp.PSFB, 4, 1, 0, 0, 0, 0)[:12] + struct.pack(
                ">II", ssrc, word()
            )
        return self.bitten(found) if chance.random() < 0.3 else found

    # --- the class ---------------------------------------------------------------------------------

    def step(self) -> None:
        """Twenty milliseconds in which the others are well and Mallory is not."""
        pair, teacher = self.pair, self.pair.publishers["teacher"]
        pair.send("teacher", [teacher.speak(pair.now)])
        pair.send("teacher", teacher.show(pair.now))
        pair.send("mallory", self.media())
        for _ in range(3):
            pair.report("mallory", self.chance.choice(["publisher", "subscriber"]), [self.report()])
        pair.tick()

    def check(self) -> None:
        pair = self.pair
        anna = pair.viewers["anna"]
        assert anna.missing(pair.audio_ssrc("teacher microphone")) == []
        ssrc = pair.video_ssrc("teacher camera")
        assert anna.missing(ssrc) == []
        pictures = anna.pictures(ssrc)
        assert len(pictures) > 10
        for before, after in pairwise(pictures):
            assert (after[2] - before[2]) & 0x7FFF == 1
            assert 0 < (after[3] - before[3]) & 0xFFFFFFFF < 1 << 31
        for found in pair.room.stats(pair.now):
            msgspec.msgpack.encode(found)
        leg = pair.room._peers["mallory"].publisher
        assert leg is not None
        assert len(leg._streams) <= 32
        assert len(leg.dropped) < 20


@pytest.mark.parametrize("seed", range(10))
def test_somebody_who_says_anything_harms_nobody(seed: int) -> None:
    hostile = Hostile(seed)
    for _ in range(150):
        hostile.step()
    hostile.check()
