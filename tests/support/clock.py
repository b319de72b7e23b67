"""
Reads the clock that tests/support/clock.js shows and sounds: from decoded pictures and samples, or in a page.

A publisher with `install(context)` sends it in place of a camera and a microphone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import BrowserContext

CELLS = 24
STEP_MS = 20
RATE = 48_000
_SCRIPT = Path(__file__).with_suffix(".js")
_SEEN = 0.35  # A square has to be so much (of white) brighter than its opposite to count.
_WINDOW = RATE // 200  # 5 ms

# A function for pages: the time (ms, modulo the clock's turn) that a <video> shows now, or null.
READ_IN_PAGE = """
(video) => {
  const wide = video.videoWidth, high = video.videoHeight;
  if (!wide) return null;
  const canvas = new OffscreenCanvas(wide, high), pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(video, 0, 0);
  const tall = Math.round(high / 6), cell = wide / 24;
  const light = (x, y) => pen.getImageData(x, y, 1, 1).data[1] / 255;
  let time = 0;
  for (let place = 0; place < 24; place++) {
    const x = (place + 0.5) * cell, upper = light(x, tall / 2), lower = light(x, tall * 1.5);
    if (Math.abs(upper - lower) < 0.35) return null;
    time = time * 2 + (upper > lower ? 1 : 0);
  }
  return time * 20;
}
"""


async def install(context: BrowserContext, *, width: int = 640, height: int = 360, rate: int = 25) -> None:
    """Let every page of `context` send the clock."""
    size = f"globalThis.__clock = {{ width: {width}, height: {height}, rate: {rate} }};"
    await context.add_init_script(size + _SCRIPT.read_text())


def read(picture: NDArray[Any]) -> int | None:
    """Return the time (ms, modulo `TURN_MS`) that a grey picture (height x width) shows, or None."""
    high, wide = picture.shape
    tall, cell = round(high / 6), wide / CELLS
    time = 0
    for place in range(CELLS):
        left, right = int((place + 0.3) * cell), max(int((place + 0.7) * cell), int((place + 0.3) * cell) + 1)
        upper = picture[tall // 4 : tall * 3 // 4, left:right].mean()
        lower = picture[tall * 5 // 4 : tall * 7 // 4, left:right].mean()
        if abs(upper - lower) < _SEEN * 255:
            return None
        time = time * 2 + int(upper > lower)
    return time * STEP_MS


TURN_MS = STEP_MS << CELLS


@dataclass(frozen=True, slots=True)
class Beep:
    """A tone: when it begins (s, from the first sample), and the second modulo 16 that it tells."""

    at: float
    second: int


def beeps(samples: Sequence[float] | NDArray[Any]) -> list[Beep]:
    """Return the tones in mono samples of 48 kHz."""
    sound = np.asarray(samples, dtype=np.float64)
    pieces = sound[: len(sound) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    if not len(pieces):
        return []
    power = np.sqrt((pieces**2).mean(axis=1))
    loud = power > max(power.max() * 0.3, 1e-3)
    found = []
    for start in np.flatnonzero(loud & ~np.concatenate(([False], loud[:-1]))):
        tone = sound[start * _WINDOW : start * _WINDOW + RATE // 25]
        if len(tone) < RATE // 50:
            continue
        bins = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), RATE // 10))
        second = round((bins.argmax() * 10 - 500) / 100)
        if 0 <= second < 16:
            found.append(Beep(start * _WINDOW / RATE, int(second)))
    return found


def apart(first_ms: float, second_ms: float) -> float:
    """Return how much later the first time is, on the clock's circle."""
    return (first_ms - second_ms + TURN_MS / 2) % TURN_MS - TURN_MS / 2
