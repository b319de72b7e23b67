"""
A room without sockets: publishers that send real RTP bytes, viewers that check what SRTP and players need.

`RoomPair.run` advances a manual clock, carries everything between the room and its peers, and lets a
publisher answer key frame requests and NACKs like a browser does. Viewers refuse, by assertion, whatever
would break a real one: a packet index used twice, a roll-over counter that cannot be guessed, a picture id
that goes back.
"""

import random
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from signaling.core import codecs, rtcp, rtcp_writer, rtp
from signaling.core.model import (
    CLOCK_RATE,
    Event,
    ExtensionIds,
    Forward,
    Kind,
    LayersWanted,
    Leg,
    Limits,
    MediaSection,
    OutgoingRtcp,
    ReceivedCodec,
    SlotsBound,
)
from signaling.core.router import Room

EXTENSIONS = ExtensionIds(mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3)
RIDS = ("q", "h", "f")
HEIGHTS = (180, 360, 720)
PACKETS_A_PICTURE = (1, 3, 6)
KINDS: tuple[Kind, ...] = ("microphone", "camera", "screen", "screen_audio")


def extensions(**values: bytes) -> bytes:
    """Header extension block (one-byte form) with our publishers' ids."""
    body = b"".join(
        bytes((getattr(EXTENSIONS, name) << 4 | len(value) - 1,)) + value for name, value in values.items()
    )
    body += b"\0" * (-len(body) % 4)
    return struct.pack(">HH", 0xBEDE, len(body) // 4) + body


def rtp_packet(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    *,
    marker: bool = False,
    padding: int = 0,
    mid: bytes = b"",
    rid: bytes = b"",
    repaired_rid: bytes = b"",
    audio_level: bytes = b"",
    transport_cc: bytes = b"",
) -> bytes:
    given = {
        "mid": mid,
        "rid": rid,
        "repaired_rid": repaired_rid,
        "audio_level": audio_level,
        "transport_cc": transport_cc,
    }
    values = {name: value for name, value in given.items() if value}
    first = 0x80 | (0x10 if values else 0) | (0x20 if padding else 0)
    second = payload_type | (0x80 if marker else 0)
    head = struct.pack(">BBHII", first, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    return head + (extensions(**values) if values else b"") + payload + tail


def vp8_payload(
    picture: int,
    *,
    layer: int = 0,
    key: bool = False,
    start: bool = True,
    temporal: int = 0,
    sync: bool = False,
    tl0: int = 0,
    size: int = 200,
) -> bytes:
    """A VP8 payload whose body tells (layer, picture, temporal) to `FakeViewer`."""
    flags = temporal << 6 | (0x20 if sync else 0)
    head = bytes((0x90 if start else 0x80, 0xE0)) + struct.pack(
        ">HBB", 0x8000 | picture & 0x7FFF, tl0 & 0xFF, flags
    )
    height = HEIGHTS[layer]
    frame = (
        b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", height * 16 // 9, height) if key else b"\x11" + bytes(9)
    )
    return head + frame + struct.pack(">BIB", layer, picture, temporal) + bytes(size)


@dataclass
class FakeLayer:
    """One encoding of a fake camera."""

    ssrc: int
    sequence: int
    offset: int
    picture: int
    tl0: int = 0
    key: bool = True
    on: bool = True
    sent: dict[int, bytes] = field(default_factory=dict)


class FakePublisher:
    """A browser that sends a microphone, a camera (three layers) and a screen (two)."""

    def __init__(self, name: str, seed: int, *, temporal: int = 1, rids: tuple[str, ...] = RIDS) -> None:
        chance = random.Random(seed)
        self.name = name
        self.temporal = temporal
        self.rids = rids
        self.base = seed * 1000 + 1
        self.transport = chance.getrandbits(16)
        self.audio = {
            kind: FakeLayer(self.base + at, chance.getrandbits(16), chance.getrandbits(32), 0)
            for at, kind in enumerate(("microphone", "screen_audio"))
        }
        self.video: dict[str, list[FakeLayer]] = {
            kind: [
                FakeLayer(
                    self.base + at + layer,
                    chance.getrandbits(16),
                    chance.getrandbits(32),
                    chance.getrandbits(15),
                    chance.getrandbits(8),
                )
                for layer in range(len(rids) if kind == "camera" else min(len(rids), 2))
            ]
            for kind, at in (("camera", 10), ("screen", 20))
        }
        self.key_requests = 0
        self.nacked: list[int] = []
        self.wanted: dict[str, tuple[str, ...]] = {}

    def sections(self) -> list[MediaSection]:
        opus, vp8 = (ReceivedCodec("opus", 109),), (ReceivedCodec("VP8", 120, 124),)
        return [
            MediaSection("0", "microphone", opus, EXTENSIONS),
            MediaSection("1", "camera", vp8, EXTENSIONS, self.rids if len(self.rids) > 1 else ()),
            MediaSection("2", "screen", vp8, EXTENSIONS, self.rids[:2] if len(self.rids) > 1 else ()),
            MediaSection("3", "screen_audio", opus, EXTENSIONS),
        ]

    def speak(self, now: float, *, level: int = 20, kind: str = "microphone") -> bytes:
        """The next 20 ms of sound."""
        layer = self.audio[kind]
        layer.sequence += 1
        timestamp = layer.offset + round(now * 48_000)
        mid = b"0" if kind == "microphone" else b"3"
        payload = b"sound" + struct.pack(">I", layer.sequence)
        packet = rtp_packet(
            109, layer.sequence, timestamp, layer.ssrc, payload, mid=mid, audio_level=bytes((level,)),
            transport_cc=self._transport(),
        )  # fmt: skip
        layer.sent[layer.sequence & 0xFFFF] = packet
        return packet

    def show(self, now: float, kind: str = "camera", *, size: int = 200) -> list[bytes]:
        """The next picture in all layers that are on."""
        packets: list[bytes] = []
        for index, layer in enumerate(self.video[kind]):
            if layer.on:
                packets += self._picture(kind, index, layer, now, size)
        return packets

    def _picture(self, kind: str, index: int, layer: FakeLayer, now: float, size: int) -> list[bytes]:
        layer.picture += 1
        key, layer.key = layer.key, False
        temporal = (0, 2, 1, 2)[layer.picture % 4] if self.temporal == 3 and not key else 0
        layer.tl0 += temporal == 0
        timestamp = layer.offset + round(now * 90_000)
        count = PACKETS_A_PICTURE[index]
        mid = b"1" if kind == "camera" else b"2"
        packets = []
        for part in range(count):
            layer.sequence += 1
            payload = vp8_payload(
                layer.picture, layer=index, key=key and part == 0, start=part == 0, temporal=temporal,
                sync=temporal > 0, tl0=layer.tl0, size=size,
            )  # fmt: skip
            rid = self.rids[index].encode() if len(self.rids) > 1 else b""
            packet = rtp_packet(
                120, layer.sequence, timestamp, layer.ssrc, payload, marker=part == count - 1, mid=mid,
                transport_cc=self._transport(), rid=rid,
            )  # fmt: skip
            layer.sent[layer.sequence & 0xFFFF] = packet
            packets.append(packet)
        return packets

    def reports(self, now: float) -> list[bytes]:
        """Sender reports of everything; this publisher's clock is 1000 s ahead of the room's."""
        clock = rtcp_writer.ntp(now + 1000)
        found = []
        for layers, rate in (
            (self.audio.values(), CLOCK_RATE["opus"]),
            ([layer for kind in self.video.values() for layer in kind], CLOCK_RATE["VP8"]),
        ):
            for layer in layers:
                timestamp = (layer.offset + round(now * rate)) & 0xFFFFFFFF
                found.append(rtcp_writer.build_sr(rtcp.SenderReport(layer.ssrc, clock, timestamp, 1, 1)))
        return found

    def on_rtcp(self, packet: bytes) -> list[bytes]:
        """Do what is asked; return retransmissions (RTX)."""
        again: list[bytes] = []
        for found in rtcp.parse(packet):
            if isinstance(found, rtcp.KeyFrameRequest):
                self.key_requests += 1
                for layers in self.video.values():
                    for layer in layers:
                        if layer.ssrc == found.media:
                            layer.key = True
            elif isinstance(found, rtcp.Nack):
                self.nacked += found.lost
                again += self._again(found)
        return again

    def _again(self, nack: rtcp.Nack) -> list[bytes]:
        packets = []
        for kind, layers in self.video.items():
            for index, layer in enumerate(layers):
                if layer.ssrc != nack.media:
                    continue
                for lost in nack.lost:
                    header = rtp.parse(layer.sent[lost])
                    assert header is not None
                    payload = struct.pack(">H", lost) + layer.sent[lost][header.payload_at :]
                    rid = self.rids[index].encode() if len(self.rids) > 1 else b""
                    packets.append(
                        rtp_packet(
                            124, lost, header.timestamp, layer.ssrc + 500, payload, marker=header.marker,
                            mid=b"1" if kind == "camera" else b"2", repaired_rid=rid,
                        )
                    )  # fmt: skip
        return packets

    def _transport(self) -> bytes:
        self.transport = (self.transport + 1) & 0xFFFF
        return struct.pack(">H", self.transport)


@dataclass
class Stream:
    """What a viewer received on one SSRC, and what SRTP remembers of it."""

    highest: int = -1
    packets: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # index: (timestamp, payload)
    markers: set[int] = field(default_factory=set)


class FakeViewer:
    """A browser that receives. `streams` by SSRC."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.streams: dict[int, Stream] = {}
        self.repairs: dict[int, int] = {}  # RTX SSRC: SSRC
        self.repaired = 0
        self.reports: dict[int, rtcp.SenderReport] = {}

    def receive(self, forward: Forward, base: int) -> None:
        index = forward.index - base
        assert index >= 0
        header = rtp.parse(forward.header + bytes(forward.payload))
        assert header is not None
        assert header.sequence == index & 0xFFFF
        assert header.ssrc == forward.ssrc
        assert header.payload_at == len(forward.header)
        stream = self.streams.setdefault(forward.ssrc, Stream())
        self._check_roll_over(stream, index)
        content = (header.timestamp, bytes(forward.payload))
        assert stream.packets.setdefault(index, content) == content, "one index, two packets"
        stream.highest = max(stream.highest, index)
        if header.marker:
            stream.markers.add(index)
        if forward.ssrc in self.repairs:
            self._repair(stream, header.timestamp, bytes(forward.payload), header.marker)

    def _check_roll_over(self, stream: Stream, index: int) -> None:
        """RFC 3711 section 3.3.1: the receiver guesses the counter from the highest index so far."""
        if stream.highest < 0:
            assert index < 0xC000
            return
        guess = stream.highest + ((index - stream.highest + 0x8000) & 0xFFFF) - 0x8000
        assert guess == index

    def _repair(self, stream: Stream, timestamp: int, payload: bytes, marker: bool) -> None:
        main = self.streams[
            self.repairs[next(ssrc for ssrc, found in self.streams.items() if found is stream)]
        ]
        sequence = int.from_bytes(payload[:2])
        index = main.highest + ((sequence - main.highest + 0x8000) & 0xFFFF) - 0x8000
        content = (timestamp, payload[2:])
        if index not in main.packets:
            self.repaired += 1
        assert main.packets.setdefault(index, content) == content, "retransmitted, but different"
        if marker:
            main.markers.add(index)

    def missing(self, ssrc: int) -> list[int]:
        """Holes between the first and the newest index."""
        stream = self.streams[ssrc]
        return [index for index in range(min(stream.packets), stream.highest) if index not in stream.packets]

    def pictures(self, ssrc: int) -> list[tuple[int, int, int, int]]:
        """Whole pictures in order: (layer, source picture, picture id, timestamp); checks their counters."""
        stream = self.streams.get(ssrc, Stream())
        found: dict[int, tuple[int, int, int, int]] = {}
        for _, (timestamp, payload) in sorted(stream.packets.items()):
            parsed = codecs.parse_vp8(payload)
            assert parsed is not None
            layer, picture, _ = struct.unpack_from(">BIB", payload, parsed.length + 10)
            entry = (layer, picture, parsed.picture_id, timestamp)
            assert found.setdefault(timestamp, entry) == entry, "two pictures share a timestamp"
        return list(found.values())


class RoomPair:
    """A room with its publishers and viewers on a manual clock; `lose` decides over packets to viewers."""

    def __init__(self, *, limits: Limits | None = None, seed: int = 7) -> None:
        self.now = 50.0
        self.room = Room(random_bits=random.Random(seed).getrandbits, now=self.now, limits=limits)
        self.publishers: dict[str, FakePublisher] = {}
        self.viewers: dict[str, FakeViewer] = {}
        self.events: list[Event] = []
        self.slots: dict[str, str | None] = {}
        self.lose: Callable[[FakeViewer, Forward], bool] = lambda viewer, forward: False
        self.lose_upstream: Callable[[bytes], bool] = lambda packet: False

    def publisher(
        self,
        name: str,
        kinds: Iterable[Kind] = ("microphone", "camera"),
        *,
        temporal: int = 1,
        rids: tuple[str, ...] = RIDS,
    ) -> FakePublisher:
        made = FakePublisher(name, len(self.publishers) + 1, temporal=temporal, rids=rids)
        self.publishers[name] = made
        self.room.publish(name, made.sections(), self.now)
        for kind in kinds:
            self.room.gate(name, kind, f"{name} {kind}", self.now)
        return made

    def viewer(self, name: str, codecs: Iterable[str] = ("opus", "VP8", "H264")) -> FakeViewer:
        made = self.viewers[name] = FakeViewer(name)
        self.subscribe(made, frozenset(codecs))
        return made

    def subscribe(self, viewer: FakeViewer, accepted: frozenset[str] = frozenset(("opus", "VP8"))) -> None:
        for number in range(self.room.pairs):
            pair = self.room.pair(number)
            viewer.repairs[pair.video_rtx_ssrc] = pair.video_ssrc
        self.room.subscribe(viewer.name, viewer, self.room.pairs, accepted, self.now)  # type: ignore[arg-type]

    def watcher(
        self, name: str, codecs: Iterable[str] = ("opus", "VP8", "H264"), *, repairs: bool = True
    ) -> FakeViewer:
        """Somebody who made the offer, and is sent the stage."""
        made = self.viewers[name] = FakeViewer(name)
        stage = self.room.stage()
        if repairs:
            made.repairs[stage.video_rtx_ssrc] = stage.video_ssrc
        accepted = frozenset(codecs)
        self.room.watch(name, made, accepted, self.now, repairs=repairs)  # type: ignore[arg-type]
        return made

    def send(self, name: str, packets: Iterable[bytes]) -> None:
        for packet in packets:
            if not self.lose_upstream(packet):
                self.deliver(self.room.on_rtp(name, packet, self.now))

    def report(self, name: str, leg: Leg, packets: Iterable[bytes]) -> None:
        for packet in packets:
            self.deliver(self.room.on_rtcp(name, leg, packet, self.now))

    def deliver(self, forwards: Iterable[Forward]) -> None:
        for forward in forwards:
            for target in list(forward.targets):
                viewer = target.handle
                assert isinstance(viewer, FakeViewer)
                if not self.lose(viewer, forward):
                    viewer.receive(forward, target.index_base)

    def tick(self, seconds: float = 0.02) -> list[OutgoingRtcp]:
        self.now += seconds
        output = self.room.tick(self.now)
        self.deliver(output.forwards)
        self.events += output.events
        for event in output.events:
            if isinstance(event, SlotsBound):
                self.slots = dict(event.tracks)
            elif isinstance(event, LayersWanted):
                self.publishers[event.peer].wanted[event.kind] = event.rids
        for found in output.rtcp:
            if found.leg == "publisher" and found.peer in self.publishers:
                self.send(found.peer, self.publishers[found.peer].on_rtcp(found.packet))
            elif found.leg == "subscriber" and found.peer in self.viewers:
                for report in rtcp.parse(found.packet):
                    if isinstance(report, rtcp.SenderReport):
                        self.viewers[found.peer].reports[report.ssrc] = report
        return list(output.rtcp)

    def run(
        self,
        seconds: float,
        *,
        speaking: Iterable[str] = (),
        showing: Iterable[str] = (),
        sharing: Iterable[str] = (),
        remb: int | None = None,
        reports: bool = True,
    ) -> None:
        """Everybody named sends for a while: 50 sound packets and 25 pictures a second."""
        speaking, showing, sharing = list(speaking), list(showing), list(sharing)
        for step in range(round(seconds / 0.02)):
            for name in speaking:
                self.send(name, [self.publishers[name].speak(self.now)])
            if step % 2 == 0:
                for name in showing:
                    self.send(name, self.publishers[name].show(self.now))
                for name in sharing:
                    self.send(name, self.publishers[name].show(self.now, "screen"))
            if step % 50 == 10 and reports:
                for publisher in self.publishers.values():
                    self.report(publisher.name, "publisher", publisher.reports(self.now))
            if step % 50 == 25 and remb is not None:
                for viewer in self.viewers.values():
                    self.report(viewer.name, "subscriber", [rtcp_writer.build_remb(1, remb, [])])
            self.tick()

    def video_ssrc(self, track: str) -> int:
        """SSRC of the slot that shows `track`."""
        return self._ssrc(track, audio=False)

    def audio_ssrc(self, track: str) -> int:
        return self._ssrc(track, audio=True)

    def _ssrc(self, track: str, *, audio: bool) -> int:
        for number in range(self.room.pairs):
            pair = self.room.pair(number)
            if self.slots.get(pair.audio_mid if audio else pair.video_mid) == track:
                return pair.audio_ssrc if audio else pair.video_ssrc
        raise AssertionError(f"nobody shows {track}")
