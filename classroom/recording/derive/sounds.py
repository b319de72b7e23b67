"""
Everybody's sound at any class time, as one, and how loud each of them is.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from classroom.recording.derive.scenes import chosen
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest, Segment, Track

RATE = 48_000
AHEAD = 5 * RATE  # Further ahead than this a file is sought in, not decoded through.

Samples = NDArray[np.float32]


class Voice:
    """The sound of one track, mono, 48,000 a second, by class time."""

    def __init__(self, media: Path, track: Track) -> None:
        self.person = track.person
        self.kind = track.kind
        self.damaged = 0
        self._media = media
        self._segments = list(chosen(track))
        self._segment: Segment | None = None
        self._decoded: Iterator[tuple[int, Samples]] = iter(())
        self._held: list[tuple[int, Samples]] = []
        self._container: av.container.InputContainer | None = None

    def take(self, first: int, count: int) -> Samples | None:
        """Return `count` samples from number `first` (of class time) on, or None where all is silence."""
        segment = self._find(first, count)
        if segment is None and not self._held:
            return None
        if segment is not None and segment is not self._segment:
            self._open(segment, first)
        self._fill(first, first + count)
        found: Samples | None = None
        while self._held:
            start, samples = self._held[0]
            low, high = max(start, first), min(start + len(samples), first + count)
            if low < high:
                if found is None:
                    found = np.zeros(count, dtype=np.float32)
                found[low - first : high - first] = samples[low - start : high - start]
            if start + len(samples) > first + count:
                break
            self._held.pop(0)
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._container is not None:
            self._container.close()
        self._container = self._segment = None
        self._decoded, self._held = iter(()), []

    def _find(self, first: int, count: int) -> Segment | None:
        start, end = first * 1000 // RATE, (first + count) * 1000 // RATE
        for segment in self._segments:
            if segment.start < end and start < segment.start + segment.duration:
                return segment
        return None

    def _fill(self, first: int, end: int) -> None:
        reached = self._held[-1][0] + len(self._held[-1][1]) if self._held else first
        while reached < end and (piece := next(self._decoded, None)) is not None:
            reached = piece[0] + len(piece[1])
            if reached > first:  # What lies in a cut is decoded on the way and never held.
                self._held.append(piece)

    def _open(self, segment: Segment, first: int) -> None:
        self.close()
        self._segment = segment
        try:
            self._container = av.open(str(self._media / segment.file))
            into = first - segment.start * RATE // 1000
            if into > AHEAD:
                self._container.seek(into * 1_000_000 // RATE, backward=True)
        except av.FFmpegError:
            self.damaged += 1
            return
        self._decoded = self._decode(self._container, segment.start * RATE // 1000)

    def _decode(self, container: av.container.InputContainer, start: int) -> Iterator[tuple[int, Samples]]:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        with contextlib.suppress(av.FFmpegError):
            for packet in container.demux(audio=0):
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    self.damaged += 1
                    continue
                for frame in frames:
                    if not isinstance(frame, av.AudioFrame) or frame.time is None:
                        continue
                    at = start + round(frame.time * RATE)
                    for made in resampler.resample(frame):
                        yield at, made.to_ndarray().reshape(-1).astype(np.float32)


class Mixer:
    """All voices of a recording. Times have to go on."""

    def __init__(self, media: Path, manifest: Manifest, story: Story) -> None:
        self._story = story
        self._voices = [
            Voice(media, track)
            for track in manifest.tracks
            if track.kind in ("microphone", "screen_audio") and track.segments
        ]

    @property
    def damaged(self) -> int:
        """Return how many pieces could not be decoded."""
        return sum(voice.damaged for voice in self._voices)

    def take(self, first: int, count: int) -> tuple[Samples, dict[str, float]]:
        """Return the mix of `count` samples from number `first` of class time on, and who is how loud."""
        mixed = np.zeros(count, dtype=np.float32)
        levels: dict[str, float] = {}
        t = first * 1000 // RATE
        for voice in self._voices:
            samples = voice.take(first, count)
            if samples is None or self._story.hides(voice.person, t):
                continue
            mixed += samples
            if voice.kind == "microphone":
                levels[voice.person] = max(loudness(samples), levels.get(voice.person, 0.0))
        return limited(mixed), levels

    def close(self) -> None:
        """Let go of all files."""
        for voice in self._voices:
            voice.close()


def limited(samples: Samples) -> Samples:
    """Return `samples` with peaks bent to below full scale: several voices at once add up."""
    loud = np.abs(samples) > 0.8
    if not loud.any():
        return samples
    bent = np.sign(samples) * (0.8 + 0.2 * np.tanh((np.abs(samples) - 0.8) / 0.2))
    return np.where(loud, bent, samples).astype(np.float32)


def loudness(samples: Samples) -> float:
    """Return the root mean square of `samples` (0..1), of which there are some."""
    return float(np.sqrt(np.mean(samples * samples)))
