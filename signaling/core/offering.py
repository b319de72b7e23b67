"""
What the engine offers to a subscriber, and reads from the answer.

Payload types and extension ids are ours, the same for everybody, so that one rewritten header serves a whole
room. The slots of a subscriber are pairs: the audio and the video line of pair k share one stream and one
CNAME, because that is what browsers synchronise lips by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from signaling.core.model import (
    OUT_ABS_SEND_TIME_ID,
    OUT_PAYLOAD_TYPE,
    OUT_RTX_PAYLOAD_TYPE,
    CodecName,
    PairDescription,
)
from signaling.core.negotiation import (
    ABS_SEND_TIME,
    NAMES,
    Local,
    NegotiationError,
    h264_parameters,
    head,
    peer_transport,
    text_of,
    transport_lines,
)
from signaling.core.sdp import Transport, parse

# Constrained baseline: what every browser decodes.
_H264_PARAMETERS: Final = h264_parameters("1", "42e01f")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A subscriber's answer: `mids` are the lines that it will receive."""

    transport: Transport
    session: str
    pairs: int
    mids: tuple[str, ...]
    codecs: frozenset[CodecName]


def offer_subscriber(pairs: Sequence[PairDescription], local: Local) -> str:
    """Return the offer of a subscriber leg: an audio and a video line a pair, in the order given."""
    mids = [mid for pair in pairs for mid in (pair.audio_mid, pair.video_mid)]
    lines = list(head(local, mids))
    for pair in pairs:
        audio, video = _offered_audio(pair), _offered_video(pair)
        lines += transport_lines(audio, pair.audio_mid, "actpass", local)
        lines += transport_lines(video, pair.video_mid, "actpass", local)
    return text_of(lines)


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
    transport = peer_transport(answer, ("active",))
    taken = [m for m in answer.media if not m.rejected and m.direction in ("recvonly", "sendrecv")]
    codecs = {
        name
        for media in taken
        for codec in media.codecs
        if (name := NAMES.get(codec.name)) and codec.payload_type == OUT_PAYLOAD_TYPE[name]
    }
    return Accepted(
        transport, answer.session, count // 2, tuple(media.mid for media in taken), frozenset(codecs)
    )
