"""
What a forwarded packet costs the media worker: `python -m tests.benchmarks.forwarding 20 150`.

One light peer publishes 720p-sized VP8 (30 frames of 6 packets a second) and Opus; N light peers shake
hands, ask for consent as browsers do, and leave what arrives in their sockets: reading it would measure
this program, not the worker. They send no RTCP either. Loopback, so no driver and no wire.
"""

import asyncio
import socket
import struct
import sys
import time
from typing import Any

from signaling.core import sdp
from signaling.core.model import Kind, Wish
from signaling.rtc.dtls import make_identity
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.light_peer import Credentials, LightPeer, rtp_packet
from tests.support.media import answer_to, offer_of

FRAMES, PACKETS, SOUNDS = 30, 6, 50  # A second; packets a frame: 1.65 Mbit/s.
SIZE = 1_138  # Bytes of payload: 1150 with the header.
WARM_UP, MEASURED = 2.0, 8.0  # Seconds.
CONSENT_EVERY = 4.0
IDENTITY = make_identity(time.time())
KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
SOUND, PICTURE = (media.ssrcs[0] for media in sdp.parse(offer_of(IDENTITY)).media)


async def main(counts: list[int]) -> None:
    """Measure for each number of subscribers, one worker each."""
    for count in counts:
        pool = MediaPool(PoolSettings(("127.0.0.1",), port=0, workers=1), lambda event: None)
        await pool.start()
        try:
            await measure(pool, count)
        finally:
            await pool.stop()


async def counters(pool: MediaPool) -> dict[str, Any]:
    found: dict[str, Any] = (await pool.stats())["workers"][0]
    return found


async def measure(pool: MediaPool, count: int) -> None:
    empty, started = await counters(pool), time.monotonic()
    viewers = [await subscribe(pool, number) for number in range(count)]
    joined, took = await counters(pool), time.monotonic() - started
    publisher = await publish(pool)
    sender = asyncio.create_task(send(publisher, viewers))
    await asyncio.sleep(WARM_UP)
    before, since = await counters(pool), time.monotonic()
    await asyncio.sleep(MEASURED)
    after, seconds = await counters(pool), time.monotonic() - since
    sender.cancel()
    forwarded, cpu = after["forwarded"] - before["forwarded"], after["cpu"] - before["cpu"]
    print(
        f"{count} subscribers: {forwarded / seconds:.0f} packets/s, {cpu / forwarded * 1e6:.2f} us a packet,"
        f" {cpu / seconds:.0%} of a core; join {(joined['cpu'] - empty['cpu']) / count * 1e3:.1f} ms CPU,"
        f" {count / took:.0f} joins/s, {(joined['resident'] - empty['resident']) / count / 1e3:.0f} kB each;"
        f" worker {empty['resident'] / 1e6:.0f} MB empty"
    )
    for peer in [publisher, *viewers]:
        peer.close()


async def connect(description: str) -> LightPeer:
    peer = LightPeer(IDENTITY, Credentials.of(description))
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
    peer.check()
    peer.hello()
    async with asyncio.timeout(10):
        while not peer.connected:
            await asyncio.sleep(0.002)
            peer.pump()
    return peer


async def publish(pool: MediaPool) -> LightPeer:
    await pool.gate("room", "publisher", "microphone", "mic", False)
    await pool.gate("room", "publisher", "camera", "cam", False)
    return await connect(await pool.publish("room", "publisher", offer_of(IDENTITY), KINDS))


async def subscribe(pool: MediaPool, number: int) -> LightPeer:
    name = f"viewer{number}"
    offer, _, _ = await pool.subscribe("room", name)
    await pool.answer("room", name, answer_to(offer, IDENTITY, number + 2))
    await pool.wish("room", name, "everything", {"cam": Wish(720)})
    return await connect(offer)


async def send(publisher: LightPeer, viewers: list[LightPeer]) -> None:
    """Publish in real time until cancelled."""
    started = consented = time.monotonic()
    frame = sound = 0
    while True:
        elapsed = time.monotonic() - started
        while frame < elapsed * FRAMES:
            send_frame(publisher, frame)
            frame += 1
        while sound < elapsed * SOUNDS:
            publisher.send_rtp(rtp_packet(sound, ssrc=SOUND, payload_type=111, payload=bytes(100)))
            sound += 1
        publisher.pump()
        if time.monotonic() - consented > CONSENT_EVERY:
            consented = time.monotonic()
            for peer in [publisher, *viewers]:
                peer.check()
        await asyncio.sleep(0.004)


def send_frame(publisher: LightPeer, frame: int) -> None:
    """Send one frame of PACKETS packets; one a second is a key frame."""
    for part in range(PACKETS):
        payload = struct.pack("!BBH", 0x90 if part == 0 else 0x80, 0x80, 0x8000 | frame & 0x7FFF)
        if part == 0:
            key = b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 1280, 720)
            payload += key if frame % FRAMES == 0 else b"\x11\0\0"
        publisher.send_rtp(
            rtp_packet(
                frame * PACKETS + part,
                ssrc=PICTURE,
                payload_type=96,
                timestamp=frame * 3000,
                marker=part == PACKETS - 1,
                payload=payload.ljust(SIZE, b"z"),
            )
        )


if __name__ == "__main__":
    asyncio.run(main([int(word) for word in sys.argv[1:]] or [20, 150]))
