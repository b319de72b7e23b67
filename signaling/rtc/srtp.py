"""
SRTP and SRTCP: RFC 3711, with AES-GCM by RFC 7714.

Inbound everything goes through libsrtp, which keeps the replay windows, in
place in the receive arena. Outbound AES-GCM, which every current browser
agrees to, is done with one `encrypt_into` a packet, because that is half the
price of a call into libsrtp and needs no copy (measured); the router
already knows the 48-bit packet index that libsrtp would have to guess. What
is left, AES-CM with HMAC for old clients, goes through libsrtp both ways.

The handles of libsrtp are reached through pylibsrtp's own binding: its public
class copies every packet twice and stops at 1356 bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

GCM_TAG: Final = 16
MAX_TRAILER: Final = 32  # The longest of ours: GCM tag and SRTCP index are 20; libsrtp may touch a word more.
REPLAY_WINDOW: Final = 1024  # Firefox probes with old packets: the usual 128 is too few.

# Of libsrtp's srtp_err_status_t, whose names the binding does not export.
_FORGED: Final = 7
_REPLAYED: Final = (9, 10)
_SRTCP_ENCRYPTED: Final = 0x8000_0000
_RTCP_HEADER: Final = 8  # Stays in the clear (RFC 3711 section 3.4).
_U32: Final = Struct("!I")

ProfileName = Literal["SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM", "SRTP_AES128_CM_SHA1_80"]


@dataclass(frozen=True, slots=True)
class Profile:
    """A DTLS-SRTP protection profile (RFC 5764 section 4.1.2, RFC 7714 section 14.2); lengths in bytes."""

    name: ProfileName
    key: int
    salt: int
    libsrtp: int

    @property
    def gcm(self) -> bool:
        return self.salt == 12


PROFILES: Final[tuple[Profile, ...]] = (
    # In our order of preference: GCM costs a quarter of HMAC-SHA1 (measured), 128 bits less than 256.
    Profile("SRTP_AEAD_AES_128_GCM", 16, 12, Policy.SRTP_PROFILE_AEAD_AES_128_GCM),
    Profile("SRTP_AEAD_AES_256_GCM", 32, 12, Policy.SRTP_PROFILE_AEAD_AES_256_GCM),
    Profile("SRTP_AES128_CM_SHA1_80", 16, 14, Policy.SRTP_PROFILE_AES128_CM_SHA1_80),
)


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """What a DTLS handshake agreed on: ours protects what we send, theirs what we receive."""

    profile: Profile
    our_key: bytes
    our_salt: bytes
    their_key: bytes
    their_salt: bytes


Refusal = Literal["forged", "replayed", "unreadable"]


class Inbound:
    """Opens what one peer sends. Pointers are cffi's, into the arena of the socket."""

    __slots__ = ("_handle", "_length", "_session")

    def __init__(self, keys: MasterKeys) -> None:
        self._session = Session(_policy(keys.profile, keys.their_key + keys.their_salt, inbound=True))
        self._handle = self._session._srtp[0]
        self._length = ffi.new("int *")

    def rtp(self, pointer: Any, length: int) -> int:
        """Open a packet in place; return its new length, or a negative status for `reason`."""
        self._length[0] = length
        status: int = lib.srtp_unprotect(self._handle, pointer, self._length)
        return -status if status else self._length[0]

    def rtcp(self, pointer: Any, length: int) -> int:
        """Like `rtp`, for SRTCP."""
        self._length[0] = length
        status: int = lib.srtp_unprotect_rtcp(self._handle, pointer, self._length)
        return -status if status else self._length[0]


def reason(status: int) -> Refusal:
    """Return the counter for a negative result of `Inbound`."""
    if -status in _REPLAYED:
        return "replayed"
    return "forged" if -status == _FORGED else "unreadable"


class GcmOutbound:
    """AES-GCM without libsrtp. `encrypt_into` and `salt` are public for the fan-out, which inlines `rtp`."""

    __slots__ = ("_rtcp", "_rtcp_index", "_rtcp_salt", "encrypt_into", "gcm", "salt")

    def __init__(self, keys: MasterKeys) -> None:
        def derive(label: int, length: int) -> bytes:
            return _derive(keys.our_key, keys.our_salt, label, length)

        self.gcm = True
        self.encrypt_into: Callable[[Any, Any, Any, Any], int] = AESGCM(
            derive(0, keys.profile.key)
        ).encrypt_into
        self.salt = int.from_bytes(derive(2, 12), "big")
        self._rtcp = AESGCM(derive(3, keys.profile.key))
        self._rtcp_salt = int.from_bytes(derive(5, 12), "big")
        self._rtcp_index = 0

    def rtp(self, ssrc: int, index: int, header: bytes, payload: bytes | bytearray) -> bytes:
        """
        Return the packet protected; `index` is the 48-bit packet index. The hot path inlines this.

        RFC 7714 section 8.1: the nonce is two zero bytes, SSRC and packet index, mixed with the salt."""
        nonce = (self.salt ^ (ssrc << 48 | index)).to_bytes(12, "big")
        sealed = bytearray(len(payload) + GCM_TAG)
        self.encrypt_into(nonce, payload, header, sealed)
        return header + bytes(sealed)

    def rtcp(self, packet: bytes) -> bytes:
        """RFC 7714 section 9: nonce of SSRC and SRTCP index; the index word is authenticated too."""
        self._rtcp_index += 1  # 31 bits: at fifty a second it lasts 497 days, longer than a DTLS session.
        head = packet[:_RTCP_HEADER]
        word = _U32.pack(_SRTCP_ENCRYPTED | self._rtcp_index)
        (ssrc,) = _U32.unpack_from(packet, 4)
        nonce = (self._rtcp_salt ^ (ssrc << 48 | self._rtcp_index)).to_bytes(12, "big")
        return head + self._rtcp.encrypt(nonce, packet[_RTCP_HEADER:], head + word) + word


class LibsrtpOutbound:
    """AES-CM with HMAC-SHA1, for clients that know nothing better."""

    __slots__ = ("_buffer", "_handle", "_length", "_pointer", "_session", "gcm")

    def __init__(self, keys: MasterKeys) -> None:
        self.gcm = False
        self._session = Session(_policy(keys.profile, keys.our_key + keys.our_salt, inbound=False))
        self._handle = self._session._srtp[0]
        self._length = ffi.new("int *")
        self._pointer = ffi.new("char[]", 2048)
        self._buffer = ffi.buffer(self._pointer)

    def rtp(self, ssrc: int, index: int, header: bytes, payload: bytes | bytearray) -> bytes:
        """libsrtp finds SSRC and sequence number in the header and counts roll-overs itself."""
        return self._protect(lib.srtp_protect, header + payload)

    def rtcp(self, packet: bytes) -> bytes:
        """Return a compound RTCP packet protected. Raises SrtpError when it is too long."""
        return self._protect(lib.srtp_protect_rtcp, packet)

    def _protect(self, function: Callable[[Any, Any, Any], int], packet: bytes) -> bytes:
        length = len(packet)
        if length > 2048 - MAX_TRAILER:
            raise SrtpError(f"a packet of {length} bytes cannot be protected")
        self._buffer[0:length] = packet
        self._length[0] = length
        status = function(self._handle, self._pointer, self._length)
        if status:
            raise SrtpError(f"libsrtp refuses to protect a packet: status {status}")
        return bytes(self._buffer[0 : self._length[0]])


class SrtpError(Exception):
    """A packet could not be protected. Ours: the caller made a packet that has no index or no room."""


def outbound(keys: MasterKeys) -> GcmOutbound | LibsrtpOutbound:
    """Return the sender for what was negotiated."""
    return GcmOutbound(keys) if keys.profile.gcm else LibsrtpOutbound(keys)


def split_keys(profile: Profile, material: bytes, *, client: bool = False) -> MasterKeys:
    """
    Cut the keying material of a handshake in which we were the server, or the `client`.

    RFC 5764 section 4.2: client key, server key, client salt, server salt.
    """
    key, salt = profile.key, profile.salt
    keys = material[:key], material[key : 2 * key]
    salts = material[2 * key : 2 * key + salt], material[2 * key + salt : 2 * (key + salt)]
    theirs, ours = (1, 0) if client else (0, 1)
    return MasterKeys(
        profile=profile,
        their_key=keys[theirs],
        our_key=keys[ours],
        their_salt=salts[theirs],
        our_salt=salts[ours],
    )


def _policy(profile: Profile, key: bytes, *, inbound: bool) -> Policy:
    kind = Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND
    policy = Policy(key=key, ssrc_type=kind, srtp_profile=profile.libsrtp)
    policy.window_size = REPLAY_WINDOW
    policy.allow_repeat_tx = True
    return policy


def _derive(key: bytes, salt: bytes, label: int, length: int) -> bytes:
    """
    Return a session key: RFC 3711 section 4.3 with a derivation rate of zero.

    A GCM salt is two bytes short of the 14 that the formula wants and is filled up with zeros.
    """
    mixed = int.from_bytes(salt.ljust(14, b"\0"), "big") ^ (label << 48)
    counter = (mixed << 16).to_bytes(16, "big")
    stream = Cipher(AES(key), CTR(counter)).encryptor()
    return stream.update(bytes(length))
