"""
The program's end of the recorder: started, listened to, started again when it dies, ended.

The class does not wait for it and does not end with it: what is captured meanwhile it finds in the spool.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from classroom.recording.numbers import BEHIND_S, Numbers

FIRST_PAUSE: Final = 0.2  # Seconds before a died recorder is started again, doubling up to
LONGEST_PAUSE: Final = 10.0
STEADY_AFTER: Final = 30.0  # Seconds of life that make the next pause a short one again.
STOP_WITHIN: Final = 3.0  # Between SIGTERM and SIGKILL; it writes checkpoints, which it can do without.
AWAY_AFTER: Final = (
    3.0  # Seconds without a sign of life until it is called away; a start takes a third of one.
)
LONGEST_LINE: Final = 1 << 16  # Octets of its output; a traceback is some thousands.
GOOD_NEWS: Final = frozenset({"finished", "goes on", "caught up"})

log = structlog.get_logger("sabak.recorder")


class _Line(msgspec.Struct, frozen=True):
    """What the recorder says; an event has values of its own, which only the log reads."""

    event: str = ""
    numbers: Numbers | None = None


class Recorder:
    """
    The recorder of a spool. `start` returns at once and raises nothing: `check` tells how it is.

    `stop` waits for the end of the process; what is not finished then is, when it runs the next time.
    """

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.numbers: Numbers | None = None
        """What it said of itself last; None while it is away."""
        self.restarts = 0
        self._heard_at = 0.0

    @property
    def pid(self) -> int | None:
        """Return the number of the process, None while it is away."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Begin to keep a recorder running."""
        self._heard_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it, and wait for that. Again is no error."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def check(self) -> str:
        """Return what is wrong in a few words, "" if nothing is."""
        numbers = self.numbers
        if asyncio.get_running_loop().time() - self._heard_at > AWAY_AFTER:
            return "away: what is said and shown is kept and recorded later"
        if numbers is None:
            return ""
        if numbers.full:
            return f"recordings that wait for room on the disk: {numbers.full}"
        if numbers.failing:
            return f"recordings that cannot be written: {numbers.failing}"
        return f"{numbers.lag:.0f} s behind" if numbers.lag >= BEHIND_S else ""

    async def _keep(self) -> None:
        """Run it again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            since = loop.time()
            reason = "it ended"
            try:
                await self._run()
            except OSError as error:
                reason = str(error)
            if loop.time() - since > STEADY_AFTER:
                pause = FIRST_PAUSE
            log.warning("the recorder is started again", reason=reason, pause=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.restarts += 1

    async def _run(self) -> None:
        """Run it once, to its end or ours. Raises OSError if it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *self._command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self._process = process
        try:
            assert process.stdout is not None  # noqa: S101 - for mypy: it was asked for
            await self._listen(process.stdout)
            await process.wait()
        finally:
            self.numbers = None
            await _end(process)
            self._process = None

    def _command(self) -> Sequence[str]:
        command = [sys.executable, "-m", "classroom.recording", "--watch-input"]
        return [*command, "--spool", str(self._spool)]

    async def _listen(self, output: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await output.readline()
            except ValueError:
                continue  # Longer than any of its lines; what was read of it is thrown away.
            if not line:
                return
            self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            said = msgspec.json.decode(line, type=_Line)
            if said.numbers is not None:
                self.numbers, self._heard_at = said.numbers, asyncio.get_running_loop().time()
                return
            values = msgspec.json.decode(line, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.warning("the recorder says", text=line.decode(errors="replace").strip())
            return
        values.pop("event", None)
        tell = log.info if said.event in GOOD_NEWS else log.warning
        tell(f"recorder: {said.event}", **values)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process and wait for that, STOP_WITHIN at most until it is killed."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
