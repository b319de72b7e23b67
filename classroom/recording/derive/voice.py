"""
The sound of a class alone: AAC in MP4 (.m4a), which old telephones play too; an hour is 22 MB.
"""

from dataclasses import replace
from pathlib import Path

import av

from classroom.recording.derive.film import STEP, Progress, audio_frame, chapters
from classroom.recording.derive.pieces import Piece, length, pieces
from classroom.recording.derive.sounds import RATE, Mixer
from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest

BIT_RATE = 48_000  # Speech, mono: below it s and f begin to whistle in FFmpeg's encoder.


def make(media: Path, manifest: Manifest, story: Story, target: Path, progress: Progress) -> dict[str, int]:
    """
    Write the sound to `target` and return its figures: length (ms) and how many pieces were damaged. Pauses
    and cuts are gone.

    Raises av.FFmpegError and OSError (no space); `target` is then not whole.
    """
    spoken = [
        piece for piece in pieces(manifest.duration, story.cuts, manifest.gaps) if piece.kind == "class"
    ]
    whole = max(sum(piece.lasts for piece in spoken), 1)
    mixer = Mixer(media, manifest, story)
    at = 0
    try:
        with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            container.metadata["title"] = story.title
            film: list[Piece] = []
            for piece in spoken:
                film.append(replace(piece, at=length(film)))
            container.set_chapters(chapters(film, story))
            stream = container.add_stream("aac", rate=RATE, layout="mono")
            stream.bit_rate = BIT_RATE
            for piece in film:
                for number in range(piece.lasts * RATE // 1000 // STEP):
                    samples, _ = mixer.take(piece.start * RATE // 1000 + number * STEP, STEP)
                    container.mux(stream.encode(audio_frame(samples, at)))
                    at += STEP
                    if not at % (RATE * 4):
                        progress(at * 1000 / RATE / whole)
            container.mux(stream.encode(None))
    finally:
        mixer.close()
    return {"length": at * 1000 // RATE, "damaged": mixer.damaged}
