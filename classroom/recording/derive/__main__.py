"""
One job: what to make comes as a line of JSON on standard input, how far it is goes as lines to standard
output (classroom/content/job_process.py says how both are spoken).

    {"kind": "mp4", "folder": "/...", "inputs": {"suffix": ""}, "options": {"height": 720, "chat": false}}

`folder` holds manifest.json, story.json and `media`, and gets what is made. When standard input ends, whoever
asked is gone, and so is the work.
"""

import errno
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import av
import msgspec

from classroom.recording import manifest as manifests
from classroom.recording.derive import film, hls, peaks, remux, story, thumbnails, voice
from classroom.recording.manifest import BadManifest

EVERY_S = 0.5  # Between two lines of progress.
MOST_INPUT = 1 << 20

Kind = Literal["mp4", "sound", "remux", "hls", "thumbnails", "peaks"]


class Options(msgspec.Struct, frozen=True):
    """What may be chosen; what a kind has no use for is not looked at."""

    height: Literal[360, 480, 720, 1080] = 720
    chat: bool = False


class Inputs(msgspec.Struct, frozen=True):
    """What was prepared. `suffix` goes into the names of what is made."""

    suffix: Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{0,16}\Z")] = ""


class Job(msgspec.Struct, frozen=True):
    """The task."""

    kind: Kind
    folder: str
    inputs: Inputs = Inputs()
    options: Options = Options()


class Teller:
    """Tells how far the work is, not more often than anybody looks."""

    def __init__(self) -> None:
        self._at = 0.0

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= EVERY_S:
            self._at = now
            tell({"progress": round(min(max(share, 0.0), 1.0) * 1000)})


def tell(line: dict[str, Any]) -> None:
    """Write one line to whoever asked; if they are gone, the work is for nobody."""
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def make(job: Job) -> dict[str, Any]:
    """Do the work in `job.folder` and return its result: names of files there, and figures."""
    folder = Path(job.folder)
    media = folder / "media"
    found = manifests.decode_manifest((folder / "manifest.json").read_bytes())
    told = story.decode((folder / "story.json").read_bytes())
    share = Teller()
    match job.kind:
        case "mp4":
            whole(media, found)
            wish = film.FilmWish(job.options.height, job.options.chat)
            return {
                "files": ["class.mp4"],
                **film.make(media, found, told, wish, folder / "class.mp4", share),
            }
        case "sound":
            whole(media, found)
            return {"files": ["class.m4a"], **voice.make(media, found, told, folder / "class.m4a", share)}
        case "remux":
            whole(media, found)
            return {"files": ["class.mkv"], **remux.make(media, found, told, folder / "class.mkv", share)}
        case "hls":
            whole(media, found)
            wish = film.FilmWish(job.options.height)
            return {"files": ["class.zip"], **hls.make(media, found, told, wish, folder / "class.zip", share)}
        case "thumbnails":
            return {"files": thumbnails.make(media, found, told, folder, job.inputs.suffix, share)}
        case "peaks":
            name = f"peaks{job.inputs.suffix}.json"
            return {"files": [name], **peaks.make(media, found, told, folder / name, share)}


def whole(media: Path, found: manifests.Manifest) -> None:
    """Raise BadManifest if a file is not the one that was recorded: what is taken away is kept for years."""
    for _, segment in found.segments():
        path = media / segment.file
        if path.exists() and segment.hash != manifests.tree_hash(_parts(path)):
            raise BadManifest(f"{segment.file} is not what was recorded")


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(manifests.PIECE):
            yield part


def fail(code: str, reason: str) -> NoReturn:
    """Say why there is no result, to a program and to whoever reads the log."""
    tell({"error": code})
    sys.stderr.write(f"{code}: {reason}\n")
    sys.exit(1)


def main() -> None:
    """Read the task, do it, tell the result."""
    try:
        job = msgspec.json.decode(sys.stdin.buffer.readline(MOST_INPUT), type=Job)
    except msgspec.DecodeError as error:
        fail("job.bad_request", str(error))
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    av.logging.set_level(None)
    try:
        result = make(job)
    except BadManifest as error:
        fail("recording.damaged", str(error))
    except av.FFmpegError as error:
        fail("job.failed", str(error))
    except Exception as error:  # The edge of a job: whoever waits for it is told, whatever it was.
        if not isinstance(error, OSError):
            traceback.print_exc()
        fail("job.no_space" if getattr(error, "errno", None) == errno.ENOSPC else "job.failed", str(error))
    tell({"result": result})


def _end_with_the_program() -> None:
    # Not by sys.stdin, whose lock a thread would still hold when the interpreter ends.
    while os.read(0, 4096):
        pass
    os._exit(1)  # From a thread, in the middle of FFmpeg's work: nothing of ours has to be put in order.


if __name__ == "__main__":
    main()
