"""
The pictures of a track at any class time, decoded as they are wanted and forgotten at once.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame

from classroom.recording.manifest import Segment

SEEK_MS = 3000  # Further ahead than this it is quicker to look for a key frame than to decode up to there.


class Pictures:
    """
    One track. `at` has to be asked for times that go on, or is slow; what is damaged is left out and counted.
    """

    def __init__(self, media: Path, segments: Sequence[Segment]) -> None:
        """`segments` are in order and do not overlap."""
        self.damaged = 0
        self._media = media
        self._segments = segments
        self._segment: Segment | None = None
        self._container: InputContainer | None = None
        self._frames: Iterator[tuple[int, VideoFrame]] = iter(())
        self._current: tuple[int, VideoFrame] | None = None
        self._next: tuple[int, VideoFrame] | None = None

    def at(self, t: int) -> VideoFrame | None:
        """Return the picture that is seen at class time `t` (ms), or None where there is none."""
        segment = self._find(t)
        if segment is None:
            return None
        if segment is not self._segment:
            self._open(segment)
        here = max(self._current[0] if self._current else segment.start, segment.start)
        if t < here or (t - here > SEEK_MS and (self._next is None or t - self._next[0] > 0)):
            self._seek(t)
        while self._next is not None and self._next[0] <= t:
            self._current, self._next = self._next, next(self._frames, None)
        return self._current[1] if self._current is not None else None

    def close(self) -> None:
        """Let go of the file."""
        if self._container is not None:
            self._container.close()
        self._container = self._segment = self._current = self._next = None
        self._frames = iter(())

    def _find(self, t: int) -> Segment | None:
        found = None
        for segment in self._segments:
            if segment.start <= t:
                found = segment
        return found

    def _open(self, segment: Segment) -> None:
        self.close()
        self._segment = segment
        try:
            self._container = av.open(str(self._media / segment.file))
            self._container.streams.video[0].thread_type = "AUTO"
        except (av.FFmpegError, IndexError):
            self.damaged += 1
            return
        self._frames = self._decode(self._container, segment.start)
        self._next = next(self._frames, None)

    def _seek(self, t: int) -> None:
        if self._container is None or self._segment is None:
            return
        with contextlib.suppress(av.FFmpegError):
            self._container.seek(max(t - self._segment.start, 0) * 1000, backward=True)
        self._frames = self._decode(self._container, self._segment.start)
        self._current, self._next = None, next(self._frames, None)

    def _decode(self, container: InputContainer, start: int) -> Iterator[tuple[int, VideoFrame]]:
        for packet in _packets(container):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame) and frame.time is not None:
                    yield start + round(frame.time * 1000), frame


def _packets(container: InputContainer) -> Iterator["Packet[Any]"]:
    """Yield what can be read; a file that ends in the middle ends there."""
    with contextlib.suppress(av.FFmpegError):
        yield from container.demux(container.streams[0])
