"""
Programs that tests start: redis-server, PostgreSQL, a browser, ffmpeg.

On a developer's machine a test whose program is missing is skipped and says so. Under CI=true it
fails: a suite that silently skips half of itself is green and worthless.
"""

import glob
import os
import shutil
import socket
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Return whether missing programs must fail rather than skip."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def missing(what: str) -> NoReturn:
    """Skip the running test because `what` is missing; under CI=true fail it."""
    text = f"{what} is missing on this machine"
    if in_ci():
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def need(program: str, *places: str) -> str:
    """
    Return the path of `program`; skip the running test (fail under CI=true) when there is none.

    `places` are glob patterns of directories to look into when PATH does not have it; of several
    matches the last by name is taken (the newest PostgreSQL).
    """
    found = shutil.which(program)
    if found is None:
        for place in places:
            matches = sorted(glob.glob(os.path.join(place, program)))
            found = matches[-1] if matches else found
    if found is None:
        missing(program)
    return found


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
