"""
One job: what to make comes as JSON on standard input, how far it is goes as lines of JSON to standard output.

    {"kind": "film", "workdir": "/...", "media": "/...", "options": {"height": 720, "chat": false}}
    -> {"progress": 0..1000} ... then {"result": {...}} or {"error": "code"}

`workdir` holds manifest.json and story.json, and gets the files in `out`; `media` is where the segments are.
SIGTERM ends it, and what is half made goes with it. The exit code is 0 only with a result.
"""

import errno
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Literal, NoReturn

import av
import msgspec

from classroom.recording import manifest as manifests
from classroom.recording.derive import film, peaks, story, thumbnails, voice

EVERY_S = 0.5  # Between two lines of progress.
MOST_INPUT = 1 << 20

Kind = Literal["mp4", "sound", "thumbnails", "peaks"]


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be chosen; what a kind has no use for is not looked at."""

    height: Literal[360, 480, 720, 1080] = 720
    chat: bool = False


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task."""

    kind: Kind
    workdir: str
    media: str
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
    """Do the work in `job.workdir` and return its result: names of files in `out`, and figures."""
    work, media = Path(job.workdir), Path(job.media)
    found = manifests.decode_manifest((work / "manifest.json").read_bytes())
    told = story.decode((work / "story.json").read_bytes())
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    tell_share = Teller()
    match job.kind:
        case "mp4":
            wish = film.FilmWish(job.options.height, job.options.chat)
            figures = film.make(media, found, told, wish, out / "class.mp4", tell_share)
            return {"files": ["class.mp4"], **figures}
        case "sound":
            figures = voice.make(media, found, told, out / "class.m4a", tell_share)
            return {"files": ["class.m4a"], **figures}
        case "thumbnails":
            return {"files": thumbnails.make(media, found, told, out, tell_share)}
        case "peaks":
            figures = peaks.make(media, found, told, out / "peaks.json", tell_share)
            return {"files": ["peaks.json"], **figures}


def fail(code: str, reason: str) -> NoReturn:
    """Say why there is no result, to a program and to whoever reads the log."""
    tell({"error": code})
    sys.stderr.write(f"{code}: {reason}\n")
    sys.exit(1)


def main() -> None:
    """Read the task, do it, tell the result."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        job = msgspec.json.decode(sys.stdin.buffer.read(MOST_INPUT), type=Job)
    except msgspec.DecodeError as error:
        fail("job.bad_request", str(error))
    os.nice(10)
    av.logging.set_level(None)
    try:
        result = make(job)
    except manifests.BadManifest as error:
        fail("recording.damaged", str(error))
    except av.FFmpegError as error:
        fail("job.failed", str(error))
    except Exception as error:  # The edge of a job: whoever waits for it is told, whatever it was.
        if not isinstance(error, OSError):
            traceback.print_exc()
        fail("job.no_space" if getattr(error, "errno", None) == errno.ENOSPC else "job.failed", str(error))
    finally:
        if sys.exc_info()[0] is not None:
            shutil.rmtree(Path(job.workdir) / "out", ignore_errors=True)
    tell({"result": result})


if __name__ == "__main__":
    main()
