"""
What the engine answers to a viewer's own offer (WHEP).

The first audio and the first video line that we can serve are sent the stage: one sound and one picture;
every other line stays unused. Payload types and extension ids are the viewer's, and become its `Dialect`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from signaling.core.answering import OPUS_PARAMETERS, forwardable_h264, h264_profile, refused_lines
from signaling.core.dialect import MAX_EXTENSION_ID, Dialect
from signaling.core.model import (
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
    bundled,
    h264_parameters,
    head,
    our_role,
    peer_transport,
    text_of,
    transport_lines,
)
from signaling.core.sdp import Codec, Media, Transport, parse

MAX_WATCHED: Final = 16  # m-lines: one of each kind is served, and players of another shape offer a few more.

_FEEDBACK: Final = ("goog-remb", "ccm fir", "nack", "nack pli")


@dataclass(frozen=True, slots=True)
class Agreed:
    """What came of a viewer's offer."""

    answer: str
    transport: Transport
    dialect: Dialect
    sound: bool
    picture: bool
    repairs: bool
    """Whether the picture may be sent again as RTX."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A codec that both sides have, with its RTX."""

    name: CodecName
    codec: Codec
    rtx: Codec | None


@dataclass(frozen=True, slots=True)
class _Line:
    media: Media
    chosen: tuple[_Chosen, ...]
    timed: int
    """The viewer's id of abs-send-time; 0: not offered."""

    @property
    def numbers(self) -> list[int]:
        """The payload types that the answer keeps, the best codec's first."""
        codecs = (codec for chosen in self.chosen for codec in (chosen.codec, chosen.rtx))
        return [codec.payload_type for codec in codecs if codec is not None]


def answer_watcher(text: str, stage: PairDescription, local: Local) -> Agreed:
    """Answer a viewer's offer with the stage. Raises SdpError or NegotiationError."""
    offer = parse(text)
    if not 1 <= len(offer.media) <= MAX_WATCHED:
        raise NegotiationError("media.bad_sdp", f"an offer to watch has 1 to {MAX_WATCHED} m-lines")
    transport = peer_transport(offer, ("actpass", "active", "passive"))
    lines = [_Line(media, _choose(media), _time_id(media)) for media in offer.media]
    audio, video = (_first(lines, kind) for kind in ("audio", "video"))
    served = [line for line in (audio, video) if line is not None]
    if not served:
        _refuse(lines)
    _check_numbers(served)
    bundle = bundled(offer, [line.media for line in lines if line.chosen])
    answer = list(head(local, bundle))
    for line in lines:
        if line not in served and line.media.mid not in bundle:
            answer += refused_lines(line.media)
            continue
        body = _sent_lines(line, stage) if line in served else _idle_lines(line)
        answer += transport_lines(body, line.media.mid, our_role(transport), local)
    return Agreed(
        answer=text_of(answer),
        transport=transport,
        dialect=_dialect(served),
        sound=audio is not None,
        picture=video is not None,
        repairs=video is not None and any(chosen.rtx for chosen in video.chosen),
    )


def _first(lines: list[_Line], kind: str) -> _Line | None:
    """Return the first line of a kind that waits for media of ours."""
    wanted = (line for line in lines if line.media.kind == kind and line.chosen)
    return next((line for line in wanted if line.media.direction in ("recvonly", "sendrecv")), None)


def _refuse(lines: list[_Line]) -> None:
    if any(line.media.direction in ("recvonly", "sendrecv") and not line.media.rejected for line in lines):
        raise NegotiationError("media.no_codec", "no line has a codec that is forwarded")
    raise NegotiationError("media.bad_sdp", "nothing is asked for")


def _check_numbers(served: list[_Line]) -> None:
    """In a bundle every payload type has one meaning (RFC 8843 section 9.1)."""
    numbers = [number for line in served for number in line.numbers]
    if len(set(numbers)) != len(numbers):
        raise NegotiationError("media.bad_sdp", "a payload type has two meanings")


def _time_id(media: Media) -> int:
    ids = (ext.id for ext in media.extensions if ext.uri == ABS_SEND_TIME)
    return next((number for number in ids if number <= MAX_EXTENSION_ID), 0)


# --- codecs ---------------------------------------------------------------------------------------------


def _choose(media: Media) -> tuple[_Chosen, ...]:
    """Return what of a line's codecs we can send, in the viewer's order of preference."""
    if media.kind == "application" or media.protocol != "UDP/TLS/RTP/SAVPF":
        return ()
    if media.rejected or not media.rtcp_mux:
        return ()
    codecs = [codec for codec in media.codecs if _dynamic(codec.payload_type)]
    if media.kind == "audio":
        opus = next((codec for codec in codecs if codec.name == "opus" and codec.clock == 48_000), None)
        return () if opus is None else (_Chosen("opus", opus, None),)
    repairs = {codec.apt: codec for codec in codecs if codec.name == "rtx" and codec.clock == 90_000}
    pictures = {
        "vp8": next((codec for codec in codecs if codec.name == "vp8" and codec.clock == 90_000), None),
        "h264": next((codec for codec in forwardable_h264(codecs) if _fragments(codec)), None),
    }
    found = [codec for codec in codecs if codec is pictures.get(codec.name)]
    return tuple(_Chosen(NAMES[codec.name], codec, repairs.get(codec.payload_type)) for codec in found)


def _dynamic(number: int) -> bool:
    """RFC 3551 section 3, and what RFC 5761 section 4 takes from it: 64 to 95 look like RTCP."""
    return 35 <= number <= 63 or 96 <= number <= 127


def _fragments(codec: Codec) -> bool:
    """What we forward is fragmented as a rule: without packetization mode 1 it would not be understood."""
    return codec.parameters.get("packetization-mode") == "1"


def _dialect(served: list[_Line]) -> Dialect:
    numbers: dict[int, int] = {}
    timed: dict[int, int] = {}
    for line in served:
        for chosen in line.chosen:
            ours = [(OUT_PAYLOAD_TYPE[chosen.name], chosen.codec)]
            if chosen.rtx is not None:
                ours.append((OUT_RTX_PAYLOAD_TYPE[chosen.name], chosen.rtx))
            for number, codec in ours:
                numbers[number] = codec.payload_type
                timed[number] = line.timed
    return Dialect(numbers, timed)


# --- lines ----------------------------------------------------------------------------------------------


def _sent_lines(line: _Line, stage: PairDescription) -> list[str]:
    media = line.media
    mid = stage.audio_mid if media.kind == "audio" else stage.video_mid
    lines = [_media_line(line), "a=sendonly", f"a=msid:{stage.stream} {mid}"]
    if line.timed:
        lines.append(f"a=extmap:{line.timed} {ABS_SEND_TIME}")
    for chosen in line.chosen:
        lines += _codec_lines(chosen)
    if media.kind == "audio":
        return [*lines, f"a=ssrc:{stage.audio_ssrc} cname:{stage.stream}"]
    ssrcs = [stage.video_ssrc]
    if any(chosen.rtx for chosen in line.chosen):
        ssrcs.append(stage.video_rtx_ssrc)
        lines.append(f"a=ssrc-group:FID {stage.video_ssrc} {stage.video_rtx_ssrc}")
    return lines + [f"a=ssrc:{ssrc} cname:{stage.stream}" for ssrc in ssrcs]


def _idle_lines(line: _Line) -> list[str]:
    """Keep a line that is not served in the bundle, so that no player has to take it apart."""
    lines = [_media_line(line), "a=inactive"]
    for chosen in line.chosen:
        lines += _codec_lines(chosen)
    return lines


def _media_line(line: _Line) -> str:
    return f"m={line.media.kind} 9 {line.media.protocol} " + " ".join(map(str, line.numbers))


def _codec_lines(chosen: _Chosen) -> Iterator[str]:
    codec, number = chosen.codec, chosen.codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    yield f"a=rtpmap:{number} {chosen.name}/{codec.clock}{channels}"
    if chosen.name == "opus":
        yield f"a=fmtp:{number} {OPUS_PARAMETERS}"
        return
    if chosen.name == "H264":
        yield f"a=fmtp:{number} {h264_parameters('1', h264_profile(codec))}"
    for reply in _FEEDBACK:
        if reply in codec.feedback and (reply != "nack" or chosen.rtx is not None):
            yield f"a=rtcp-fb:{number} {reply}"  # Without RTX nothing is sent again: one nonce, one packet.
    if chosen.rtx is not None:
        yield f"a=rtpmap:{chosen.rtx.payload_type} rtx/90000"
        yield f"a=fmtp:{chosen.rtx.payload_type} apt={number}"
