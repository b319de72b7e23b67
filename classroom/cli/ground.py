"""
The ground a server stands on: its ports and its data directory, taken before anything else is begun.

Ports come first: a directory that was made for a server which cannot listen would be litter. Whatever was
made here is taken away again when the start fails later.
"""

import contextlib
import errno
import fcntl
import itertools
import os
import resource
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from classroom.config import BadSetting, Settings

BACKLOG = 1024  # Connections waiting to be accepted: a class of 500 comes back at once after a restart.
LOCK = "sabak.lock"
ENOUGH_FILES = 65_536  # More connections than a node takes, where the system sets no bound of its own.


@contextlib.contextmanager
def taken(settings: Settings) -> Iterator[list[socket.socket]]:
    """Give the listening sockets, with the data directory made, writable and locked. Raises BadSetting."""
    allow_files()
    with contextlib.ExitStack() as stack:
        doors = listen(settings.host, settings.port)
        for door in doors:
            stack.callback(door.close)
        probe_media(settings.rtc_bind, settings.rtc_port, settings.workers)
        stack.enter_context(directory(settings.data))
        yield doors


def allow_files() -> None:
    """
    Let this process and its workers open as many files as it may.

    The usual bound of 1,024 is one for programs that use select(); a few hundred people, or a stranger with
    idle connections, would exhaust it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_FILES if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # some systems promise more than they give
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address of `host`. Raises BadSetting when one is busy."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise BadSetting(f"cannot listen on {host}: {error.strerror or error}") from None
    doors: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in dict.fromkeys((entry[0], entry[4]) for entry in found):
        chosen = doors[0].getsockname()[1] if doors else port  # port 0: the same one for all addresses
        try:
            doors.append(_door(family, (address[0], chosen, *address[2:])))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                missing = error  # `localhost` names ::1 also where IPv6 is switched off
                continue
            for door in doors:
                door.close()
            raise BadSetting(f"cannot listen on {host}:{chosen}: {_reason(error)}") from None
    if not doors:
        raise BadSetting(f"cannot listen on {host}:{port}: {_reason(missing)}")
    return doors


def _door(family: int, address: tuple[object, ...]) -> socket.socket:
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A restart must not wait for the old connections' TIME_WAIT; a listening socket still excludes us.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind(address)
        door.listen(BACKLOG)
        door.setblocking(False)
    except OSError:
        door.close()
        raise
    return door


def probe_media(addresses: Sequence[str], port: int, workers: int) -> None:
    """Raise BadSetting when a worker's UDP port is busy: worker i takes `port` + i, 0 is any free one."""
    if port == 0:
        return
    if port + workers - 1 > 65535:
        raise BadSetting(f"{workers} media workers need the UDP ports {port} to {port + workers - 1}")
    for address, number in itertools.product(addresses, range(port, port + workers)):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            try:
                probe.bind((address, number))
            except OSError as error:
                raise BadSetting(
                    f"cannot use UDP port {number} on {address} for media: {_reason(error)}"
                ) from None


@contextlib.contextmanager
def directory(path: Path) -> Iterator[None]:
    """Make `path`, see that it can be written, and keep other servers out. Raises BadSetting."""
    made = _make(path)
    try:
        lock = path / LOCK
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadSetting(f"cannot use the data directory {path}: {_reason(error)}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadSetting(f"another Sabak serves from the data directory {path}") from None
        else:
            yield
        finally:
            os.close(handle)
    except BaseException:
        _unmake(path, made)
        raise


def _make(path: Path) -> list[Path]:
    """Return the directories that had to be made, the innermost first."""
    missing: list[Path] = []
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise BadSetting(f"cannot use the data directory {path}: it is not a directory") from None
    except OSError as error:
        _unmake(path, missing)
        raise BadSetting(f"cannot use the data directory {path}: {_reason(error)}") from None
    return missing


def _unmake(path: Path, made: list[Path]) -> None:
    """Take away what `_make` made, as far as nothing else is in it."""
    if not made:
        return
    with contextlib.suppress(OSError):
        (path / LOCK).unlink(missing_ok=True)
        for folder in made:
            folder.rmdir()


def _reason(error: OSError | None) -> str:
    return (os.strerror(error.errno) if error is not None and error.errno else "no address").lower()
