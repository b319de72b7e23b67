"""
Small pictures of the stage along the timeline, a hundred on a sheet: one request for a quarter of an hour.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec

from classroom.recording.derive.canvas import Box, Canvas
from classroom.recording.derive.film import Film, FilmWish, Progress
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest

WIDE, HIGH = 160, 90
ACROSS, DOWN = 10, 10
EVERY_MS = 10_000
MOST = 720  # Two hours; of a longer class there are fewer, as far apart as they have to be.


def make(
    media: Path, manifest: Manifest, story: Story, folder: Path, suffix: str, progress: Progress
) -> list[str]:
    """Write `thumbnails{suffix}.json` and its sheets into `folder`; return their names."""
    every = max(EVERY_MS, -(-manifest.duration // MOST))
    times = range(min(every // 2, manifest.duration // 2), manifest.duration, every)
    film = Film(media, manifest, story, FilmWish(360))
    places: list[dict[str, Any]] = []
    names: list[str] = []
    sheet = Canvas(WIDE * ACROSS, HIGH * DOWN)
    try:
        for number, t in enumerate(times):
            place = number % (ACROSS * DOWN)
            box = Box(place % ACROSS * WIDE, place // ACROSS * HIGH, WIDE, HIGH)
            sheet.picture(film.at(t, ""), box)
            name = f"thumbnails{suffix}-{number // (ACROSS * DOWN)}.jpg"
            places.append({"t": t, "x": box.x, "y": box.y, "w": WIDE, "h": HIGH, "sheet": name})
            if place == ACROSS * DOWN - 1 or number == len(times) - 1:
                _save(sheet, folder / name)
                names.append(name)
                sheet.clear()
            progress(number / len(times))
    finally:
        film.close()
    table = f"thumbnails{suffix}.json"
    (folder / table).write_bytes(msgspec.json.encode({"every": every, "thumbnails": places}))
    return [table, *names]


def _save(sheet: Canvas, target: Path) -> None:
    frame = sheet.frame().reformat(format="yuvj420p")
    frame.pts, frame.time_base = 0, Fraction(1, 1)
    with av.open(str(target), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuvj420p"
        stream.codec_context.options = {"qscale": "5"}
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
