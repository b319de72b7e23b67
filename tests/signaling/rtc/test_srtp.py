"""Our AES-GCM is libsrtp's, packet for packet, in both directions and for every profile."""

from __future__ import annotations

import struct

import pytest
from pylibsrtp import Error, Policy, Session

from signaling.rtc import srtp
from signaling.rtc.table import SLOT, Table

SSRC = 0xC0FFEE01


def rtp(sequence: int, payload: bytes = b"hello") -> tuple[bytes, bytes]:
    return struct.pack("!BBHII", 0x80, 111, sequence & 0xFFFF, 960 * sequence & 0xFFFFFFFF, SSRC), payload


def keys(profile: srtp.Profile) -> srtp.MasterKeys:
    material = bytes(range(2 * (profile.key + profile.salt)))
    return srtp.split_keys(profile, material)


def peer(profile: srtp.Profile, *, sends: bool) -> Session:
    """The client's session: what we send it opens, what it closes we open."""
    found = keys(profile)
    key = found.their_key + found.their_salt if sends else found.our_key + found.our_salt
    kind = Policy.SSRC_ANY_OUTBOUND if sends else Policy.SSRC_ANY_INBOUND
    return Session(Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp))


profiles = pytest.mark.parametrize("profile", srtp.PROFILES, ids=lambda profile: profile.name)


@profiles
def test_what_we_close_a_client_opens(profile: srtp.Profile) -> None:
    ours, theirs = srtp.outbound(keys(profile)), peer(profile, sends=False)
    for index in (0xBFFE, 0xBFFF, 0xC000, 0xFFFF, 0x10000, 0x10001):
        header, payload = rtp(index, b"x" * 100)
        assert theirs.unprotect(ours.rtp(SSRC, index, header, payload)) == header + payload


@profiles
def test_a_header_extension_stays_readable(profile: srtp.Profile) -> None:
    ours, theirs = srtp.outbound(keys(profile)), peer(profile, sends=False)
    header, payload = rtp(7)
    header = bytes((header[0] | 0x10,)) + header[1:] + struct.pack("!HHBBBB", 0xBEDE, 1, 0x22, 1, 2, 3)
    closed = ours.rtp(SSRC, 7, header, payload)
    assert closed[: len(header)] == header
    assert theirs.unprotect(closed) == header + payload


@profiles
def test_rtcp_is_opened_by_a_client(profile: srtp.Profile) -> None:
    ours, theirs = srtp.outbound(keys(profile)), peer(profile, sends=False)
    for number in range(3):
        packet = struct.pack("!BBHII", 0x80, 201, 2, SSRC, number)
        closed = ours.rtcp(packet)
        assert closed != packet
        assert theirs.unprotect_rtcp(closed) == packet


@profiles
def test_what_a_client_closes_we_open_in_place(profile: srtp.Profile) -> None:
    table = Table(2, 8, 16)
    inbound, theirs = srtp.Inbound(keys(profile)), peer(profile, sends=True)
    header, payload = rtp(5, b"y" * 1000)
    closed = theirs.protect(header + payload)
    table.arena[SLOT : SLOT + len(closed)] = closed
    length = inbound.rtp(table.cells[1], len(closed))
    assert bytes(table.arena[SLOT : SLOT + length]) == header + payload
    report = struct.pack("!BBHI", 0x80, 201, 1, SSRC)
    closed = theirs.protect_rtcp(report)
    table.arena[: len(closed)] = closed
    length = inbound.rtcp(table.cells[0], len(closed))
    assert bytes(table.arena[:length]) == report


@profiles
def test_refusals_have_reasons(profile: srtp.Profile) -> None:
    table = Table(1, 8, 16)
    inbound, theirs = srtp.Inbound(keys(profile)), peer(profile, sends=True)

    def opened(data: bytes) -> int:
        table.arena[: len(data)] = data
        return inbound.rtp(table.cells[0], len(data))

    closed = theirs.protect(b"".join(rtp(5)))
    assert opened(closed) > 0
    assert srtp.reason(opened(closed)) == "replayed"
    forged = theirs.protect(b"".join(rtp(6)))
    assert srtp.reason(opened(forged[:-1] + bytes((forged[-1] ^ 1,)))) == "forged"
    assert srtp.reason(opened(forged[:14])) in ("forged", "unreadable")
    table.arena[: len(closed)] = bytes(len(closed))
    assert inbound.rtcp(table.cells[0], 8) < 0


def test_a_packet_that_is_too_long_is_ours_to_blame() -> None:
    ours = srtp.outbound(keys(srtp.PROFILES[2]))
    with pytest.raises(srtp.SrtpError):
        ours.rtp(SSRC, 1, rtp(1)[0], bytes(3000))


def test_libsrtp_refuses_what_is_no_packet() -> None:
    with pytest.raises(srtp.SrtpError):
        srtp.outbound(keys(srtp.PROFILES[2])).rtp(SSRC, 1, b"no", b"packet")


def test_a_client_notices_another_key() -> None:
    ours = srtp.outbound(keys(srtp.PROFILES[0]))
    other = Session(
        Policy(key=bytes(28), ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=srtp.PROFILES[0].libsrtp)
    )
    with pytest.raises(Error):
        other.unprotect(ours.rtp(SSRC, 1, *rtp(1)))
