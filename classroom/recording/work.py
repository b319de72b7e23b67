"""
One recording at work: its captures followed in turn, its manifest so far, and at the end its package.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classroom.recording import finishing, manifest
from classroom.recording.finishing import Taken
from classroom.recording.folder import Folder
from classroom.recording.manifest import Ended, Segment, Spooled
from classroom.recording.spool import (
    CAPTURE,
    DONE,
    ENDED,
    LIVE,
    MANIFEST,
    MEDIA,
    PACKAGE,
    STATE,
    BadSpool,
    capture_number,
    read_ended,
    read_spooled,
)
from classroom.recording.tail import PIECE, Make, Places, Say, Tail
from classroom.recording.tracks import TrackMuxer
from classroom.recording.writing import INDEX

QUIET_S: Final = 1.0  # After the end: workers flush every 0.25 s, so one that is silent so long is dead.
REPLACED_S: Final = 2.0  # The same for a capture whose track has begun another one.
LATEST_S: Final = 10.0  # Who still writes so long after the end was not told of it, and never will be.
CATCH_UP_S: Final = (
    30.0  # Without checkpoints two hours take 20 s; after that rather what there is than nothing.
)
MAX_INDEX: Final = 16 << 20  # Octets: 18 days of clusters.
TELL_EACH_S: Final = 1.0  # live.json; pages of a class that is watched while it goes on ask about as often.


@dataclass(eq=False, slots=True)
class _Followed:
    tail: Tail
    grew: float
    """When something came last, in seconds of the recorder's clock."""
    more: bool = False
    """Whether there was more than could be read at once."""


class Work:
    """
    A recording. `open` it, call `turn` again and again; when that says that all is finished, `close` it.

    Methods raise OSError when the disk does not go along; the next turn tries again.
    """

    def __init__(self, name: str, spooled: Spooled, folders: _Folders, say: Say, make: Make) -> None:
        self.name = name
        self._spooled = spooled
        self._folders = folders
        self._say = say
        self._make = make
        self._active: deque[_Followed] = deque()
        self._tails: dict[int, Tail] = {}
        self._ended: Ended | None = None
        self._ended_at = 0.0
        self._mends = False
        """Whether ended.json has to be written again, for whoever reads it after us."""
        self._told_at = -TELL_EACH_S
        self._told = -1
        self._begun_at = 0.0

    @classmethod
    def open(cls, root: Folder, name: str, say: Say, make: Make = TrackMuxer) -> Work | None:
        """
        Return a recording's work; None if there is none (any more, or yet).

        Raises BadSpool for a recording that makes no sense, and OSError.
        """
        folders = _Folders(root.folder(name))
        try:
            spooled = read_spooled(folders.recording, name)
            if spooled is None or folders.is_done():
                folders.close()
                return None
            folders.open()
        except BaseException:
            folders.close()
            raise

        def said(event: str, **values: object) -> None:
            say(event, recording=name, **values)

        return cls(name, spooled, folders, said, make)

    def close(self) -> None:
        """Let go of the folders. Nothing is lost: what is not written is done again."""
        self._folders.close()

    def keep(self) -> None:
        """Write down how far it is, for the next process."""
        for followed in self._active:
            followed.tail.keep()

    # --- turns --------------------------------------------------------------------------------------

    def turn(self, now: float, octets: int) -> bool:
        """Go on by about `octets`, `now` in seconds. Return whether the package is finished."""
        self._look(now)
        self._follow(now, octets)
        self._settle(now)
        if self._ended is not None and not self._active:
            self._finish(self._ended)
            return True
        self._tell(now)
        return False

    @property
    def busy(self) -> bool:
        """Say whether there is more to be read already."""
        return any(followed.more for followed in self._active)

    @property
    def captures(self) -> int:
        """Return how many captures may still grow."""
        return len(self._active)

    def lag(self, mono: float, boot: str) -> float:
        """Return by how many seconds of media this is behind what was captured, `mono` now, since `boot`."""
        behind = (
            mono - followed.tail.last
            for followed in self._active
            if followed.more and followed.tail.head is not None and followed.tail.head.boot == boot
        )
        return max(behind, default=0.0)

    def _look(self, now: float) -> None:
        """Look for new captures, and for the end. In this order: none comes after the end."""
        ended = self._ended
        if ended is None:
            ended = self._read_ended()
        names = self._folders.captures.names()
        for number in sorted(n for n in map(capture_number, names) if n is not None and n not in self._tails):
            tail = Tail(self._folders.places, self._spooled, number, self._say, self._make)
            tail.resume()
            self._tails[number] = tail
            self._active.append(_Followed(tail, now))
        if self._ended is None and ended is not None:
            self._ended, self._ended_at = ended, now

    def _read_ended(self) -> Ended | None:
        try:
            return read_ended(self._folders.recording, self.name)
        except BadSpool as error:
            # Better a recording of which only its media say how long it was than none.
            self._say("the note of the end makes no sense", reason=str(error))
            self._mends = True
            return Ended(ended_at=self._spooled.started_at, duration=0, reason="failed")

    def _follow(self, now: float, octets: int) -> None:
        """Give every capture its turn, until `octets` are read or nobody has more."""
        for followed in self._active:
            followed.more = True
        idle = 0
        while octets > 0 and idle < len(self._active):
            followed = self._active[0]
            self._active.rotate(-1)
            got = followed.tail.step(PIECE) if followed.more else 0
            followed.more = got == PIECE
            if got:
                followed.grew = now
                octets -= got
            idle = 0 if followed.more else idle + 1
        for followed in self._active:
            followed.more = followed.more and not followed.tail.over

    def _settle(self, now: float) -> None:
        """End the captures that nobody writes any more."""
        for followed in self._active:
            tail = followed.tail
            if tail.over or followed.more:
                continue
            if self._ended is not None:
                dead = now - max(self._ended_at, followed.grew) >= QUIET_S or now - self._ended_at >= LATEST_S
            else:
                dead = now - followed.grew >= REPLACED_S and self._is_replaced(tail)
            if dead:
                tail.close("torn")
        if any(followed.tail.over for followed in self._active):
            self._active = deque(followed for followed in self._active if not followed.tail.over)

    def _is_replaced(self, tail: Tail) -> bool:
        """Say whether its track has begun another capture: the program opens one when the other is gone."""
        head = tail.head
        return head is not None and any(
            other.number > tail.number and other.head is not None and other.head.track == head.track
            for other in self._tails.values()
        )

    # --- manifests ----------------------------------------------------------------------------------

    def _taken(self) -> list[Taken]:
        return [taken for tail in self._tails.values() if (taken := tail.taken()) is not None]

    def _tell(self, now: float) -> None:
        """Write live.json if there is something new, and not too often."""
        if self._told < 0 and self._catches_up(now):
            return  # A process before us got further and told of it: who watches must not be taken back.
        changes = sum(tail.changes for tail in self._tails.values())
        if changes == self._told or now - self._told_at < TELL_EACH_S:
            return
        found = manifest.encode(finishing.so_far(self._spooled, self._taken()))
        self._folders.media.note(LIVE, found, durable=False)
        self._told, self._told_at = changes, now

    def _catches_up(self, now: float) -> bool:
        """Say whether an earlier process had read more, as far as can be known, for a while."""
        self._begun_at = self._begun_at or now
        told = self._folders.media.size(LIVE) is not None
        return told and self.busy and now - self._begun_at < CATCH_UP_S

    def _finish(self, ended: Ended) -> None:
        """Write the package; its `done` comes last."""
        found = finishing.complete(self._spooled, self._taken(), ended, self._covers)
        if self._mends:
            mended = Ended(
                ended_at=found.started_at + found.duration, duration=found.duration, reason=ended.reason
            )
            self._folders.recording.note(ENDED, manifest.encode(mended))
        with self._folders.recording.folder(PACKAGE, make=True) as package:
            package.note(MANIFEST, manifest.encode(found))
            package.note(DONE, b"")
        self._say(
            "finished",
            duration=found.duration,
            tracks=len(found.tracks),
            octets=sum(segment.octets for _, segment in found.segments()),
            lost=sum(gap.end - gap.start for gap in found.gaps if gap.why == "lost"),
        )

    def _covers(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """Yield the stretches of class time that a segment's clusters cover."""
        data = self._folders.media.read(segment.id + INDEX, MAX_INDEX) or b""
        for entry in manifest.read_index(data)[1:]:
            yield entry.t, entry.t + entry.duration


class _Folders:
    """The folders of a recording, open."""

    def __init__(self, recording: Folder) -> None:
        self.recording = recording
        self._stack = contextlib.ExitStack()
        self._stack.callback(recording.close)

    def is_done(self) -> bool:
        """Say whether the package is there."""
        try:
            with self.recording.folder(PACKAGE) as package:
                return package.size(DONE) is not None
        except FileNotFoundError:
            return False

    def open(self) -> None:
        """Open what is in it; what is missing is made."""
        enter = self._stack.enter_context
        self.captures = enter(self.recording.folder(CAPTURE, make=True))
        self.media = enter(self.recording.folder(MEDIA, make=True))
        self.state = enter(self.recording.folder(STATE, make=True))
        self.places = Places(self.captures, self.media, self.state)

    def close(self) -> None:
        """Close all of them."""
        self._stack.close()
