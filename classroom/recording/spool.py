"""
The spool: recordings while they are made, one folder each. It is all that program, media workers and recorder
share: who finds a file here knows what is to be done, after any crash of any of them.

    <recording>/recording.json        by the program, when it begins
               /capture/<nnnnnn>.cap  by a media worker
               /media/                by the recorder: what can be watched; `live.json` says what there is
               /state/                by the recorder: how far it is
               /ended.json            by the program, when it is over
               /package/              by the recorder, when all is finished; `done` last
    _bad/                             what made no sense, set aside for a person to look at

    BadSpool      there is something of that name that is not what it should be
"""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from classroom.recording import manifest
from classroom.recording.folder import Folder
from classroom.recording.manifest import BadManifest, Ended, Manifest, Spooled

CAPTURE, MEDIA, PACKAGE, STATE, BAD = "capture", "media", "package", "state", "_bad"
SPOOLED, ENDED, LIVE, MANIFEST, DONE = "recording.json", "ended.json", "live.json", "manifest.json", "done"
MAX_NOTE: Final = 1 << 20  # Octets: recording.json and ended.json with some thousands of pauses.
MAX_MANIFEST: Final = 64 << 20  # About 150,000 segments.

_RECORDING: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}-[1-9][0-9]{0,5}")
_CAPTURE: Final = re.compile(r"([0-9]{6})\.cap")

Stage = Literal["new", "open", "ended", "done"]


class BadSpool(Exception):  # noqa: N818  Named for what is wrong.
    """A recording of that name exists and is another one, or its notes cannot be read."""


def is_recording(name: str) -> bool:
    """Say whether a name is that of a recording."""
    return _RECORDING.fullmatch(name) is not None


def capture_name(number: int) -> str:
    """Return the name of capture `number` (1 to 999,999)."""
    if not 1 <= number <= 999_999:
        raise ValueError("captures are numbered from 1 to 999999")
    return f"{number:06d}.cap"


def capture_number(name: str) -> int | None:
    """Return the number that a capture's name says; None: that is no capture."""
    found = _CAPTURE.fullmatch(name)
    return int(found[1]) if found and found[1] != "000000" else None


class Spool:
    """
    The program's view of the spool. Each step is durable when it returns and may be repeated after a crash.

    Raises OSError where the disk does not go along. Everything here blocks, for some milliseconds where a
    note is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Make the spool itself, readable by us alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def recordings(self) -> list[str]:
        """Return the recordings that have begun, in no order."""
        with Folder.open(self.root) as root:
            return [name for name in root.names() if is_recording(name) and self.stage(name) != "new"]

    def begin(self, spooled: Spooled) -> None:
        """
        Make a recording's folders and its recording.json, after which the recorder knows of it.

        Again with the same `recording` and `number` changes nothing. Raises BadSpool if another one is there.
        """
        name = _checked(spooled.recording)
        with Folder.open(self.root) as root, root.folder(name, make=True) as folder:
            for each in (CAPTURE, MEDIA, STATE):
                folder.folder(each, make=True).close()
            found = folder.read(SPOOLED, MAX_NOTE)
            if found is None:
                folder.note(SPOOLED, manifest.encode(spooled))
            elif _spooled(found, name).class_id != spooled.class_id:
                raise BadSpool(f"{name} is a recording of another class")

    def end(self, recording: str, ended: Ended) -> None:
        """Write ended.json: the recorder finishes. What was said first stays."""
        with Folder.open(self.root) as root, root.folder(_checked(recording)) as folder:
            if folder.size(ENDED) is None:
                folder.note(ENDED, manifest.encode(ended))

    def stage(self, recording: str) -> Stage:
        """Return how far a recording is; "new": it has not begun, or is here no more."""
        if self._size(recording, "", SPOOLED) is None:
            return "new"
        if self._size(recording, "", ENDED) is None:
            return "open"
        return "ended" if self._size(recording, PACKAGE, DONE) is None else "done"

    def spooled(self, recording: str) -> Spooled:
        """Return recording.json. Raises BadSpool if it is not there or makes no sense."""
        return _spooled(self._read(recording, "", SPOOLED, MAX_NOTE) or b"", recording)

    def ended(self, recording: str) -> Ended | None:
        """Return ended.json, None before the end. Raises BadSpool."""
        data = self._read(recording, "", ENDED, MAX_NOTE)
        return None if data is None else _ended(data, recording)

    def manifest(self, recording: str) -> Manifest | None:
        """Return the manifest: the package's if that is done, else the one so far. Raises BadSpool."""
        done = self.stage(recording) == "done"
        place = (PACKAGE, MANIFEST) if done else (MEDIA, LIVE)
        data = self._read(recording, *place, MAX_MANIFEST)
        try:
            return None if data is None else manifest.decode_manifest(data)
        except BadManifest as error:
            raise BadSpool(f"the manifest of {recording}: {error}") from error

    def media(self, recording: str, name: str) -> Path:
        """Return where a file of a recording's media is. Only for names from its manifest."""
        return self.root / _checked(recording) / MEDIA / name

    def last_capture(self, recording: str) -> int:
        """Return the highest number of a capture that is there, 0 if none is."""
        with (
            Folder.open(self.root) as root,
            root.folder(_checked(recording)) as folder,
            folder.folder(CAPTURE) as captures,
        ):
            return max((capture_number(name) or 0 for name in captures.names()), default=0)

    def capture_path(self, recording: str, number: int) -> Path:
        """Return where a media worker shall write capture `number`."""
        return self.root / _checked(recording) / CAPTURE / capture_name(number)

    def remove(self, recording: str) -> None:
        """Remove a recording's folder, also where it was set aside. Again is no error."""
        aside = self.root / BAD
        for path in (self.root / _checked(recording), aside / recording, *aside.glob(f"{recording}.*")):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(path)

    def _size(self, recording: str, place: str, name: str) -> int | None:
        with self._place(recording, place) as folder:
            return None if folder is None else folder.size(name)

    def _read(self, recording: str, place: str, name: str, limit: int) -> bytes | None:
        with self._place(recording, place) as folder:
            return None if folder is None else folder.read(name, limit)

    @contextlib.contextmanager
    def _place(self, recording: str, place: str) -> Iterator[Folder | None]:
        """Open a folder of a recording, or its own for "". None: it is not there."""
        with contextlib.ExitStack() as stack:
            folder: Folder | None = None
            with contextlib.suppress(FileNotFoundError):
                opened = stack.enter_context(Folder.open(self.root))
                for each in filter(None, (_checked(recording), place)):
                    opened = stack.enter_context(opened.folder(each))
                folder = opened
            yield folder


def read_spooled(folder: Folder, name: str) -> Spooled | None:
    """Return recording.json of an open folder; None before it is there. Raises BadSpool."""
    data = folder.read(SPOOLED, MAX_NOTE)
    return None if data is None else _spooled(data, name)


def read_ended(folder: Folder, name: str) -> Ended | None:
    """Return ended.json of an open folder; None before the end. Raises BadSpool."""
    data = folder.read(ENDED, MAX_NOTE)
    return None if data is None else _ended(data, name)


def _spooled(data: bytes, name: str) -> Spooled:
    try:
        found = manifest.decode_spooled(data)
    except BadManifest as error:
        raise BadSpool(f"{SPOOLED} of {name}: {error}") from error
    if found.recording != name:
        raise BadSpool(f"{SPOOLED} of {name} speaks of {found.recording}")
    return found


def _ended(data: bytes, name: str) -> Ended:
    try:
        return manifest.decode_ended(data)
    except BadManifest as error:
        raise BadSpool(f"{ENDED} of {name}: {error}") from error


def _checked(recording: str) -> str:
    if not is_recording(recording):
        raise ValueError(f"{recording!r} is no recording")
    return recording
