"""
A publisher leg: which SSRC is which layer, and what a packet is once it has been read.

An SSRC is learnt from the `mid` and `rid` header extensions (`repaired-rid` for RTX), which browsers send
until the first reports acknowledge them; without them from the `a=ssrc` lines. A payload type alone tells it
only of a section that announced neither layers nor SSRCs, if no other has that type.
Whatever does not fit is dropped and counted in `dropped`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from signaling.core import rtp
from signaling.core.bitrate import RateMeter
from signaling.core.cache import VIDEO_PACKETS, Packet
from signaling.core.keeping import keep
from signaling.core.model import CodecName, ExtensionIds, Kind, Limits, MediaSection
from signaling.core.rtp import Buffer, RtpHeader
from signaling.core.sequence import unwrap
from signaling.core.source import Layer, Source
from signaling.core.transport_cc import ArrivalLog

_LEARN_PER_S = 0.2  # An SSRC may change now and then (a device is replaced), not all the time.
_Extensions = Mapping[int, tuple[int, int]]


class _Section:
    """A media section, prepared for looking up payload types."""

    __slots__ = ("codecs", "repairs", "section", "source")

    def __init__(self, section: MediaSection, source: Source) -> None:
        self.section = section
        self.source = source
        self.codecs: dict[int, CodecName] = {codec.payload_type: codec.name for codec in section.codecs}
        self.repairs: dict[int, int] = {
            codec.rtx_payload_type: codec.payload_type
            for codec in section.codecs
            if codec.rtx_payload_type is not None
        }


class _Stream:
    """What an SSRC was found to be: a layer's packets, or (`repair`) its retransmissions."""

    __slots__ = ("layer", "repair", "section")

    def __init__(self, section: _Section, layer: Layer, repair: bool) -> None:
        self.section = section
        self.layer = layer
        self.repair = repair


class PublisherLeg:
    """
    One publisher leg. `receive` is the hot path of everything that comes in.

    `replaced` collects layers whose SSRC or codec changed, for the room to move their viewers;
    `begun` says that there are new ones, or that one goes on that had stopped.
    """

    __slots__ = (
        "_extensions",
        "_known",
        "_learn_at",
        "_learn_budget",
        "_limits",
        "_second",
        "_second_octets",
        "_second_packets",
        "_sections",
        "_streams",
        "arrivals",
        "begun",
        "dropped",
        "loudness",
        "meter",
        "replaced",
        "sections",
    )

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._streams: dict[int, _Stream] = {}
        self._sections: dict[str, _Section] = {}
        self._known: dict[int, tuple[_Section, int, bool]] = {}
        self._extensions = ExtensionIds()
        self._learn_budget = float(limits.ssrcs)
        self._learn_at = now
        self._second = 0
        self._second_octets = self._second_packets = 0
        self.arrivals = ArrivalLog()
        self.dropped: Counter[str] = Counter()
        self.meter = RateMeter()
        # Audio level of the last microphone packet, -dBov (127 is silence); None: it did not tell.
        self.loudness: int | None = None
        self.replaced: list[Layer] = []
        self.begun = False  # a layer was seen for the first time, or again
        self.sections: tuple[MediaSection, ...] = ()

    def negotiate(self, sections: Sequence[MediaSection], sources: Mapping[Kind, Source]) -> None:
        """Take over what was negotiated. SSRCs learnt for sections that did not change stay known."""
        unchanged = set(self.sections) & set(sections)
        kept = {section.mid for section in unchanged}
        self._streams = {
            ssrc: stream for ssrc, stream in self._streams.items() if stream.section.section.mid in kept
        }
        self.sections = tuple(sections)
        self._extensions = _merge([section.extensions for section in sections])
        self._known = {}
        previous = self._sections
        self._sections = {}
        for section in sections:
            source = sources[section.kind]
            entry = previous[section.mid] if section.mid in kept else _Section(section, source)
            self._sections[section.mid] = entry
            if section.mid not in kept:
                self.replaced += [layer for layer in source.layers if layer is not None]
                source.rids = section.rids or ("",)
                source.layers = [None] * len(source.rids)
            for index, known in enumerate(section.ssrcs[: len(source.rids)]):
                self._known[known.ssrc] = (entry, index, False)
                if known.rtx is not None:
                    self._known[known.rtx] = (entry, index, True)

    def layer(self, ssrc: int) -> Layer | None:
        """Return the layer that `ssrc` carries, not counting RTX."""
        stream = self._streams.get(ssrc)
        return stream.layer if stream is not None and not stream.repair else None

    def receive(self, data: Buffer, now: float) -> tuple[Layer, Packet] | None:
        """
        Read one decrypted packet; None if nothing is to be done with it.

        A packet with an empty payload is padding: it has a number, and nothing to forward.
        """
        header = rtp.parse(data)
        if header is None:
            self.dropped["malformed"] += 1
            return None
        if not self._police(header.size, now):
            self.dropped["rate"] += 1
            return None
        found = rtp.extensions(data, header) if header.profile else {}
        arrival = found.get(self._extensions.transport_cc or 0)
        if arrival is not None and arrival[1] - arrival[0] == 2:
            self.arrivals.add(data[arrival[0]] << 8 | data[arrival[0] + 1], now)
        stream = self._streams.get(header.ssrc)
        if stream is None:
            stream = self._learn(data, header, found, now)
            if stream is None:
                return None
        section = stream.section
        codec = section.codecs.get(header.payload_type)
        if stream.repair:
            return self._unwrap_repair(data, header, stream, now)
        if codec is None:
            self.dropped["payload_type"] += 1
            return None
        layer = stream.layer
        if codec != layer.codec:
            if not self._afford(now):
                return None
            layer = self._new_layer(layer.source, layer.index, header.ssrc, codec)
        if layer.source.kind == "microphone":
            level = found.get(self._extensions.audio_level or 0)
            self.loudness = data[level[0]] & 0x7F if level is not None and level[0] < level[1] else None
        payload = bytes(data[header.payload_at : header.payload_end])
        return self._accept(layer, header.sequence, header, payload, now)

    def _accept(
        self, layer: Layer, sequence: int, header: RtpHeader, payload: bytes, now: float
    ) -> tuple[Layer, Packet] | None:
        number = layer.number(sequence, header.timestamp, now)
        if number < 0:
            self.dropped["late"] += 1
            return None
        packet = Packet(number, header.timestamp, header.marker, payload, now)
        if not payload:
            packet.key = packet.start = False
            return layer, packet
        return (layer, packet) if keep(self, layer, packet, header.size, now) else None

    def _unwrap_repair(
        self, data: Buffer, header: RtpHeader, stream: _Stream, now: float
    ) -> tuple[Layer, Packet] | None:
        """RFC 4588: the original number stands before the payload. RTX that is only padding is a probe."""
        at = header.payload_at
        main = stream.section.repairs.get(header.payload_type)
        if header.payload_end - at <= 2 or main is None:
            if main is None:
                self.dropped["payload_type"] += 1
            return None
        layer = stream.layer
        if layer.highest < 0 or stream.section.codecs[main] != layer.codec:
            self.dropped["early_rtx"] += 1
            return None
        sequence = data[at] << 8 | data[at + 1]
        number = unwrap(layer.highest, sequence)
        if abs(number - layer.highest) >= VIDEO_PACKETS:
            self.dropped["late"] += 1  # Only media itself can tell that a sender began anew.
            return None
        if layer.ring.get(number) is not None:
            self.dropped["duplicate"] += 1  # Chrome probes its line with copies of what came already.
            return None
        return self._accept(layer, sequence, header, bytes(data[at + 2 : header.payload_end]), now)

    def _police(self, size: int, now: float) -> bool:
        self.meter.add(size, now)
        second = int(now)
        if second != self._second:
            self._second = second
            self._second_octets = self._second_packets = 0
        self._second_octets += size
        self._second_packets += 1
        limits = self._limits
        return self._second_octets * 8 <= limits.receive_bps and self._second_packets <= limits.receive_pps

    # --- learning ---------------------------------------------------------------------------------------

    def _learn(self, data: Buffer, header: RtpHeader, found: _Extensions, now: float) -> _Stream | None:
        place = self._place(data, header, found)
        if place is None:
            self.dropped["unknown_ssrc"] += 1
            return None
        section, index, repair = place
        source = section.source
        layer = source.layers[index]
        if repair:
            if layer is None:
                self.dropped["early_rtx"] += 1
                return None
            if not self._afford(now):
                return None
            if layer.rtx_ssrc is not None:
                self._streams.pop(layer.rtx_ssrc, None)
            layer.rtx_ssrc = header.ssrc
        else:
            codec = section.codecs.get(header.payload_type)
            if codec is None:
                self.dropped["payload_type"] += 1
                return None
            if not self._afford(now):
                return None
            if layer is not None:
                self._forget(layer)
            layer = self._new_layer(source, index, header.ssrc, codec)
        stream = self._streams[header.ssrc] = _Stream(section, layer, repair)
        return stream

    def _afford(self, now: float) -> bool:
        """A new layer costs everybody work; a publisher may begin so many, and then one now and then."""
        gained = (now - self._learn_at) * _LEARN_PER_S
        self._learn_budget = min(self._learn_budget + gained, float(self._limits.ssrcs))
        self._learn_at = now
        if self._learn_budget < 1:
            self.dropped["ssrc_flood"] += 1
            return False
        self._learn_budget -= 1
        return True

    def _place(
        self, data: Buffer, header: RtpHeader, found: _Extensions
    ) -> tuple[_Section, int, bool] | None:
        """Return (section, layer index, is RTX) of an unknown SSRC, or None if it cannot be told."""
        ids = self._extensions
        section = self._sections.get(_text(data, found, ids.mid))
        if section is None:
            return self._known.get(header.ssrc) or self._only(header.payload_type)
        rids = section.section.rids
        if not rids:
            return section, 0, header.payload_type in section.repairs
        for number, repair in ((ids.rid, False), (ids.repaired_rid, True)):
            rid = _text(data, found, number)
            if rid in rids:
                return section, rids.index(rid), repair
        return self._known.get(header.ssrc)

    def _only(self, payload_type: int) -> tuple[_Section, int, bool] | None:
        """Return the one section with this payload type, if it left it at that."""
        entries = self._sections.values()
        found = [entry for entry in entries if payload_type in entry.codecs or payload_type in entry.repairs]
        if len(found) != 1 or found[0].section.rids or found[0].section.ssrcs:
            return None
        return found[0], 0, payload_type in found[0].repairs

    @property
    def wants_rate(self) -> bool:
        """Whether the publisher is to be told how much it may send: nobody else measures its line."""
        return self._extensions.transport_cc is None and any(section.remb for section in self.sections)

    def _new_layer(self, source: Source, index: int, ssrc: int, codec: CodecName) -> Layer:
        old = source.layers[index]
        layer = Layer(source, index, source.rids[index], ssrc, codec)
        if old is not None:
            layer.rtx_ssrc = old.rtx_ssrc
            self.replaced.append(old)
            for stream in self._streams.values():
                if stream.layer is old:
                    stream.layer = layer
        source.layers[index] = layer
        self.begun = True
        return layer

    def _forget(self, layer: Layer) -> None:
        self._streams.pop(layer.ssrc, None)
        if layer.rtx_ssrc is not None:
            self._streams.pop(layer.rtx_ssrc, None)
            layer.rtx_ssrc = None


def _text(data: Buffer, found: _Extensions, number: int | None) -> str:
    """Return an extension as text; empty when it is absent, or no ASCII."""
    if number is None or number not in found:
        return ""
    at, end = found[number]
    return bytes(data[at:end]).decode("ascii", "replace").rstrip("\0")


def _merge(all_ids: Sequence[ExtensionIds]) -> ExtensionIds:
    """One numbering for the whole BUNDLE group (RFC 8843 section 9.1.1 forbids two)."""

    def first(name: str) -> int | None:
        return next((value for ids in all_ids if (value := getattr(ids, name)) is not None), None)

    return ExtensionIds(
        mid=first("mid"),
        rid=first("rid"),
        repaired_rid=first("repaired_rid"),
        audio_level=first("audio_level"),
        transport_cc=first("transport_cc"),
        abs_send_time=first("abs_send_time"),
    )
