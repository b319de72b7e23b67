"""
What a Chromium publishes is captured by a real worker, and made into files that FFmpeg decodes.

The picture has a clock of its own: frames of a canvas that moves, in three sizes.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import av
import pytest
from playwright.async_api import Browser, Page

from classroom.recording.manifest import Spooled
from classroom.recording.tracks import Close, Cluster, Open, TrackMuxer
from signaling.capture import boot_id
from signaling.control import CaptureEnded
from signaling.core import taking
from signaling.core.capture import BEST, BOTH, KEY, SMALL, End, Reader, Record, Rtp, Sender
from signaling.core.model import Kind
from signaling.supervisor import MediaPool, PoolSettings
from tests.support.media import Told

pytestmark = [pytest.mark.browser, pytest.mark.alone]

KINDS: dict[str, Kind] = {"0": "microphone", "1": "camera"}
PUBLISH = """async (layers) => {
  window.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const canvas = Object.assign(document.createElement("canvas"), { width: 960, height: 540 });
  const pen = canvas.getContext("2d");
  let at = 0;
  setInterval(() => {
    pen.fillStyle = `hsl(${at++ % 360} 80% 50%)`;
    pen.fillRect(0, 0, 960, 540);
    pen.fillStyle = "black";
    pen.fillRect((at * 7) % 600, 100, 40, 160);
  }, 50);
  const media = await navigator.mediaDevices.getUserMedia({ audio: true });
  pc.addTransceiver(media.getAudioTracks()[0], { direction: "sendonly" });
  const [picture] = canvas.captureStream(20).getVideoTracks();
  pc.addTransceiver(picture, { direction: "sendonly", sendEncodings: layers });
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}"""
LAYERS = [
    {"rid": "q", "scaleResolutionDownBy": 4, "maxBitrate": 80_000},
    {"rid": "h", "scaleResolutionDownBy": 2, "maxBitrate": 200_000},
    {"rid": "f", "maxBitrate": 600_000},
]
ANSWERED = "sdp => pc.setRemoteDescription({ type: 'answer', sdp })"
BAD_LINE = """() => { const sender = pc.getSenders()[1]; const wish = sender.getParameters();
  wish.encodings[2].active = false; return sender.setParameters(wish); }"""


@pytest.fixture
async def pool(told: Told, tmp_path: Path) -> AsyncIterator[MediaPool]:
    (tmp_path / "lesson-1").mkdir()
    made = MediaPool(PoolSettings(addresses=("127.0.0.1",), port=0, workers=1, spool=tmp_path), told)
    await made.start()
    yield made
    await made.stop()


async def publish(pool: MediaPool, browser: Browser) -> Page:
    context = await browser.new_context(permissions=["microphone"])
    page = await context.new_page()
    await page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    await page.goto("http://localhost/")
    offer = await page.evaluate(PUBLISH, LAYERS)
    for kind in KINDS.values():
        await pool.gate("room", "ann", kind, f"ann/{kind}", False)
    await page.evaluate(ANSWERED, await pool.publish("room", "ann", offer, KINDS))
    return page


def read(path: Path) -> tuple[Reader, list[Record]]:
    reader = Reader()
    records = reader.feed(path.read_bytes())
    assert not reader.damaged
    return reader, records


def rtp(records: list[Record]) -> list[Rtp]:
    return [record for record in records if isinstance(record, Rtp)]


def files(reader: Reader, records: list[Record], spooled: Spooled) -> dict[str, bytes]:
    """Return what becomes of a capture: whole files by the ids of their segments."""
    assert reader.head is not None
    muxer = TrackMuxer(reader.head, spooled, 1)
    outputs = [output for record in records for output in muxer.take(record)] + muxer.close()
    found: dict[str, bytearray] = {}
    for output in outputs:
        match output:
            case Open():
                found[output.segment.id] = bytearray(output.data)
            case Cluster():
                found[output.segment_id] += output.data
            case Close():
                data = found[output.segment_id]
                data += output.tail
                for offset, patch in output.patches:
                    data[offset : offset + len(patch)] = patch
    return {name: bytes(data) for name, data in found.items()}


def decoded(data: bytes) -> list[int]:
    """Return the heights of the pictures, or the samples of the sounds, that FFmpeg makes of a file."""
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode())
    return [frame.height if isinstance(frame, av.VideoFrame) else frame.samples for frame in frames]


async def test_chromium_is_captured_and_decoded(
    pool: MediaPool, told: Told, browser: Browser, tmp_path: Path
) -> None:
    mono, wall = time.monotonic(), time.time()
    async with asyncio.timeout(60):
        page = await publish(pool, browser)
        head = {"recording": "lesson-1", "person": "ann"}
        for kind in KINDS.values():
            path = str(tmp_path / "lesson-1" / kind)
            await pool.record("room", "ann", kind, path, head | {"track": f"ann/{kind}"})
        while not any(packet.layer == 2 for packet in rtp(read(tmp_path / "lesson-1" / "camera")[1])):  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # A file tells nobody that it has grown.
        await asyncio.sleep(5)  # What is measured: a recording of that length.
        await page.evaluate(BAD_LINE)  # The line gets bad: Chromium stops its largest layer.
        await asyncio.sleep(2.5)
        for kind in KINDS.values():
            await pool.stop_recording("room", "ann", kind)
            path = str(tmp_path / "lesson-1" / kind)
            await told.wait(CaptureEnded("room", "ann", kind, path, "stopped"))
    spooled = Spooled(
        recording="lesson-1", class_id="lesson", number=1, title="", started_at=int(wall * 1000), mono=mono,
        boot=boot_id(),
    )  # fmt: skip

    reader, records = read(tmp_path / "lesson-1" / "camera")
    assert isinstance(records[-1], End)
    assert sum(isinstance(record, Sender) for record in records) >= 4
    found = rtp(records)
    assert {packet.codec for packet in found} == {"VP8"}
    assert {packet.role for packet in found if packet.layer == 0} <= {SMALL, BOTH}
    assert {packet.role for packet in found if packet.layer} == {BEST}
    last = [packet for packet in found if packet.role & BEST][-1]
    assert last.layer == 1, "the best has fallen"
    keys = [packet.arrival for packet in found if packet.layer == 0 and packet.flags & KEY]
    assert all(later - earlier < taking.KEY_EVERY_S + 1 for earlier, later in pairwise(keys))
    pictures = [decoded(data) for data in files(reader, records, spooled).values()]
    heights = {frozenset(found) for found in pictures}
    assert {frozenset((135,)), frozenset((270,)), frozenset((540,))} <= heights
    small = max(len(found) for found in pictures if set(found) == {135})
    large = max(len(found) for found in pictures if set(found) == {540})
    assert small > 60
    assert large > 40

    reader, records = read(tmp_path / "lesson-1" / "microphone")
    assert {(packet.role, packet.codec) for packet in rtp(records)} == {(BOTH, "opus")}
    sounds = [decoded(data) for data in files(reader, records, spooled).values()]
    assert sum(sum(found) for found in sounds) > 7 * 48_000
