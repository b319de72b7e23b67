"""
The nouns that the shell and the engine exchange.

Values that go in (what was negotiated, what a viewer wishes) and come out (packets to send, things to
tell) are frozen. `Forward` and `Target` are made on the hot path, some fifty thousand times a second, and
are plain slotted objects instead: treat them as read-only too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

PeerId = str
TrackId = str
Kind = Literal["microphone", "camera", "screen", "screen_audio"]
Leg = Literal["publisher", "subscriber"]
CodecName = Literal["opus", "VP8", "H264"]
Mode = Literal["everything", "slides", "sound", "text"]
Mechanism = Literal["nack", "rtx", "estimate", "probing", "redundancy"]
"""What helps on bad lines, and can be switched off to measure what it is good for (`Limits.without`)."""

KINDS: tuple[Kind, ...] = ("microphone", "camera", "screen", "screen_audio")
AUDIO_KINDS: frozenset[Kind] = frozenset(("microphone", "screen_audio"))

# What we put into our own offers to subscribers, the same for everybody, so that one header serves all.
OUT_PAYLOAD_TYPE: Mapping[CodecName, int] = {"opus": 111, "VP8": 96, "H264": 102}
OUT_RTX_PAYLOAD_TYPE: Mapping[CodecName, int] = {"VP8": 97, "H264": 103}
OUT_ABS_SEND_TIME_ID = 2  # The only extension we send; REMB of a subscriber is computed from it.
CLOCK_RATE: Mapping[CodecName, int] = {"opus": 48_000, "VP8": 90_000, "H264": 90_000}

FIRST_PAIRS = 4  # A teacher, a screen and two students need no renegotiation.
MAX_PAIRS = 24  # More pictures do not fit a screen; a page of the grid has no more either.
TICK_S = 0.02  # How often the shell calls Room.tick: a NACK should leave 10 to 20 ms after the gap.


# --- in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceivedCodec:
    """One codec of a publisher's media section, by the publisher's own payload types."""

    name: CodecName
    payload_type: int
    rtx_payload_type: int | None = None


@dataclass(frozen=True, slots=True)
class ExtensionIds:
    """Header extension ids of a section as the publisher numbers them (RFC 8285); None: not negotiated."""

    mid: int | None = None
    rid: int | None = None
    repaired_rid: int | None = None
    audio_level: int | None = None
    transport_cc: int | None = None
    abs_send_time: int | None = None


@dataclass(frozen=True, slots=True)
class KnownSsrc:
    """An `a=ssrc` of the publisher's description with its RTX partner (FID group), in order of appearance."""

    ssrc: int
    rtx: int | None = None


@dataclass(frozen=True, slots=True)
class MediaSection:
    """One negotiated m-line of a publisher leg."""

    mid: str
    kind: Kind
    codecs: tuple[ReceivedCodec, ...]
    extensions: ExtensionIds
    rids: tuple[str, ...] = ()  # lowest layer first; empty: no simulcast
    ssrcs: tuple[KnownSsrc, ...] = ()
    remb: bool = False  # The publisher has no estimate of its own and waits for ours.


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer wants of one track: the tile's height in device pixels, and whether it is on screen."""

    height: int
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep one peer from hurting a room. Every excess is dropped and counted."""

    ssrcs: int = 32  # 4 sections x (3 layers + 3 RTX) = 24, and room for a few changes of SSRC
    receive_bps: int = 20_000_000  # Ten times what our own client is asked to send.
    publish_bps: int = 4_000_000  # What a publisher is told that asks (REMB): a sharp picture of one layer.
    receive_pps: int = 4_000  # what 20 Mbit/s are in packets of half the usual size
    wishes: int = 256  # tracks of the fullest stage, and some that have just gone
    pairs: int = MAX_PAIRS
    loudest: int = 3  # as in Jitsi; of more who speak at once nobody understands a word
    without: frozenset[Mechanism] = frozenset()  # for measurements alone


@dataclass(frozen=True, slots=True)
class PairDescription:
    """A pair of m-lines in every subscriber's offer: one person's sound and picture, or a screen's."""

    audio_mid: str
    video_mid: str
    stream: str  # msid stream id and CNAME: players synchronise what shares it
    audio_ssrc: int
    video_ssrc: int
    video_rtx_ssrc: int


# --- out ------------------------------------------------------------------------------------------------


class Target:
    """
    One subscriber's end of one outgoing SSRC.

    `handle` is what the shell passed to `Room.subscribe`. `index_base` is a multiple of 65536: the 48-bit
    SRTP packet index (RFC 3711 section 3.3.1, roll-over counter and sequence number) of a `Forward` for
    this target is `forward.index - target.index_base`. It never repeats and starts below 0xC000.
    """

    __slots__ = ("handle", "index_base")

    def __init__(self, handle: Any, index_base: int) -> None:
        self.handle = handle
        self.index_base = index_base


class Forward:
    """
    One RTP packet to protect and send to each of `targets`.

    `header` is the complete RTP header (the AAD of AES-GCM); `payload` is shared between forwards and must
    not be written to. `index` is the extended sequence number before each target's `index_base`.
    `targets` stays as it is, and is the same object for packets that go to the same subscribers.
    """

    __slots__ = ("header", "index", "payload", "ssrc", "targets")

    def __init__(
        self, ssrc: int, index: int, header: bytes, payload: bytes | bytearray, targets: Sequence[Target]
    ) -> None:
        self.ssrc = ssrc
        self.index = index
        self.header = header
        self.payload = payload
        self.targets = targets


@dataclass(frozen=True, slots=True)
class OutgoingRtcp:
    """A plaintext RTCP packet (compound or reduced-size) for one peer's leg."""

    peer: PeerId
    leg: Leg
    packet: bytes


@dataclass(frozen=True, slots=True)
class SlotsBound:
    """Who is in which slot now: every media id of the subscriber legs, with its track or None."""

    version: int
    tracks: Mapping[str, TrackId | None]


@dataclass(frozen=True, slots=True)
class PairsGrown:
    """The room needs more slots than before: offer `pairs` pairs of m-lines to every subscriber leg."""

    pairs: int


@dataclass(frozen=True, slots=True)
class Speaker:
    peer: PeerId
    level: float  # 0 silent .. 1 loud, smoothed, in steps of 1/8


@dataclass(frozen=True, slots=True)
class SpeakersChanged:
    """Everybody who is heard now, loudest first; `dominant` stays through short pauses."""

    speakers: tuple[Speaker, ...]
    dominant: PeerId | None


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """Tell this publisher which encodings anybody watches (`rids`; `("",)` for one without simulcast)."""

    peer: PeerId
    kind: Kind
    rids: tuple[str, ...]


Event = SlotsBound | PairsGrown | SpeakersChanged | LayersWanted


@dataclass(frozen=True, slots=True)
class Output:
    """What is to be sent and told after an RTCP packet or a tick, in this order."""

    forwards: Sequence[Forward] = ()
    rtcp: Sequence[OutgoingRtcp] = ()
    events: Sequence[Event] = ()


# --- statistics -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class LayerStats:
    """One encoding; `index` 0 is the smallest. Counters since the layer began."""

    index: int
    rid: str
    ssrc: int
    bps: int
    height: int  # pixels, 0 when unknown
    packets: int
    lost: int  # never came
    recovered: int  # came late, sent again or overtaken
    repaired: int  # came late, after we had asked for them
    nacks: int
    plis: int
    jitter_ms: float
    live: bool


@dataclass(slots=True)
class SourceStats:
    """One kind that a peer publishes. `wanted`: the highest layer asked for; -1: none, None: all."""

    kind: Kind
    track: TrackId | None
    muted: bool
    codec: CodecName | None
    wanted: int | None
    loss: float | None  # 0..1 on the way up, before what was sent again
    left: float | None  # 0..1, still missing after it
    layers: tuple[LayerStats, ...]


@dataclass(slots=True)
class ViewStats:
    """
    One track as one subscriber gets it.

    `layer` and `temporal` are None while nothing is sent, `target` is what their line was given, `liked` what
    they would get on a line without bounds.
    """

    track: TrackId
    kind: Kind
    layer: int | None
    temporal: int | None
    target: int | None
    liked: int | None


@dataclass(slots=True)
class SubscriberStats:
    bps: int
    budget_bps: int
    liked_bps: int
    remb_bps: int | None
    loss: float | None  # 0..1, as reported; None when nothing was, lately
    inherited: float | None  # 0..1 of the same: missing, or late, before it came to us
    rtt_ms: float | None
    packets: int
    retransmitted: int
    nacks: int
    plis: int
    views: tuple[ViewStats, ...]


@dataclass(slots=True)
class PeerStats:
    """
    Both legs of a peer; `dropped` counts what was refused, by reason.

    These are made for every peer all the time and are not frozen for that alone: frozen ones take three times
    as long to make. Treat them as read-only.
    """

    peer: PeerId
    rtt_ms: float | None
    receive_bps: int
    loss: float | None  # 0..1 on the way up, of all kinds
    left: float | None
    sources: tuple[SourceStats, ...]
    subscriber: SubscriberStats | None
    dropped: Mapping[str, int] = field(default_factory=dict)
