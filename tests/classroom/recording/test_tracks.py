"""From packets of real encoders to files, judged by FFmpeg's tools and decoders."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import pytest

from classroom.recording.manifest import Segment
from classroom.recording.tracks import Close, Cluster, Open, Output, TrackMuxer
from signaling.core.capture import Record
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
