"""
The hot path: a few packets to many subscribers.

What was read at once is held until all of it is there, and sorted by whom it is for: the packets of a frame
go to the same subscribers, who each get them side by side (`burst`). For a packet and a subscriber nothing is
left to be done but a nonce and a seal, straight into the socket's arena. That loop is written flat, since
every call and every attribute in it is paid some hundred thousand times a second.

Whoever is different goes the long way: AES-CM, numbers of their own, TCP, a frame that was broken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from signaling.core.model import Forward, Target
from signaling.rtc.burst import MAX_BURST, Bursts
from signaling.rtc.leg import Leg
from signaling.rtc.port import MAX_DATAGRAM, SEND_BATCH, Port
from signaling.rtc.srtp import GCM_TAG, SrtpError
from signaling.rtc.table import SLOT

FEW = 8  # Packets in all: to lay out a table for fewer costs more than one message saves (measured).


class FanOut:
    """Protects and queues what the router forwards. `forwarded` counts packets, for the price of one."""

    def __init__(self) -> None:
        self.forwarded = 0
        self.skipped = 0
        """Not sent because an earlier packet of the same frame did not fit into the socket."""
        self.unsendable = 0
        self._held: list[Forward] = []

    def hold(self, forwards: Iterable[Forward]) -> None:
        """Keep `forwards` until `release`: more may come that goes to the same targets."""
        self._held += forwards

    def release(self) -> None:
        """Send what is held."""
        if self._held:
            held, self._held = self._held, []
            self.send(held)

    def send(self, forwards: Iterable[Forward]) -> None:
        """
        Send `forwards`, or queue them on the ports of their targets.

        Those to the same targets keep their order. Groups of few go first: a packet of sound need not wait
        for the frame that came with it.
        """
        groups: dict[int, list[Forward]] = {}
        for forward in forwards:
            if len(forward.header) + len(forward.payload) > MAX_DATAGRAM:
                self.unsendable += len(forward.targets)
                continue
            group = groups.setdefault(id(forward.targets), [])
            group.append(forward)
        for group in sorted(groups.values(), key=len):
            targets = group[0].targets
            for at in range(0, len(group), MAX_BURST):
                self._send_group(group[at : at + MAX_BURST], targets)

    def _send_group(self, group: list[Forward], targets: Sequence[Target]) -> None:
        """Send the same packets to all `targets`: port by port in bursts, and the long way to who is left."""
        done: list[Port] = []
        while len(targets) * len(group) >= FEW:
            port = next((port for target in targets if (port := _burst_port(target, done))), None)
            if port is None:
                break
            done.append(port)
            targets = self._burst(port, port.bursts, group, targets)
        for target in targets:
            for forward in group:
                self._queue(target, forward)

    def _burst(
        self, port: Port, bursts: Bursts, group: list[Forward], targets: Sequence[Target]
    ) -> list[Target]:
        """Send to those `targets` that are plain subscribers behind `port`; return the others."""
        if port.queued:
            port.flush()  # It is the same arena.
        packets = [(item.ssrc << 48 | item.index, item.payload, item.header) for item in group]
        headers = [item.header for item in group]
        lengths = [len(item.header) + len(item.payload) + GCM_TAG for item in group]
        bursts.lay_out(headers, lengths, len(targets))
        views, names, owners, room = bursts.views, bursts.names, bursts.owners, bursts.room
        octets, step = sum(lengths), 8 * bursts.runs
        others: list[Target] = []
        peers = slot = sent = 0
        for target in targets:
            leg: Leg = target.handle
            if leg.port is not port or leg.skipping is not None:
                others.append(target)
                continue
            name, encrypt_into = leg.name, leg.encrypt_into
            if encrypt_into is None or not name:
                others.append(target)
                continue
            if peers == room:
                bursts.flush(peers)
                sent += peers
                peers = slot = 0
            salt, base = leg.salt, target.index_base
            for number, payload, header in packets:
                encrypt_into((salt ^ number - base).to_bytes(12, "big"), payload, header, views[slot])
                slot += 1
            for at in range(step * peers, step * peers + step, 8):
                names[at] = name
            owners[peers] = leg
            leg.bytes_sent += octets
            peers += 1
        if peers:
            bursts.flush(peers)
        self.forwarded += (sent + peers) * len(packets)
        return others

    def _queue(self, target: Target, forward: Forward) -> None:
        """Queue one packet for one subscriber, whoever that is."""
        leg: Leg = target.handle
        if not leg.name:
            return  # The peer's address is not known, or the leg has ended meanwhile.
        header, payload = forward.header, forward.payload
        if leg.skipping is not None:
            if self._skips(leg, forward.ssrc, header):
                return
            if leg.dialect is not None:
                header = leg.dialect.say(header)
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
            nonce = (leg.salt ^ (forward.ssrc << 48 | forward.index - target.index_base)).to_bytes(12, "big")
            leg.encrypt_into(nonce, payload, header, arena[body : start + size])
        port.outgoing.lengths[2 * slot + 1] = size
        port.outgoing.pointers[8 * slot] = leg.name
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


def _burst_port(target: Target, done: list[Port]) -> Port | None:
    """Return the port of a plain subscriber if it sends bursts and had no turn yet."""
    leg: Leg = target.handle
    port: Port | None = leg.port
    plain = leg.name and leg.encrypt_into is not None and leg.skipping is None
    return port if plain and port is not None and port.bursts is not None and port not in done else None
