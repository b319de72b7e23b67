"""
Where requests, legs and the pure rooms meet.

`core.router.Room` decides about packets, `rtc.transport` moves them, `legs`
knows which offer is about which leg, and this file joins them: it makes rooms
and peers, hands on requests and packets, and tells the program what happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from signaling import control
from signaling.capture import Captures
from signaling.control import MediaRefused
from signaling.core.model import (
    Event,
    LayersWanted,
    Limits,
    Output,
    PairsGrown,
    SlotsBound,
    SpeakersChanged,
)
from signaling.core.router import Room
from signaling.faults import Faults
from signaling.legs import Legs
from signaling.measures import Measures
from signaling.peers import HostedRoom, Peer
from signaling.pipe import Pipe
from signaling.rtc.fanout import FanOut
from signaling.rtc.handler import Handler
from signaling.rtc.leg import Leg
from signaling.rtc.transport import Transport
from signaling.spans import Spans

MAX_ROOMS: Final = 1_000  # More classes than a node runs at once (it refuses the 501st).
MAX_PEERS: Final = 5_000  # A worker at 6 us a packet is full with a tenth of that; this bounds memory.
MAX_NAME: Final = 128  # Of rooms, peers and tracks: ids of the program, not texts of people.

Emit = Callable[[Any], None]


class RoomHost:
    """All rooms of a worker. A `Handler` for the transport, and the handler of control requests."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        random_bits: Callable[[int], int],
        candidates: tuple[tuple[str, int], ...],
        tcp_candidates: tuple[tuple[str, int], ...] = (),
        transport: Callable[[Handler], Transport],
        emit: Emit,
        measure: Callable[[], dict[str, Any]],
        faults: Faults | None = None,
        pipe: Pipe | None = None,
        captures: Captures | None = None,
        limits: Limits | None = None,
    ) -> None:
        """
        `transport` makes one that tells us what it hears; `measure` gives figures of the process. `pipe`
        leads to other workers, if there are any; `captures` to files, if anything may be recorded.
        """
        self.rooms: dict[str, HostedRoom] = {}
        self.fan_out = FanOut()
        self.transport = transport(self)
        self.legs = Legs(self.transport, candidates, self._tell_offer, tcp_candidates)
        self._clock = clock
        self._random_bits = random_bits
        self._emit = emit
        self._measure = measure
        self._limits = limits or Limits()
        self.faults = faults or Faults()
        self.spans = Spans(pipe, self.fan_out)
        self.captures = captures or Captures(None, emit, lambda: 0.0)
        self._peers = 0
        self.measures = Measures(emit, self.faults, self.fan_out, measure, clock())

    # --- requests ----------------------------------------------------------------------------------

    def handle(self, request: control.AnyRequest) -> control.AnyAnswer | control.Later:
        """Do what the program asks. Raises MediaRefused."""
        try:
            return self._do(request, self._clock())
        except MediaRefused:
            raise
        except Exception as error:  # The edge of a request: see faults.py.
            self.faults.report("a request")
            raise MediaRefused("media.fault", "the media worker made a mistake") from error

    def _do(self, request: control.AnyRequest, now: float) -> control.AnyAnswer | control.Later:
        match request:
            case control.Publish(number, room, peer, offer, kinds):
                found = self._peer(room, peer, now)
                answer = self.legs.publish(found, offer, kinds, now)
                sections = found.published.sections if found.published is not None else ()
                return control.Published(number, answer, {s.kind: s.rids or ("",) for s in sections})
            case control.Subscribe(number, room, peer):
                found = self._peer(room, peer, now)
                text = self.legs.subscribe(found, now)
                return control.Offered(number, text, found.room.version, self._slots(found.room))
            case control.Answer(number, room, peer, text):
                self.legs.answer(self._known(room, peer), text, now)
            case control.Watch(number, room, peer, offer):
                return control.Watched(number, self.legs.watch(self._peer(room, peer, now), offer, now))
            case control.RestartIce(number, room, peer):
                leg = self.legs.restart(self._known(room, peer))
                return control.Restarted(number, leg.ufrag, leg.password)
            case control.SetWish(number, room, peer, mode, tracks):
                core = self._peer(room, peer, now).room.core
                core.mode(peer, mode, now)
                core.wish(peer, tracks, now)
            case control.Gate():
                self._gate(request, now)
            case control.Record() | control.StopRecording():
                return self._capture(request, now)
            case control.Close(number, room, peer):
                self._close(room, peer, now)
            case control.SetSpan(_, room):
                self._set_span(room, request, now)
            case control.Stats(number, detail):
                return control.Measured(number, self.stats(now, detail))
        return control.Done(request.id)

    def _capture(
        self, request: control.Record | control.StopRecording, now: float
    ) -> control.AnyAnswer | control.Later:
        if isinstance(request, control.Record):
            core = self._known(request.room, request.peer).room.core
            return self.captures.record(request, core, now)
        self.captures.stop(request.room, request.peer, request.kind, now)
        return control.Done(request.id)

    def _gate(self, gate: control.Gate, now: float) -> None:
        if gate.track is not None:
            _check_name(gate.track)
        core = self._peer(gate.room, gate.peer, now).room.core
        core.gate(gate.peer, gate.kind, gate.track, now)
        core.muted(gate.peer, gate.kind, gate.muted, now)

    def _peer(self, room: str, name: str, now: float) -> Peer:
        """Return a peer, made on first sight."""
        _check_name(room)
        _check_name(name)
        hosted = self.rooms.get(room)
        if hosted is not None and name in hosted.peers:
            return hosted.peers[name]
        if self._peers >= MAX_PEERS:
            raise MediaRefused("media.too_many", "this worker is full")
        hosted = hosted or self._open(room, now)
        self._peers += 1
        # 62 bits: browsers read the session number of an o= line into a signed 64-bit integer.
        peer = hosted.peers[name] = Peer(hosted, name, session=self._random_bits(62))
        self.measures.add(peer)
        return peer

    def _open(self, room: str, now: float) -> HostedRoom:
        if len(self.rooms) >= MAX_ROOMS:
            raise MediaRefused("media.too_many", "this worker is full")
        core = Room(random_bits=self._random_bits, now=now, limits=self._limits)
        hosted = self.rooms[room] = HostedRoom(room, core)
        return hosted

    def _set_span(self, room: str, span: control.SetSpan, now: float) -> None:
        """A room may be told of before its first peer comes here, and has then everybody to be seen."""
        _check_name(room)
        hosted = self.rooms.get(room) or self._open(room, now)
        try:
            self.spans.set(hosted, span, now)
        finally:
            if not hosted.peers and not hosted.shards:
                del self.rooms[room]

    def _known(self, room: str, name: str) -> Peer:
        hosted = self.rooms.get(room)
        if hosted is None or name not in hosted.peers:
            raise MediaRefused("media.unknown_peer", "there is no such peer")
        return hosted.peers[name]

    def _slots(self, room: HostedRoom) -> dict[str, str | None]:
        empty: dict[str, str | None] = {}
        for pair in room.pairs(room.core.pairs):
            empty[pair.audio_mid] = empty[pair.video_mid] = None
        return empty | room.slots

    # --- leaving -----------------------------------------------------------------------------------

    def _close(self, room: str, name: str, now: float) -> None:
        hosted = self.rooms.get(room)
        peer = hosted.peers.pop(name, None) if hosted is not None else None
        if hosted is None or peer is None:
            return
        self._peers -= 1
        self.measures.remove(peer, now)
        self.legs.close(peer)
        self.captures.gone(room, name, now)
        hosted.core.leave(name, now)
        if not hosted.peers:
            self.spans.forget(hosted)
            del self.rooms[room]

    # --- what the transport tells (rtc.handler) ---------------------------------------------------

    def on_rtp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """See rtc.handler."""
        if leg.role == "publisher":
            peer: Peer = leg.owner
            self.fan_out.hold(peer.room.core.on_rtp(peer.name, packet, now))

    def on_batch_end(self) -> None:
        """See rtc.handler."""
        self.fan_out.release()

    def on_rtcp(self, leg: Leg, packet: memoryview, now: float) -> None:
        """See rtc.handler."""
        peer: Peer = leg.owner
        self.fan_out.send(peer.room.core.on_rtcp(peer.name, leg.role, packet, now))

    def on_connected(self, leg: Leg, now: float) -> None:
        """See rtc.handler."""
        peer: Peer = leg.owner
        if leg is peer.subscriber:
            self.legs.attach(peer, leg, now)
        self._emit(control.LegState(peer.room.name, peer.name, leg.role, "connected"))

    def on_lost(self, leg: Leg, now: float) -> None:
        """See rtc.handler."""
        peer: Peer = leg.owner
        self._emit(control.LegState(peer.room.name, peer.name, leg.role, "lost"))

    def on_failed(self, leg: Leg, reason: str, now: float) -> None:
        """See rtc.handler."""
        peer: Peer = leg.owner
        if self.legs.failed(peer, leg, now):
            self._emit(control.LegState(peer.room.name, peer.name, leg.role, "failed"))

    # --- time --------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Let every room do what is due, and measure some peers."""
        for room in self.rooms.values():
            try:
                self._carry_out(room, room.core.tick(now))
            except Exception:  # The edge of a room's turn: see faults.py.
                self.faults.report("a tick")
        self.captures.tick(now)
        self.measures.tick(now)

    def _carry_out(self, room: HostedRoom, output: Output) -> None:
        self.fan_out.send(output.forwards)
        for rtcp in output.rtcp:
            peer = room.peers.get(rtcp.peer)
            if peer is not None:
                leg = peer.publisher if rtcp.leg == "publisher" else peer.subscriber
                if leg is not None:
                    leg.send_rtcp(rtcp.packet)
        for event in output.events:
            self._tell(room, event)

    def _tell(self, room: HostedRoom, event: Event) -> None:
        match event:
            case SlotsBound(version, tracks):
                room.version, room.slots = version, dict(tracks)
                self._emit(control.SlotsChanged(room.name, version, self._slots(room)))
            case PairsGrown():
                for peer in room.peers.values():
                    self.legs.offer_grown(peer)
            case SpeakersChanged(speakers, dominant):
                levels = {speaker.peer: speaker.level for speaker in speakers}
                self._emit(control.SpeakersChanged(room.name, levels, dominant))
            case LayersWanted(peer=name, kind=kind, rids=rids):
                self._emit(control.LayersWanted(room.name, name, kind, rids))

    def _tell_offer(self, peer: Peer, text: str) -> None:
        room = peer.room
        self._emit(control.NewOffer(room.name, peer.name, text, room.version, self._slots(room)))

    def stats(self, now: float, detail: bool = True) -> dict[str, Any]:
        """Return counters of the transport and the rooms, with `detail` those of every peer; plain values."""
        transport, measures = self.transport, self.measures
        return {
            **self._measure(),
            "peers": self._peers,
            "legs": len(transport.legs),
            "legs_lost": sum(leg.state == "lost" for leg in transport.legs),
            "late_ticks": measures.pulse.late_ticks,
            "lag": measures.pulse.lag,
            "cpu_per_packet": measures.pulse.cpu_per_packet,
            "totals": dict(measures.totals),
            "network_changes": transport.network_changes,
            "dropped": dict(transport.dropped),
            "faults": dict(self.faults.count),
            "forwarded": self.fan_out.forwarded,
            "skipped": self.fan_out.skipped,
            "unsendable": self.fan_out.unsendable,
            "pipe": self.spans.stats(),
            "captures": self.captures.stats(),
            "spanned": len(self.spans.rooms),
            "sockets": [msgspec.to_builtins(port.counters) for port in transport.ports],
            "rooms": {
                room.name: [msgspec.to_builtins(found) for found in room.core.stats(now)] if detail else []
                for room in self.rooms.values()
            },
        }


def _check_name(name: str) -> None:
    if not 0 < len(name) <= MAX_NAME:
        raise MediaRefused("media.bad_request", f"a name has 1 to {MAX_NAME} characters")
