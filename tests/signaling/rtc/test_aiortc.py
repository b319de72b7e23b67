"""
Another implementation publishes and subscribes through a real worker process.

aiortc encodes and decodes, so what arrives is a picture and a tone, not only packets.
"""

from __future__ import annotations

import asyncio
import fractions
from collections.abc import AsyncIterator

import av
import numpy as np
import pytest
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from signaling.control import LegState, SlotsChanged
from signaling.core.model import Kind, Wish
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.media import Told

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


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def pool(told: Told) -> AsyncIterator[MediaPool]:
    made = MediaPool(PoolSettings(addresses=("0.0.0.0",), port=0, workers=1), told)
    await made.start()
    yield made
    await made.stop()


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


async def subscribe(
    pool: MediaPool, room: str, peer: str
) -> tuple[RTCPeerConnection, dict[str, MediaStreamTrack]]:
    # Balanced bundling, aiortc's default, loses the third and later lines of a kind.
    connection = RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    offer, _, _ = await pool.subscribe(room, peer)
    await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    await pool.answer(room, peer, connection.localDescription.sdp)
    return connection, {str(t.mid): t.receiver.track for t in connection.getTransceivers()}


async def test_a_picture_and_a_tone_arrive(pool: MediaPool, told: Told) -> None:
    async with asyncio.timeout(60):
        publisher = await publish(pool, "room", "ann")
        subscriber, tracks = await subscribe(pool, "room", "bob")
        await pool.wish("room", "bob", "everything", {"ann/cam": Wish(720)})
        try:
            await told.wait(LegState("room", "ann", "publisher", "connected"))
            await told.wait(LegState("room", "bob", "subscriber", "connected"))
            bound = await told.wait(SlotsChanged)
            mids = {track: mid for mid, track in bound.slots.items() if track}
            await saw_red(tracks[mids["ann/cam"]])
            await heard_tone(tracks[mids["ann/mic"]])
        finally:
            await publisher.close()
            await subscriber.close()
    (worker,) = (await pool.stats())["workers"]
    assert worker["forwarded"] > 0
    assert worker["dropped"].get("forged", 0) == 0


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
