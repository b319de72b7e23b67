"""
The recorder as a process: `python -m classroom.recording --spool DIR`.

Says what happens on standard output, one JSON object a line: `{"event": ...}` for the log, `{"numbers": ...}`
about itself. Ends in order on SIGTERM, and when standard input ends, which whoever started it holds open: so
it never outlives its program. Only one works on a spool at a time; a second one waits.
"""

import argparse
import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

from classroom.recording.recorder import Loop

POLL_S: Final = 0.25  # As often as workers flush.
NUMBERS_S: Final = 1.0
NICE: Final = 5  # Who is heard and seen now comes first; what is recorded may be a second late.


class _Ending:
    """Whether to end: a signal, or the end of standard input."""

    def __init__(self, watched: bool) -> None:
        self._signalled = False
        self._watched = watched

    def signalled(self, _number: int, _frame: FrameType | None) -> None:
        self._signalled = True

    def within(self, seconds: float) -> bool:
        """Wait for the end, `seconds` at the most; return whether it has come."""
        if self._signalled:
            return True
        if not self._watched:
            time.sleep(seconds)
        elif select.select([0], [], [], seconds)[0] and not os.read(0, 4096):
            return True
        return self._signalled


def say(event: str, **values: object) -> None:
    """Write a line for the log."""
    _write({"event": event, **values})


def _write(line: dict[str, object]) -> None:
    try:
        print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - what it is for
    except BrokenPipeError:
        # Nobody listens any more. No OSError: those are about recordings.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(1) from None


def run(spool: Path, ending: _Ending) -> None:
    """Work until the end."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    loop = Loop(spool, say, time.monotonic, boot)
    try:
        waits = False
        while not loop.begin():
            if not waits:
                say("waits for the recorder before it")
            waits = True
            if ending.within(POLL_S):
                return
        told = -NUMBERS_S
        busy = True
        while not ending.within(0 if busy else POLL_S):
            busy = loop.turn()
            now = time.monotonic()
            if now - told >= NUMBERS_S:
                _write({"numbers": msgspec.to_builtins(loop.numbers())})
                told = now
    finally:
        loop.end()


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and work."""
    parser = argparse.ArgumentParser(prog="classroom.recording")
    parser.add_argument("--spool", required=True, type=Path, help="the folder of recordings that are made")
    parser.add_argument("--watch-input", action="store_true", help="end when standard input does")
    arguments = parser.parse_args(argv)
    ending = _Ending(arguments.watch_input)
    signal.signal(signal.SIGTERM, ending.signalled)
    signal.signal(signal.SIGINT, signal.SIG_IGN if arguments.watch_input else ending.signalled)
    with contextlib.suppress(OSError):
        os.nice(NICE)
    try:
        run(arguments.spool, ending)
    except OSError as error:
        print(f"recorder: {error}", file=sys.stderr)  # noqa: T201 - there is no other log here
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
