"""
One size of a track on its way into files: frames with their times become clusters, clusters segments.

A cluster is given out when it is over: when a key frame comes, when it has its two seconds, or when nothing
has come for a while. So a picture's duration is known when it is written: it lasts until the next.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from classroom.recording import fmp4, opus, webm
from classroom.recording.fmp4 import Mp4Writer
from classroom.recording.frames import Frame
from classroom.recording.manifest import Segment, Size
from classroom.recording.webm import Block, WebmWriter

CLUSTER_MS = 2_000  # What a player fetches, and a live viewer waits for.
CLUSTER_OCTETS = 16 << 20  # 2 s of 64 Mbit/s: nothing honest is cut by this
LAST_MS = 1_000  # How long a picture stands at most when nothing tells what came after it.
FIRST_MS = 40  # and how long the only one of a segment does
FILL_SAMPLES = opus.RATE  # Holes in sound up to 1 s are filled: pauses of DTX last 0.4 s, lost packets less.
# Sound runs by its own samples and is led back to the timeline by whole packets: when it is quiet and half a
# packet off, or when it is this far off. With pictures that follow the timeline this stays within 40 ms.
QUIET_OFF, FAR_OFF = 600, 720  # samples: 12.5 and 15 ms
SHORT = 960  # 20 ms, which may be left out or put in; more than half of it is one of the two above
MAX_SEGMENTS = 1_000  # of one size: who changes the resolution more often than that is at mischief
KEYS_APART_MS = 100  # Key frames that are nearer to one another share a cluster.


class Open(NamedTuple):
    """A new file, and what it begins with: all that a decoder needs before the first cluster."""

    segment: Segment
    data: bytes


class Cluster(NamedTuple):
    """Append to the file. `t`: class time of its first frame; it covers `duration` (ms). See IndexEntry."""

    segment_id: str
    data: bytes
    t: int
    duration: int
    key: bool


class Close(NamedTuple):
    """Append `tail`, write the patches (offset, octets) over what is there, and the file is whole."""

    segment_id: str
    tail: bytes
    patches: list[tuple[int, bytes]]
    summary: Segment
    """As in `Open`, with duration and length; its hash is for whoever has the file."""


Output = Open | Cluster | Close


class Writer(Protocol):
    """A file format."""

    head: bytes
    length: int

    def cluster(self, blocks: list[Block]) -> bytes:
        """Return the next cluster; times are from the file's beginning."""
        ...

    def finish(self, duration: int) -> tuple[bytes, list[tuple[int, bytes]]]:
        """Return what ends a file of `duration` ms, and what is to be written over."""
        ...


@dataclass(frozen=True, slots=True)
class Shape:
    """What stays the same within a segment."""

    codec: str
    width: int = 0
    height: int = 0
    config: bytes = b""


class Lane:
    """Segments of one size. Times given to `add` are class time in ms and ascend."""

    def __init__(self, number: int, size: Size) -> None:
        self._number = number
        self._size = size
        self._count = 0
        self._shape: Shape | None = None
        self._segment: Segment | None = None
        self._writer: Writer | None = None
        self._blocks: list[tuple[int, bool, bytes]] = []
        self._octets = 0
        self.end = -1
        """Class time (ms) of the newest frame, or the end of what was given out if that is later."""

    @property
    def waiting(self) -> bool:
        """Are there frames that were not given out?"""
        return bool(self._blocks)

    @property
    def full(self) -> bool:
        """Are there as many segments as may be?"""
        return self._count + (self._segment is None and self.waiting) >= MAX_SEGMENTS

    def fits(self, shape: Shape) -> bool:
        """Does a frame of `shape` need no other segment?"""
        return shape == self._shape

    def shape(self, shape: Shape) -> list[Output]:
        """From the next frame on it is `shape`: another segment, if it was different."""
        if shape == self._shape:
            return []
        outputs = self.close()
        self._shape = shape
        return outputs

    def add(self, t: int, key: bool, data: bytes) -> list[Output]:
        """Take a frame; what came before lasts until `t`."""
        outputs: list[Output] = []
        blocks = self._blocks
        if blocks:
            begins = key and t - blocks[0][0] >= KEYS_APART_MS
            if begins or self._octets + len(data) > CLUSTER_OCTETS:
                outputs = self._part(t)
            elif t - blocks[0][0] > CLUSTER_MS:
                first = max(len(blocks) - 1, 1)
                outputs = self._give(first, blocks[first][0] if len(blocks) > 1 else t)
        self._blocks.append((t, key, data))
        self._octets += len(data)
        self.end = max(t, self.end)
        return outputs

    def flush(self, end: int | None = None) -> list[Output]:
        """Give out what waits. Its last frame lasts until `end`, or as long as the one before it."""
        blocks = self._blocks
        if not blocks:
            return []
        if end is None:
            last = blocks[-1][0] - blocks[-2][0] if len(blocks) > 1 else FIRST_MS
            end = blocks[-1][0] + min(last, LAST_MS)
        return self._part(end)

    def close(self) -> list[Output]:
        """End the segment."""
        outputs = self.flush()
        segment, writer = self._segment, self._writer
        if segment is not None and writer is not None:
            duration = self.end - segment.start
            tail, patches = writer.finish(duration)
            summary = msgspec.structs.replace(segment, duration=duration, octets=writer.length)
            outputs.append(Close(segment.id, tail, patches, summary))
        self._segment = self._writer = self._shape = None
        return outputs

    def _part(self, end: int) -> list[Output]:
        """Give out all frames. If the last would last beyond the two seconds, it has its own cluster."""
        outputs: list[Output] = []
        if len(self._blocks) > 1 and end - self._blocks[0][0] > CLUSTER_MS:
            outputs = self._give(len(self._blocks) - 1, self._blocks[-1][0])
        return outputs + self._give(len(self._blocks), end)

    def _give(self, count: int, end: int) -> list[Output]:
        """Give out the first `count` frames, of which the last lasts until `end`."""
        given, self._blocks = self._blocks[:count], self._blocks[count:]
        self._octets = sum(len(data) for _, _, data in self._blocks)
        outputs: list[Output] = []
        if self._segment is None or self._writer is None:
            outputs.append(self._open(given[0][0]))
        segment, writer = self._segment, self._writer
        assert segment is not None and writer is not None  # noqa: S101 PT018  for mypy
        times = [t for t, _, _ in given[1:]] + [end]
        start = segment.start
        blocks = [
            Block(t - start, until - t, key, data) for (t, key, data), until in zip(given, times, strict=True)
        ]
        t = given[0][0]
        outputs.append(Cluster(segment.id, writer.cluster(blocks), t, end - t, given[0][1]))
        self.end = max(end, self.end)
        return outputs

    def _open(self, start: int) -> Open:
        shape = self._shape
        assert shape is not None  # noqa: S101  add() comes after shape()
        self._count += 1
        name = f"{self._number:06d}{self._size[0]}{self._count}"
        uid = self._number << 24 | (self._size == "small") << 23 | self._count
        self._writer, mime, ending = _writer(shape, uid)
        self._segment = Segment(
            id=name,
            file=f"{name}.{ending}",
            mime=mime,
            codec=shape.codec.lower(),  # type: ignore[arg-type]  # checked by whoever reads it
            size=self._size,
            start=start,
            width=shape.width,
            height=shape.height,
        )
        return Open(self._segment, self._writer.head)


def _writer(shape: Shape, uid: int) -> tuple[Writer, str, str]:
    """Return the file of a shape, its MIME type and the ending of its name."""
    if shape.codec == "opus":
        return WebmWriter(webm.sound(opus.head(), 2), uid), 'audio/webm; codecs="opus"', "webm"
    if shape.codec == "H264":
        writer = Mp4Writer(shape.config, shape.width, shape.height)
        return writer, fmp4.mime_of(shape.config), "mp4"
    picture = webm.picture("V_VP8", shape.width, shape.height)
    return WebmWriter(picture, uid), 'video/webm; codecs="vp8"', "webm"


class PictureLane(Lane):
    """Pictures follow the timeline. They come from one layer at a time, and change it with a key frame."""

    def __init__(self, number: int, size: Size, hole: int) -> None:
        """`hole`: ms after which nothing more is expected to be the next picture of the last."""
        super().__init__(number, size)
        self._hole = hole
        self.source: tuple[int, int] | None = None
        """Layer and epoch whose frames have all come here since a key frame."""

    def picture(self, frame: Frame, seconds: float) -> list[Output]:
        """Take a frame whose class time is `seconds`, if it can be decoded after those before it."""
        source = (frame.layer, frame.epoch)
        if source != self.source and not frame.key:
            return []
        self.source = source
        t = max(round(seconds * 1000), 0)
        outputs: list[Output] = []
        if self.waiting and t - self.end > self._hole:
            outputs = self.flush(self.end + LAST_MS)
        if frame.key:
            shape = Shape(frame.codec, frame.width, frame.height, frame.config)
            if self.full and not self.fits(shape):
                self.source = None
                return outputs
            outputs += self.shape(shape)
        return outputs + self.add(max(t, self.end + (1 if self.waiting else 0)), frame.key, frame.data)

    def idle(self, t: int) -> list[Output]:
        """Give out what waits if nothing has come for long at class time `t` (ms)."""
        if self.waiting and t - self.end > self._hole:
            return self.flush(self.end + LAST_MS)
        return []


class SoundLane(Lane):
    """Sound runs by its own samples, without holes, as long as it comes."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "best")
        self._next = -1  # RTP timestamp that goes on without a hole
        self._cursor = 0  # class time at which it goes on, in samples
        self._toc = 0

    def sound(self, frame: Frame, seconds: float) -> list[Output]:
        """Take a packet whose class time is `seconds`. What lies before class time 0 is dropped."""
        outputs = self.shape(Shape("opus"))
        wanted = round(seconds * opus.RATE)
        if wanted < 0:
            return outputs
        ahead = (frame.timestamp - self._next + 0x80000000 & 0xFFFFFFFF) - 0x80000000
        if self._next < 0 or abs(ahead) > FILL_SAMPLES:
            outputs += self._anchor(wanted)
        elif ahead < 0:
            return outputs  # said already
        else:
            outputs += self._fill(ahead)
        self._toc = frame.data[0]
        self._next = frame.timestamp + frame.samples & 0xFFFFFFFF
        off = wanted - self._cursor
        bound = QUIET_OFF if ahead > 0 or len(frame.data) <= opus.QUIET else FAR_OFF
        if off > FILL_SAMPLES:
            outputs += self._anchor(wanted)
        elif off >= bound:
            outputs += self._fill(off, 0.5)
        elif -off >= bound:
            if frame.samples <= SHORT or -off >= frame.samples:
                return outputs
            # Too long to be left out: it covers the end of the one before, which players cut.
            if self._blocks:
                self._cursor = max(self._cursor + off, self._blocks[-1][0] * 48 + SHORT)
        return outputs + self._say(frame.data, frame.samples)

    def idle(self, t: int) -> list[Output]:
        """Give out what waits if nothing has come for long at class time `t` (ms)."""
        if self.waiting and t * 48 - self._cursor > FILL_SAMPLES:
            return self.flush(self._cursor // 48)
        return []

    def flush(self, end: int | None = None) -> list[Output]:
        """Give out what waits; how long sound lasts is known."""
        return super().flush(self._cursor // 48 if end is None else end)

    def _anchor(self, wanted: int) -> list[Output]:
        """Go on at another place: later, after a hole."""
        outputs = self.flush()
        self._cursor = max(wanted // 48, self.end) * 48
        return outputs

    def _fill(self, samples: int, more: float = 0.0) -> list[Output]:
        """Fill what whole packets fit into, and one more if all but `more` of it fits."""
        outputs: list[Output] = []
        data = opus.filler(self._toc)
        each = opus.samples_of(data)
        for _ in range(int(samples / each + more)):
            outputs += self._say(data, each)
        return outputs

    def _say(self, data: bytes, samples: int) -> list[Output]:
        t = round(self._cursor / 48)
        self._cursor += samples
        outputs: list[Output] = []
        if self._blocks and round(self._cursor / 48) - self._blocks[0][0] > CLUSTER_MS:
            outputs = super().flush(t)
        self._blocks.append((t, True, data))
        self._octets += len(data)
        return outputs
