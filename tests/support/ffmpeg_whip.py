"""
FFmpeg's WHIP muxer as a program of its own: `python -m tests.support.ffmpeg_whip URL [OPTION=VALUE ...]`.

It sends a red H.264 picture and a tone for as long as it is left alone. A process, because the muxer keeps
the interpreter's lock while it waits for an answer.
"""

from __future__ import annotations

import fractions
import itertools
import sys
import time

import av
import numpy as np

RATE = 48_000
PICTURES_A_SECOND = 15
FRAME = 960  # samples: 20 ms
TONE = 440.0  # Hz


def main(url: str, *options: str) -> None:
    output = av.open(url, "w", format="whip", options=dict(option.split("=", 1) for option in options))
    # A key frame a second: the muxer cannot be asked for one.
    settings = {"profile": "high", "preset": "ultrafast", "tune": "zerolatency", "bf": "0", "g": "15"}
    video = output.add_stream("libx264", rate=PICTURES_A_SECOND, options=settings)
    video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
    audio = output.add_stream("libopus", rate=RATE)
    audio.layout = "stereo"
    red = np.zeros((240, 320, 3), np.uint8)
    red[:, :, 0] = 200
    began, shown = time.monotonic(), 0
    for number in itertools.count():
        now = number * FRAME / RATE
        if shown <= now * PICTURES_A_SECOND:
            picture = av.VideoFrame.from_ndarray(red, format="rgb24")
            picture.pts, picture.time_base = shown, fractions.Fraction(1, PICTURES_A_SECOND)
            output.mux(video.encode(picture))
            shown += 1
        output.mux(audio.encode(tone(number)))
        time.sleep(max(0.0, began + now - time.monotonic()))


def tone(number: int) -> av.AudioFrame:
    times = (np.arange(FRAME) + number * FRAME) / RATE
    wave = (np.sin(2 * np.pi * TONE * times) * 0.4).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, number * FRAME, fractions.Fraction(1, RATE)
    return frame


if __name__ == "__main__":
    main(*sys.argv[1:])
