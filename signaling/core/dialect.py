"""
The numbers of somebody who made the offer.

Subscribers of ours take our payload types and extension ids, so that one header serves a room. A player that
offers (WHEP) brings numbers of its own, and gets the same headers with those put in at the very edge: a byte
for the payload type, a byte for the extension, nothing else. What it did not agree to has no number here, and
so cannot be sent to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signaling.core.model import OUT_PAYLOAD_TYPE, CodecName
from signaling.core.rtp import HEADER_LENGTH

_MARKER: Final = 0x80
_EXTENDED: Final = 0x10  # the X bit of the first byte (RFC 3550 section 5.1)
_TIME_LENGTH: Final = 2  # abs-send-time has three bytes, and RFC 8285 section 4.2 counts from zero
_EXTENSION_AT: Final = HEADER_LENGTH + 4  # of the one extension that `rtp.pack_header` writes
MAX_EXTENSION_ID: Final = 14  # RFC 8285 section 4.2: the one-byte form has no more


class Dialect:
    """
    How one player wants its headers. Who has an equal one should share it: `say` remembers what it said last,
    and a class of players of one kind then costs one translation a packet.

    `numbers`: our payload types with theirs. `timed`: the id of abs-send-time by our payload type; a packet
    of another type goes without the extension, since an id that was not negotiated has no meaning.
    """

    __slots__ = ("_entries", "_heard", "_said", "opus")

    def __init__(self, numbers: Mapping[int, int], timed: Mapping[int, int]) -> None:
        entries: list[tuple[int, int] | None] = [None] * 256
        for ours, theirs in numbers.items():
            extension = timed.get(ours, 0)
            head = extension << 4 | _TIME_LENGTH if 0 < extension <= MAX_EXTENSION_ID else 0
            entries[ours] = (theirs, head)
            entries[ours | _MARKER] = (theirs | _MARKER, head)
        self._entries = tuple(entries)
        self._heard = self._said = b""
        self.opus = numbers.get(OUT_PAYLOAD_TYPE["opus"])
        """The payload type of sound, for whoever reads headers that were said."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialect) and self._entries == other._entries

    def __hash__(self) -> int:
        return hash(self._entries)

    def say(self, header: bytes) -> bytes:
        """Return one of our headers in this dialect; empty when the codec was not agreed to."""
        if header is self._heard:
            return self._said  # The last leg with this dialect was sent the same packet.
        self._heard = header
        entry = self._entries[header[1]]
        if entry is None:
            self._said = b""
        elif entry[1]:
            start = bytes((header[0], entry[0]))
            rest = header[2:_EXTENSION_AT], bytes((entry[1],)), header[_EXTENSION_AT + 1 :]
            self._said = start + b"".join(rest)
        else:
            self._said = bytes((header[0] & ~_EXTENDED & 0xFF, entry[0])) + header[2:HEADER_LENGTH]
        return self._said

    def codecs(self) -> frozenset[CodecName]:
        """Return what may be sent."""
        return frozenset(name for name, number in OUT_PAYLOAD_TYPE.items() if self._entries[number])
