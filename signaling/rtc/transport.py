"""
All legs of a process behind its sockets; strangers end here.

What arrives is told apart by its first byte (RFC 7983). STUN finds its leg by
the user fragment in it, never by address, since routers re-use addresses;
everything else finds its leg by the address that STUN proved. So nobody gets
an answer, a handshake or a packet through who has not shown a password from
signalling: the cookie exchange of DTLS has nothing left to protect.
Whatever is dropped is counted by reason.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from signaling.core import ice
from signaling.faults import Faults
from signaling.rtc.dtls import DtlsError, Identity
from signaling.rtc.handler import Handler
from signaling.rtc.leg import CHECK_COST, DTLS_COST, LOST_AFTER, MAX_SSRCS, REPORT_COST, Leg, Role
from signaling.rtc.port import MAX_DATAGRAM, Path, Port
from signaling.rtc.srtp import reason
from signaling.rtc.table import SLOT
from signaling.rtc.ways import Ways

MAX_HANDSHAKES: Final = 256  # At once: 2 ms of CPU and 50 kB each. The others repeat their hello in a second.
# Seconds that one has a place for when others wait: three round trips and a lost flight.
HANDSHAKE_SHARE: Final = 2.5
GIVEN_UP_AFTER: Final = 0.5  # Seconds of silence on a path, while packets come by another.
WATCH_EVERY: Final = 0.25  # Seconds between looks at every leg: five hundred of them take a millisecond.
LOOKS: Final = 8  # At a socket in one turn, while each finds fewer than
ENOUGH: Final = 8  # datagrams: then more would wait for us elsewhere, and a frame is together.
DTLS_ALERT: Final = 21  # The record type of close_notify (RFC 6347 section 4.1).
# The fixed headers (RFC 3550 sections 5.1 and 6.4.2): the SSRC is read before libsrtp looks at a packet.
MIN_RTP: Final = 12
MIN_RTCP: Final = 8


class Transport:
    """The legs and sockets of one process. Owned by one loop, driven by `on_readable` and `tick`."""

    def __init__(self, identity: Identity, handler: Handler, faults: Faults | None = None) -> None:
        self.identity = identity
        self.handler = handler
        self.ports: list[Port] = []
        self.legs: set[Leg] = set()
        self.dropped: Counter[str] = Counter()
        self.network_changes = 0
        self._ways = Ways()
        self._handshaking: dict[Leg, None] = {}
        """The one that began first stands first."""
        self.faults = faults or Faults()
        self._watched_at = 0.0

    # --- legs --------------------------------------------------------------------------------------

    def add_port(self, port: Port) -> None:
        """Serve a socket. The caller watches it and calls `on_readable`."""
        self.ports.append(port)
        self._ways.add_port(port)

    def open(self, role: Role, owner: Any, now: float) -> Leg:
        """Make a leg with fresh credentials."""
        leg = Leg(role, owner, self.identity, now)
        self.legs.add(leg)
        self.renew(leg)
        return leg

    def renew(self, leg: Leg) -> None:
        """Give a leg new credentials (an ICE restart); of older ones, the last stays good for now."""
        self._ways.renew(leg)

    def adopt(self, leg: Leg, other: Leg) -> None:
        """
        Let `leg` go on with credentials and addresses of `other`, which ends: it was the same peer.

        The old credentials stay good until the new ones are used, which may have happened.
        """
        self._ways.adopt(leg, other)
        self.close(other)

    def close(self, leg: Leg) -> None:
        """End a leg and say so to the peer. Again is no error."""
        if leg.dtls is not None and leg.dtls.keys is not None and leg.state != "ended":
            for data in leg.dtls.close():
                leg.send(data)
        leg.state = "ended"
        self._ways.release(leg)
        leg.dtls, leg.inbound, leg.outbound, leg.encrypt_into = None, None, None, None
        self.legs.discard(leg)
        self._handshaking.pop(leg, None)

    def expect(self, leg: Leg, fingerprints: tuple[tuple[str, str], ...], now: float) -> None:
        """Say who the peer of a leg has to be. It may have shaken hands before its answer got here."""
        leg.fingerprints = fingerprints
        self._prove(leg, now)

    def _fail(self, leg: Leg, why: str, now: float) -> None:
        if leg.state != "ended":
            self.dropped[f"leg_{why}"] += 1
            self.close(leg)
            self.handler.on_failed(leg, why, now)

    def _prove(self, leg: Leg, now: float) -> None:
        proved = leg.proved()
        if proved is None or leg.state != "new":
            return
        if not proved:
            self._fail(leg, "fingerprint", now)
            return
        leg.state = "connected"
        self.handler.on_connected(leg, now)

    # --- packets -----------------------------------------------------------------------------------

    def on_readable(self, port: Port, now: float) -> None:
        """
        Handle what is there, within bounds. What it causes is queued on the ports; `flush` sends it.

        While the first packet of a frame is being read the others come: looking again costs a microsecond,
        and a frame that is together costs half of one in parts (measured).
        """
        known = self._ways.paths(port)
        for _ in range(LOOKS):
            count = port.receive()
            for slot in range(count):
                length = port.length(slot)
                if not 0 < length <= MAX_DATAGRAM:
                    self.dropped["length"] += 1
                    continue
                try:
                    self._sort(port, known.get(port.key(slot)), slot, length, now)
                except Exception:  # The edge of a datagram: see faults.py.
                    self.faults.report("a packet")
            if not 0 < count < ENOUGH:
                break
        try:
            self.handler.on_batch_end()
        except Exception:  # As above.
            self.faults.report("a batch of packets")

    def _sort(self, port: Port, path: Path | None, slot: int, length: int, now: float) -> None:
        """Tell protocols apart by the first byte (RFC 7983)."""
        table = port.incoming
        first = table.buffer[slot * SLOT]
        if 128 <= first <= 191:
            if path is None:
                self.dropped["stranger"] += 1
            else:
                self._on_srtp(path, slot, length, now)
        elif first <= 3:
            self._on_stun(port, path, slot, length, now)
        elif 20 <= first <= 63 and path is not None:
            self._on_dtls(path, bytes(table.arena[slot * SLOT : slot * SLOT + length]), now)
        else:
            self.dropped["stranger" if path is None else "unknown_protocol"] += 1

    def flush(self) -> None:
        """Send what is queued everywhere."""
        for port in self.ports:
            if port.queued:
                port.flush()

    def _on_srtp(self, path: Path, slot: int, length: int, now: float) -> None:
        leg: Leg = path.leg
        inbound = leg.inbound
        if inbound is None or leg.state == "new":
            self.dropped["early"] += 1
            return
        table = path.port.incoming
        start = slot * SLOT
        rtcp = 192 <= table.buffer[start + 1] <= 223 if length > 1 else False  # RFC 5761 section 4
        leg.credit -= REPORT_COST if rtcp else 1
        if leg.credit < 0:
            self.dropped["too_many"] += 1
            return
        if length < (MIN_RTCP if rtcp else MIN_RTP):
            self.dropped["length"] += 1
            return
        at = start + (4 if rtcp else 8)
        ssrc = bytes(table.buffer[at : at + 4])
        new_source = ssrc not in leg.ssrcs
        if new_source and len(leg.ssrcs) >= MAX_SSRCS:
            self.dropped["too_many_ssrcs"] += 1
            return
        cell = table.cells[slot]
        plain = inbound.rtcp(cell, length) if rtcp else inbound.rtp(cell, length)
        if plain < 0:
            self.dropped[reason(plain)] += 1
            return
        if new_source:
            leg.ssrcs.add(ssrc)
        leg.heard_at = path.heard_at = now
        if path is not leg.path:
            self._follow(leg, path, now)
        leg.bytes_received += length
        packet = table.arena[start : start + plain]
        if rtcp:
            self.handler.on_rtcp(leg, packet, now)
        else:
            self.handler.on_rtp(leg, packet, now)

    def _on_stun(self, port: Port, path: Path | None, slot: int, length: int, now: float) -> None:
        if path is not None and not path.leg.pay(1):  # Reading one costs more than a packet, proved or not.
            self.dropped["too_many"] += 1
            return
        data = bytes(port.incoming.arena[slot * SLOT : slot * SLOT + length])
        try:
            check = ice.parse_check(data)
            leg = self._ways.leg(check.local_ufrag)
            if leg is None:
                self.dropped["stun_stranger"] += 1
                return
            password = leg.credentials[check.local_ufrag]
            check.verify(password)
        except ice.StunError as error:
            self.dropped[f"stun_{error.reason}"] += 1
            return
        if not leg.pay(CHECK_COST):
            self.dropped["too_many"] += 1
            return
        if path is None or path.leg is not leg:
            path = self._ways.prove(port, port.key(slot), leg)
        path.send(_answer(check, path, password))
        if check.controlled or check.unknown:
            return
        self._heard(leg, now)
        path.heard_at = now
        if check.use_candidate or leg.path is None:
            self._nominate(leg, path)
        if check.use_candidate and check.local_ufrag == leg.ufrag:
            self._ways.retire_older(leg)
        if leg.calls and leg.dtls is None and leg.agreed_at is None:
            self._call(leg, now)

    def _call(self, leg: Leg, now: float) -> None:
        """Begin the handshake with a peer that waits for it, now that its address is proved."""
        if not self._may_begin(now):
            return  # Its next check asks again.
        self._handshaking[leg] = None
        for flight in leg.call(now):
            leg.send(flight)

    def _may_begin(self, now: float) -> bool:
        """
        Whether there is a place for one more handshake.

        Who has had one for long gives way, so that nobody keeps others out by never going on.
        """
        if len(self._handshaking) < MAX_HANDSHAKES:
            return True
        oldest = next(iter(self._handshaking), None)
        if oldest is None or oldest.handshake_at is None or now - oldest.handshake_at < HANDSHAKE_SHARE:
            self.dropped["too_many_handshakes"] += 1
            return False
        self._fail(oldest, "slow_handshake", now)
        return True

    def _follow(self, leg: Leg, path: Path, now: float) -> None:
        """
        Go where the peer sends from, once nothing comes by the way that it nominated.

        It has given that way up; its next check, which says so, may be 2.5 s away (in Chromium).
        """
        if leg.path is None or now - leg.path.heard_at > GIVEN_UP_AFTER:
            self._nominate(leg, path)

    def _nominate(self, leg: Leg, path: Path) -> None:
        if leg.last is not None and leg.last is not path and path.is_elsewhere(leg.last):
            self.network_changes += 1
        leg.select(path)

    def _heard(self, leg: Leg, now: float) -> None:
        leg.heard_at = now
        if leg.state == "lost":
            leg.state = "connected"
            self.handler.on_connected(leg, now)

    def _on_dtls(self, path: Path, data: bytes, now: float) -> None:
        leg: Leg = path.leg
        if leg.dtls is None and leg.agreed_at is not None:
            # Too late for anything but a goodbye, whose keys are gone; only its outside can be seen.
            self.dropped["dtls_late"] += 1
            if data[0] == DTLS_ALERT and path is leg.path:
                leg.doubt(now)
            return
        if leg.dtls is None and not self._may_begin(now):
            return
        if not leg.pay(DTLS_COST):
            self.dropped["too_many"] += 1
            return
        try:
            flights = leg.on_dtls(data, now)
        except DtlsError:
            self._fail(leg, "handshake", now)
            return
        for flight in flights:
            path.send(flight)
        if leg.handshaking:
            self._handshaking[leg] = None
            return
        self._handshaking.pop(leg, None)
        if leg.dtls is not None and leg.dtls.closed:
            self._fail(leg, "goodbye", now)
        else:
            self._prove(leg, now)

    # --- time --------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Repeat handshakes, notice silence. Every 20 to 100 ms."""
        for leg in [leg for leg in self._handshaking if leg.timer_at is not None and leg.timer_at <= now]:
            try:
                flights = leg.on_dtls_timer(now)
            except DtlsError:
                self._fail(leg, "handshake", now)
                continue
            for flight in flights:
                leg.send(flight)
        elapsed = now - self._watched_at
        if elapsed >= WATCH_EVERY:
            self._watched_at = now
            self._watch(elapsed, now)

    def _watch(self, elapsed: float, now: float) -> None:
        for port in self.ports:
            port.sweep()
        for leg in list(self.legs):
            leg.refill(elapsed)
            if leg.dtls is not None:
                leg.retire_dtls(now)
            silent = now - leg.heard_at
            if leg.state == "connected" and silent > LOST_AFTER:
                leg.state = "lost"
                self.handler.on_lost(leg, now)
            elif leg.state == "lost" and silent <= LOST_AFTER:
                self._heard(leg, leg.heard_at)
            elif silent > leg.silence_limit():
                self._fail(leg, "silence", now)


def _answer(check: ice.Check, path: Path, password: bytes) -> bytes:
    if check.controlled:
        return ice.role_conflict(check.transaction, password)
    if check.unknown:
        return ice.unknown_attributes(check.transaction, check.unknown, password)
    return ice.success(check.transaction, path.mapped, password)
