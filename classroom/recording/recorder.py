"""
All recordings of a spool in one loop: each gets its turn, whatever another one does.

The loop has no state that it could not find again in the files, so it may be killed at any moment. A
recording whose disk is full or fails waits and tries again, one that makes no sense is set aside, and one in
which we fail ourselves is begun anew from its files after a pause.
"""

import errno
import fcntl
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from classroom.recording.folder import Folder
from classroom.recording.numbers import BEHIND_S, Numbers
from classroom.recording.spool import BAD, SPOOLED, BadSpool, is_recording
from classroom.recording.tail import Make, Say
from classroom.recording.tracks import TrackMuxer
from classroom.recording.work import Work

TURN: Final = 1 << 19  # Octets of one recording until the next one has its turn: some 100 ms of work.
FIRST_PAUSE_S: Final = 1.0  # After an error, doubling up to
LONGEST_PAUSE_S: Final = 60.0
CAUGHT_UP_S: Final = 5.0
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class _Pause:
    """Of one recording, after an error."""

    def __init__(self) -> None:
        self.until = 0.0
        self.length = FIRST_PAUSE_S
        self.reason = ""
        self.full = False

    def begin(self, now: float, reason: str, full: bool) -> bool:
        """Begin a pause; return whether the reason is a new one."""
        new = reason != self.reason
        self.until, self.reason, self.full = now + self.length, reason, full
        self.length = FIRST_PAUSE_S if full else min(2 * self.length, LONGEST_PAUSE_S)
        return new


class Loop:
    """
    The recorder without its process. `begin`, then `turn` again and again, `end` at last.

    `clock` is the machine's monotonic clock (seconds), `boot` names the start of the machine it counts from.
    """

    def __init__(
        self, path: Path, say: Say, clock: Callable[[], float], boot: str, make: Make = TrackMuxer
    ) -> None:
        self._root = Folder.open(path)
        self._say = say
        self._clock = clock
        self._boot = boot
        self._make = make
        self._works: dict[str, Work] = {}
        self._pauses: dict[str, _Pause] = {}
        self._over: set[str] = set()
        """Names in the spool that need nothing more of us."""
        self._finished = self._bad = 0
        self._behind = False

    def begin(self) -> bool:
        """Take the spool for this process alone; False while another one has it."""
        try:
            fcntl.flock(self._root.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        """Write down how far everything is, and let go of it."""
        for name, work in self._works.items():
            try:
                work.keep()
            except OSError as error:
                self._say("no checkpoint", recording=name, reason=str(error))
            work.close()
        self._works.clear()
        self._root.close()

    def turn(self) -> bool:
        """Give every recording its turn. Return whether there is more to do at once."""
        names = {name for name in self._root.names() if is_recording(name)}
        self._over &= names
        for name in [name for name in self._works if name not in names]:
            self._drop(name)  # Thrown away under our hands.
        for name in sorted(names - self._over):
            now = self._clock()
            pause = self._pauses.get(name)
            if pause is None or now >= pause.until:
                self._turn(name, now)
        self._watch_lag()
        return any(work.busy for name, work in self._works.items() if name not in self._pauses)

    def _turn(self, name: str, now: float) -> None:
        try:
            work = self._works.get(name) or self._open(name)
            if work is not None and work.turn(now, TURN):
                self._finished += 1
                self._over.add(name)
                self._drop(name)
        except BadSpool as error:
            self._set_aside(name, str(error))
            return
        except OSError as error:
            full = error.errno in FULL
            self._pause(name, now, error.strerror or str(error), full)
            if not full:
                self._drop(name)  # Whatever it is, it may be another folder than the one that we have open.
            return
        except Exception:
            # The edge of a recording: a defect in one must not end the others, nor us again and again.
            self._pause(name, now, traceback.format_exc(limit=-8), False)
            self._drop(name)
            return
        if self._pauses.pop(name, None) is not None:
            self._say("goes on", recording=name)

    def _open(self, name: str) -> Work | None:
        work = Work.open(self._root, name, self._say, self._make)
        if work is not None:
            self._works[name] = work
        elif self._is_done(name):
            self._over.add(name)
        return work

    def _is_done(self, name: str) -> bool:
        """Tell a recording that is finished from one whose recording.json is not there yet."""
        with self._root.folder(name) as folder:
            return folder.size(SPOOLED) is not None

    def _drop(self, name: str) -> None:
        work = self._works.pop(name, None)
        if work is not None:
            work.close()

    def _pause(self, name: str, now: float, reason: str, full: bool) -> None:
        pause = self._pauses.setdefault(name, _Pause())
        if pause.begin(now, reason, full):
            self._say("waits", recording=name, reason=reason)

    def _set_aside(self, name: str, reason: str) -> None:
        """Take a recording that makes no sense out of the way, for a person to look at."""
        self._drop(name)
        self._bad += 1
        try:
            with self._root.folder(BAD, make=True) as bad:
                taken = set(bad.names())
                place = next(f"{name}.{n}" for n in range(1, 1 << 20) if f"{name}.{n}" not in taken)
                self._root.move(name, bad, place)
        except OSError as error:
            self._over.add(name)
            place = str(error)
        self._say("set aside", recording=name, reason=reason, place=place)

    def _watch_lag(self) -> None:
        lag = self._lag()
        if lag >= BEHIND_S and not self._behind:
            self._behind = True
            self._say("behind", seconds=round(lag))
        elif lag < CAUGHT_UP_S and self._behind:
            self._behind = False
            self._say("caught up")

    def _lag(self) -> float:
        now = self._clock()
        return max((work.lag(now, self._boot) for work in self._works.values()), default=0.0)

    def numbers(self) -> Numbers:
        """Return what there is to say."""
        pauses = self._pauses.values()
        return Numbers(
            recordings=len(self._works),
            captures=sum(work.captures for work in self._works.values()),
            lag=round(self._lag(), 1),
            full=sum(pause.full for pause in pauses),
            failing=sum(not pause.full for pause in pauses),
            finished=self._finished,
            bad=self._bad,
        )
