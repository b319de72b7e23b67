"""
Clients of other makers publish to a real worker: FFmpeg's WHIP muxer in both DTLS roles.

What they send is decoded at the far end by aiortc. The HTTP between them is as little as they need.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signaling.control import LegState
from signaling.core import sdp
from signaling.core.model import Kind
from signaling.rtc.dtls import make_identity
from signaling.supervisor import MediaPool
from tests.support.aiortc_peer import heard_tone, saw_red, watch
from tests.support.media import Told

ROOT = Path(__file__).parents[3]


@contextlib.asynccontextmanager
async def answering(answer: Callable[[str], Coroutine[None, None, str]]) -> AsyncIterator[str]:
    """Serve `answer` to whoever posts an offer; yields the URL."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if head.startswith("post "):
            length = int(head.partition("content-length:")[2].split()[0])
            body = await answer((await reader.readexactly(length)).decode())
            status = "201 Created\r\nLocation: /session\r\nContent-Type: application/sdp"
        else:
            body, status = "", "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/whip"


@contextlib.contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options with a certificate: with GnuTLS FFmpeg makes one on a curve that OpenSSL knows no more."""
    identity, folder = make_identity(1_800_000_000.0), tmp_path_factory.mktemp("ffmpeg")
    (folder / "cert.pem").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key)
    return [f"{name}_file={folder / name}.pem" for name in ("cert", "key")]


@pytest.mark.parametrize("options", [[], ["whip_flags=dtls_active"]], ids=["called", "calling"])
async def test_ffmpeg_is_seen_and_heard(
    pool: MediaPool, told: Told, certificate: list[str], options: list[str]
) -> None:
    async def answer(offer: str) -> str:
        kinds: dict[str, Kind] = {
            media.mid: "microphone" if media.kind == "audio" else "camera" for media in sdp.parse(offer).media
        }
        return await pool.publish("room", "studio", offer, kinds)

    async with asyncio.timeout(30), answering(answer) as url:
        await pool.gate("room", "studio", "microphone", "sound", False)
        await pool.gate("room", "studio", "camera", "picture", False)
        with running(sys.executable, "-m", "tests.support.ffmpeg_whip", url, *certificate, *options):
            await told.wait(LegState("room", "studio", "publisher", "connected"))
            viewer, tracks = await watch(pool, "room", "bob", "audio", "video")
            try:
                await saw_red(tracks["video"])
                await heard_tone(tracks["audio"])
            finally:
                await viewer.close()
