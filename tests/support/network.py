"""
A house of its own for one person: a network namespace with one cable to this machine, which can be pulled.

Everything is made by the test and taken away by it; traffic never leaves the machine. Needs root and
iproute2.
"""

import asyncio
import contextlib
import ctypes
import itertools
import os
import socket
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000  # sched.h; Python has the call from 3.12 on.

_numbers = itertools.count(1)


async def run(*words: str) -> None:
    """Run a command; raise with what it said if it fails."""
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {err.decode().strip()}")


def _socket_in(name: str, family: int, kind: int) -> socket.socket:
    with open(f"/run/netns/{name}", "rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    return socket.socket(family, kind)


@dataclass(frozen=True)
class House:
    """One namespace. `host` is this machine's address as seen from inside."""

    name: str
    host: str
    inside: str
    cable: str
    inner: str
    """The cable's other end."""

    async def inside_run(self, *words: str) -> None:
        """Run a command inside."""
        await run("ip", "netns", "exec", self.name, *words)

    async def block_udp(self) -> None:
        """
        Let UDP leave for nowhere, as behind the firewalls of many offices.

        A rule that refuses it here would tell the program at once, which no firewall does: Firefox then takes
        itself for a machine without a network.
        """
        await self._swallow("ipproto", "udp")

    async def leave_tcp(self, *ports: int) -> None:
        """Let nothing through but TCP to these ports of this machine."""
        for port in ports:
            what = ("ipproto", "tcp", "dport", str(port))
            await self.inside_run("ip", "rule", "add", "pref", "10", *what, "table", "main")
        await self._swallow("to", self.host)

    async def _swallow(self, *what: str) -> None:
        for words in (
            ("tuntap", "add", "hole", "mode", "tun"),
            ("link", "set", "hole", "up"),
            ("route", "add", "default", "dev", "hole", "table", "100"),
            ("rule", "add", "pref", "20", *what, "table", "100"),
        ):
            await self.inside_run("ip", *words)

    async def ipv6_alone(self) -> str:
        """Replace IPv4 on the cable by IPv6; return this machine's address as seen from inside."""
        octets = self.host.split(".")
        net = f"fd00:{octets[1]}:{octets[2]}"
        # Without duplicate detection (RFC 4862 section 5.4), for which an address would have to wait.
        await run("ip", "addr", "add", f"{net}::1/64", "dev", self.cable, "nodad")
        for words in (
            ("-4", "addr", "flush", "dev", self.inner),
            ("addr", "add", f"{net}::2/64", "dev", self.inner, "nodad"),
            ("-6", "route", "add", "default", "via", f"{net}::1"),
        ):
            await self.inside_run("ip", *words)
        return f"{net}::1"

    async def another_cable(self, number: int = 1) -> None:
        """Lay one more to this machine. Those with lower numbers are preferred; the first is 0."""
        octets = self.host.split(".")
        net = f"{octets[0]}.{octets[1]}.{int(octets[2]) + 50 * number}"
        host_end, inner = f"{self.cable}n{number}", f"{self.inner}n{number}"
        await run("ip", "link", "add", host_end, "type", "veth", "peer", "name", inner, "netns", self.name)
        await run("ip", "addr", "add", f"{net}.1/24", "dev", host_end)
        await run("ip", "link", "set", host_end, "up")
        for words in (
            ("addr", "add", f"{net}.2/24", "dev", inner),
            ("link", "set", inner, "up"),
            ("route", "add", "default", "via", f"{net}.1", "metric", f"{100 * number}"),
        ):
            await self.inside_run("ip", *words)

    async def unplug(self, number: int = 0) -> None:
        """Pull a cable here inside, for good: the address goes with it, as desktops do it."""
        inner = f"{self.inner}n{number}" if number else self.inner
        await self.inside_run("ip", "link", "set", inner, "down")
        await self.inside_run("ip", "addr", "flush", "dev", inner)

    async def pull_cable(self) -> None:
        await run("ip", "link", "set", self.cable, "down")

    async def plug_cable(self) -> None:
        await run("ip", "link", "set", self.cable, "up")

    def socket(self, family: int, kind: int) -> socket.socket:
        """Return a socket that sends and receives inside, for a program out here."""
        # A namespace belongs to a thread; a socket stays where it was made.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_socket_in, self.name, family, kind).result()

    def program(self, folder: Path, executable: str) -> Path:
        """Return a script that runs `executable` inside this house."""
        script = folder / f"in-{self.name}"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} {executable} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script


@contextlib.asynccontextmanager
async def house() -> AsyncIterator[House]:
    """Make a namespace and its cable; both are gone after the block."""
    number = next(_numbers)
    # The process id keeps two test runs on one machine apart; names of interfaces have 15 letters at most.
    tag = f"{os.getpid() % 100000}x{number}"
    net = f"10.{os.getpid() % 200 + 20}.{number}"
    made = House(f"sabak{tag}", f"{net}.1", f"{net}.2", f"sbk{tag}", f"in{tag}")
    await run("ip", "netns", "add", made.name)
    try:
        await run(
            "ip", "link", "add", made.cable, "type", "veth", "peer", "name", made.inner, "netns", made.name
        )
        await run("ip", "addr", "add", f"{made.host}/24", "dev", made.cable)
        await run("ip", "link", "set", made.cable, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{made.inside}/24", "dev", made.inner),
            ("link", "set", made.inner, "up"),
            ("route", "add", "default", "via", made.host),
        ):
            await made.inside_run("ip", *words)
        yield made
    finally:
        await run("ip", "netns", "del", made.name)
        with contextlib.suppress(RuntimeError):
            await run("ip", "link", "del", made.cable)
