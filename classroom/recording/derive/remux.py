"""
All tracks of a class in one file that can be sought in (Matroska), as they were recorded, for those who cut
films.

Nothing is decoded: packets are put on class time and merged. Where a track has gone on in another codec it
goes on as another stream.
"""

import contextlib
import heapq
from collections.abc import Iterator
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from classroom.recording.derive.film import Progress, chapters
from classroom.recording.derive.pieces import Piece
from classroom.recording.derive.scenes import chosen
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest, Segment, Track

TELL_EACH = 2000  # Packets: some seconds of a class, a moment of work.
_MS = Fraction(1, 1000)

_Item = tuple[int, int, "Packet[Any]", Track, Segment]


def make(media: Path, manifest: Manifest, story: Story, target: Path, progress: Progress) -> dict[str, int]:
    """
    Write `target`, return its figures. What is cut out or redacted is left out by whole pictures and pieces
    of sound; pauses stay as holes, since all is on class time.

    Raises av.FFmpegError and OSError; `target` is then not whole.
    """
    order = count()
    sources = [
        _packets(media, track, segment, order) for track in manifest.tracks for segment in chosen(track)
    ]
    left_out = 0
    with av.open(str(target), "w", format="matroska") as container:
        container.metadata["title"] = story.title
        container.set_chapters(chapters([Piece("class", 0, manifest.duration, 0)], story))
        streams = _streams(container, media, manifest, story)
        broken: set[str] = set()
        for number, (t, _, packet, track, segment) in enumerate(heapq.merge(*sources)):
            if _hidden(story, track.person, t):
                # What comes behind cannot be decoded without it, up to the next picture that stands alone.
                broken.add(track.id)
                left_out += 1
                continue
            if track.id in broken and segment.codec != "opus" and not packet.is_keyframe:
                left_out += 1
                continue
            broken.discard(track.id)
            packet.stream = streams[track.id, segment.codec]
            container.mux(packet)
            if number % TELL_EACH == 0:
                progress(t / max(manifest.duration, 1))
    return {"length": manifest.duration, "damaged": 0, "left_out": left_out}


def _hidden(story: Story, person: str, t: int) -> bool:
    return story.hides(person, t) or any(cut.start <= t < cut.end for cut in story.cuts)


def _streams(
    container: OutputContainer, media: Path, manifest: Manifest, story: Story
) -> dict[tuple[str, str], Stream]:
    """Add a stream for each codec of each track, before anything is written."""
    found: dict[tuple[str, str], Stream] = {}
    for track in manifest.tracks:
        for segment in chosen(track):
            if (track.id, segment.codec) in found:
                continue
            with contextlib.suppress(av.FFmpegError), av.open(str(media / segment.file)) as source:
                stream = container.add_stream_from_template(source.streams[0])
                stream.metadata["title"] = f"{story.name(track.person)} ({track.kind})"
                found[track.id, segment.codec] = stream
    return found


def _packets(media: Path, track: Track, segment: Segment, order: Iterator[int]) -> Iterator[_Item]:
    """Yield the packets of a segment by class time (ms); a file that is damaged ends there."""
    with contextlib.suppress(av.FFmpegError), av.open(str(media / segment.file)) as container:
        for packet in container.demux(container.streams[0]):
            if packet.dts is None or packet.time_base is None:
                continue
            base = packet.time_base
            shift = round(segment.start / 1000 / base)
            packet.dts += shift
            packet.pts = packet.dts if packet.pts is None else packet.pts + shift
            yield round(packet.pts * base / _MS), next(order), packet, track, segment
