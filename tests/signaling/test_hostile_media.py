"""
Somebody who was let in attacks with everything that a socket can carry: the others do not notice.

A real worker, real handshakes, real keys. The rates are bounded so that the attack fits the socket's buffer
of 4 MB, since what the system drops there nobody can win back; and what it drops all the same is counted
(see `tests.support.hostile_class`).
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Iterator
from functools import partial

from pylibsrtp import Error

from signaling.core import rtcp, rtcp_writer
from signaling.rtc import tcp, transport
from tests.support.hostile_class import OPUS, PICTURE, SOUND, VP8, HostileClass, Watch, hostile_class
from tests.support.light_peer import LightPeer, rtp_packet

MEGABYTE = 1 << 20
SECONDS = 40  # for a test; the whole file takes half of it on a quiet machine


def check(watch: Watch, attack: str, *, grown: int = 8 * MEGABYTE, control: float = 0.5) -> None:
    """What has to hold whatever somebody else does."""
    assert watch.unharmed, (attack, watch)
    assert watch.grown < grown, (attack, watch.grown)
    assert watch.control < control, (attack, watch.control)


# --- media ------------------------------------------------------------------------------------------------


def tiny(mallory: LightPeer, count: int = 30_000) -> Iterator[bytes]:
    """One octet of sound each."""
    for number in range(count):
        yield mallory.protect(rtp_packet(number, ssrc=SOUND, payload_type=OPUS, payload=b"\1"))


def fat(mallory: LightPeer, count: int = 8_000) -> Iterator[bytes]:
    """Full packets of a picture that is never complete."""
    payload = b"\x90\x80\x80\1\x11\0\0" + bytes(1_150)
    for number in range(count):
        yield mallory.protect(
            rtp_packet(number, ssrc=PICTURE, payload_type=VP8, timestamp=0, payload=payload)
        )


def sources(mallory: LightPeer, count: int = 4_000) -> Iterator[bytes]:
    """Every packet is of somebody new."""
    for number in range(count):
        yield mallory.protect(rtp_packet(number, ssrc=1_000 + number, payload_type=(OPUS, VP8)[number % 2]))


def replayed(mallory: LightPeer) -> Iterator[bytes]:
    """What came already, again; and cut at every length."""
    wire = [mallory.protect(rtp_packet(60_000 + n, ssrc=SOUND, payload_type=OPUS)) for n in range(100)]
    report = mallory.protect_rtcp(rtcp_writer.build_pli(SOUND, 8))
    for _ in range(20):
        yield from wire
    for whole in (wire[-1], report):
        yield from (whole[:length] for length in range(1, len(whole)))


def liars(mallory: LightPeer) -> Iterator[bytes]:
    """Headers that say more than there is, under good keys, and the same without any."""
    fixed = struct.Struct("!BBHII")
    for number in range(2_000):
        first = (0x80, 0x8F, 0xA0, 0xB0, 0x90, 0xBF)[number % 6]
        second = (OPUS, VP8, 0xFF, 0x80 | VP8)[number // 6 % 4]
        head = fixed.pack(first, second, number * 0x8000 & 0xFFFF, -number & 0xFFFFFFFF, SOUND)
        body = (b"", b"\xff" * 4, b"\xbe\xde\xff\xff", b"\xbe\xde\0\1\xff\xff\xff\xff", b"\xff" * 60)
        packet = head + body[number % 5]
        try:
            yield mallory.protect(packet)
        except Error:  # libsrtp reads headers itself, and will not send such a one.
            yield packet


MEDIA: tuple[tuple[Callable[[LightPeer], Iterator[bytes]], int, tuple[str, ...]], ...] = (
    (tiny, 50_000, ("too_many",)),
    (fat, 10_500, ()),  # 100 Mbit/s; a busy machine may send less, and then nothing is too many
    (sources, 4_000, ("too_many_ssrcs",)),
    (replayed, 4_000, ("replayed", "length")),
    (liars, 4_000, ()),
)


async def test_what_a_publisher_sends_harms_nobody() -> None:
    async with asyncio.timeout(SECONDS), hostile_class() as school:
        mallory = await school.publisher("mallory")
        for attack, rate, reasons in MEDIA:
            wire = list(attack(mallory))
            async with school.watching() as watch:
                await school.pace((partial(mallory.socket.send, data) for data in wire), rate)
            check(watch, attack.__name__)
            for reason in reasons:
                assert watch.dropped[reason] > 0, (attack.__name__, watch.dropped)


# --- reports ----------------------------------------------------------------------------------------------


def greedy(school: HostileClass, mallory: LightPeer) -> Iterator[bytes]:
    """Wants everything again, and what is to come, of all who might be there."""
    ssrcs = {int.from_bytes(packet[8:12], "big") for packet in mallory.rtp}
    for number in range(1_500):
        for ssrc in ssrcs:
            start = number * 331
            yield rtcp_writer.build_nack(1, ssrc, [n & 0xFFFF for n in range(start, start + 1_000)])


def gloomy(school: HostileClass, mallory: LightPeer) -> Iterator[bytes]:
    """Rates and losses that no line has."""
    ssrcs = sorted({int.from_bytes(packet[8:12], "big") for packet in mallory.rtp})
    remb = rtcp_writer.build_remb(1, 1_000_000, ssrcs)
    at = remb.index(b"REMB") + 5
    for number in range(300):
        yield rtcp_writer.build_remb(1, 0, ssrcs)
        blocks = [
            rtcp.ReportBlock(ssrc, 255, 0x7FFFFF, 0xFFFFFFFF - number, 0xFFFFFFFF, number, 0xFFFFFFFF)
            for ssrc in ssrcs
        ]
        yield rtcp_writer.build_rr(1, (blocks * 31)[:31])
        for mantissa in (b"\xfc\0\0", b"\0\0\0", b"\xff\xff\xff"):
            yield remb[:at] + mantissa + remb[at + 3 :]


def impatient(school: HostileClass, mallory: LightPeer) -> Iterator[bytes]:
    """Wants key frames all the time, of itself and of others."""
    ssrcs = sorted({int.from_bytes(packet[8:12], "big") for packet in mallory.rtp} | {PICTURE})
    for _ in range(800):
        for ssrc in ssrcs:
            yield rtcp_writer.build_pli(1, ssrc) * 20


def lying_sender(school: HostileClass, mallory: LightPeer) -> Iterator[bytes]:
    """Reports of a publisher: clocks that jump, for others' streams; goodbyes in others' names; noise."""
    for number in range(300):
        clock = (0, (1 << 64) - 1, 1 << 63, number << 40)[number % 4]
        for ssrc in (SOUND, PICTURE, 0xFFFFFFFF):
            yield rtcp_writer.build_sr(rtcp.SenderReport(ssrc, clock, -number & 0xFFFFFFFF, 0, 0xFFFFFFFF))
            yield struct.pack("!BBHI", 0x81, 203, 1, ssrc)
        yield struct.pack("!BBHIIHHI", 0x8F, 205, 5, 1, SOUND, number, 0xFFFF, 0xFFFFFF00) + os.urandom(4)
        yield b"\x80\xc9\0\1\0\0\0\1" + os.urandom(200)


def boundless(school: HostileClass, mallory: LightPeer) -> Iterator[bytes]:
    """One rate that fits no counter of 64 bits."""
    yield struct.pack("!BBHII4sBBHI", 0x8F, rtcp.PSFB, 5, 1, 0, b"REMB", 1, 0xFF, 0xFFFF, 7)


FLOODS = (greedy, gloomy, impatient, lying_sender)


async def test_what_anybody_reports_harms_nobody() -> None:
    async with asyncio.timeout(SECONDS), hostile_class() as school:
        viewer = await school.viewer("mallory")
        publisher = await school.publisher("mallory", session=2)
        await school.until(lambda: len(viewer.rtp) > 50)
        for attack in (boundless, *FLOODS):
            peer = publisher if attack is lying_sender else viewer
            wire = [peer.protect_rtcp(packet) for packet in attack(school, viewer)]
            came = sum(map(len, viewer.rtp))
            async with school.watching() as watch:
                await school.pace((partial(peer.socket.send, data) for data in wire), 6_000)
            came = sum(map(len, viewer.rtp)) - came
            check(watch, attack.__name__)
            assert attack not in FLOODS or watch.dropped["too_many"] > 0, (attack.__name__, watch.dropped)
            duration = watch.sent * 0.02
            assert watch.asked <= 2 + duration, "once a second at most"
            # Both streams take 130 kbit/s; of what is sent again comes 200 kbit/s, and as much at once.
            assert came * 8 < 200_000 * (duration + 3) + 200_000 * (duration + 3), (attack.__name__, came)


# --- handshakes and connections ---------------------------------------------------------------------------


async def test_half_open_handshakes_keep_nobody_out() -> None:
    async with asyncio.timeout(SECONDS), hostile_class() as school:
        async with school.watching() as watch:
            for number in range(transport.MAX_HANDSHAKES):
                offer, _, _ = await school.pool.subscribe("r", f"mallory {number}")
                silent = await school.proved(offer)
                school.deaf(silent)
                silent.hello()  # And then never a word.
            began = asyncio.get_running_loop().time()
            await school.viewer("cat")
            took = asyncio.get_running_loop().time() - began
        check(watch, "half open", grown=48 * MEGABYTE)
        assert took < 10


async def test_hellos_and_junk_are_bounded() -> None:
    async with asyncio.timeout(SECONDS), hostile_class() as school:
        stranger = school.stranger()
        hello = b"\x16\xfe\xff" + bytes(8) + b"\0\x20" + os.urandom(32)
        silent = await school.proved(await school.offered("silent"))
        mallory = await school.proved(await school.offered("mallory"))
        good = await school.viewer("grace")
        async with school.watching() as watch:
            for sock in (stranger, silent.socket, mallory.socket, good.socket):
                noise = [hello, os.urandom(60), b"\x17" + os.urandom(90), b"\0\1\0\0" + os.urandom(30)]
                await school.pace((partial(sock.send, noise[n % 4]) for n in range(1_600)), 6_000)
        check(watch, "hellos")
        assert watch.dropped["stranger"] > 500
        await school.viewer("cat")


async def test_held_connections_keep_nobody_out() -> None:
    async with asyncio.timeout(SECONDS), hostile_class() as school:
        address = (school.ann.server.host, school.ann.server.port)
        async with school.watching() as watch:
            for _ in range(tcp.STRANGERS_A_HOST + 50):
                held = socket.create_connection(address, source_address=("127.0.0.66", 0))
                held.setblocking(False)
                school.extra.append(held)
            offer = await school.offered("cat")
            assert "tcp" in offer
            cat = await school.connect(offer, tcp=True)
            await school.until(lambda: len(cat.rtp) > 10)
        check(watch, "connections")
        counters = next(row for row in (await school.stats())["sockets"] if "turned_away" in row)
        assert counters["turned_away"] >= 50
        assert counters["open"] <= tcp.STRANGERS_A_HOST + 1
