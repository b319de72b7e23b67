"""
The hot path: one packet to many subscribers.

For every target a header is copied, the payload is encrypted straight into
the next slot of the socket's arena, and an address is noted; `sendmmsg` takes
the whole table at once. It is written flat and long, since
every call and every attribute here is paid some fifty thousand times a second.
"""

from __future__ import annotations

from collections.abc import Iterable

from signaling.core.dialect import Dialect
from signaling.core.model import Forward
from signaling.rtc.leg import Leg
from signaling.rtc.port import MAX_DATAGRAM, SEND_BATCH, Port
from signaling.rtc.srtp import GCM_TAG, SrtpError
from signaling.rtc.table import SLOT


class FanOut:
    """Protects and queues what the router forwards. `forwarded` counts packets, for the price of one."""

    def __init__(self) -> None:
        self.forwarded = 0
        self.skipped = 0
        """Not sent because an earlier packet of the same frame did not fit into the socket."""
        self.unsendable = 0

    def send(self, forwards: Iterable[Forward]) -> None:
        """Queue `forwards` on the ports of their targets, flushing as tables fill up."""
        for forward in forwards:
            header, payload = forward.header, forward.payload
            head = len(header)
            total = head + len(payload) + GCM_TAG
            if total > MAX_DATAGRAM + GCM_TAG:
                self.unsendable += len(forward.targets)
                continue
            ssrc, index = forward.ssrc, forward.index
            base = ssrc << 48
            for target in forward.targets:
                leg: Leg = target.handle
                name = leg.name
                if not name:
                    continue  # The peer's address is not known, or the leg has ended meanwhile.
                if leg.skipping is not None:
                    if self._skips(leg, ssrc, header):
                        continue
                    if leg.dialect is not None:
                        self._translate(leg, leg.dialect, forward, index - target.index_base)
                        continue
                port: Port = leg.port
                slot = port.queued
                if slot == SEND_BATCH:
                    port.flush()
                    slot = 0
                table = port.outgoing
                start = slot * SLOT
                encrypt_into = leg.encrypt_into
                if encrypt_into is None:
                    size = self._through_libsrtp(leg, forward, header, table.arena, start)
                    if not size:
                        continue
                else:
                    arena = table.arena
                    body = start + head
                    arena[start:body] = header
                    nonce = (leg.salt ^ (base | index - target.index_base)).to_bytes(12, "big")
                    encrypt_into(nonce, payload, header, arena[body : start + total])
                    size = total
                table.lengths[2 * slot + 1] = size
                table.pointers[8 * slot] = name
                port.owners[slot] = leg
                port.queued = slot + 1
                leg.bytes_sent += size
                self.forwarded += 1

    def _skips(self, leg: Leg, ssrc: int, header: bytes) -> bool:
        """Whether this packet belongs to a frame of which an earlier packet could not be sent."""
        skipping = leg.skipping or {}
        broken = skipping.get(ssrc)
        if broken is None:
            return False
        if header[4:8] == broken:
            self.skipped += 1
            return True
        del skipping[ssrc]
        leg.skipping = skipping if skipping or leg.dialect is not None else None
        return False

    def _translate(self, leg: Leg, dialect: Dialect, forward: Forward, index: int) -> None:
        """Queue a packet for somebody with payload types and extension ids of their own."""
        header, payload = dialect.say(forward.header), forward.payload
        if not header:
            self.unsendable += 1  # A codec that was not agreed to.
            return
        port: Port = leg.port
        if port.queued == SEND_BATCH:
            port.flush()
        slot = port.queued
        arena, start = port.outgoing.arena, slot * SLOT
        body, size = start + len(header), len(header) + len(payload) + GCM_TAG
        if leg.encrypt_into is None:
            size = self._through_libsrtp(leg, forward, header, arena, start)
            if not size:
                return
        else:
            arena[start:body] = header
            nonce = (leg.salt ^ (forward.ssrc << 48 | index)).to_bytes(12, "big")
            leg.encrypt_into(nonce, payload, header, arena[body : start + size])
        port.outgoing.lengths[2 * slot + 1] = size
        port.outgoing.pointers[8 * slot] = leg.name
        port.owners[slot] = leg
        port.queued = slot + 1
        leg.bytes_sent += size
        self.forwarded += 1

    def _through_libsrtp(
        self, leg: Leg, forward: Forward, header: bytes, arena: memoryview, start: int
    ) -> int:
        """Put the packet for a subscriber without AES-GCM into `arena`; return its size, 0 when dropped."""
        if leg.outbound is None:
            return 0
        try:
            packet = leg.outbound.rtp(forward.ssrc, forward.index, header, forward.payload)
        except SrtpError:
            self.unsendable += 1
            return 0
        arena[start : start + len(packet)] = packet
        return len(packet)
