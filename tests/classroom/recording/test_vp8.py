"""VP8 frames: whole, torn, of several temporal layers, and of nobody's encoder."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import vp8
from classroom.recording.frames import MAX_FRAME, Frame
from classroom.recording.vp8 import Vp8Frames
from signaling.core.capture import MARKER, Rtp
from tests.support import streams

KEY = bytes((0x10, 0, 0)) + b"\x9d\x01\x2a" + bytes((0xA0, 0x40, 0x60, 0x80)) + b"k" * 20  # 160 x 96, scaled
DELTA = bytes((0x11, 0, 0)) + b"d" * 20


def feed(packets: list[Rtp], assembler: Vp8Frames | None = None) -> list[Frame]:
    assembler = assembler or Vp8Frames()
    return [frame for packet in packets for frame in assembler.take(packet)]


def layered(pattern: str = "0212", count: int = 16) -> list[Rtp]:
    """Return pictures in temporal layers by `pattern`, a key frame first; each in one packet."""
    made = []
    tl0 = 0
    for n in range(count):
        temporal = int(pattern[n % len(pattern)])
        tl0 += temporal == 0
        data = KEY if not n else DELTA
        sync = n % len(pattern) in (pattern.index("2"), pattern.index("1")) and temporal > 0
        payloads = streams.vp8_payloads(data, 500 + n, tl0, temporal, sync)
        made.append((payloads, not n, n * 3_000))
    return streams.packets(made, "VP8")


def pictures(frames: list[Frame]) -> list[int]:
    """Return the numbers of frames."""
    return [(frame.timestamp - 1_000_000) // 3_000 for frame in frames]


def test_frames_are_put_together() -> None:
    encoded = [data for data, _ in streams.encoded("libvpx", 20, 640, 360)]
    found = feed(streams.vp8(20, 640, 360))
    assert [frame.data for frame in found] == encoded
    assert [frame.key for frame in found] == [True] + [False] * 19
    assert (found[0].width, found[0].height) == (640, 360)


def test_the_size_is_told_without_its_scale() -> None:
    [frame] = feed(layered(count=1))
    assert (frame.width, frame.height) == (160, 96)


def test_nothing_before_the_first_key_frame() -> None:
    assembler = Vp8Frames()
    assert feed(layered()[1:], assembler) == []
    assert assembler.left_out == 15


def test_a_loss_in_the_base_layer_spoils_all_up_to_the_next_key_frame() -> None:
    records = streams.vp8(60, keys=30)
    first_of_tenth = next(n for n, r in enumerate(records) if r.timestamp == 1_000_000 + 10 * 3_000)
    found = feed(records[:first_of_tenth] + records[first_of_tenth + 1 :])
    assert pictures(found) == [*range(10), *range(30, 60)]


def test_a_loss_in_an_upper_layer_spoils_little() -> None:
    records = layered()
    assert pictures(feed(records)) == list(range(16))
    # Number 6 is of layer 1 and everybody of layer 2 refers to it, up to the next that says sync.
    assert pictures(feed(records[:6] + records[7:])) == [n for n in range(16) if n not in (6, 7)]
    # Number 7 is of layer 2: the next base frame and the next sync are as good as ever.
    assert pictures(feed(records[:7] + records[8:])) == [n for n in range(16) if n != 7]


def test_a_loss_of_a_base_frame_is_known_by_the_next_of_any_layer() -> None:
    records = layered()
    assert pictures(feed(records[:4] + records[5:])) == list(range(4))
    assert pictures(feed(records[:3] + records[5:])) == list(range(3))


def test_frames_that_no_other_refers_to_may_be_lost() -> None:
    records = []
    for n, record in enumerate(_plain(8)):
        first = record.payload[0] | (0x20 if n // 2 in (3, 4) else 0)
        records.append(record._replace(payload=bytes((first,)) + record.payload[1:]))
    assert pictures(feed(records[:7] + records[8:])) == [0, 1, 2, 4, 5, 6, 7]
    assert pictures(feed(records[:6] + records[7:9] + records[10:])) == [0, 1, 2, 5, 6, 7]
    assert pictures(feed(records[:6] + records[8:])) == [
        0,
        1,
        2,
    ]  # Nothing of it came: who knows what it was.


def _plain(count: int) -> list[Rtp]:
    """Return pictures in two packets each, with picture ids and no layers."""
    made = []
    for n in range(count):
        data = KEY if not n else DELTA
        told = bytes((0x80, 0x80 | (9_000 + n) >> 8, (9_000 + n) & 0xFF))
        made.append(([b"\x90" + told + data[:12], b"\x80" + told + data[12:]], not n, n * 3_000))
    return streams.packets(made, "VP8")


def test_numbers_that_were_only_padding_are_not_missed() -> None:
    records = _plain(6)
    moved = [r._replace(number=r.number + (3 if n >= 6 else 0)) for n, r in enumerate(records)]
    assert pictures(feed(moved)) == list(range(6))
    padding = records[6]._replace(payload=b"", flags=0)
    shifted = [r._replace(number=r.number + 1) for r in records[6:]]
    assert pictures(feed([*records[:6], padding, *shifted])) == list(range(6))


def test_what_the_counters_say_of_a_loss_decides() -> None:
    records = _plain(4)
    far = [r._replace(payload=r.payload[:1] + b"\x80\x90\x00" + r.payload[4:]) for r in records[6:]]
    assert pictures(feed(records[:4] + [r._replace(number=r.number + 9) for r in far])) == [0, 1]
    bare = [r._replace(payload=bytes((r.payload[0] & 0x7F,)) + r.payload[4:]) for r in _plain(4)]
    assert pictures(feed(bare)) == [0, 1, 2, 3]
    assert pictures(feed(bare[:4] + bare[6:])) == [0, 1]  # without counters


def test_senders_without_marker_bits() -> None:
    records = [record._replace(flags=record.flags & ~MARKER) for record in streams.vp8(10)]
    assert pictures(feed(records)) == list(range(9))  # The last may go on.


def test_a_frame_without_end_is_given_up() -> None:
    assembler = Vp8Frames()
    head = streams.vp8_payloads(KEY, 1, 1)[0]
    [first] = streams.packets([([head], True, 0)], "VP8")
    assert feed([first._replace(flags=0)], assembler) == []
    more = b"\x80" + head[1:6] + bytes(60_000)
    for n in range(MAX_FRAME // 60_000 + 2):
        assert feed([first._replace(flags=0, number=first.number + 1 + n, payload=more)], assembler) == []
    assert sum(map(len, assembler._chunks)) <= MAX_FRAME
    assert feed([first._replace(number=first.number + 999_999, payload=more)], assembler) == []
    assert assembler.damaged == 1


def test_a_key_frame_that_is_none_is_refused() -> None:
    for data in (
        KEY[:9],
        KEY[:3] + b"xxx" + KEY[6:],
        KEY[:6] + bytes(4) + KEY[10:],
        b"\xf0\xff\xff" + KEY[3:],
    ):
        assembler = Vp8Frames()
        assert feed(streams.packets([(streams.vp8_payloads(data, 1, 1), True, 0)], "VP8"), assembler) == []
        assert assembler.damaged == 1
    assert not vp8._is_frame(b"\x11")
    assert not vp8._is_frame(b"\xf1\xff\xff" + bytes(20))


@given(st.lists(st.tuples(st.binary(max_size=24), st.integers(0, 7), st.integers(0, 3), st.integers(0, 2))))
def test_no_payload_does_harm(came: list[tuple[bytes, int, int, int]]) -> None:
    assembler, number, timestamp = Vp8Frames(), 0, 0
    for payload, flags, ahead, later in came:
        number += ahead
        timestamp += later * 3_000
        for frame in assembler.take(Rtp(1, 0, "VP8", flags, 0, 0.0, number, timestamp, payload)):
            assert frame.key == (not frame.data[0] & 1)
    assert len(assembler._discardable) <= 64


def test_losses_at_random_leave_only_what_was_sent() -> None:
    chance = random.Random(4)
    records = streams.vp8(120, 320, 180, keys=20)
    sent = {frame.data for frame in feed(records)}
    for _ in range(20):
        found = feed([record for record in records if chance.random() > 0.05])
        assert {frame.data for frame in found} <= sent
        assert found
