"""
What the engine answers to a publisher.

Its payload types and extension ids are its own, and are told to the router as `MediaSection`s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from signaling.core.model import AUDIO_KINDS, ExtensionIds, Kind, KnownSsrc, MediaSection, ReceivedCodec
from signaling.core.negotiation import (
    ABS_SEND_TIME,
    NAMES,
    Local,
    NegotiationError,
    bundled,
    h264_parameters,
    head,
    our_role,
    peer_transport,
    text_of,
    transport_lines,
)
from signaling.core.sdp import Codec, Media, Transport, parse

MAX_PUBLISHED: Final = 8  # Four kinds, and as much again for clients of another shape.
MAX_LAYERS: Final = 3  # q, h, f. More rids than these are not asked for.

AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

_WANTED: Final = {
    "audio": (AUDIO_LEVEL, ABS_SEND_TIME, TRANSPORT_CC, MID),
    "video": (ABS_SEND_TIME, TRANSPORT_CC, MID, RID, REPAIRED_RID),
}
_ANSWERED_FEEDBACK: Final = {
    "audio": ("transport-cc", "nack"),
    "video": ("transport-cc", "goog-remb", "ccm fir", "nack", "nack pli"),
}
# One text for every line: in a bundle a payload type may not have two meanings, which
# is what different parameters are to Chromium.
OPUS_PARAMETERS: Final = "minptime=10;useinbandfec=1;usedtx=1"

# Who does not say a profile is taken at libwebrtc's word for it, not at RFC 6184's (baseline, level 1).
_H264_ASSUMED: Final = "42e01f"
_PROFILE: Final = re.compile("[0-9a-f]{6}")
H264_PROFILES: Final = ("42", "4d", "64")  # baseline, main, high (RFC 6184 section 8.1)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What came of a publisher's offer."""

    answer: str
    sections: tuple[MediaSection, ...]
    transport: Transport
    session: str


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
    transport = peer_transport(offer, ("actpass", "active", "passive"))
    codecs = [_usable(media) for media in offer.media]
    sending = [
        _sends(media, kinds.get(media.mid), usable) for media, usable in zip(offer.media, codecs, strict=True)
    ]
    if not any(sending):
        raise NegotiationError("media.bad_sdp", "nothing is offered for sending")
    bundle = bundled(offer, [media for media, usable in zip(offer.media, codecs, strict=True) if usable])
    lines = list(head(local, bundle))
    for media, usable, sends in zip(offer.media, codecs, sending, strict=True):
        if media.mid not in bundle and not sends:
            lines += refused_lines(media)
            continue
        body = _received_lines(media, usable, sends=sends)
        lines += transport_lines(body, media.mid, our_role(transport), local)
    sections = tuple(
        _section(media, kinds[media.mid], usable)
        for media, usable, sends in zip(offer.media, codecs, sending, strict=True)
        if sends
    )
    return Agreed(text_of(lines), sections, transport, offer.session)


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
    feedback = _answered_feedback(media)
    for codec in usable:
        lines += _codec_lines(codec, feedback)
    rids = media.rids[:MAX_LAYERS]
    if sends and rids:
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append("a=simulcast:recv " + ";".join(rids))
    return lines


def _answered_feedback(media: Media) -> tuple[str, ...]:
    """Of the two ways to tell a rate the better one, if its packets can be numbered."""
    numbered = any(ext.uri == TRANSPORT_CC for ext in media.extensions)
    left_out = "goog-remb" if numbered else "transport-cc"
    return tuple(reply for reply in _ANSWERED_FEEDBACK[media.kind] if reply != left_out)


def _section(media: Media, kind: Kind, usable: tuple[Codec, ...]) -> MediaSection:
    ids = {ext.uri: ext.id for ext in media.extensions}
    repairs = {codec.apt: codec.payload_type for codec in usable if codec.name == "rtx"}
    return MediaSection(
        mid=media.mid,
        kind=kind,
        codecs=tuple(
            ReceivedCodec(NAMES[codec.name], codec.payload_type, repairs.get(codec.payload_type))
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
        remb="goog-remb" in _answered_feedback(media) and any("goog-remb" in c.feedback for c in usable),
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
    primary += forwardable_h264(media.codecs)
    repairs = {c.apt: c for c in media.codecs if c.name == "rtx" and c.clock == 90_000}
    ordered: list[Codec] = []
    for codec in primary:
        ordered.append(codec)
        if codec.payload_type in repairs:
            ordered.append(repairs[codec.payload_type])
    return tuple(ordered)


def forwardable_h264(codecs: Iterable[Codec]) -> list[Codec]:
    """
    Return the H.264 of a line that most viewers can decode: all of the best sort that there is.

    Fragments (packetization mode 1) before none: without them a picture has to be cut where it is coded. Then
    baseline before main and high, which today's decoders know although browsers do not always offer them.
    """
    found: dict[tuple[int, int], list[Codec]] = {}
    for codec in codecs:
        profile = h264_profile(codec)[:2]
        mode = codec.parameters.get("packetization-mode", "0")
        if codec.name == "h264" and codec.clock == 90_000 and profile in H264_PROFILES and mode in ("0", "1"):
            found.setdefault((-int(mode), H264_PROFILES.index(profile)), []).append(codec)
    return found[min(found)] if found else []


def _codec_lines(codec: Codec, feedback: tuple[str, ...]) -> Iterator[str]:
    number = codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    yield f"a=rtpmap:{number} {_spelling(codec.name)}/{codec.clock}{channels}"
    if codec.name == "rtx":
        yield f"a=fmtp:{number} apt={codec.apt}"
        return
    if codec.name == "opus":
        yield f"a=fmtp:{number} {OPUS_PARAMETERS}"
    elif codec.name == "h264":
        mode = codec.parameters.get("packetization-mode", "0")
        yield f"a=fmtp:{number} {h264_parameters(mode, h264_profile(codec))}"
    for reply in feedback:
        if reply in codec.feedback:
            yield f"a=rtcp-fb:{number} {reply}"


def h264_profile(codec: Codec) -> str:
    """Return profile and level of an H.264 codec, as six small digits; empty when they are no such thing."""
    found = codec.parameters.get("profile-level-id", _H264_ASSUMED).lower()
    return found if _PROFILE.fullmatch(found) else ""


def _spelling(name: str) -> str:
    return NAMES.get(name, name)


def refused_lines(media: Media) -> list[str]:
    """Return an answer's line for one that we have no use for."""
    formats = str(media.codecs[0].payload_type) if media.codecs else "0"
    if media.kind == "application":
        formats = "webrtc-datachannel"
    return [
        f"m={media.kind} 0 {media.protocol} {formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{media.mid}",
        "a=inactive",
    ]
