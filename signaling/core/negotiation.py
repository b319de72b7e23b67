"""
What both kinds of legs have in common when their descriptions are negotiated.

Two peer connections a person, both with us as the passive DTLS side and as an ICE-lite agent: so our side
of a transport looks the same in an answer to a publisher (`answering`) and in an offer to a subscriber
(`offering`), and so does what is asked of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signaling.core.model import CodecName
from signaling.core.sdp import Description, Media, Transport

ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
NAMES: Final[Mapping[str, CodecName]] = {"opus": "opus", "vp8": "VP8", "h264": "H264"}
"""The codecs that we forward, as descriptions spell them in small letters."""

# Hash functions strong enough to stand for a certificate (RFC 8122 section 5 forbids MD5; SHA-1 is broken),
# and how many bytes each yields.
_HASHES: Final = {"sha-256": 32, "sha-384": 48, "sha-512": 64}


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
    """Addresses and ports for UDP."""
    tcp_candidates: tuple[tuple[str, int], ...] = ()
    """The same for TCP, where we wait for connections."""


def peer_transport(description: Description, roles: tuple[str, ...]) -> Transport:
    """
    Return the transport of the bundle: that of the first line that was not refused.

    Raises NegotiationError when it has none of `roles` (of a=setup), no credentials or no strong fingerprint.
    """
    for media in description.media:
        if media.rejected:
            continue
        found = media.transport
        if found.setup not in roles:
            raise NegotiationError("media.bad_sdp", f"a=setup has to be {' or '.join(roles)}")
        if not found.ufrag or not found.password:
            raise NegotiationError("media.bad_sdp", "the ICE credentials are missing")
        strong = tuple(f for f in found.fingerprints if _whole(f))
        if not strong:
            raise NegotiationError("media.bad_sdp", "no fingerprint of SHA-256 or better")
        return Transport(found.ufrag, found.password, strong, found.setup, found.lite)
    raise NegotiationError("media.bad_sdp", "every m-line is refused")


def our_role(theirs: Transport) -> str:
    """
    Return our a=setup: passive if we may choose.

    Media then has the cipher that is cheapest for us, and the peer begins when its checks have succeeded. Who
    insists on being the server (FFmpeg does, against RFC 9725 section 4.4.4) is called by us instead.
    """
    return "active" if theirs.setup == "passive" else "passive"


def bundled(offer: Description, usable: Sequence[Media]) -> list[str]:
    """
    Return the mids of the answer's bundle: the `usable` lines that the offer bundles.

    Raises NegotiationError when several of them would need a transport each (RFC 9725 section 4.4.1).
    """
    mids = [media.mid for media in usable if media.mid in offer.bundle]
    if len(usable) > 1 and len(mids) < len(usable):
        raise NegotiationError("media.bad_sdp", "all m-lines have to share a transport (a=group:BUNDLE)")
    return mids


def h264_parameters(mode: str, profile: str) -> str:
    """Return the format parameters of H.264 (RFC 6184 section 8.1); each side may send another level."""
    return f"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}"


def _whole(fingerprint: tuple[str, str]) -> bool:
    """Tell whether a fingerprint is of a strong hash function and has its length: "AB:CD:..."."""
    algorithm, digest = fingerprint
    return len(digest) == _HASHES.get(algorithm, 0) * 3 - 1


def head(local: Local, bundle: list[str]) -> Iterator[str]:
    """Yield the lines of the session, which `bundle` (mids) has one transport for; one line needs none."""
    yield "v=0"
    yield f"o=- {local.session} {local.version} IN IP4 0.0.0.0"
    yield "s=-"
    yield "t=0 0"
    yield "a=ice-lite"
    yield "a=extmap-allow-mixed"
    yield "a=msid-semantic:WMS *"
    if bundle:
        yield "a=group:BUNDLE " + " ".join(bundle)


def transport_lines(body: list[str], mid: str, setup: str, local: Local) -> Iterator[str]:
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
    yield from _candidates(local)
    yield "a=end-of-candidates"


def _candidates(local: Local) -> Iterator[str]:
    """
    Yield what can be tried, UDP first and better.

    Its type preference is that of a host (RFC 8445 section 5.1.2.1). That of TCP is lower than any of UDP, a
    relay's excepted (RFC 6544 section 4.2; 90 is what browsers take for their own), with the direction
    preference of the passive side on top of its local one.
    """
    for number, (address, port) in enumerate(local.candidates):
        priority = (126 << 24) | ((65_535 - number) << 8) | 255
        yield f"a=candidate:{number + 1} 1 udp {priority} {address} {port} typ host"
    for number, (address, port) in enumerate(local.tcp_candidates, len(local.candidates)):
        priority = (90 << 24) | ((4 << 13 | 8_191 - number) << 8) | 255
        yield f"a=candidate:{number + 1} 1 tcp {priority} {address} {port} typ host tcptype passive"


def text_of(lines: list[str]) -> str:
    """Return a description of these lines (RFC 8866 section 5)."""
    return "\r\n".join(lines) + "\r\n"
