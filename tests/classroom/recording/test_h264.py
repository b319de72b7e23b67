"""H.264 frames: whole, torn, and of nobody's encoder."""

from __future__ import annotations

import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from classroom.recording import h264
from classroom.recording.frames import MAX_FRAME, Frame
from classroom.recording.h264 import H264Frames, configuration
from signaling.core.capture import MARKER, Rtp
from tests.support import streams


def feed(packets: list[Rtp], assembler: H264Frames | None = None) -> list[Frame]:
    assembler = assembler or H264Frames()
    return [frame for packet in packets for frame in assembler.take(packet)]


def pictures(frames: list[Frame]) -> list[int]:
    return [(frame.timestamp - 1_000_000) // 3_000 for frame in frames]


def units(data: bytes) -> list[bytes]:
    """Return the NAL units of a frame that tells their lengths."""
    found = []
    while data:
        size = struct.unpack_from(">I", data)[0]
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    return found


def annex_b(data: bytes) -> list[bytes]:
    return [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def test_frames_are_put_together() -> None:
    encoded = [annex_b(data) for data, _ in streams.encoded("libx264", 20, 640, 360)]
    found = feed(streams.h264(20, 640, 360))
    slices = [[unit for unit in units_ if unit[0] & 0x1F not in (7, 8)] for units_ in encoded]
    assert [units(frame.data) for frame in found] == slices
    assert [frame.key for frame in found] == [True] + [False] * 19
    sets = [unit for unit in encoded[0] if unit[0] & 0x1F in (7, 8)]
    assert (found[0].width, found[0].height) == (640, 360)
    assert found[0].config == configuration(sets[0], sets[1:])
    assert all(unit in found[0].config for unit in sets)


def test_nothing_before_the_first_key_frame() -> None:
    assembler = H264Frames()
    assert feed([r for r in streams.h264(10) if r.timestamp > 1_000_000], assembler) == []
    assert assembler.left_out == 9


def test_a_key_frame_without_parameter_sets_cannot_be_decoded() -> None:
    records = [r for r in streams.h264(5) if r.payload[0] & 0x1F != 24]
    assert feed([r._replace(number=n) for n, r in enumerate(records)]) == []


def test_a_loss_spoils_all_up_to_the_next_key_frame() -> None:
    records = streams.h264(60, 640, 360, keys=30)
    of_tenth = [n for n, r in enumerate(records) if r.timestamp == 1_000_000 + 10 * 3_000]
    assert len(of_tenth) > 1
    for at in of_tenth:
        found = feed(records[:at] + records[at + 1 :])
        assert pictures(found) == [*range(10), *range(30, 60)]


def test_a_key_frame_directly_behind_a_loss_counts_when_its_beginning_is_there() -> None:
    records = streams.h264(40, 640, 360, keys=20)
    key = next(n for n, r in enumerate(records) if r.timestamp == 1_000_000 + 20 * 3_000)
    assert pictures(feed(records[: key - 1] + records[key:])) == [*range(19), *range(20, 40)]
    # Only its parameter sets are missing, and they are as before.
    assert pictures(feed(records[:key] + records[key + 1 :])) == [*range(20), *range(20, 40)]
    assert pictures(feed(records[: key + 1] + records[key + 2 :])) == list(range(20))


def test_pictures_in_several_slices() -> None:
    frames = streams.encoded("libx264", 12, 640, 360, 6, **{"x264-params": "slices=4:threads=1"})
    made = [(streams.h264_payloads(data), key, n * 3_000) for n, (data, key) in enumerate(frames)]
    records = streams.packets(made, "H264")
    found = feed(records)
    assert [len([u for u in units(frame.data) if u[0] & 0x1F in (1, 5)]) for frame in found] == [4] * 12
    second = [n for n, r in enumerate(records) if r.timestamp == 1_000_000 + 6 * 3_000][2]
    assert pictures(feed(records[:second] + records[second + 1 :])) == list(range(6))


def test_senders_without_marker_bits_and_padding_between() -> None:
    records = [record._replace(flags=record.flags & ~MARKER) for record in streams.h264(10)]
    assert pictures(feed(records)) == list(range(9))
    last = records[-1]
    padding = last._replace(number=last.number + 1, payload=b"", flags=0)
    more = last._replace(number=last.number + 2, timestamp=last.timestamp + 3_000)
    assert pictures(feed([*records, padding, more])) == list(range(10))


def test_other_sets_replace_the_former_and_several_are_kept() -> None:
    records = streams.h264(1)
    payload = records[0].payload
    size = struct.unpack_from(">H", payload, 1)[0]
    sps, pps = payload[3 : 3 + size], payload[5 + size :]
    second = pps[:1] + b"\x40" + pps[2:]  # id 1
    first = records[0]

    def sets(number: int, *told: bytes) -> Rtp:
        body = b"".join(struct.pack(">H", len(unit)) + unit for unit in told)
        return first._replace(number=number, payload=b"\x78" + body, flags=0)

    slices = [r._replace(number=100 + n) for n, r in enumerate(records[1:])]
    [frame] = feed([sets(98, sps, pps), sets(99, second), *slices])
    assert frame.config == configuration(sps, [pps, second])
    other = sps + b"\x80"
    [frame] = feed([sets(97, sps, pps), sets(98, other), sets(99, second), *slices])
    assert frame.config == configuration(other, [second])
    many = [pps[:1] + bytes((0, 1 << 7, n)) for n in range(20)]
    [frame] = feed([sets(99, sps, pps, *many), *slices])
    assert frame.config[5] == 0xE1
    assert len(frame.config) < 8 * h264.MAX_SET


def test_a_high_profile_says_more() -> None:
    assert configuration(b"\x67\x64\x00\x1f", [b"\x68\xee"]).endswith(b"\xfd\xf8\xf8\0")
    assert configuration(b"", []) == b""


def test_a_frame_without_end_is_given_up() -> None:
    assembler = H264Frames()
    [*_, last] = streams.h264(1)
    piece = b"\x7c\x05" + bytes(60_000)
    assert feed([last._replace(number=1, flags=0, payload=b"\x7c\x85" + bytes(9))], assembler) == []
    for n in range(MAX_FRAME // 60_000 + 5):
        assert feed([last._replace(number=2 + n, flags=0, payload=piece)], assembler) == []
        assert sum(map(len, assembler._fragments)) <= MAX_FRAME + 60_002
    for n in range(5_000):
        feed([last._replace(number=10_000 + n, flags=0, payload=b"\x65\x80")], assembler)
    assert len(assembler._chunks) <= 2 * h264.MAX_UNITS


def test_a_fragment_that_never_ended_spoils_its_frame() -> None:
    sets, *_, last = good = streams.h264(1)
    begun, other, again = b"\x7c\x85\x88" + bytes(9), b"\x7c\x85\x08" + bytes(9), b"\x7c\x45" + bytes(9)
    for second, whole in ((other, False), (begun, True)):  # the second slice, or the first once more
        assembler = H264Frames()
        payloads = [sets.payload, begun, second, again]
        assert len(feed(good, assembler)) == 1
        stamp, number = last.timestamp + 3_000, last.number + 1
        told = [
            last._replace(number=number + n, payload=p, flags=(n == 3) * MARKER, timestamp=stamp)
            for n, p in enumerate(payloads)
        ]
        assert len(feed(told, assembler)) == whole
        assert assembler.damaged == (not whole)
        delta = b"\x61\x88" + bytes(9)
        after = last._replace(number=number + 4, payload=delta, timestamp=stamp + 3_000)
        assert len(feed([after], assembler)) == whole


@given(st.lists(st.tuples(st.binary(max_size=24), st.integers(0, 7), st.integers(0, 3), st.integers(0, 2))))
def test_no_payload_does_harm(came: list[tuple[bytes, int, int, int]]) -> None:
    assembler, number, timestamp = H264Frames(), 0, 0
    for payload, flags, ahead, later in came:
        number += ahead
        timestamp += later * 3_000
        assembler.take(Rtp(1, 0, "H264", flags, 0, 0.0, number, timestamp, payload))


@given(st.integers(0, 1 << 30), st.floats(0, 0.2))
def test_what_is_changed_on_the_way_does_no_harm(seed: int, share: float) -> None:
    chance = random.Random(seed)
    assembler = H264Frames()
    for record in _SENT:
        payload = bytearray(record.payload)
        if chance.random() < share:
            payload[chance.randrange(len(payload))] ^= 1 << chance.randrange(8)
        if chance.random() < share:
            del payload[chance.randrange(len(payload)) :]
        for frame in assembler.take(record._replace(payload=bytes(payload))):
            assert b"".join(struct.pack(">I", len(u)) + u for u in units(frame.data)) == frame.data


_SENT = streams.h264(20, keys=5)


def test_a_fragment_that_ends_with_its_frame_and_not_by_itself_spoils_what_follows() -> None:
    [*_, last] = good = streams.h264(1)
    torn, delta = b"\x7c\x81\x88" + bytes(9), b"\x61\x88" + bytes(9)
    assembler = H264Frames()
    assert len(feed(good, assembler)) == 1
    for n, payload in enumerate((torn, delta), 1):
        stamp = last.timestamp + n * 3_000
        assert (
            feed([last._replace(number=last.number + n, payload=payload, timestamp=stamp)], assembler) == []
        )
    assert (assembler.damaged, assembler.left_out) == (1, 1)
