"""
What the engine answers to a publisher and offers to a subscriber.

Two peer connections a person, both with us as the passive DTLS side and as an
ICE-lite agent. A publisher's payload types and extension ids are its own and
are told to the router as `Terms`; a subscriber gets ours, the same for
everybody, so that one rewritten header serves a whole room. The slots of a
subscriber are pairs: the audio and the video line of pair k share one stream
and one CNAME, because that is what browsers synchronise lips by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signaling.core.model import (
    AUDIO_KINDS,
    OUT_ABS_SEND_TIME_ID,
    OUT_PAYLOAD_TYPE,
    OUT_RTX_PAYLOAD_TYPE,
    CodecName,
    ExtensionIds,
    Kind,
    KnownSsrc,
    MediaSection,
    PairDescription,
    ReceivedCodec,
)
from signaling.core.sdp import Codec, Description, Media, Transport, parse

MAX_PUBLISHED: Final = 8  # Four kinds, and as much again for clients of another shape.
MAX_LAYERS: Final = 3  # q, h, f. More rids than these are not asked for.

AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

_WANTED: Final = {
    "audio": (AUDIO_LEVEL, ABS_SEND_TIME, TRANSPORT_CC, MID),
    "video": (ABS_SEND_TIME, TRANSPORT_CC, MID, RID, REPAIRED_RID),
}
_ANSWERED_FEEDBACK: Final = {
    "audio": ("transport-cc", "nack"),
    "video": ("transport-cc", "ccm fir", "nack", "nack pli"),
}
_NAMES: Final[Mapping[str, CodecName]] = {"opus": "opus", "vp8": "VP8", "h264": "H264"}
# One text for every line: in a bundle a payload type may not have two meanings (media.md 5, rule 7).
_OPUS_PARAMETERS: Final = "minptime=10;useinbandfec=1;usedtx=1"
_H264_PARAMETERS: Final = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
# Hash functions strong enough to stand for a certificate (RFC 8122 section 5 forbids MD5; SHA-1 is broken).
_HASHES: Final = frozenset({"sha-256", "sha-384", "sha-512"})
_HASH_BYTES: Final = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


class NegotiationError(ValueError):
    """A description that is well-formed and still cannot be agreed to. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of a leg's transport."""

    session: int
    version: int
    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What came of a publisher's offer."""

    answer: str
    sections: tuple[MediaSection, ...]
    transport: Transport
    session: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A subscriber's answer: `mids` are the lines that it will receive."""

    transport: Transport
    session: str
    pairs: int
    mids: tuple[str, ...]
    codecs: frozenset[CodecName]


def answer_publisher(text: str, kinds: Mapping[str, Kind], local: Local) -> Agreed:
    """
    Answer a publisher's offer.

    `kinds` says which m-line (by mid) is the microphone, the camera and so on;
    other lines stay unused. Raises SdpError or NegotiationError.
    """
    offer = parse(text)
    if not 1 <= len(offer.media) <= MAX_PUBLISHED:
        raise NegotiationError("media.bad_sdp", f"an offer has 1 to {MAX_PUBLISHED} m-lines")
    if set(kinds) - {media.mid for media in offer.media}:
        raise NegotiationError("media.bad_sdp", "a kind names an m-line that is not offered")
    transport = _peer_transport(offer, ("actpass", "active"))
    codecs = [_usable(media) for media in offer.media]
    sending = [
        _sends(media, kinds.get(media.mid), usable) for media, usable in zip(offer.media, codecs, strict=True)
    ]
    if not any(sending):
        raise NegotiationError("media.bad_sdp", "nothing is offered for sending")
    bundle = [media.mid for media, usable in zip(offer.media, codecs, strict=True) if usable]
    lines = list(_head(local, bundle))
    for media, usable, sends in zip(offer.media, codecs, sending, strict=True):
        if not usable:
            lines += _refused(media)
            continue
        body = _received_lines(media, usable, sends=sends)
        lines += _transport_lines(body, media.mid, "passive", local)
    sections = tuple(
        _section(media, kinds[media.mid], usable)
        for media, usable, sends in zip(offer.media, codecs, sending, strict=True)
        if sends
    )
    return Agreed(_text(lines), sections, transport, offer.session)


def _sends(media: Media, kind: Kind | None, usable: tuple[Codec, ...]) -> bool:
    """Return whether media will come on this line; refuse a kind that cannot come."""
    if kind is None or media.direction not in ("sendonly", "sendrecv"):
        return False
    if (kind in AUDIO_KINDS) != (media.kind == "audio"):
        raise NegotiationError("media.bad_sdp", f"the {kind} is on a line for {media.kind}")
    if media.rejected or not media.rtcp_mux:
        raise NegotiationError("media.bad_sdp", f"the line of the {kind} is closed or lacks rtcp-mux")
    if not usable:
        raise NegotiationError("media.no_codec", f"the {kind} has no codec that can be forwarded")
    return True


def _received_lines(media: Media, usable: tuple[Codec, ...], *, sends: bool) -> list[str]:
    lines = [f"m={media.kind} 9 {media.protocol} " + " ".join(str(codec.payload_type) for codec in usable)]
    lines.append("a=recvonly" if sends else "a=inactive")
    lines += [f"a=extmap:{ext.id} {ext.uri}" for ext in media.extensions if ext.uri in _WANTED[media.kind]]
    for codec in usable:
        lines += _codec_lines(codec, media.kind)
    rids = media.rids[:MAX_LAYERS]
    if sends and rids:
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append("a=simulcast:recv " + ";".join(rids))
    return lines


def _section(media: Media, kind: Kind, usable: tuple[Codec, ...]) -> MediaSection:
    ids = {ext.uri: ext.id for ext in media.extensions}
    repairs = {codec.apt: codec.payload_type for codec in usable if codec.name == "rtx"}
    return MediaSection(
        mid=media.mid,
        kind=kind,
        codecs=tuple(
            ReceivedCodec(_NAMES[codec.name], codec.payload_type, repairs.get(codec.payload_type))
            for codec in usable
            if codec.name != "rtx"
        ),
        extensions=ExtensionIds(
            mid=ids.get(MID),
            rid=ids.get(RID),
            repaired_rid=ids.get(REPAIRED_RID),
            audio_level=ids.get(AUDIO_LEVEL) if media.kind == "audio" else None,
            transport_cc=ids.get(TRANSPORT_CC),
            abs_send_time=ids.get(ABS_SEND_TIME),
        ),
        rids=media.rids[:MAX_LAYERS],
        ssrcs=tuple(KnownSsrc(ssrc, media.repairs.get(ssrc)) for ssrc in media.ssrcs),
    )


def _usable(media: Media) -> tuple[Codec, ...]:
    """Return the codecs that we forward, VP8 first, each followed by its rtx."""
    if media.kind == "application" or media.protocol != "UDP/TLS/RTP/SAVPF":
        return ()
    if media.rejected or not media.rtcp_mux:
        return ()
    if media.kind == "audio":
        return tuple(c for c in media.codecs if c.name == "opus" and c.clock == 48_000)[:1]
    primary = [c for c in media.codecs if c.name == "vp8" and c.clock == 90_000][:1]
    primary += [c for c in media.codecs if _forwardable_h264(c)]
    repairs = {c.apt: c for c in media.codecs if c.name == "rtx" and c.clock == 90_000}
    ordered: list[Codec] = []
    for codec in primary:
        ordered.append(codec)
        if codec.payload_type in repairs:
            ordered.append(repairs[codec.payload_type])
    return tuple(ordered)


def _forwardable_h264(codec: Codec) -> bool:
    """Baseline and constrained baseline: what every browser decodes (media.md 5, rule 8)."""
    return (
        codec.name == "h264"
        and codec.clock == 90_000
        and codec.parameters.get("packetization-mode") == "1"
        and codec.parameters.get("profile-level-id", "42e01f").lower().startswith("42")
    )


def _codec_lines(codec: Codec, kind: str) -> Iterator[str]:
    number = codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    yield f"a=rtpmap:{number} {_spelling(codec.name)}/{codec.clock}{channels}"
    if codec.name == "rtx":
        yield f"a=fmtp:{number} apt={codec.apt}"
        return
    if codec.name == "opus":
        yield f"a=fmtp:{number} {_OPUS_PARAMETERS}"
    elif codec.name == "h264":
        profile = codec.parameters.get("profile-level-id", "42e01f")[:6]
        yield f"a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}"
    for reply in _ANSWERED_FEEDBACK[kind]:
        if reply in codec.feedback:
            yield f"a=rtcp-fb:{number} {reply}"


def _spelling(name: str) -> str:
    return _NAMES.get(name, name)


def _refused(media: Media) -> list[str]:
    formats = str(media.codecs[0].payload_type) if media.codecs else "0"
    if media.kind == "application":
        formats = "webrtc-datachannel"
    return [
        f"m={media.kind} 0 {media.protocol} {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{media.mid}",
        "a=inactive",
    ]


def _peer_transport(description: Description, roles: tuple[str, ...]) -> Transport:
    """Return the transport of the bundle: that of the first line that was not refused."""
    for media in description.media:
        if media.rejected:
            continue
        found = media.transport
        if found.setup not in roles:
            raise NegotiationError("media.bad_sdp", f"a=setup has to be {' or '.join(roles)}")
        if not found.ufrag or not found.password:
            raise NegotiationError("media.bad_sdp", "the ICE credentials are missing")
        strong = tuple(f for f in found.fingerprints if f[0] in _HASHES and _whole(f))
        if not strong:
            raise NegotiationError("media.bad_sdp", "no fingerprint of SHA-256 or better")
        return Transport(found.ufrag, found.password, strong, found.setup, found.lite)
    raise NegotiationError("media.bad_sdp", "every m-line is refused")


def _whole(fingerprint: tuple[str, str]) -> bool:
    algorithm, digest = fingerprint
    return len(digest) == _HASH_BYTES[algorithm] * 3 - 1


def offer_subscriber(pairs: Sequence[PairDescription], local: Local) -> str:
    """Return the offer of a subscriber leg: an audio and a video line a pair, in the order given."""
    mids = [mid for pair in pairs for mid in (pair.audio_mid, pair.video_mid)]
    lines = list(_head(local, mids))
    for pair in pairs:
        audio, video = _offered_audio(pair), _offered_video(pair)
        lines += _transport_lines(audio, pair.audio_mid, "actpass", local)
        lines += _transport_lines(video, pair.video_mid, "actpass", local)
    return _text(lines)


def _offered_audio(pair: PairDescription) -> list[str]:
    opus = OUT_PAYLOAD_TYPE["opus"]
    return [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {opus}",
        "a=sendonly",
        f"a=msid:{pair.stream} {pair.audio_mid}",
        f"a=extmap:{OUT_ABS_SEND_TIME_ID} {ABS_SEND_TIME}",
        f"a=rtpmap:{opus} opus/48000/2",
        f"a=fmtp:{opus} minptime=10;useinbandfec=1",
        f"a=ssrc:{pair.audio_ssrc} cname:{pair.stream}",
    ]


def _offered_video(pair: PairDescription) -> list[str]:
    names: tuple[CodecName, ...] = ("VP8", "H264")
    numbers = [f"{OUT_PAYLOAD_TYPE[name]} {OUT_RTX_PAYLOAD_TYPE[name]}" for name in names]
    lines = [
        "m=video 9 UDP/TLS/RTP/SAVPF " + " ".join(numbers),
        "a=sendonly",
        f"a=msid:{pair.stream} {pair.video_mid}",
        f"a=extmap:{OUT_ABS_SEND_TIME_ID} {ABS_SEND_TIME}",
    ]
    for name in names:
        number, rtx = OUT_PAYLOAD_TYPE[name], OUT_RTX_PAYLOAD_TYPE[name]
        lines.append(f"a=rtpmap:{number} {name}/90000")
        if name == "H264":
            lines.append(f"a=fmtp:{number} {_H264_PARAMETERS}")
        lines += [f"a=rtcp-fb:{number} {reply}" for reply in ("goog-remb", "ccm fir", "nack", "nack pli")]
        lines += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={number}"]
    lines.append(f"a=ssrc-group:FID {pair.video_ssrc} {pair.video_rtx_ssrc}")
    lines += [f"a=ssrc:{ssrc} cname:{pair.stream}" for ssrc in (pair.video_ssrc, pair.video_rtx_ssrc)]
    return lines


def accept_subscriber(text: str, pairs: Sequence[PairDescription]) -> Accepted:
    """
    Read a subscriber's answer to the offer of `pairs`, or of the first of them, when it crossed a
    newer offer on its way. Then `mids` has fewer lines.

    A line that the subscriber refuses is no error. Raises SdpError, or
    NegotiationError when the lines are not the offered ones.
    """
    answer = parse(text)
    offered = [mid for pair in pairs for mid in (pair.audio_mid, pair.video_mid)]
    count = len(answer.media)
    if not count or count % 2 or [media.mid for media in answer.media] != offered[:count]:
        raise NegotiationError("media.bad_sdp", "the answer's m-lines are not those of the offer")
    transport = _peer_transport(answer, ("active",))
    taken = [m for m in answer.media if not m.rejected and m.direction in ("recvonly", "sendrecv")]
    codecs = {
        name
        for media in taken
        for codec in media.codecs
        if (name := _NAMES.get(codec.name)) and codec.payload_type == OUT_PAYLOAD_TYPE[name]
    }
    return Accepted(
        transport, answer.session, count // 2, tuple(media.mid for media in taken), frozenset(codecs)
    )


def _head(local: Local, bundle: list[str]) -> Iterator[str]:
    yield "v=0"
    yield f"o=- {local.session} {local.version} IN IP4 0.0.0.0"
    yield "s=-"
    yield "t=0 0"
    yield "a=ice-lite"
    yield "a=extmap-allow-mixed"
    yield "a=msid-semantic:WMS *"
    yield "a=group:BUNDLE " + " ".join(bundle)


def _transport_lines(body: list[str], mid: str, setup: str, local: Local) -> Iterator[str]:
    """Yield one m-line with our transport. Each names the candidates: aiortc keeps those of the last."""
    yield body[0]
    yield "c=IN IP4 0.0.0.0"
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    yield f"a=ice-ufrag:{local.ufrag}"
    yield f"a=ice-pwd:{local.password}"
    yield f"a=fingerprint:sha-256 {local.fingerprint}"
    yield f"a=setup:{setup}"
    yield f"a=mid:{mid}"
    yield "a=rtcp-mux"
    yield "a=rtcp-rsize"
    yield from body[1:]
    for number, (address, port) in enumerate(local.candidates):
        # Type preference of a host, then the order given (RFC 8445 section 5.1.2.1).
        priority = (126 << 24) | ((65_535 - number) << 8) | 255
        yield f"a=candidate:{number + 1} 1 udp {priority} {address} {port} typ host"
    yield "a=end-of-candidates"


def _text(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
