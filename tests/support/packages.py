"""
A small recording whose every moment is known: the clock of clock.py as pictures and tones.

Class time 0 is the clock's 0. Made by FFmpeg, not by our own writers: readers are tested by themselves.
"""

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from classroom.recording.manifest import Manifest, Segment, Track, tree_hash
from tests.support import clock

STARTED_AT = 1_790_000_000_000


def picture(t: int, width: int = 640, height: int = 360, tint: int = 90) -> np.ndarray:
    """Return a grey picture of the clock at class time `t` (ms)."""
    drawn = np.full((height, width), tint, dtype=np.uint8)
    tall = round(height / 6)
    for place in range(clock.CELLS):
        bit = (t // clock.STEP_MS) >> (clock.CELLS - 1 - place) & 1
        left, right = int(place * width / clock.CELLS), int((place + 1) * width / clock.CELLS)
        drawn[:tall, left:right] = 235 * bit + 10 * (1 - bit)
        drawn[tall : 2 * tall, left:right] = 235 * (1 - bit) + 10 * bit
    return drawn


def tones(first: int, count: int, loud: float = 0.4) -> np.ndarray:
    """Return `count` samples from number `first` on: 60 ms of a tone on each second."""
    number = np.arange(first, first + count)
    second, into = number // clock.RATE, number % clock.RATE
    tone = np.sin(2 * math.pi * (500 + 100 * (second % 16)) * into / clock.RATE)
    return np.where(into < clock.RATE * 0.06, tone * loud, 0).astype(np.float32)


def camera(path: Path, start: int, duration: int, *, rate: int = 25, width: int = 640, height: int = 360,
           codec: str = "libvpx", tint: int = 90) -> None:  # fmt: skip
    """Write the clock from class time `start` on."""
    options = (
        {"deadline": "realtime", "cpu-used": "8", "auto-alt-ref": "0"}
        if codec == "libvpx"
        else {"preset": "ultrafast"}
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate, stream.gop_size = 1_500_000, rate * 4
        for number in range(duration * rate // 1000):
            light = picture(start + number * 1000 // rate, width, height, tint)
            whole = np.concatenate((light, np.full((height // 2, width), 128, dtype=np.uint8)))
            frame = av.VideoFrame.from_ndarray(whole, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def microphone(path: Path, start: int, duration: int, loud: float = 0.4) -> None:
    """Write the tones from class time `start` on, as Opus."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", rate=clock.RATE, layout="mono")
        stream.bit_rate = 48_000
        first = start * clock.RATE // 1000
        for done in range(0, duration * clock.RATE // 1000, 960):
            frame = av.AudioFrame.from_ndarray(tones(first + done, 960, loud).reshape(1, -1), "flt", "mono")
            frame.sample_rate, frame.pts, frame.time_base = clock.RATE, done, Fraction(1, clock.RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


class Package:
    """A package that grows track by track: `folder/media` and `manifest`."""

    def __init__(self, folder: Path, duration: int) -> None:
        self.folder = folder
        self.media = folder / "media"
        self.media.mkdir(parents=True, exist_ok=True)
        self.duration = duration
        self.tracks: list[Track] = []

    def add(self, person: str, kind: str, start: int, duration: int, **wish: object) -> Segment:
        """Add a track with one segment."""
        number = len(self.tracks) + 1
        sound = kind in ("microphone", "screen_audio")
        name = f"{number:06}b1"
        path = self.media / f"{name}.webm"
        (microphone if sound else camera)(path, start, duration, **wish)  # type: ignore[operator]
        segment = Segment(
            id=name, file=path.name, codec="opus" if sound else "vp8",
            mime='audio/webm; codecs="opus"' if sound else 'video/webm; codecs="vp8"',
            size="best", start=start, duration=duration,
            octets=path.stat().st_size, hash=tree_hash([path.read_bytes()]),
        )  # fmt: skip
        self.tracks.append(Track(id=f"t{number}", person=person, kind=kind, segments=(segment,)))  # type: ignore[arg-type]
        return segment

    @property
    def manifest(self) -> Manifest:
        """Return the manifest of what was added."""
        return Manifest(
            recording="c_1-1", class_id="c_1", number=1, title="Алгебра", version=1, started_at=STARTED_AT,
            duration=self.duration, complete=True, tracks=tuple(self.tracks),
        )  # fmt: skip
