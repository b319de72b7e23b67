"""
The last packets of one publisher layer, kept once for everybody.

Retransmissions to any subscriber and key frame replays for joiners read from here; what differs per
subscriber is a small mapping of numbers (`rewriter`), never a copy of a packet.
"""

VIDEO_PACKETS = 512  # 2.5 s of the largest layer: longer than any retransmission is useful
AUDIO_PACKETS = 128  # 2.5 s at 20 ms; also tells duplicates apart
REPLAY_PACKETS = 160  # A joiner's burst: 160 packets or
REPLAY_BYTES = 40_000  # 40 kB, 1 s of a 300 kbit/s line; what is longer waits for a new key frame.


class Packet:
    """
    One received packet, parsed. `number` and `picture_id` are extended, `payload` without padding.

    `key`: forwarding may begin here (first packet of a key frame; any packet of audio); `bare`: only after
    the layer's parameter sets (H.264). `start`: first packet of a picture. Absent VP8 counters have offset 0
    (and picture_id is -1).
    """

    __slots__ = (
        "arrival",
        "bare",
        "key",
        "marker",
        "number",
        "payload",
        "picture_id",
        "picture_id_at",
        "start",
        "sync",
        "temporal",
        "timestamp",
        "tl0",
        "tl0_at",
    )

    def __init__(self, number: int, timestamp: int, marker: bool, payload: bytes, arrival: float) -> None:
        self.number = number
        self.timestamp = timestamp
        self.marker = marker
        self.payload = payload
        self.arrival = arrival
        self.key = self.start = True
        self.sync = self.bare = False
        self.picture_id = -1
        self.temporal = self.picture_id_at = self.tl0 = self.tl0_at = 0


class Ring:
    """A ring of `size` (a power of two) packets by number."""

    __slots__ = ("_mask", "_slots", "key_number", "newest")

    def __init__(self, size: int) -> None:
        self._slots: list[Packet | None] = [None] * size
        self._mask = size - 1
        self.newest = -1
        self.key_number = -1  # the first packet of the newest key frame

    def put(self, packet: Packet) -> bool:
        """Keep `packet`; False if it is a duplicate or older than the ring is long."""
        number = packet.number
        slots = self._slots
        at = number & self._mask
        there = slots[at]
        if number > self.newest:
            self.newest = number
        elif number <= self.newest - len(slots) or (there is not None and there.number >= number):
            return False
        slots[at] = packet
        if packet.key and number > self.key_number:
            self.key_number = number
        return True

    def get(self, number: int) -> Packet | None:
        """Return the packet, if it is still there."""
        found = self._slots[number & self._mask]
        return found if found is not None and found.number == number else None

    def since_key(self) -> list[Packet]:
        """
        Return what a joiner has to get: the newest key frame and all after it, oldest first.

        Empty when that is too long for a burst, or no longer all there. Holes (packets that were lost and
        may still come) are left out; the joiner asks for them like anybody.
        """
        first, newest = self.key_number, self.newest
        if first < 0 or newest - first >= min(REPLAY_PACKETS, len(self._slots)) or self.get(first) is None:
            return []
        found = [packet for number in range(first, newest + 1) if (packet := self.get(number)) is not None]
        return found if sum(len(packet.payload) for packet in found) <= REPLAY_BYTES else []

    def clear(self) -> None:
        """Let go of all packets; numbers go on."""
        self._slots = [None] * len(self._slots)
        self.key_number = -1
