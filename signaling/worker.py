"""
The media process: one loop, its sockets, many peers.

    python -m signaling.worker --control SOCKET --rtc-address IP ... --rtc-port PORT [--advertise IP ...]

It connects to the program's control socket, binds its UDP port on every
address, says `Ready`, and works until that connection ends: a worker without
its program serves nobody. SIGTERM ends it too. Nothing but packets and
requests happens here, and no package is imported that those do not need.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from signaling.control import ControlError, ControlServer, Ready
from signaling.core.model import TICK_S
from signaling.faults import Faults
from signaling.rooms import RoomHost
from signaling.rtc.dtls import make_identity
from signaling.rtc.transport import Transport
from signaling.rtc.udp import UdpPort, bind

IDLE_TICK: Final = 0.25  # Seconds between ticks while nobody is here; the first join waits no longer.
EXIT_USAGE: Final = 2  # As argparse: the command line asked for what cannot be had.

_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


class Worker:
    """Everything of the process that has a lifetime. `run` starts it and ends it."""

    def __init__(self, server: ControlServer, host: RoomHost) -> None:
        self._server = server
        self._host = host
        self._transport = host.transport
        self._timer: asyncio.TimerHandle | None = None
        self._due = time.monotonic()

    async def run(self) -> None:
        """Serve until the program hangs up. Cancelling it says goodbye to every peer."""
        loop = asyncio.get_running_loop()
        for port in self._transport.ports:
            loop.add_reader(port.socket.fileno(), self._readable, port)
        self._tick()
        try:
            await self._server.serve(self._host.handle)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            for port in self._transport.ports:
                loop.remove_reader(port.socket.fileno())
            for leg in list(self._transport.legs):
                self._transport.close(leg)
            self._transport.flush()

    def _readable(self, port: UdpPort) -> None:
        self._transport.on_readable(port, time.monotonic())
        self._transport.flush()

    def _tick(self) -> None:
        delay = TICK_S if self._host.rooms else IDLE_TICK
        self._timer = asyncio.get_running_loop().call_later(delay, self._tick)
        now = time.monotonic()
        self._host.measures.pulse.beat(now - self._due, now)
        self._due = now + delay
        try:
            self._transport.tick(now)
        except Exception:  # The edge of a tick: see faults.py.
            self._host.faults.report("the transport's tick")
        self._host.tick(now)
        self._transport.flush()


def local_addresses(wanted: Sequence[str], advertised: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses that clients are told: those advertised, else those bound to."""
    if advertised:
        return tuple(advertised)
    told: list[str] = []
    for address in wanted:
        told += [_outward(address)] if address in _ANY else [address]
    return tuple(dict.fromkeys(told))


def _outward(wildcard: str) -> str:
    """Return the address that packets to the world would leave from; loopback without a network."""
    ipv6 = ":" in wildcard
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Documentation addresses (RFC 5737, RFC 3849): connecting a UDP socket sends nothing.
            probe.connect(("2001:db8::1" if ipv6 else "192.0.2.1", 9))
        except OSError:
            return "::1" if ipv6 else "127.0.0.1"
        return str(probe.getsockname()[0])


def bind_all(addresses: Sequence[str], port: int) -> list[UdpPort]:
    """Bind `port` on every address, or none of them and raise OSError in plain words."""
    ports: list[UdpPort] = []
    try:
        for address in addresses:
            ports.append(bind(address, port))
            port = ports[0].socket.getsockname()[1]  # Candidates differ in the address alone.
    except OSError as error:
        for bound in ports:
            bound.close()
        raise OSError(
            error.errno, f"UDP port {port} on {address}: {os.strerror(error.errno or 0)}"
        ) from error
    return ports


async def serve(arguments: argparse.Namespace) -> int:
    """Connect to the program, bind, work, and return the exit code."""
    reader, writer = await asyncio.open_unix_connection(arguments.control)
    server = ControlServer(reader, writer)
    try:
        ports = bind_all(arguments.rtc_address, arguments.rtc_port)
    except OSError as error:
        server.tell(Ready(os.getpid(), arguments.rtc_port, error.strerror or str(error)))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
        return EXIT_USAGE
    number = ports[0].socket.getsockname()[1]
    faults = Faults()
    host = RoomHost(
        clock=time.monotonic,
        random_bits=secrets.randbits,
        candidates=tuple((a, number) for a in local_addresses(arguments.rtc_address, arguments.advertise)),
        transport=lambda host: Transport(make_identity(time.time()), host, faults),
        emit=server.tell,
        measure=measure,
        faults=faults,
    )
    for port in ports:
        host.transport.add_port(port)
    server.tell(Ready(os.getpid(), number))
    gc.collect()
    gc.freeze()  # What is here now stays: the collector need not look at it again.
    try:
        await Worker(server, host).run()
    finally:
        writer.close()
        for port in ports:
            port.close()
    return 0


def measure() -> dict[str, Any]:
    """Return what the system says of this process: CPU in seconds, resident memory in bytes."""
    resident = 0
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {"pid": os.getpid(), "cpu": time.process_time(), "resident": resident}


async def _until_terminated(arguments: argparse.Namespace) -> int:
    task = asyncio.ensure_future(serve(arguments))
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Control-C is for the program, which ends us.
    try:
        return await task
    except asyncio.CancelledError:
        return 0
    except (ControlError, OSError) as error:
        print(f"media worker: {error}", file=sys.stderr)  # noqa: T201 - no log is set up here, nor needed
        return 1


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and work."""
    parser = argparse.ArgumentParser(prog="signaling.worker")
    parser.add_argument("--control", required=True, help="the program's control socket")
    parser.add_argument("--rtc-address", required=True, nargs="+", help="addresses to bind")
    parser.add_argument("--rtc-port", required=True, type=int, help="UDP port; 0 takes any")
    parser.add_argument("--advertise", nargs="*", default=[], help="addresses to tell clients instead")
    arguments = parser.parse_args(argv)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_until_terminated(arguments))


if __name__ == "__main__":
    sys.exit(main())
