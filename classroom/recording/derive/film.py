"""
One film of a class, to take away: what was on the stage, the speaker's camera, names, all voices; MP4 that
plays everywhere (H.264, AAC).

One pass over class time, 25 pictures a second; a picture is composed only when something in it changed. What
is held at a moment is a few pictures, however long the class was.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame

from classroom.recording.derive.canvas import DARK, Box, Canvas
from classroom.recording.derive.chat import Column
from classroom.recording.derive.labels import Labels
from classroom.recording.derive.pictures import Pictures
from classroom.recording.derive.pieces import Piece, film_time, length, pieces
from classroom.recording.derive.scenes import Scene, chosen, scene, shown
from classroom.recording.derive.sounds import RATE, Mixer, Samples
from classroom.recording.derive.speaking import Speaking
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest

PICTURES = 25  # A second: what cameras of a class send at most.
STEP = RATE // PICTURES
CRF = "24"  # x264's constant quality: faces and text stay clean, an hour of talk takes some 200 MB.
# Two cores are to be four times faster than the class; slower ones save a fifth of the size.
PRESET = "superfast"
CORNER = 4  # The corner's camera is a quarter of the stage's width.

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class FilmWish:
    """How a film is to be: lines of its picture, with or without the chat beside the stage."""

    height: int = 720
    chat: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What a picture is made of; two alike need no second composing."""

    scene: Scene
    large: (
        VideoFrame | None
    )  # the decoded picture itself: a number would be given to another one when it goes
    corner: VideoFrame | None
    chat: int
    pause: Piece | None = None


class Film:
    """Draws the pictures of a film."""

    def __init__(self, media: Path, manifest: Manifest, story: Story, wish: FilmWish) -> None:
        wide = wish.height * 16 // 9 & ~1
        self._canvas = Canvas(wide, wish.height)
        self._labels = Labels()
        self._column = Column(story.chat, self._labels, wide // 4 & ~1, wish.height) if wish.chat else None
        beside = self._column.width if self._column else 0
        self._stage = Box(0, 0, wide - beside, wish.height)
        corner = self._stage.width // CORNER & ~1
        rest = wish.height // 36 & ~1
        self._corner = Box(
            self._stage.width - corner - rest,
            wish.height - (corner * 9 // 16 & ~1) - rest,
            corner,
            corner * 9 // 16 & ~1,
        )
        self._story = story
        self._tracks = shown(manifest)
        self._pictures = {one.track.id: Pictures(media, chosen(one.track)) for one in self._tracks}
        self._last: tuple[Moment, VideoFrame] | None = None

    @property
    def damaged(self) -> int:
        """Return how many pieces could not be decoded."""
        return sum(pictures.damaged for pictures in self._pictures.values())

    def at(self, t: int, speaker: str) -> VideoFrame:
        """Return the picture of class time `t`, made anew only if it differs from the last one."""
        seen = scene(self._tracks, self._story, speaker, t)
        large = self._pictures[seen.large].at(t) if seen.large else None
        corner = self._pictures[seen.corner].at(t) if seen.corner else None
        moment = Moment(seen, large, corner, self._column.newest(t) if self._column else 0)
        if self._last is not None and self._last[0] == moment:
            return self._last[1]
        self._canvas.clear()
        if large is not None:
            self._canvas.picture(large, self._stage)
        if corner is not None:
            self._canvas.picture(corner, self._corner)
        self._name(seen.name, centred=large is None)
        if self._column:
            self._column.draw(self._canvas, t)
        return self._keep(moment)

    def pause(self, piece: Piece) -> VideoFrame:
        """Return the card that stands for a pause: when it was."""
        moment = Moment(Scene(), None, None, 0, piece)
        if self._last is None or self._last[0] != moment:
            self._canvas.clear()
            self._name(f"▮▮ {_clock(piece.start)} – {_clock(piece.end)}", centred=True)
            return self._keep(moment)
        return self._last[1]

    def close(self) -> None:
        """Let go of all files."""
        for pictures in self._pictures.values():
            pictures.close()

    def _keep(self, moment: Moment) -> VideoFrame:
        self._last = (moment, self._canvas.frame())
        return self._last[1]

    def _name(self, name: str, *, centred: bool) -> None:
        if not name:
            return
        high = self._canvas.height
        size = high // (14 if centred else 32)
        mask = self._labels.line(name, size, self._stage.width - high // 9)
        tall, wide = mask.shape
        if centred:
            self._canvas.text(mask, (self._stage.width - wide) // 2, (high - tall) // 2)
            return
        edge = high // 60 & ~1
        box = Box(edge, high - (tall + 3 * edge) & ~1, (wide + 2 * edge) & ~1, (tall + edge) & ~1)
        self._canvas.fill(box, DARK)
        self._canvas.text(mask, box.x + edge, box.y + edge // 2)


def make(
    media: Path, manifest: Manifest, story: Story, wish: FilmWish, target: Path, progress: Progress
) -> dict[str, int]:
    """
    Write the film to `target` and return its figures: length (ms) and how many pieces were damaged.

    Raises av.FFmpegError and OSError (no space); `target` is then not whole.
    """
    film = pieces(manifest.duration, story.cuts, manifest.gaps)
    pictures, mixer = Film(media, manifest, story, wish), Mixer(media, manifest, story)
    try:
        with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            _write(container, film, pictures, mixer, story, wish, progress)
    finally:
        pictures.close()
        mixer.close()
    return {"length": length(film), "damaged": pictures.damaged + mixer.damaged}


def _write(
    container: OutputContainer, film: list[Piece], pictures: Film, mixer: Mixer, story: Story, wish: FilmWish,
    progress: Progress,
) -> None:  # fmt: skip
    container.metadata["title"] = story.title
    container.set_chapters(chapters(film, story))
    video = container.add_stream("libx264", rate=PICTURES, options={"preset": PRESET, "crf": CRF})
    video.width, video.height = wish.height * 16 // 9 & ~1, wish.height
    video.pix_fmt = "yuv420p"
    video.gop_size = PICTURES * 10
    sound = container.add_stream("aac", rate=RATE, layout="mono")
    sound.bit_rate = 96_000
    whole = max(length(film) * PICTURES // 1000, 1)
    for number, (frame, samples) in enumerate(_steps(film, pictures, mixer)):
        frame.pts, frame.time_base = number, Fraction(1, PICTURES)
        container.mux(video.encode(frame))
        container.mux(sound.encode(audio_frame(samples, number * STEP)))
        if number % PICTURES == 0:
            progress(number / whole)
    container.mux(video.encode(None))
    container.mux(sound.encode(None))


def _steps(film: list[Piece], pictures: Film, mixer: Mixer) -> Iterator[tuple[VideoFrame, Samples]]:
    """Yield every picture of the film with its sound."""
    speaking = Speaking()
    silence = np.zeros(STEP, dtype=np.float32)
    for piece in film:
        count = piece.lasts * PICTURES // 1000
        for number in range(count):
            t = piece.start + number * 1000 // PICTURES
            if piece.kind == "pause":
                yield pictures.pause(piece), silence
                continue
            samples, levels = mixer.take(piece.start * RATE // 1000 + number * STEP, STEP)
            speaking.hear(levels, t)
            yield pictures.at(t, speaking.who), samples


def audio_frame(samples: Samples, at: int) -> AudioFrame:
    """Return mono samples as a frame that begins with sample number `at`."""
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame


def chapters(film: list[Piece], story: Story) -> "list[av.container.Chapter]":
    """Return the chapters of a film as containers want them."""
    marks = sorted({film_time(film, chapter.t): chapter.title for chapter in story.chapters}.items())
    ends = [*[at for at, _ in marks[1:]], length(film)] if marks else []
    return [
        {
            "id": number,
            "start": at,
            "end": max(end, at),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": title},
        }
        for number, ((at, title), end) in enumerate(zip(marks, ends, strict=True), 1)
    ]


def _clock(t: int) -> str:
    seconds = t // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
