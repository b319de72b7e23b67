"""
What a worker tells of the lines of its peers, and what it counts about itself.

To put one peer's figures together takes some 50 us: for a full worker that is a pause in which no packet is
forwarded. So everybody has a turn every STATS_EVERY seconds, a few at each tick. The same turn adds what was
counted since the last one to the worker's totals, which outlive peers and legs; nobody ever walks over all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from signaling import messages
from signaling.core.model import PeerStats
from signaling.core.turns import Turns
from signaling.faults import Faults
from signaling.peers import Peer
from signaling.rtc.fanout import FanOut
from signaling.rtc.leg import Leg

STATS_EVERY: Final = 2.0  # Seconds. A network panel that changes faster cannot be read.
MOST_AT_ONCE: Final = 10  # Half a millisecond a tick; a worker of more than 1,000 peers tells less often.
LATE: Final = 0.02  # Seconds: so late is a whole tick, and what a viewer's player has to hide.
LAG_WINDOW: Final = 15.0  # Seconds for which the latest tick is remembered, as long as scrapes are apart.
FEW_PACKETS: Final = 100  # Forwarded in STATS_EVERY: below, the price of one is that of everything else.


class Pulse:
    """How late a loop is, and what a forwarded packet costs it. Times are seconds."""

    __slots__ = ("_before", "_cpu", "_forwarded", "_now", "_since", "cpu_per_packet", "late_ticks")

    def __init__(self) -> None:
        self.late_ticks = 0
        self.cpu_per_packet = 0.0
        self._now = self._before = 0.0
        self._since = 0.0
        self._cpu = 0.0
        self._forwarded = 0

    @property
    def lag(self) -> float:
        """The latest that a tick was in the last LAG_WINDOW, or up to twice that."""
        return max(self._now, self._before)

    def beat(self, late: float, now: float) -> None:
        """A tick came `late` seconds after its time."""
        if now - self._since >= LAG_WINDOW:
            self._before = self._now if now - self._since < 2 * LAG_WINDOW else 0.0
            self._now, self._since = 0.0, now
        self._now = max(self._now, late)
        self.late_ticks += late > LATE

    def spend(self, cpu: float, forwarded: int) -> None:
        """Take the process's processor time and the packets that it forwarded, both since its start."""
        packets = forwarded - self._forwarded
        self.cpu_per_packet = (cpu - self._cpu) / packets if packets >= FEW_PACKETS else 0.0
        self._cpu, self._forwarded = cpu, forwarded


class Measures:
    """Measures every peer in turn. `tick` as often as the worker ticks."""

    def __init__(
        self,
        emit: Callable[[Any], None],
        faults: Faults,
        fan_out: FanOut,
        measure: Callable[[], Mapping[str, Any]],
        now: float,
    ) -> None:
        """`measure` gives the processor time of the process as `cpu`, if anything."""
        self.totals: Counter[str] = Counter(dict.fromkeys(NAMES, 0))
        self.pulse = Pulse()
        self._emit = emit
        self._faults = faults
        self._fan_out = fan_out
        self._measure = measure
        self._turns: Turns[Peer] = Turns(STATS_EVERY, MOST_AT_ONCE)
        self._counted: dict[Peer, dict[object, int]] = {}
        self._ticked_at = now
        self._spent_at = now

    def __len__(self) -> int:
        return len(self._turns)

    def add(self, peer: Peer) -> None:
        """Measure this peer from now on."""
        self._turns.add(peer)
        self._counted[peer] = {}

    def remove(self, peer: Peer, now: float) -> None:
        """Count what a peer did since its last turn, and forget it. Before its legs are closed."""
        self._turns.remove(peer)
        if peer not in self._counted:
            return
        found = peer.room.core.peer_stats(peer.name, now)
        if found is not None:
            self._count(peer, found)
        del self._counted[peer]

    def tick(self, now: float) -> None:
        """Measure those whose turn it is, and tell it."""
        due = self._turns.due(now - self._ticked_at)
        self._ticked_at = now
        for peer in due:
            try:
                self._take(peer, now)
            except Exception:  # The edge of a peer's turn: see faults.py.
                self._faults.report("statistics")
        if now - self._spent_at >= STATS_EVERY:
            self._spent_at = now
            self.pulse.spend(self._measure().get("cpu", 0.0), self._fan_out.forwarded)

    def _take(self, peer: Peer, now: float) -> None:
        found = peer.room.core.peer_stats(peer.name, now)
        if found is None:
            return
        self._count(peer, found)
        if peer.publisher is not None or peer.subscriber is not None:
            self._emit(
                messages.PeerStats(
                    room=peer.room.name,
                    peer=peer.name,
                    publisher=_status(peer.publisher),
                    subscriber=_status(peer.subscriber),
                    stats=found,
                )
            )

    def _count(self, peer: Peer, found: PeerStats) -> None:
        """Add to the totals what grew; a counter that fell belongs to something new and began at nothing."""
        before = self._counted.get(peer, {})
        now: dict[object, int] = {}
        for key, name, count in _counters(peer, found):
            now[key] = count
            known = before.get(key, 0)
            self.totals[name] += count - known if count >= known else count
        self._counted[peer] = now


_SOURCES: Final = ("packets", "lost", "repaired", "nacks", "plis")
_SUBSCRIBER: Final = ("packets", "retransmitted", "nacks", "plis")
NAMES: Final = (
    *(f"up_{name}" for name in _SOURCES),
    *(f"down_{name}" for name in _SUBSCRIBER),
    "received_bytes",
    "sent_bytes",
)
"""The totals: `up_` is what comes from publishers and what is asked of them, `down_` the way to viewers."""


def _counters(peer: Peer, found: PeerStats) -> Iterator[tuple[object, str, int]]:
    """Yield (what it is a counter of, the total it belongs to, its value)."""
    for source in found.sources:
        for layer in source.layers:
            for name in _SOURCES:
                yield (layer.ssrc, name), f"up_{name}", getattr(layer, name)
    if found.subscriber is not None:
        for name in _SUBSCRIBER:
            yield name, f"down_{name}", getattr(found.subscriber, name)
    for leg in (peer.publisher, peer.subscriber):
        if leg is not None:
            yield (id(leg), "received"), "received_bytes", leg.bytes_received
            yield (id(leg), "sent"), "sent_bytes", leg.bytes_sent


def _status(leg: Leg | None) -> messages.LegStatus | None:
    if leg is None:
        return None
    if leg.path is None:
        return messages.LegStatus(leg.state, "")
    return messages.LegStatus(leg.state, "tcp" if leg.path.port.protocol == "tcp" else "udp")
