"""
The media process: one loop, its sockets, many peers.

    python -m signaling.worker --control SOCKET --rtc-address IP ... --rtc-port PORT [--advertise IP ...]
        [--number N] [--spool DIRECTORY]

It connects to the program's control socket, binds its UDP port on every
address and the same number for TCP, says `Ready`, and works until that
connection ends: a worker without its program serves nobody. SIGTERM ends it
too. Nothing but packets and requests happens here, and no package is imported
that those do not need.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from signaling.capture import Captures
from signaling.control import ControlError, ControlServer, Ready
from signaling.core.model import TICK_S, Limits, Mechanism
from signaling.faults import Faults
from signaling.pipe import Pipe
from signaling.rooms import RoomHost
from signaling.rtc.binding import bind_all, local_addresses
from signaling.rtc.dtls import make_identity
from signaling.rtc.port import Port
from signaling.rtc.transport import Transport
from signaling.spool import Spool

IDLE_TICK: Final = 0.25  # Seconds between ticks while nobody is here; the first join waits no longer.
EXIT_USAGE: Final = 2  # As argparse: the command line asked for what cannot be had.


class Worker:
    """Everything of the process that has a lifetime. `run` starts it and ends it."""

    def __init__(self, server: ControlServer, host: RoomHost, pipe: Pipe | None = None) -> None:
        self._server = server
        self._pipe = pipe
        self._host = host
        self._transport = host.transport
        self._timer: asyncio.TimerHandle | None = None
        self._due = time.monotonic()

    async def run(self) -> None:
        """Serve until the program hangs up. Cancelling it says goodbye to every peer."""
        loop = asyncio.get_running_loop()
        for port in self._transport.ports:
            loop.add_reader(port.fileno(), self._readable, port)
        if self._pipe is not None:
            loop.add_reader(self._pipe.socket.fileno(), self._piped)
        self._tick()
        try:
            await self._server.serve(self._host.handle)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            for port in self._transport.ports:
                loop.remove_reader(port.fileno())
            if self._pipe is not None:
                loop.remove_reader(self._pipe.socket.fileno())
            for leg in list(self._transport.legs):
                self._transport.close(leg)
            self._transport.flush()
            if not self._host.captures.close(time.monotonic()):
                print("media worker: the disk did not take all that was captured", file=sys.stderr)  # noqa: T201

    def _readable(self, port: Port) -> None:
        self._transport.on_readable(port, time.monotonic())
        self._transport.flush()
        self._host.spans.flush()
        if port.unfinished:
            asyncio.get_running_loop().call_soon(self._unfinished, port)

    def _unfinished(self, port: Port) -> None:
        """Go on after the others had their turn, unless we have ended meanwhile."""
        if self._timer is not None and not self._timer.cancelled():
            self._readable(port)

    def _piped(self) -> None:
        self._host.spans.receive(time.monotonic())
        self._transport.flush()
        self._host.spans.flush()

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
        self._host.spans.flush()


async def serve(arguments: argparse.Namespace) -> int:
    """Connect to the program, bind, work, and return the exit code."""
    reader, writer = await asyncio.open_unix_connection(arguments.control)
    server = ControlServer(reader, writer)
    try:
        bound = bind_all(arguments.rtc_address, arguments.rtc_port, time.monotonic)
    except OSError as error:
        server.tell(Ready(os.getpid(), arguments.rtc_port, error.strerror or str(error)))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
        return EXIT_USAGE
    for trouble in bound.troubles:
        print(f"media worker: {trouble}; going on with UDP alone", file=sys.stderr)  # noqa: T201 - as below
    told = local_addresses(arguments.rtc_address, arguments.advertise)
    faults = Faults()
    pipe = (
        None if arguments.number is None else Pipe(Path(arguments.control).parent, arguments.number, faults)
    )
    host = RoomHost(
        clock=time.monotonic,
        random_bits=secrets.randbits,
        candidates=tuple((address, bound.number) for address in told),
        tcp_candidates=tuple((address, bound.number) for address in told if bound.has_tcp(address)),
        transport=lambda host: Transport(make_identity(time.time()), host, faults),
        emit=server.tell,
        measure=measure,
        faults=faults,
        pipe=pipe,
        captures=Captures(
            None if arguments.spool is None else Spool(Path(arguments.spool), faults), server.tell, time.time
        ),
        limits=Limits(without=frozenset(arguments.without)),
    )
    for port in bound.ports:
        host.transport.add_port(port)
    server.tell(Ready(os.getpid(), bound.number))
    gc.collect()
    gc.freeze()  # What is here now stays: the collector need not look at it again.
    try:
        await Worker(server, host, pipe).run()
    finally:
        writer.close()
        if pipe is not None:
            pipe.close()
        bound.close()
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
    parser.add_argument("--rtc-port", required=True, type=int, help="port for UDP and TCP; 0 takes any")
    parser.add_argument("--advertise", nargs="*", default=[], help="addresses to tell clients instead")
    parser.add_argument("--number", type=int, help="of this worker among others, beside the control socket")
    parser.add_argument("--spool", help="directory below which captures may be written; none: nowhere")
    parser.add_argument(
        "--without",
        nargs="*",
        default=[],
        choices=get_args(Mechanism),
        help="to measure what each is good for",
    )
    arguments = parser.parse_args(argv)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_until_terminated(arguments))


if __name__ == "__main__":
    sys.exit(main())
