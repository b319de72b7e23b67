"""
Six people talk at once, and a Chromium listens: it has to get the three who are loudest, and one who tells no
level as well.

The talkers are light peers that send real Opus in real time, with its level in every packet as browsers do.
"""

from __future__ import annotations

import asyncio
import struct
from fractions import Fraction
from typing import Any

import av
import pytest
from playwright.async_api import Browser, Page

from signaling.control import LegState, SlotsChanged
from signaling.core.model import Kind
from signaling.rtc.dtls import make_identity
from signaling.supervisor import MediaPool
from tests.support.light_peer import Credentials, LightPeer
from tests.support.media import Told, offer_of

pytestmark = pytest.mark.browser

FRAME_S = 0.02
LEVELS = {"a": 45, "b": 40, "c": 35, "d": 25, "e": 18, "f": 10}  # -dBov: f is the loudest
KINDS: dict[str, Kind] = {"0": "microphone"}
LEVEL_ID, MID_ID = 1, 4  # as the offer numbers them

LISTEN = """async sdp => {
  window.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  pc.ontrack = ({ track }) => {
    const element = document.createElement("audio");
    element.autoplay = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  };
  await pc.setRemoteDescription({ type: "offer", sdp });
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""
ENERGIES = """async () => {
  const found = {};
  for (const row of (await pc.getStats()).values())
    if (row.type === "inbound-rtp" && row.kind === "audio") found[row.mid] = row.totalAudioEnergy;
  return found;
}"""


def opus(frequency: int) -> list[bytes]:
    """Return a second of a tone as Opus packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.time_base = Fraction(1, 48_000)
    packets: list[bytes] = []
    for number in range(50):
        samples = range(number * 960, number * 960 + 960)
        wave = [9000 if sample * frequency // 24_000 % 2 else -9000 for sample in samples]
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        frame.planes[0].update(struct.pack("<960h", *wave))
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets


class Talker:
    """A light peer with a microphone; `level` None: it does not tell how loud it is."""

    def __init__(self, name: str, number: int, level: int | None, peer: LightPeer) -> None:
        self.name, self.level, self.peer = name, level, peer
        self.ssrc = 1000 + number
        self.sound = opus(200 + 70 * number)
        self.sent = 0

    def speak(self) -> None:
        """Send the next 20 ms."""
        elements = bytes((MID_ID << 4, ord("0")))
        if self.level is not None:
            elements += bytes((LEVEL_ID << 4, self.level))
        block = struct.pack("!HH", 0xBEDE, 1) + elements.ljust(4, b"\0")
        head = struct.pack("!BBHII", 0x90, 111, self.sent & 0xFFFF, self.sent * 960, self.ssrc)
        self.peer.send_rtp(head + block + self.sound[self.sent % len(self.sound)])
        self.sent += 1
        self.peer.pump()


async def talker(pool: MediaPool, name: str, number: int, level: int | None) -> Talker:
    """Connect somebody and open their microphone."""
    identity = make_identity(1_800_000_000.0)
    answer = await pool.publish("room", name, offer_of(identity, number), KINDS)
    peer = LightPeer(identity, Credentials.of(answer))
    peer.check()
    peer.hello()
    while not peer.connected:
        await asyncio.sleep(0.01)  # The answers come in their own time.
        peer.pump()
    made = Talker(name, number, level, peer)
    await pool.gate("room", name, "microphone", f"{name}/mic", False)
    return made


async def talk(talkers: list[Talker]) -> None:
    """Let everybody talk, 50 packets a second, until cancelled."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        for one in talkers:
            one.speak()
        due += FRAME_S
        await asyncio.sleep(due - loop.time())


async def heard(page: Page, told: Told, first: dict[str, str | None]) -> set[str]:
    """
    Return whose sound gained energy within a second; `first` are the slots as the offer knew them.

    A gate is in a slot with the next tick, which may come after the offer.
    """
    before: dict[str, Any] = await page.evaluate(ENERGIES)
    await asyncio.sleep(1)  # Energy needs two readings.
    after: dict[str, Any] = await page.evaluate(ENERGIES)
    gained = {mid for mid, energy in after.items() if energy - before.get(mid, 0) > 1e-4}
    changes = [event.slots for event in told.events if isinstance(event, SlotsChanged)]
    slots = changes[-1] if changes else first
    return {str(slots[mid]).removesuffix("/mic") for mid in gained}


async def test_the_three_loudest_of_six_are_heard_and_who_tells_no_level(
    pool: MediaPool, told: Told, browser: Browser
) -> None:
    page = await browser.new_page()
    async with asyncio.timeout(40):
        talkers = [
            await talker(pool, name, number, level)
            for number, (name, level) in enumerate([*LEVELS.items(), ("studio", None)])
        ]
        offer, _, slots = await pool.subscribe("room", "listener")
        talking = asyncio.create_task(talk(talkers))
        await pool.answer("room", "listener", await page.evaluate(LISTEN, offer))
        await told.wait(LegState("room", "listener", "subscriber", "connected"))
        while await heard(page, told, slots) != {"d", "e", "f", "studio"}:
            pass
        assert await heard(page, told, slots) == {"d", "e", "f", "studio"}

        talkers[0].level = 5  # the quietest shouts
        while await heard(page, told, slots) != {"a", "e", "f", "studio"}:
            pass
        await pool.gate("room", "f", "microphone", "f/mic", True)
        while await heard(page, told, slots) != {"a", "d", "e", "studio"}:
            pass
        assert await heard(page, told, slots) == {"a", "d", "e", "studio"}
        talking.cancel()
        for one in talkers:
            one.peer.close()
