"""
What joins the server and its viewers: two network namespaces and a cable, or this machine's loopback.

Every viewer has an address of its own in one network that is local to their side as a whole, so that a single
socket reads for all of them. The work of the kernel for packets that arrive at the viewers is steered to the
viewers' core: it is not the server's, and would otherwise be done, and counted, inside its `sendmmsg`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CLONE_NEWNET = 0x4000_0000  # unshare(2)
FIRST = 1  # The viewer with number 0 has the network's address ending in .0.1.


@dataclass(frozen=True)
class Wires:
    """`server` is where the worker listens, `network` what viewers' addresses begin with."""

    server: str
    network: str
    into: tuple[str, ...] = field(default=())
    """Words before a command that make it run at the viewers' side."""

    def command(self, module: str, *words: str) -> list[str]:
        return [*self.into, sys.executable, "-m", module, *words]


@contextlib.contextmanager
def loopback() -> Iterator[Wires]:
    """Nothing to make: all of 127.0.0.0/8 is here."""
    yield Wires("127.0.0.1", "127.77")


@contextlib.contextmanager
def namespaces() -> Iterator[Wires]:
    """Make both sides and enter the server's; all is gone after the block. Needs root and iproute2."""
    tag = os.getpid() % 100_000
    ours, theirs = f"sabak{tag}s", f"sabak{tag}v"
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        for name in (ours, theirs):
            _run("ip", "netns", "add", name)
        _run("ip", "-n", ours, "link", "add", "s", "type", "veth", "peer", "name", "v", "netns", theirs)
        for name, device, address in ((ours, "s", "10.76.0.1"), (theirs, "v", "10.76.0.2")):
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", device)
            _run("ip", "-n", name, "link", "set", device, "up")
        _run("ip", "-n", ours, "route", "add", "10.77.0.0/16", "via", "10.76.0.2")
        _run("ip", "-n", theirs, "route", "add", "local", "10.77.0.0/16", "dev", "lo")
        with Path("/run/netns", ours).open() as opened:
            _enter(opened.fileno())
        yield Wires("10.76.0.1", "10.77", ("ip", "netns", "exec", theirs))
    finally:
        _enter(home)
        os.close(home)
        for name in (ours, theirs):
            with contextlib.suppress(RuntimeError):
                _run("ip", "netns", "del", name)


def possible() -> bool:
    """Whether namespaces can be made here."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/sbin/ip").exists()


def _enter(namespace: int) -> None:
    """Move this thread, and what it starts, to another network. (`os.setns` came with Python 3.12.)"""
    if ctypes.CDLL(None, use_errno=True).setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, check=False, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
