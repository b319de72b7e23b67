"""
Four clients of WHIP and WHEP that share no code with the server and little with one another: FFmpeg's muxer,
GStreamer's webrtcbin, aiortc, and a page of another site in whatever browser opens it.
"""

import asyncio
import contextlib
import datetime
import fractions
import json
import subprocess
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import av
import numpy as np
from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.aiortc_peer import Picture, Tone
from tests.support.programs import missing

SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's bindings of GStreamer are for
GSTREAMER = Path(__file__).with_name("gst_door.py")
PICTURES = 15  # a second, of FFmpeg: small, so that several clients fit two cores
RATE = 48_000

# What a page of another site does. It tells its candidates late, as RFC 9725 section 4.3.2 has it.
PAGE = """
async ({ url, token, sends }) => {
  const line = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const candidates = [];
  const gathered = new Promise((done) => {
    // Firefox says twice that there are no more: by an empty candidate, then by none.
    line.onicecandidate = ({ candidate }) => (candidate?.candidate ? candidates.push(candidate) : done());
  });
  if (sends) {
    const wanted = { audio: true, video: { width: 320, height: 240 } };
    const media = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of media.getTracks()) line.addTransceiver(track, { direction: "sendonly" });
  } else {
    line.ontrack = ({ track }) => {
      const player = document.body.appendChild(document.createElement(track.kind));
      player.muted = track.kind === "video";
      player.srcObject = new MediaStream([track]);
      void player.play();
    };
    for (const kind of ["audio", "video"]) line.addTransceiver(kind, { direction: "recvonly" });
  }
  await line.setLocalDescription();
  const ask = (method, where, type, body, more = {}) => {
    const headers = { Authorization: `Bearer ${token}`, ...(type ? { "Content-Type": type } : {}), ...more };
    return fetch(where, { method, headers, body });
  };
  const reply = await ask("POST", url, "application/sdp", line.localDescription.sdp);
  if (reply.status !== 201) return { status: reply.status, said: await reply.json() };
  const answer = await reply.text();
  await line.setRemoteDescription({ type: "answer", sdp: answer });
  const session = new URL(reply.headers.get("Location"), url).href;
  await gathered;
  const value = (name, text) => text.match(new RegExp(`a=${name}:(.*?)\\r`))[1];
  const described = () => [
    `a=ice-ufrag:${value("ice-ufrag", line.localDescription.sdp)}`,
    `a=ice-pwd:${value("ice-pwd", line.localDescription.sdp)}`,
    ...candidates.map(({ candidate }) => `a=${candidate}`), "a=end-of-candidates", "",
  ].join("\\r\\n");
  const fragment = "application/trickle-ice-sdpfrag";
  const told = await ask("PATCH", session, fragment, described(), { "If-Match": reply.headers.get("ETag") });
  window.program = {
    end: async () => {
      const { status } = await ask("DELETE", session);
      line.close();
      return status;
    },
    restart: async () => {
      candidates.length = 0;
      await line.setLocalDescription(await line.createOffer({ iceRestart: true }));
      const restarted = await ask("PATCH", session, fragment, described(), { "If-Match": "*" });
      const fresh = await restarted.text();
      let text = answer;
      for (const name of ["ice-ufrag", "ice-pwd"]) {
        text = text.replaceAll(value(name, answer), value(name, fresh));
      }
      await line.setRemoteDescription({ type: "answer", sdp: text });
      return { status: restarted.status, etag: restarted.headers.get("ETag") };
    },
  };
  return { status: 201, session, told: told.status };
}
"""


def token_of(link: str) -> str:
    """Return the token in an address of the class page."""
    return link.partition("token=")[2]


@contextlib.asynccontextmanager
async def elsewhere() -> AsyncIterator[str]:
    """Serve an empty page of another origin; give its address."""

    async def blank(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Elsewhere</title><body>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", blank)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        # A name, not the address that the server has: two sites, and a place where devices may be used.
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


# --- aiortc -----------------------------------------------------------------------------------------------


@dataclass
class Aiortc:
    """A session of aiortc; `tracks` are what a player gets, by kind."""

    connection: RTCPeerConnection
    session: str
    token: str
    tracks: dict[str, MediaStreamTrack]

    async def end(self) -> int:
        """Say goodbye; return the status."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with aiohttp.ClientSession() as http, http.delete(self.session, headers=headers) as answer:
            await self.connection.close()
            return answer.status

    async def frames(self, kind: str, count: int) -> None:
        """Wait until so many frames were decoded."""
        for _ in range(count):
            await self.tracks[kind].recv()


async def aiortc(url: str, token: str, *, sends: bool) -> Aiortc:
    """Begin a session."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    if sends:
        connection.addTransceiver(Tone(), direction="sendonly")
        connection.addTransceiver(Picture(), direction="sendonly")
    else:
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    offer = connection.localDescription.sdp
    async with aiohttp.ClientSession() as http, http.post(url, data=offer, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 201, text
        session = urljoin(url, answer.headers["Location"])
    await connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
    tracks = {t.kind: t.receiver.track for t in connection.getTransceivers()}
    return Aiortc(connection, session, token, tracks)


# --- GStreamer --------------------------------------------------------------------------------------------


class GStreamer:
    """A running gst_door.py. `said` is what it told, newest last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.said: list[dict[str, Any]] = []
        self._process = process
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.said.append(json.loads(line))
            self._news.set()

    async def tells(self, name: str, least: Any) -> None:
        """Wait until it has told `name` with at least this value."""
        while not any(name in said and said[name] >= least for said in self.said):
            assert not any("refused" in said for said in self.said), self.said
            self._news.clear()
            await self._news.wait()

    async def end(self) -> int:
        """Let it say goodbye; return the status that its DELETE got."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._reading
        await self._process.wait()
        return next((said["deleted"] for said in self.said if "deleted" in said), 0)


@contextlib.asynccontextmanager
async def gstreamer(way: str, url: str, token: str, codec: str) -> AsyncIterator[GStreamer]:
    """Run GStreamer until the block ends. `way`: publish or watch; `codec`: vp8 or h264."""
    if not await asyncio.to_thread(_has_gstreamer):
        missing("GStreamer with Python bindings (python3-gst-1.0, gir1.2-gst-plugins-bad-1.0)")
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON, str(GSTREAMER), way, url, token, codec,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    client = GStreamer(process)
    try:
        yield client
    finally:
        try:
            async with asyncio.timeout(10):
                await client.end()
        except TimeoutError:
            process.kill()
            await process.wait()


def _has_gstreamer() -> bool:
    probe = [SYSTEM_PYTHON, "-c", "import gi; gi.require_version('GstWebRTC', '1.0')"]
    return Path(SYSTEM_PYTHON).exists() and subprocess.run(probe, capture_output=True).returncode == 0


# --- FFmpeg -----------------------------------------------------------------------------------------------


class FFmpeg:
    """FFmpeg's WHIP muxer in a thread of its own, for it waits for the network."""

    def __init__(self, url: str, token: str, folder: Path) -> None:
        self._stop = threading.Event()
        self.pictures = 0
        self._options = {
            "authorization": token,
            **_certificate(folder),
        }
        self._url = url

    def run(self) -> None:
        """Send until `stop`; DELETE at the end."""
        with av.open(self._url, "w", format="whip", options=self._options) as out:
            settings = {
                "preset": "ultrafast",
                "tune": "zerolatency",
                "profile": "baseline",
                "g": str(PICTURES),
            }
            video = out.add_stream("libx264", rate=PICTURES, options=settings)
            video.width, video.height, video.pix_fmt, video.bit_rate = 320, 240, "yuv420p", 300_000
            audio = out.add_stream("libopus", rate=RATE, layout="stereo")
            sounds = 0
            # The pace is that of the pictures; whoever wants to stop need not wait for the next one.
            while not self._stop.wait(1 / PICTURES):
                out.mux(video.encode(_picture(self.pictures)))
                self.pictures += 1
                while sounds * PICTURES < self.pictures * RATE:
                    out.mux(audio.encode(_sound(sounds)))
                    sounds += 960

    def stop(self) -> None:
        self._stop.set()


@contextlib.asynccontextmanager
async def ffmpeg(url: str, token: str, folder: Path) -> AsyncIterator[FFmpeg]:
    """Send with FFmpeg until `stop` or the end of the block."""
    if "whip" not in av.formats_available:
        missing("an FFmpeg whose muxers know WHIP (8 or newer)")
    client = FFmpeg(url, token, folder)
    running = asyncio.create_task(asyncio.to_thread(client.run))
    try:
        yield client
    finally:
        client.stop()
        await running


def _picture(number: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), number * 7 % 255, np.uint8), format="rgb24")
    frame.pts, frame.time_base = number, fractions.Fraction(1, PICTURES)
    return frame


def _sound(at: int) -> av.AudioFrame:
    wave = (np.sin(2 * np.pi * 440 * (np.arange(960) + at) / RATE) * 9000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, fractions.Fraction(1, RATE)
    return frame


def _certificate(folder: Path) -> dict[str, str]:
    """Make what FFmpeg shows to its peers: the certificate that it makes by itself has no elliptic curve."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "studio")])
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now.replace(year=2066))
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return {"cert_file": str(certificate), "key_file": str(private)}
