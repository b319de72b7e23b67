"""
Another implementation publishes and subscribes through a real worker process.

aiortc encodes and decodes, so what arrives is a picture and a tone, not only packets.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from signaling.control import LegState, MediaRefused, SlotsChanged
from signaling.core.model import Wish
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.aiortc_peer import heard_tone, publish, saw_red, watch
from tests.support.media import Told


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def pool(told: Told) -> AsyncIterator[MediaPool]:
    made = MediaPool(PoolSettings(addresses=("0.0.0.0",), port=0, workers=1), told)
    await made.start()
    yield made
    await made.stop()


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


async def test_a_player_that_offers_sees_and_hears_the_stage(pool: MediaPool, told: Told) -> None:
    async with asyncio.timeout(60):
        publisher = await publish(pool, "room", "ann")
        viewer, tracks = await watch(pool, "room", "bob", "audio", "video")
        try:
            await told.wait(LegState("room", "bob", "subscriber", "connected"))
            await saw_red(tracks["video"])
            await heard_tone(tracks["audio"])
            first, second = await pool.restart_ice("room", "bob"), await pool.restart_ice("room", "ann")
            assert len({*first, *second}) == 4
            with pytest.raises(MediaRefused):
                await pool.restart_ice("elsewhere", "bob")
        finally:
            await publisher.close()
            await viewer.close()
