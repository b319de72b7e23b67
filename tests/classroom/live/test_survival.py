"""The server is killed as an operating system kills, and started again: nothing acknowledged is missing."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from classroom.domain.roles import Role
from tests.support.live_node import seat
from tests.support.server import ROOT, free_port
from tests.support.wire_client import Refused, WireClient


@contextlib.asynccontextmanager
async def process(data: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a node as a process of its own until the block ends; then it is killed if it still runs."""
    command = (sys.executable, "-m", "tests.support.live_node", str(data), str(port))
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert running.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert (await running.stdout.readline()).startswith(b"ready")
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        # The rest of what it prints is read, lest the pipe fill up and the process never end.
        await running.communicate()


async def write_until_it_breaks(client: WireClient, name: str, acknowledged: list[str]) -> None:
    for number in range(10_000):
        message = f"{name}-message-{number:05}"
        try:
            answer = await client.command(message, "chat.post", text=message, to=None, reply_to=None)
        except (ConnectionError, aiohttp.ClientError):
            return
        if answer["ok"]:
            acknowledged.append(message)
        else:
            await asyncio.sleep(answer["retry_after"] / 1000)


async def come_back(url: str, session: aiohttp.ClientSession, pass_: str, before: WireClient) -> WireClient:
    """Reconnect as a browser does: with what one has."""
    client = WireClient(url, session)
    client.number, client.events = before.number, list(before.events)
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, Refused):
                return await client.connect(pass_, before.number)
            await asyncio.sleep(0.05)


async def test_a_class_goes_on_after_kill_nine(tmp_path: Path) -> None:
    port = free_port()
    url, acknowledged = f"http://127.0.0.1:{port}", list[str]()
    seats = {"u_t": seat("u_t", Role.TEACHER), "u_1": seat("u_1"), "u_2": seat("u_2")}
    async with aiohttp.ClientSession() as session:
        async with process(tmp_path, port) as running:
            clients = {name: await WireClient(url, session).connect(token) for name, token in seats.items()}
            for client in clients.values():
                await client.take("welcome")
            writing = [
                asyncio.create_task(write_until_it_breaks(clients[name], name, acknowledged))
                for name in ("u_1", "u_2")
            ]
            while len(acknowledged) < 60:
                await clients["u_t"].take("events")
            os.kill(running.pid, signal.SIGKILL)
            await asyncio.gather(*writing)
            for client in clients.values():
                await client.ended.wait()
        async with process(tmp_path, port):
            back = {
                name: await come_back(url, session, seats[name], client) for name, client in clients.items()
            }
            teacher = back["u_t"]
            answer = await teacher.command(
                "after-restart", "chat.post", text="we go on", to=None, reply_to=None
            )
            assert answer["ok"]
            orders = []
            for client in back.values():
                await client.until(answer["seq"])
                told = [e["data"]["message"] for e in client.events if e["type"] == "chat.posted"]
                known = [] if client.state is None else list(client.state["chat"]["messages"])
                orders.append(known + told)
                await client.close()
            for order in orders:
                assert order[-1] == "after-restart"
                assert len(order) == len(set(order)), "nothing twice"
                assert not set(acknowledged) - set(order), "nothing acknowledged is missing"
            assert orders[0] == orders[1] == orders[2], "one order for everybody"
            # The same command again, after a restart: acknowledged again, and nothing new.
            late = await WireClient(url, session).connect(seats["u_1"])
            await late.take("welcome")
            again = await late.command(acknowledged[0], "chat.post", text="x", to=None, reply_to=None)
            assert again["ok"]
            await late.close()
