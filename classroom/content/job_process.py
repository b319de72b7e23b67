"""
The process that does a job: started, bounded, listened to, ended.

It decodes what people sent, so it is trusted with little: no secret in its environment, memory up to a
bound, the lowest claim on processors, killed first when the machine runs out of memory, a process group of
its own that goes as a whole. What it says is checked.

The protocol, a line of JSON each:

    to it      {"kind": ..., "options": {...}, "folder": ..., "inputs": {...}}      then nothing; the input
               stays open, and its end means that the program is gone: end too
    from it    {"progress": 0..1000}        as often as it likes, but at least every STALLED_S
               {"result": {...}}            the last line; then it ends with code 0
               {"error": code, "again": bool}      in place of a result; `again`: trying again may help

SIGTERM asks it to end; what it wrote into the folder is removed by us.
"""

import asyncio
import contextlib
import os
import re
import resource
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from classroom.content.job_kinds import JobFailed

LONGEST_LINE = 1 << 20  # Octets: a result with every thumbnail of a day is a fifth of it.
MOST_STDERR = 4096  # Octets of its last words, for the log.
END_WITHIN_S = 3.0  # Between SIGTERM and SIGKILL, and from the result to the end.
_CODE = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30})?")
_SECRET = ("SABAK_", "AWS_", "PG")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job's process may take."""

    memory: int = 2 << 30  # Octets of data; x264 at 720p takes a tenth, a hostile file may ask for anything.
    nice: int = 10
    stalled_s: float = 300.0  # Without a word: the slowest step that is one is a look at a whole day.


class _Line(msgspec.Struct, frozen=True):
    progress: int | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    again: bool = False


async def run(
    command: Sequence[str],
    asked: Mapping[str, object],
    limits: Limits,
    on_progress: Callable[[int], None],
) -> dict[str, Any]:
    """
    Start `command`, tell it what is `asked`, and return its result. Cancelling ends it.

    Raises JobFailed.
    """
    async with _started(command, str(asked["folder"]), limits) as process:
        assert process.stdin is not None  # noqa: S101 - for mypy: it was asked for
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        words = bytearray()
        hearing = asyncio.create_task(_hear(process.stderr, words))
        try:
            with contextlib.suppress(ConnectionError):  # It ended already; its code says how.
                process.stdin.write(msgspec.json.encode(asked) + b"\n")
                await process.stdin.drain()
            result = await _listen(process.stdout, limits.stalled_s, on_progress)
            code = await _ended(process)
            if result is None or code != 0:
                await asyncio.wait((hearing,), timeout=END_WITHIN_S)
                said = " ".join(words.decode(errors="replace").split())
                raise JobFailed("job.crashed", again=True, reason=f"it ended with code {code}: {said}")
            return result
        except TimeoutError:
            raise JobFailed("job.stalled", again=True) from None
        finally:
            hearing.cancel()


@contextlib.asynccontextmanager
async def _started(
    command: Sequence[str], folder: str, limits: Limits
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Give the process; afterwards nothing of its group is left."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRET)}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            env={**environment, "TMPDIR": folder},
            start_new_session=True,
        )
    except OSError as error:
        raise JobFailed("job.unavailable", again=True, reason=str(error)) from None
    try:
        # From outside and not between fork and exec, where in a program with threads next to nothing is
        # safe. It waits for its first line, so it does nothing before it is bounded.
        _bound(process.pid, limits)
        yield process
    finally:
        await _end(process)


def _bound(pid: int, limits: Limits) -> None:
    with contextlib.suppress(OSError):  # It ended already, or the system has no such bound.
        os.setpriority(os.PRIO_PROCESS, pid, limits.nice)
        resource.prlimit(pid, resource.RLIMIT_DATA, (limits.memory, limits.memory))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        with open(f"/proc/{pid}/oom_score_adj", "w", encoding="ascii") as file:
            file.write("800")


async def _listen(
    output: asyncio.StreamReader, stalled_s: float, on_progress: Callable[[int], None]
) -> dict[str, Any] | None:
    """Return the result, None when it ended without one. Raises JobFailed, TimeoutError."""
    while True:
        try:
            async with asyncio.timeout(stalled_s):
                line = await output.readline()
        except ValueError:
            raise JobFailed("job.crashed", again=False, reason="it said too much at once") from None
        if not line:
            return None
        try:
            said = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # A library that prints.
        if said.error is not None:
            code = said.error if _CODE.fullmatch(said.error) else "job.failed"
            raise JobFailed(code, again=said.again)
        if said.result is not None:
            return said.result
        if said.progress is not None:
            on_progress(min(max(said.progress, 0), 1000))


async def _hear(errors: asyncio.StreamReader, words: bytearray) -> None:
    """Read to the end; keep the last words."""
    while part := await errors.read(MOST_STDERR):
        words += part
        del words[:-MOST_STDERR]


async def _ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(END_WITHIN_S):
        return await process.wait()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process and whatever it started."""
    try:
        if process.returncode is None:
            _kill(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await _ended(process)
    finally:
        # Also when we are cancelled once more, and after an end in order: what it started may be left.
        _kill(process, signal.SIGKILL)
    await process.wait()


def _kill(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
