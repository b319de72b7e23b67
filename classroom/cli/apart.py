"""
Do something once in a process that ends, so that its memory ends with it.

Bringing a database up to date loads Alembic, and making the demo hashes passwords: 20 MB that a server
would keep for as long as it runs. A forked child does both before the server's loop and threads exist, and
hands back lines of text.
"""

import os
import sys
from collections.abc import Callable

import click
import msgspec

from classroom.cli.faults import Fault, Unfit


class _Told(msgspec.Struct, frozen=True):
    lines: list[str] = []
    fault: str = ""
    code: int = 0


def run(work: Callable[[], list[str]]) -> list[str]:
    """Return what `work` returns in a child process. Raises the Fault that it raises there."""
    reading, writing = os.pipe()
    # What waits in our buffers would be written twice.
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        raise Fault("the server could not be prepared; what went wrong stands above")
    told = msgspec.msgpack.decode(said, type=_Told)
    if told.fault:
        raise (Unfit if told.code == Unfit.exit_code else Fault)(told.fault)
    return told.lines


def _be_child(work: Callable[[], list[str]], writing: int) -> None:
    """Never returns: what follows in the parent is not the child's business."""
    code = 1
    try:
        try:
            told = _Told(work())
        except Fault as fault:
            told = _Told([], fault.message, fault.exit_code)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(msgspec.msgpack.encode(told))
        code = 0
    except KeyboardInterrupt:
        pass  # the parent has got it too
    except Exception as error:
        # The edge of the process: nobody above would print it.
        click.echo(f"sabak: {type(error).__name__}: {error}", err=True)
    finally:
        os._exit(code)
