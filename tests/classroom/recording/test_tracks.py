"""From packets of real encoders to files, judged by FFmpeg's tools and decoders."""

from __future__ import annotations

import io
import itertools
import json
import pickle
import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.recording import lanes, opus, tracks
from classroom.recording.manifest import Segment
from classroom.recording.tracks import Close, Cluster, Open, Output, TrackMuxer
from signaling.core import capture
from signaling.core.capture import Clock, End, Mark, Record, Rtp, Sender
from tests.support import streams


def mux(records: Iterable[Record], kind: str = "camera", number: int = 3) -> list[Output]:
    muxer = TrackMuxer(streams.head_of(kind), streams.spooled_of(), number)
    outputs = [output for record in records for output in muxer.take(record)]
    return outputs + muxer.close()


def files(outputs: Iterable[Output]) -> dict[str, tuple[Segment, bytes]]:
    """Return segments and their files, written as the recorder does."""
    found: dict[str, tuple[Segment, bytearray]] = {}
    for output in outputs:
        if isinstance(output, Open):
            assert output.segment.id not in found
            found[output.segment.id] = (output.segment, bytearray(output.data))
        elif isinstance(output, Cluster):
            found[output.segment_id][1].extend(output.data)
        else:
            data = found[output.segment_id][1]
            data += output.tail
            for offset, patch in output.patches:
                data[offset : offset + len(patch)] = patch
            assert len(data) == output.summary.octets
            found[output.segment_id] = (output.summary, data)
    return {name: (segment, bytes(data)) for name, (segment, data) in found.items()}


def probe(tmp_path: Path, data: bytes) -> dict[str, Any]:
    path = tmp_path / "file"
    path.write_bytes(data)
    told = subprocess.run(
        ["ffprobe", "-v", "warning", "-of", "json", "-show_format", "-show_streams", "-show_packets", path],
        capture_output=True,
        check=True,
    )
    assert told.stderr == b"", told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def decode(data: bytes) -> list[Any]:
    with av.open(io.BytesIO(data)) as container:
        return list(container.decode(container.streams[0]))


def test_pictures_become_a_file_that_is_whole(tmp_path: Path) -> None:
    outputs = mux(streams.vp8(150))
    [(segment, data)] = files(outputs).values()
    assert (segment.id, segment.file, segment.size) == ("000003b1", "000003b1.webm", "best")
    assert (segment.width, segment.height, segment.mime) == (160, 96, 'video/webm; codecs="vp8"')
    assert segment.start == pytest.approx(250, abs=5)  # begun 200 ms in, and 50 ms on its way
    assert segment.duration == pytest.approx(5_000, abs=34)
    told = probe(tmp_path, data)
    assert float(told["format"]["duration"]) == pytest.approx(5.0, abs=0.034)
    times = [float(packet["pts_time"]) for packet in told["packets"]]
    assert times == pytest.approx([n / 30 for n in range(150)], abs=0.003)
    assert len(decode(data)) == 150


def test_pictures_in_h264_become_a_file_that_is_whole(tmp_path: Path) -> None:
    outputs = mux(streams.h264(150, 640, 360))
    [(segment, data)] = files(outputs).values()
    assert (segment.file, segment.codec, segment.width, segment.height) == ("000003b1.mp4", "h264", 640, 360)
    assert segment.mime == 'video/mp4; codecs="avc1.42c01e"'
    assert segment.duration == pytest.approx(5_000, abs=34)
    told = probe(tmp_path, data)
    assert float(told["format"]["duration"]) == pytest.approx(5.0, abs=0.034)
    times = [float(packet["pts_time"]) for packet in told["packets"]]
    assert times == pytest.approx([n / 30 for n in range(150)], abs=0.003)
    assert len(decode(data)) == 150


def test_sound_becomes_a_file_that_is_whole(tmp_path: Path) -> None:
    outputs = mux(streams.opus(250), "microphone")
    [(segment, data)] = files(outputs).values()
    assert (segment.id, segment.mime) == ("000003b1", 'audio/webm; codecs="opus"')
    assert segment.duration == 5_000
    told = probe(tmp_path, data)
    assert float(told["format"]["duration"]) == 5.0
    assert [float(packet["pts_time"]) for packet in told["packets"]] == [n / 50 for n in range(250)]
    assert sum(frame.samples for frame in decode(data)) == 240_000


def test_clusters_are_short_and_begin_at_key_frames() -> None:
    outputs = mux(streams.vp8(300, keys=100))
    clusters = [output for output in outputs if isinstance(output, Cluster)]
    assert all(cluster.duration <= 2_000 for cluster in clusters)
    assert [cluster.key for cluster in clusters] == [True, False] * 3
    assert all(one.t + one.duration == two.t for one, two in itertools.pairwise(clusters))


def test_the_order_of_outputs() -> None:
    outputs = mux(streams.vp8(90))
    assert isinstance(outputs[0], Open)
    assert isinstance(outputs[-1], Close)
    assert all(isinstance(output, Cluster) for output in outputs[1:-1])


# --- what lines do --------------------------------------------------------------------------------------


def pictures_of(data: bytes) -> list[bytes]:
    """Return the luma of each decoded picture."""
    return [frame.to_ndarray()[: frame.height].tobytes() for frame in decode(data)]


def shuffled(records: Sequence[Rtp], seed: int, late: float = 0.4) -> list[Rtp]:
    """Delay some packets by up to `late` s, and let some come twice."""
    chance = random.Random(seed)
    came = []
    for record in records:
        came.append(
            record._replace(arrival=record.arrival + (chance.random() < 0.1) * chance.random() * late)
        )
        if chance.random() < 0.05:
            came.append(record._replace(arrival=record.arrival + chance.random() * 2))
    return sorted(came, key=lambda record: record.arrival)


@pytest.mark.parametrize("make", [streams.vp8, streams.h264])
def test_what_comes_late_or_twice_makes_no_difference_to_pictures(make: Callable[..., list[Rtp]]) -> None:
    records = make(90, 320, 180, timestamp=0xFFFFFFFF - 60_000)  # turns round after 20 frames
    [(_, reference)] = files(mux(records)).values()
    [(segment, data)] = files(mux(shuffled(records, 5))).values()
    assert pictures_of(data) == pictures_of(reference)
    assert len(pictures_of(data)) == 90
    with av.open(io.BytesIO(data)) as container:
        times = [float(packet.pts * packet.time_base) for packet in container.demux() if packet.size]
    assert times == pytest.approx([n / 30 for n in range(90)], abs=0.004)
    assert segment.duration == pytest.approx(3_000, abs=34)


@pytest.mark.parametrize("make", [streams.vp8, streams.h264])
def test_every_picture_that_is_left_after_losses_is_right(make: Callable[..., list[Rtp]]) -> None:
    records = make(150, 320, 180, keys=15)
    [(_, reference)] = files(mux(records)).values()
    right = pictures_of(reference)
    chance = random.Random(2)
    kept = [record for record in records if chance.random() > 0.02]
    [(_, data)] = files(mux(kept)).values()
    left = pictures_of(data)
    assert 30 < len(left) < 150
    numbers = [right.index(picture) for picture in left]
    assert numbers == sorted(set(numbers))


def test_sound_that_was_lost_or_not_sent_is_filled() -> None:
    records = streams.opus(200)
    lost = [r for n, r in enumerate(records) if n not in (50, 51, 120)]
    quiet = [
        r._replace(number=r.number - 25 * (n >= 100)) for n, r in enumerate(records) if not 75 <= n < 100
    ]
    for came in (lost, quiet):
        outputs = mux(came, "microphone")
        [(segment, data)] = files(outputs).values()
        assert segment.duration == 4_000
        assert sum(frame.samples for frame in decode(data)) == 192_000
        clusters = [output for output in outputs if isinstance(output, Cluster)]
        assert all(one.t + one.duration == two.t for one, two in itertools.pairwise(clusters))


def test_a_long_silence_stays_a_hole() -> None:
    records = [r for n, r in enumerate(streams.opus(200)) if not 60 <= n < 120]
    moved = [r._replace(number=70_000 + n) for n, r in enumerate(records)]
    outputs = mux(moved, "microphone")
    clusters = [output for output in outputs if isinstance(output, Cluster)]
    ends = [cluster.t + cluster.duration for cluster in clusters]
    starts = [cluster.t for cluster in clusters]
    holes = [(end, start) for end, start in zip(ends, starts[1:], strict=False) if end != start]
    assert holes == [(230 + 1_200, 230 + 2_400)]
    [(segment, _)] = files(outputs).values()
    assert segment.duration == 4_000


def test_sound_whose_clock_stood_still_goes_on_where_it_arrives() -> None:
    """A machine slept for twenty seconds: its timestamps go on as if it had not."""
    [packet] = list(streams.spoken(1))
    records = streams.packets([([packet], True, n * 960) for n in range(200)], "opus")
    records = [r._replace(arrival=r.arrival + 20.0 * (n >= 100)) for n, r in enumerate(records)]
    clusters = [output for output in mux(records, "microphone") if isinstance(output, Cluster)]
    holes = [
        (one.t + one.duration, two.t)
        for one, two in itertools.pairwise(clusters)
        if one.t + one.duration != two.t
    ]
    assert holes == [(230 + 2_000, pytest.approx(230 + 22_000, abs=40))]


def test_sound_is_said_once() -> None:
    records = streams.opus(100)
    twice = [r._replace(number=70_000 + n) for n, r in enumerate(r for r in records for _ in range(2))]
    assert files(mux(twice, "microphone")) == files(mux(records, "microphone"))


@pytest.mark.parametrize("length", [960, 2_880])
def test_sound_of_a_quick_clock_stays_where_it_belongs(length: int) -> None:
    """Seven minutes at 300 ppm are 120 ms: packets are left out or put in, one at a time."""
    [packet] = list(streams.spoken(1)) if length == 960 else [b"\x58" + bytes(20)]
    assert opus.samples_of(packet) == length
    for drift in (300e-6, -300e-6):
        muxer = TrackMuxer(streams.head_of("microphone"), streams.spooled_of(), 1)
        outputs: list[Output] = []
        for n in range(20_000 * 960 // length):
            t = 1_000 + n * length / 48_000 / (1 + drift)
            arrival = t + length / 48_000 + 0.03 + n % 7 * 0.001
            outputs += muxer.take(Rtp(3, 0, "opus", 0, 0, arrival, n, n * length & 0xFFFFFFFF, packet))
            wrong = muxer._sound._cursor - (t - 1_000) * 48_000 - length - 0.03 * 48_000
            assert abs(wrong) <= 960 or n < 100
        outputs += muxer.close()
        clusters = [output for output in outputs if isinstance(output, Cluster)]
        assert all(one.t + one.duration == two.t for one, two in itertools.pairwise(clusters))
        end = clusters[-1].t + clusters[-1].duration
        assert end == pytest.approx((t - 1_000) * 1_000 + length / 48 + 30, abs=20)


# --- sizes, resolutions, codecs -------------------------------------------------------------------------

KEY = bytes((0x10, 0, 0)) + b"\x9d\x01\x2a" + bytes((0xA0, 0, 0x60, 0)) + b"k" * 20  # 160 x 96
DELTA = bytes((0x11, 0, 0)) + b"d" * 20


def sketch(
    count: int, keys: int = 30, pace: int = 3_000, width: int = 160, first: int = 0, **more: Any
) -> list[Rtp]:
    """Return frames that are no pictures, but have the heads of some; the first is number `first`."""
    key = KEY[:6] + bytes((width & 0xFF, width >> 8)) + KEY[8:]
    made = []
    for n in range(first, first + count):
        is_key = (n - first) % keys == 0
        made.append((streams.vp8_payloads(key if is_key else DELTA, n, n), is_key, n * pace))
    return streams.packets(made, "VP8", number=70_000 + first, **more)


def by_size(outputs: Iterable[Output]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {"best": [], "small": []}
    for segment, _ in files(outputs).values():
        found[segment.size].append(segment)
    return found


def merged(*streams_: list[Rtp]) -> list[Rtp]:
    return sorted(itertools.chain(*streams_), key=lambda record: record.arrival)


def test_two_layers_become_two_sizes() -> None:
    big = sketch(90, width=640, layer=2, role=capture.BEST)
    small = sketch(90, layer=0, role=capture.SMALL, timestamp=77)
    found = by_size(mux(merged(big, small)))
    [best], [low] = found["best"], found["small"]
    assert (best.id, best.width) == ("000003b1", 640)
    assert best.duration == pytest.approx(3_000, abs=1)
    assert (low.id, low.width) == ("000003s1", 160)
    assert abs(best.start - low.start) <= 2


def test_another_resolution_is_another_segment() -> None:
    first, second = sketch(45, keys=45), sketch(45, keys=45, width=320, first=45)
    found = by_size(mux([*first, *second]))["best"]
    assert [segment.width for segment in found] == [160, 320]
    assert [segment.duration for segment in found] == pytest.approx([1_500, 1_500], abs=1)
    assert found[0].start + found[0].duration == found[1].start


def test_another_codec_and_another_epoch_are_followed() -> None:
    pictures = streams.h264(30, begin=1_001.2, epoch=1, number=5, timestamp=9)
    found = by_size(mux([*sketch(30), *pictures, *sketch(30, begin=1_002.2, epoch=2, timestamp=555)]))["best"]
    assert [segment.codec for segment in found] == ["vp8", "h264", "vp8"]
    assert [segment.id for segment in found] == ["000003b1", "000003b2", "000003b3"]
    assert [segment.start for segment in found] == pytest.approx([250, 1_250, 2_250], abs=60)
    assert all(one.start + one.duration <= two.start for one, two in itertools.pairwise(found))


def test_what_comes_of_a_former_epoch_or_another_medium_is_refused() -> None:
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    for record in [*sketch(5, epoch=4), *sketch(5, epoch=3), *streams.opus(2), *sketch(1, epoch=0x9000)]:
        muxer.take(record)
    assert muxer.refused == 8
    for layer in range(1, 12):
        muxer.take(sketch(1, layer=layer)[0])
    assert muxer.refused == 8 + 4


def test_the_best_goes_on_in_another_layer_with_a_key_frame() -> None:
    """The highest layer ends; the small one is both, goes on, and is the best from a key frame on."""
    big = sketch(60, keys=60, width=640, layer=2, role=capture.BEST)
    small = sketch(60, keys=90, layer=0, role=capture.SMALL)
    both = sketch(75, keys=90, layer=0, first=60)
    both = [r._replace(payload=small[1].payload[:6] + DELTA) if n == 0 else r for n, r in enumerate(both)]
    later = sketch(30, layer=0, first=135)
    found = by_size(mux([*merged(big, small), *both, *later]))
    high, later_on = found["best"]
    assert (high.width, later_on.width) == (640, 160)
    assert high.duration == pytest.approx(1_967 + lanes.LAST_MS, abs=1)
    assert (later_on.start, later_on.duration) == pytest.approx((4_750, 1_000), abs=1)
    [low] = found["small"]
    assert low.duration == pytest.approx(4_500, abs=34)


def test_a_lane_that_missed_frames_waits_for_a_key_frame() -> None:
    records = sketch(60, keys=20)
    there = [r._replace(role=capture.SMALL if 25 <= n < 35 else capture.BEST) for n, r in enumerate(records)]
    found = by_size(mux(there))
    assert found["small"] == []
    [best] = found["best"]
    data = [c for c in mux(there) if isinstance(c, Cluster)]
    assert sum(c.data.count(DELTA) + c.data.count(KEY) for c in data) == 25 + 20
    assert best.duration == pytest.approx(2_000, abs=1)


def test_who_changes_the_resolution_all_the_time_is_not_followed_for_ever(monkeypatch: Any) -> None:
    monkeypatch.setattr(lanes, "MAX_SEGMENTS", 5)
    records = [r for n in range(10) for r in sketch(2, width=100 + n, first=2 * n, pace=9_000)]
    assert len(by_size(mux(records))["best"]) == 5
    same = [
        *sketch(90, keys=30, width=100),
        *sketch(30, width=300, first=90),
        *sketch(30, width=100, first=120),
    ]
    monkeypatch.setattr(lanes, "MAX_SEGMENTS", 1)
    [only] = by_size(mux(same))["best"]
    assert only.duration == pytest.approx(5_000, abs=1)


# --- time -----------------------------------------------------------------------------------------------


def test_what_was_before_the_start_of_the_recording() -> None:
    """Sound is dropped; pictures are needed for those after them, and stand at the beginning."""
    [(segment, _)] = files(mux(streams.opus(100, begin=999.0), "microphone")).values()
    assert segment.start in range(20)
    assert segment.start + segment.duration == 1_050 - 20
    [(segment, data)] = files(mux(streams.vp8(60, begin=999.0))).values()
    assert segment.start == 0
    assert segment.duration == pytest.approx(1_050, abs=34)
    assert len(decode(data)) == 60


def test_a_pause_gives_out_what_there_is() -> None:
    records = sketch(40, keys=100)
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    assert [o for r in records for o in muxer.take(r) if isinstance(o, Cluster)] == []
    [opened, cluster] = muxer.take(Mark(records[-1].arrival, "muted"))
    assert isinstance(opened, Open)
    assert isinstance(cluster, Cluster)
    assert cluster.duration == pytest.approx(40 * 100 / 3, abs=1)
    assert muxer.take(Mark(1_003.0, "unmuted")) == muxer.take(Mark(1_003.0, "overflow")) == []
    later = [o for r in sketch(40, first=120) for o in muxer.take(r)] + muxer.take(End(1_006.0, "stopped"))
    assert [type(o) for o in later] == [Cluster, Cluster, Close]
    assert muxer.take(records[0]) == []


def test_a_picture_is_given_out_when_nothing_comes_after_it() -> None:
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    for record in sketch(30):
        muxer.take(record)
    assert muxer.take(Clock(1_002.5, 0.0)) == []
    _, cluster = muxer.take(Clock(1_003.0, 0.0))
    assert isinstance(cluster, Cluster)
    assert (cluster.t, cluster.duration) == (250, 967 + lanes.LAST_MS)
    for record in (sound := streams.opus(30)):
        assert record
    muxer = TrackMuxer(streams.head_of("microphone"), streams.spooled_of(), 3)
    for record in sound:
        muxer.take(record)
    _, cluster = muxer.take(Clock(1_003.0, 0.0))
    assert isinstance(cluster, Cluster)
    assert cluster.duration == 600


def test_few_pictures_are_given_out_although_their_times_are_not_sure() -> None:
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    for record in sketch(3):
        muxer.take(record)
    assert muxer.take(Clock(1_005.0, 0.0)) == []
    _, cluster = muxer.take(Clock(1_007.0, 0.0))
    assert isinstance(cluster, Cluster)
    assert cluster.t == 250


def test_an_epoch_that_ends_at_once_keeps_its_times() -> None:
    """Its last packet still waits for a number that was nothing, and none of its times is sure."""
    first, second = sketch(9), sketch(30, begin=1_000.6, epoch=1, timestamp=555)
    outputs = mux([*first[:8], first[8]._replace(number=first[8].number + 1), *second])
    [(segment, data)] = files(outputs).values()
    assert (segment.start, segment.duration) == pytest.approx((250, 1_400), abs=60)
    assert data.count(KEY) + data.count(DELTA) == 9 + 30


def test_a_screen_that_stands_still_has_no_holes() -> None:
    records = sketch(20, pace=2 * 90_000, keys=100)
    clusters = [output for output in mux(records, "screen") if isinstance(output, Cluster)]
    assert all(one.t + one.duration == two.t for one, two in itertools.pairwise(clusters))
    assert max(cluster.duration for cluster in clusters) == 2_000
    camera = [output for output in mux(records) if isinstance(output, Cluster)]
    assert {cluster.duration for cluster in camera[:-1]} == {1_000}


def test_reports_before_the_first_packet_count() -> None:
    """The report says that this packet was captured 0.3 s before the recording's time of its arrival."""
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    ntp = 3_900_000_000 << 32
    muxer.take(Sender(0, 0, 1_000.0, ntp, 1_000_000 - 45_000))
    outputs = [o for r in sketch(60, begin=1_000.75) for o in muxer.take(r)] + muxer.close()
    opened = next(output for output in outputs if isinstance(output, Open))
    assert opened.segment.start == pytest.approx(500, abs=5)


# --- the same, however it was read ----------------------------------------------------------------------


def filed(records: Sequence[Record], kind: str = "camera") -> bytes:
    return capture.encode_head(streams.head_of(kind)) + b"".join(map(capture.encode, records))


_SENT = shuffled(sketch(200, keys=50), 9)
_SENT_FILE = filed([*_SENT[:90], Mark(_SENT[89].arrival, "overflow"), *_SENT[95:], End(1_020.0, "gone")])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, len(_SENT_FILE)), max_size=12))
def test_the_same_bytes_however_a_capture_is_cut(cuts: list[int]) -> None:
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    reader, outputs = capture.Reader(), []
    places = [0, *sorted(cuts), len(_SENT_FILE)]
    for start, end in itertools.pairwise(places):
        for record in reader.feed(_SENT_FILE[start:end]):
            outputs += muxer.take(record)
        muxer = pickle.loads(pickle.dumps(muxer))  # a checkpoint
    assert outputs == _EXPECTED


_EXPECTED = mux(capture.Reader().feed(_SENT_FILE))


def test_the_expected_is_something() -> None:
    assert isinstance(_EXPECTED[-1], Close)
    assert len(_EXPECTED) > 4


def test_a_torn_capture_is_closed_as_it_is() -> None:
    records = capture.Reader().feed(_SENT_FILE[: len(_SENT_FILE) * 2 // 3])
    [(segment, _)] = files(mux(records)).values()
    assert segment.duration > 2_000


# --- nothing that comes does harm -----------------------------------------------------------------------

_ARRIVALS = st.floats(0, 40, width=32) | st.floats(-1e9, 1e9, allow_nan=False)


def _rtp(codec: Any, payload: st.SearchStrategy[bytes]) -> st.SearchStrategy[Record]:
    return st.builds(
        Rtp, st.integers(1, 3), st.integers(0, 9), codec, st.integers(0, 7), st.integers(0, 3), _ARRIVALS,
        st.integers(0, 80) | st.integers(0, 1 << 62), st.integers(0, 0xFFFFFFFF), payload,
    )  # fmt: skip


_DESCRIPTOR = bytes.fromhex("90e080010120")
_RECORDS = st.one_of(
    _rtp(st.just("VP8"), st.sampled_from([_DESCRIPTOR + KEY, _DESCRIPTOR + DELTA]) | st.binary(max_size=40)),
    _rtp(st.just("opus"), st.binary(max_size=5)),
    _rtp(st.just("H264"), st.sampled_from([r.payload for r in streams.h264(3)]) | st.binary(max_size=9)),
    st.builds(
        Sender, st.integers(0, 9), st.integers(0, 3), _ARRIVALS, st.integers(0, (1 << 64) - 1),
        st.integers(0, 0xFFFFFFFF),
    ),
    st.builds(Clock, _ARRIVALS, st.just(0.0)),
    st.builds(Mark, _ARRIVALS, st.sampled_from(capture.WHATS)),
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(_RECORDS, max_size=60), st.sampled_from(["camera", "microphone"]))
def test_no_record_does_harm(records: list[Record], kind: str) -> None:
    outputs = mux(records, kind)
    upto: dict[str, int] = {}
    for output in outputs:
        if isinstance(output, Open):
            assert output.segment.id not in upto
            upto[output.segment.id] = output.segment.start
        elif isinstance(output, Cluster):
            assert upto[output.segment_id] <= output.t
            assert 0 <= output.duration < 1 << 32
            upto[output.segment_id] = output.t + output.duration
    for segment, _ in files(outputs).values():
        assert segment.start + segment.duration == upto[segment.id]
        msgspec.json.decode(msgspec.json.encode(segment), type=Segment)  # as the manifest will


def test_what_waits_for_its_times_is_bounded() -> None:
    muxer = TrackMuxer(streams.head_of(), streams.spooled_of(), 3)
    payload = _DESCRIPTOR + KEY + bytes(60_000)
    for n in range(600):
        muxer.take(Rtp(1, 0, "VP8", capture.MARKER, 0, 1_000.0 + n * 1e-3, n, n * 3_000, payload))
        assert muxer._held_octets <= tracks.MAX_HELD_OCTETS + len(payload)
        assert muxer._best._octets <= lanes.CLUSTER_OCTETS
