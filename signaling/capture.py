"""
What a worker captures: which files are begun, filled and ended, and what the program hears of them.

`core.taking` decides what of a publisher is taken, `spool` writes; this file carries batches from the one to
the other every quarter of a second. A disk that is full or slow ends captures, and nothing else.
"""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from signaling.control import CaptureEnded, Done, Later, MediaRefused, Record, Refused
from signaling.core.capture import Clock, End, Head, Reason, encode_head
from signaling.core.model import Kind
from signaling.core.router import Room
from signaling.core.taking import ROOM, Taker
from signaling.spool import File, Spool

FLUSH_S: Final = 0.25  # What a killed worker loses; the recorder looks as often.
CLOCK_S: Final = 5.0  # Clocks are set and drift; in so short a time by less than anybody sees.
BEHIND_S: Final = 4.0  # A disk that is so late will not catch up, and memory is for media.
MAX_CAPTURES: Final = 1_000  # Files of a worker, those included that are still being ended.
MAX_WAITING: Final = 64 << 20  # Octets of all captures that wait for the disk.
MAX_NAME: Final = 128  # Of each name in a head: ids of the program.
_NAMES: Final = frozenset(("recording", "track", "person"))
_WHOLE: Final = frozenset(("stopped", "gone"))

_Key = tuple[str, str, Kind]


class _Capture:
    """One file being filled, or ended."""

    def __init__(self, request: Record, core: Room, taker: Taker, file: File, now: float) -> None:
        self.key: _Key = (request.room, request.peer, request.kind)
        self.number = request.id
        self.core = core
        self.taker = taker
        self.file = file
        self.later: Later | None = Later()
        self.begun_at = now
        self.flush_at = now + FLUSH_S
        self.clock_at = now + CLOCK_S
        self.reason: Reason | None = None
        self.told = False

    def answer(self, refusal: tuple[str, str] | None = None) -> None:
        """Answer the request that began it, once."""
        later, self.later = self.later, None
        if later is not None:
            later.give(Done(self.number) if refusal is None else Refused(self.number, *refusal))


class Captures:
    """All captures of a worker. `tick` as often as the worker ticks. Nothing here waits."""

    def __init__(
        self, spool: Spool | None, emit: Callable[[CaptureEnded], None], wall: Callable[[], float]
    ) -> None:
        """`wall` returns seconds since 1970. Without a `spool` nothing can be captured."""
        self._spool = spool
        self._emit = emit
        self._wall = wall
        self._running: dict[_Key, _Capture] = {}
        self._all: list[_Capture] = []
        self._ended: Counter[str] = Counter()
        self._written = self._thrown = 0
        self._waiting = 0

    # --- requests --------------------------------------------------------------------------------------

    def record(self, request: Record, core: Room, now: float) -> Done | Later:
        """Begin a file; the answer comes when it is there. Raises MediaRefused, with nothing done."""
        key: _Key = (request.room, request.peer, request.kind)
        former = self._running.get(key)
        if former is not None and former.file.path == request.path:
            return Done(request.id)
        spool = self._spool
        if spool is None or not spool.allows(request.path):
            raise MediaRefused("media.bad_request", "nothing can be written there")
        names = request.head
        if names.keys() != _NAMES or not all(0 < len(name) <= MAX_NAME for name in names.values()):
            raise MediaRefused("media.bad_request", "the head of a capture has three short names")
        if len(self._all) >= MAX_CAPTURES:
            raise MediaRefused("media.too_many", "this worker captures all that it can")
        if former is not None:
            self._end(former, "stopped", now)
        taker = core.record(request.peer, request.kind, request.head["track"], now)
        head = Head(
            **request.head,
            kind=request.kind,
            peer=request.peer,
            wall_ms=self._wall() * 1000,
            mono=now,
            boot=boot_id(),
            codec_hint=taker.codec_hint or "",
        )
        begun = _Capture(request, core, taker, spool.open(request.path, encode_head(head)), now)
        self._running[key] = begun
        self._all.append(begun)
        return begun.later or Done(request.id)

    def stop(self, room: str, peer: str, kind: Kind, now: float) -> None:
        """End a file, if there is one."""
        found = self._running.get((room, peer, kind))
        if found is not None:
            self._end(found, "stopped", now)

    def gone(self, room: str, peer: str, now: float) -> None:
        """A peer leaves."""
        for found in [found for key, found in self._running.items() if key[:2] == (room, peer)]:
            self._end(found, "gone", now)

    def close(self, now: float) -> bool:
        """End all files and wait for the disk, a little; tell whether all was written."""
        for found in list(self._running.values()):
            self._end(found, "stopped", now)
        return self._spool is None or self._spool.stop()

    # --- time ------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Hand over what was taken, and look what became of what was handed over."""
        if not self._all:
            return
        self._waiting = sum(found.file.handed - found.file.done for found in self._all)
        for found in self._all:
            if found.reason is None:
                self._look(found, now)
        if any(found.reason is not None for found in self._all):
            self._all = [found for found in self._all if found.reason is None or not self._bury(found, now)]

    def _look(self, found: _Capture, now: float) -> None:
        file = found.file
        if file.state == "refused":
            found.answer(("media.bad_request", f"no file can be made there: {file.refusal}"))
            self._end(found, "failed", now, quietly=True)
        elif file.state == "opening":
            if now - found.begun_at > BEHIND_S:
                found.answer(("media.unavailable", "the disk does not answer"))
                self._end(found, "disk_slow", now, quietly=True)
        elif file.state == "ended":
            found.answer()
            self._end(found, file.trouble or "failed", now)
        else:
            found.answer()
            if file.behind(now) > BEHIND_S:
                self._end(found, "disk_slow", now)
            elif now >= found.flush_at:
                self._flush(found, now)

    def _flush(self, found: _Capture, now: float) -> None:
        found.flush_at = now + FLUSH_S
        if now >= found.clock_at:
            found.clock_at = now + CLOCK_S
            found.taker.note(self._clock(now))
        self._hand_over(found, now)

    def _hand_over(self, found: _Capture, now: float) -> None:
        spool, taker, file = self._spool, found.taker, found.file
        parts, octets = taker.drain()
        if parts and spool is not None:
            spool.append(file, parts, octets, now)
            self._waiting += octets
        taker.refill(min(ROOM - (file.handed - file.done), max(MAX_WAITING - self._waiting, 0)))

    def _clock(self, now: float) -> Clock:
        return Clock(now, self._wall() * 1000)

    def _end(self, found: _Capture, reason: Reason, now: float, *, quietly: bool = False) -> None:
        """Write the last records, as far as the disk takes them, and have the file closed."""
        del self._running[found.key]
        found.core.stop_recording(found.key[1], found.key[2])
        found.reason, found.told = reason, quietly
        found.taker.note(self._clock(now))
        found.taker.note(End(now, reason))
        self._hand_over(found, now)
        if self._spool is not None:
            self._spool.close(found.file)
        if reason not in _WHOLE:
            self._tell(found)  # The disk may never answer.

    def _bury(self, found: _Capture, now: float) -> bool:
        """Forget a capture whose file is closed; tell whether it is."""
        file = found.file
        if file.state not in ("closed", "refused"):
            if file.behind(now) > BEHIND_S:
                found.reason = "disk_slow"
                self._tell(found)
            return False
        if file.state == "refused":
            found.answer(("media.bad_request", f"no file can be made there: {file.refusal}"))
            found.told = True
        found.answer()
        if file.trouble is not None:
            found.reason = file.trouble
        self._tell(found)
        self._written += file.written
        self._thrown += found.taker.thrown
        return True

    def _tell(self, found: _Capture) -> None:
        if found.told or found.reason is None:
            return
        found.told = True
        self._ended[found.reason] += 1
        self._emit(CaptureEnded(*found.key, found.file.path, found.reason))

    def stats(self) -> dict[str, Any]:
        """Return counters: files now, octets written and packets thrown away ever, and ends by reason."""
        return {
            "running": len(self._running),
            "waiting": self._waiting,
            "written": self._written + sum(found.file.written for found in self._all),
            "thrown": self._thrown + sum(found.taker.thrown for found in self._all),
            "ended": dict(self._ended),
        }


@functools.cache
def boot_id() -> str:
    """Return which start of the machine this is, "unknown" where the system does not tell."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return "unknown"
