"""Somebody whose client is aiortc: it sends a tone and a red picture, and knows them when they come back."""

from __future__ import annotations

import fractions

import av
import numpy as np
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from signaling.core.model import Kind
from signaling.supervisor import MediaPool

RATE = 48_000
TONE = 440.0  # Hz


class Tone(AudioStreamTrack):
    """A sine, 20 ms a frame."""

    at = 0

    async def recv(self) -> av.AudioFrame:
        silent = await super().recv()  # It keeps the time.
        assert isinstance(silent, av.AudioFrame)
        samples = silent.samples * RATE // silent.sample_rate
        times = (np.arange(samples) + self.at) / RATE
        self.at += samples
        wave = (np.sin(2 * np.pi * TONE * times) * 12_000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self.at
        frame.time_base = fractions.Fraction(1, RATE)
        return frame


class Picture(VideoStreamTrack):
    """One colour all over."""

    async def recv(self) -> av.VideoFrame:
        pts, base = await self.next_timestamp()
        plane = np.zeros((240, 320, 3), np.uint8)
        plane[:, :, 0] = 200
        frame = av.VideoFrame.from_ndarray(plane, format="rgb24")
        frame.pts, frame.time_base = pts, base
        return frame


async def publish(pool: MediaPool, room: str, peer: str) -> RTCPeerConnection:
    connection = RTCPeerConnection()
    connection.addTrack(Tone())
    connection.addTrack(Picture())
    await connection.setLocalDescription(await connection.createOffer())
    kinds: dict[str, Kind] = {
        str(t.mid): "microphone" if t.kind == "audio" else "camera" for t in connection.getTransceivers()
    }
    answer = await pool.publish(room, peer, connection.localDescription.sdp, kinds)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await pool.gate(room, peer, "microphone", f"{peer}/mic", False)
    await pool.gate(room, peer, "camera", f"{peer}/cam", False)
    return connection


async def watch(
    pool: MediaPool, room: str, peer: str, *kinds: str
) -> tuple[RTCPeerConnection, dict[str, MediaStreamTrack]]:
    """Offer to receive `kinds`, as a WHEP player does; return the tracks by kind."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    for kind in kinds:
        connection.addTransceiver(kind, direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    answer = await pool.watch(room, peer, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return connection, {t.kind: t.receiver.track for t in connection.getTransceivers()}


async def saw_red(track: MediaStreamTrack) -> None:
    """Wait for ten pictures of the publisher's colour."""
    for _ in range(10):
        frame = await track.recv()
        assert isinstance(frame, av.VideoFrame)
        red, green, blue = frame.to_ndarray(format="rgb24").mean(axis=(0, 1))
        assert (frame.width, frame.height) == (320, 240)
        assert red > 150 > 60 > max(green, blue)


async def heard_tone(track: MediaStreamTrack) -> None:
    """Wait for a half second whose strongest frequency is the publisher's."""
    kept = np.zeros(0, np.float64)
    while True:
        frame = await track.recv()
        assert isinstance(frame, av.AudioFrame)
        samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
        kept = np.concatenate([kept, samples.astype(np.float64)])[-frame.sample_rate // 2 :]
        if len(kept) < frame.sample_rate // 2 or np.abs(kept).mean() < 1000:
            continue
        spectrum = np.abs(np.fft.rfft(kept))
        strongest = float(np.fft.rfftfreq(len(kept), 1 / frame.sample_rate)[spectrum.argmax()])
        if abs(strongest - TONE) < 5:
            return
