"""
How loud a class was, ten times a second: the waveform of the timeline, and what tells silence.
"""

from pathlib import Path

import msgspec
import numpy as np

from classroom.recording.derive.film import Progress
from classroom.recording.derive.sounds import RATE, Mixer, loudness
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest

EVERY_MS = 100
STEP = RATE * EVERY_MS // 1000


def make(media: Path, manifest: Manifest, story: Story, target: Path, progress: Progress) -> dict[str, int]:
    """
    Write `{"every": ms, "peaks": [...]}` with the loudness of all voices together, 0 to 255 on a scale of
    decibels (0: -60 dB and below), to `target`.
    """
    mixer = Mixer(media, manifest, story)
    found = bytearray()
    count = -(-manifest.duration // EVERY_MS)
    try:
        for number in range(count):
            samples, _ = mixer.take(number * STEP, STEP)
            power = loudness(samples)
            found.append(round(min(max((20 * np.log10(max(power, 1e-6)) + 60) / 60, 0), 1) * 255))
            if number % 100 == 0:
                progress(number / count)
    finally:
        mixer.close()
    target.write_bytes(msgspec.json.encode({"every": EVERY_MS, "peaks": list(found)}))
    return {"damaged": mixer.damaged}
