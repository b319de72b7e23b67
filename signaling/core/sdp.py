"""
Session descriptions: text to values.

Only what an SFU needs is read (RFC 8866 with the WebRTC additions of RFC 8829,
8843, 8851, 8853); an attribute that is unknown is passed over, as RFC 8866
section 5.13 asks. Everything is bounded, because the text comes from a
stranger's browser; what cannot be understood is an `SdpError` in plain words.
The other direction, building text, is that of `answering` and `offering`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, cast

MAX_TEXT: Final = 131_072  # Chromium's answer to 48 m-lines has about 60 kB.
MAX_LINES: Final = 6_000  # What MAX_TEXT holds of lines of 22 characters; an answer has about 2,500.
MAX_LINE: Final = 4_096  # Browsers' longest, an m-line of all codecs, has about 300 characters.
MAX_MEDIA: Final = 64  # 24 pairs of slots and some room.
MAX_PER_MEDIA: Final = 128  # Codecs, and SSRC lines by four: Firefox' simulcast has six SSRCs.

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
MediaKind = Literal["audio", "video", "application"]

_DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}")  # RFC 8866 section 9, with a bound.
# RFC 8851 section 10, with a bound: it travels in every packet.
_RID: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")
_ICE: Final = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")  # RFC 8839 section 5.4, and what browsers add to it.
_FINGERPRINT: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15,63}")


class SdpError(ValueError):
    """A description that cannot be used. The peer's fault."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of one m-line."""

    payload_type: int
    name: str
    clock: int
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()

    @property
    def apt(self) -> int | None:
        """The payload type that this one repairs, for rtx (RFC 4588 section 8.6)."""
        value = self.parameters.get("apt", "")
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 3 else None


@dataclass(frozen=True, slots=True)
class Extension:
    """One RTP header extension (RFC 8285)."""

    id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Transport:
    """How to reach the peer and know that it is the peer: the same for the whole bundle."""

    ufrag: str = ""
    password: str = ""
    fingerprints: tuple[tuple[str, str], ...] = ()
    setup: str = ""
    lite: bool = False


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line."""

    kind: MediaKind
    mid: str
    port: int
    protocol: str
    direction: Direction
    codecs: tuple[Codec, ...]
    extensions: tuple[Extension, ...]
    transport: Transport
    rids: tuple[str, ...] = ()
    ssrcs: tuple[int, ...] = ()
    repairs: Mapping[int, int] = field(default_factory=dict)
    rtcp_mux: bool = False
    bundle_only: bool = False

    @property
    def rejected(self) -> bool:
        """Port 0 refuses an m-line, unless the line waits for its bundle (RFC 8843 section 6)."""
        return self.port == 0 and not self.bundle_only


@dataclass(frozen=True, slots=True)
class Description:
    """A whole offer or answer."""

    media: tuple[Media, ...]
    bundle: tuple[str, ...]
    transport: Transport
    session: str
    """Who wrote it, from the o= line: the same for all descriptions of one peer connection."""


def parse(text: str) -> Description:
    """Read an offer or answer. Raises SdpError, and nothing else, whatever `text` is."""
    lines = _lines(text)
    head, sections = _split(lines)
    session = _attributes(head)
    shared = _transport(session, Transport(lite="ice-lite" in session))
    media = tuple(_media(section, session, shared) for section in sections)
    mids = [line.mid for line in media]
    if len(set(mids)) != len(mids):
        raise SdpError("two m-lines share a mid")
    return Description(media, _bundle(session), shared, _session(head))


def _session(head: list[str]) -> str:
    words = next((line[2:].split() for line in head if line.startswith("o=")), [])
    if len(words) != 6:
        raise SdpError("the o= line is missing or malformed")
    return f"{words[0]} {words[1]}"


def _lines(text: str) -> list[str]:
    if len(text) > MAX_TEXT:
        raise SdpError("the description is too long")
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    if len(lines) > MAX_LINES:
        raise SdpError("the description has too many lines")
    if not lines or lines[0] != "v=0":
        raise SdpError("a description starts with v=0")
    for line in lines:
        if len(line) > MAX_LINE or line[1:2] != "=" or not line.isprintable():
            raise SdpError("a line is not of the form type=value")
    return lines


def _split(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) > MAX_MEDIA:
        raise SdpError("too many m-lines")
    ends = [*starts[1:], len(lines)][: len(starts)]
    head = lines[: starts[0]] if starts else lines
    return head, [lines[start:end] for start, end in zip(starts, ends, strict=True)]


def _attributes(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name, []).append(value)
    return found


def _transport(attributes: dict[str, list[str]], shared: Transport) -> Transport:
    """Return `shared` with what this level says itself (an m-line overrides the session)."""
    found = shared
    if "ice-ufrag" in attributes:
        found = replace(found, ufrag=_ice(attributes["ice-ufrag"][0]))
    if "ice-pwd" in attributes:
        found = replace(found, password=_ice(attributes["ice-pwd"][0]))
    if "fingerprint" in attributes:
        found = replace(found, fingerprints=tuple(map(_fingerprint, attributes["fingerprint"][:8])))
    if "setup" in attributes:
        if attributes["setup"][0] not in ("actpass", "active", "passive", "holdconn"):
            raise SdpError("a=setup is not a role")
        found = replace(found, setup=attributes["setup"][0])
    return found


def _ice(value: str) -> str:
    if not _ICE.fullmatch(value):
        raise SdpError("the ICE credentials are malformed")
    return value


def _fingerprint(value: str) -> tuple[str, str]:
    algorithm, _, digest = value.partition(" ")
    if not _TOKEN.fullmatch(algorithm) or not _FINGERPRINT.fullmatch(digest):
        raise SdpError("a=fingerprint is malformed")
    return algorithm.lower(), digest.upper()


def _bundle(attributes: dict[str, list[str]]) -> tuple[str, ...]:
    for value in attributes.get("group", []):
        semantics, *mids = value.split()
        if semantics == "BUNDLE":
            return tuple(mids[:MAX_MEDIA])
    return ()


def _media(lines: list[str], session: dict[str, list[str]], shared: Transport) -> Media:
    kind, port, protocol, types = _media_line(lines[0])
    found = _attributes(lines)
    mid = found.get("mid", [""])[0]
    if not _TOKEN.fullmatch(mid):
        raise SdpError("an m-line needs a=mid")
    repairs, ssrcs = _sources(found)
    direction = next((d for d in found if d in _DIRECTIONS), None) or next(
        (d for d in session if d in _DIRECTIONS), "sendrecv"
    )
    return Media(
        kind=kind,
        mid=mid,
        port=port,
        protocol=protocol,
        direction=cast(Direction, direction),
        codecs=_codecs(types, found) if kind != "application" else (),
        extensions=_extensions(found, session),
        transport=_transport(found, shared),
        rids=_rids(found),
        ssrcs=ssrcs,
        repairs=repairs,
        rtcp_mux="rtcp-mux" in found,
        bundle_only="bundle-only" in found,
    )


def _media_line(line: str) -> tuple[MediaKind, int, str, list[str]]:
    words = line[2:].split()
    if len(words) < 4 or words[0] not in ("audio", "video", "application"):
        raise SdpError("an m-line is malformed or of an unknown kind")
    port = _number(words[1].partition("/")[0], 65_535, "a port")
    if len(words) - 3 > MAX_PER_MEDIA:
        raise SdpError("an m-line has too many formats")
    return cast(MediaKind, words[0]), port, words[2], words[3:]


def _number(text: str, most: int, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) > most:
        raise SdpError(f"{what} is not a number up to {most}")
    return int(text)


def _codecs(types: list[str], found: dict[str, list[str]]) -> tuple[Codec, ...]:
    maps = _by_payload_type(found.get("rtpmap", []))
    formats = _by_payload_type(found.get("fmtp", []))
    feedback = _by_payload_type(found.get("rtcp-fb", []))
    codecs: list[Codec] = []
    for word in types:
        number = _number(word, 127, "a payload type")
        if str(number) not in maps:
            continue  # A static type without a map: nothing that we forward.
        name, clock, channels = _rtpmap(maps[str(number)][0])
        parameters = _parameters(formats.get(str(number), []))
        replies = (*feedback.get(str(number), []), *feedback.get("*", []))
        codecs.append(Codec(number, name, clock, channels, parameters, replies))
    return tuple(codecs)


def _by_payload_type(values: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for value in values[: MAX_PER_MEDIA * 8]:
        number, _, rest = value.partition(" ")
        found.setdefault(number, []).append(rest)
    return found


def _rtpmap(value: str) -> tuple[str, int, int]:
    words = value.split("/")
    if not 2 <= len(words) <= 3 or not _TOKEN.fullmatch(words[0]):
        raise SdpError("a=rtpmap is malformed")
    channels = _number(words[2], 255, "a channel count") if len(words) == 3 else 1
    return words[0].lower(), _number(words[1], 1_000_000, "a clock rate"), channels


def _parameters(values: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        for part in value.split(";")[:64]:
            name, _, setting = part.partition("=")
            if name.strip():
                found.setdefault(name.strip().lower(), setting.strip())
    return found


def _extensions(found: dict[str, list[str]], session: dict[str, list[str]]) -> tuple[Extension, ...]:
    extensions: dict[int, Extension] = {}
    for value in [*session.get("extmap", []), *found.get("extmap", [])][:MAX_PER_MEDIA]:
        words = value.split()
        if len(words) < 2:
            raise SdpError("a=extmap is malformed")
        number = _number(words[0].partition("/")[0], 4_351, "an extension id")  # RFC 8285 section 7
        if 1 <= number <= 255:
            extensions[number] = Extension(number, words[1])
    return tuple(extensions.values())


def _rids(found: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the rids to be sent, in the order of a=simulcast when it names them (RFC 8853 section 5.1)."""
    declared = []
    for value in found.get("rid", [])[:16]:
        words = value.split()
        if len(words) < 2 or not _RID.fullmatch(words[0]):
            raise SdpError("a=rid is malformed")
        if words[1] == "send":
            declared.append(words[0])
    words = found.get("simulcast", [""])[0].split()
    order: list[str] = []
    for direction, streams in zip(words[::2], words[1::2], strict=False):
        if direction == "send":
            # Of alternatives ("a,b") the first is what a browser sends; "~" marks one that starts paused.
            order = [stream.split(",")[0].lstrip("~") for stream in streams.split(";")]
    ranked = [rid for rid in dict.fromkeys(order) if rid in declared]
    return tuple(ranked or dict.fromkeys(declared))


def _sources(found: dict[str, list[str]]) -> tuple[dict[int, int], tuple[int, ...]]:
    """Return {SSRC: the SSRC that repairs it} and the primary SSRCs, in order (RFC 5576)."""
    numbers: dict[int, None] = {}
    for value in found.get("ssrc", [])[: MAX_PER_MEDIA * 4]:
        numbers[_number(value.partition(" ")[0], 0xFFFF_FFFF, "an SSRC")] = None
    repairs: dict[int, int] = {}
    for value in found.get("ssrc-group", [])[:MAX_PER_MEDIA]:
        words = value.split()
        if words[:1] == ["FID"] and len(words) == 3:
            first, second = (_number(word, 0xFFFF_FFFF, "an SSRC") for word in words[1:])
            repairs[first] = second
    repairing = set(repairs.values())
    return repairs, tuple(number for number in numbers if number not in repairing)
