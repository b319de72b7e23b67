"""
What a kind of job is made of, for those who have one: its steps, and how they say that it came to nothing.
"""

import contextlib
import re
import stat
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom.store.recording_rows import JobRow

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


class JobFailed(Exception):  # noqa: N818  Named for what happened.
    """
    A job came to nothing. `code` is for the person who asked; `again` says whether trying again may help.

        job.crashed     it ended without a word, or talked nonsense       job.stalled    it said nothing
        job.unavailable database or objects do not answer                  job.failed    a defect of ours
    """

    def __init__(self, code: str, *, again: bool, reason: str = "") -> None:
        super().__init__(reason or code)
        self.code = code
        self.again = again


Prepare = Callable[[JobRow, Path], Awaitable[Mapping[str, object]]]
"""Fetch what a job needs into an empty folder; return what the process is told as `inputs`, as JSON."""
Publish = Callable[[JobRow, Path, Mapping[str, Any]], Awaitable[Mapping[str, object]]]
"""
Store what the process made, as its result says (`produced`), and return what is kept as the job's result.

It may be called off in the middle: keys that hold the job's id collide with nothing that is made later.
"""
Discard = Callable[[JobRow], Awaitable[None]]
"""Remove what was published, because it is old."""


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A kind of job. Its steps raise JobFailed, and what the store raises.

    With `discard` what was made is kept for a week (jobs.KEEP_MS) and then made anew when it is asked for.
    """

    prepare: Prepare
    publish: Publish
    discard: Discard | None = None


def produced(folder: Path, name: object) -> Path:
    """
    Return the file of this name that the process left in its folder.

    Raises JobFailed: it may have been talked into naming another file, or a link to one.
    """
    if isinstance(name, str) and _FILE.fullmatch(name):
        path = folder / name
        with contextlib.suppress(OSError):
            if stat.S_ISREG(path.lstat().st_mode):
                return path
    raise JobFailed("job.failed", again=False, reason="the result names no file of its folder")
