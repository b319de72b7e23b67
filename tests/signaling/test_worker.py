"""The process by itself: how it starts, whom it tells, and what ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from signaling import worker
from signaling.control import Ready
from signaling.rtc.udp import bind

BAD_FRAME = b"\0\0\0\1\xc1"


class Program:
    """The program's end of the control socket, without a MediaLink."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self.process: asyncio.subprocess.Process

    async def start(self, *arguments: str) -> None:
        self.connected = asyncio.get_running_loop().create_future()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connected.set_result((reader, writer))

        self._server = await asyncio.start_unix_server(accept, self.path)
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "signaling.worker", "--control", str(self.path), *arguments),
            stderr=asyncio.subprocess.PIPE,
        )

    async def ready(self) -> Ready:
        reader, _ = await self.connected
        body = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
        return msgspec.msgpack.decode(body, type=Ready)

    async def ended(self) -> tuple[int, str]:
        _, error = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, error.decode()

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        if self.connected.done():
            self.connected.result()[1].close()
        self._server.close()


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    made = Program(tmp_path / "control")
    async with asyncio.timeout(20):
        yield made
        await made.close()


LOCAL = ("--rtc-address", "127.0.0.1", "--rtc-port", "0")


async def test_it_serves_and_ends_with_the_program(program: Program) -> None:
    await program.start(*LOCAL)
    ready = await program.ready()
    assert ready.pid == program.process.pid
    assert ready.port > 0
    with pytest.raises(OSError):  # noqa: PT011 - the port is taken, and that is the point
        bind("127.0.0.1", ready.port)
    _, writer = await program.connected
    writer.close()
    assert await program.ended() == (0, "")


async def test_sigterm_ends_it(program: Program) -> None:
    await program.start(*LOCAL)
    await program.ready()
    program.process.send_signal(signal.SIGINT)
    program.process.send_signal(signal.SIGTERM)
    assert await program.ended() == (0, "")


async def test_a_taken_port_is_told_and_ends_it(program: Program) -> None:
    taken = bind("127.0.0.1", 0)
    number = str(taken.socket.getsockname()[1])
    await program.start("--rtc-address", "127.0.0.1", "--rtc-port", number)
    assert number in (await program.ready()).error
    assert (await program.ended())[0] == worker.EXIT_USAGE
    taken.close()


async def test_a_taken_tcp_port_is_told_and_udp_goes_on(program: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        await program.start("--rtc-address", "127.0.0.1", "--rtc-port", str(number))
        ready = await program.ready()
    assert (ready.port, ready.error) == (number, "")
    _, writer = await program.connected
    writer.close()
    code, error = await program.ended()
    assert code == 0
    assert f"no TCP port {number} on 127.0.0.1" in error


async def test_nonsense_on_the_control_socket_ends_it(program: Program) -> None:
    await program.start(*LOCAL)
    await program.ready()
    _, writer = await program.connected
    writer.write(BAD_FRAME)
    code, error = await program.ended()
    assert code == 1
    assert "unreadable request" in error


async def test_no_program_is_an_error(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "signaling.worker", "--control", str(tmp_path / "nobody"), *LOCAL),
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 1
    assert b"media worker:" in error


async def test_it_imports_nothing_heavy() -> None:
    heavy = {"av", "aiortc", "aiohttp", "numpy", "socketio"}
    code = f"import signaling.worker, sys; print(*{heavy} & set(sys.modules))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.strip() == b""
