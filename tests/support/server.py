"""
A real server for tests: the program as a process of its own, on free ports, with a data directory of its own.

Nothing is patched. It can be killed as an operating system kills and started again on the same data.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

START_TIMEOUT = 30.0  # A cold start on a busy machine with two cores takes about 4 s.
ROOT = Path(__file__).parents[2]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m classroom serve`, started and ended by the test that holds it."""

    def __init__(
        self, data: Path, host: str = "127.0.0.1", environment: Mapping[str, str] | None = None
    ) -> None:
        self.data = data
        self.host = host
        self.port = free_port(host=host)
        self.rtc_port = free_port(socket.SOCK_DGRAM, host)
        self.environment = {**os.environ, **(environment or {})}
        self.log = data.parent / f"{data.name}.log"
        self.output = ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, *options: str) -> None:
        """Start and wait until the program says that it can serve."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "classroom", "serve", "--demo",
                "--host", self.host, "--port", str(self.port), "--data", str(self.data),
                "--rtc-port", str(self.rtc_port), "--rtc-address", self.host, *options,
                cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while line := await self._process.stdout.readline():
                    self.output += line.decode()
                    if line.startswith(b"ready: "):
                        return
        except TimeoutError:
            pass
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    async def stop(self) -> int:
        """End as an administrator would; return the exit status."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            return await self._process.wait()

    async def kill(self) -> None:
        """End as a power cut would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await self.stop()
            if self._process.returncode is None:
                await self.kill()

    async def command(self, *words: str) -> str:
        """Run `python -m classroom ...` beside the server; return what it prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "classroom", *words,
            cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode().strip()

    async def link(self, role: str, name: str, class_id: str = "demo") -> str:
        """Return the address that opens the class for this person."""
        token = await self.command(
            "token", "--data", str(self.data), "--class", class_id, "--role", role, "--name", name
        )
        return f"{self.url}/class/{class_id}?token={token}"

    def worker_pids(self) -> list[int]:
        """Return the media workers."""
        return self.child_pids("signaling.worker")

    def child_pids(self, module: str) -> list[int]:
        """Return the children of the app whose command line names `module`."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError, IndexError, ValueError):
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if parent == self.pid and module.encode() in words:
                    found.append(int(entry.name))
        return sorted(found)
