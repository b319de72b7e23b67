"""
STUN for an ICE-lite agent: read a connectivity check, answer it.

A lite agent never sends a check of its own (RFC 8445 section 2.5), so binding
requests are all there is to parse and one answer is all there is to build.
Browsers repeat checks every few seconds on every pair, and this is the only
code of the engine that strangers reach without a key: it reads by offsets,
allocates little, and a packet that is wrong in any way is a `StunError`.
"""

from __future__ import annotations

import hmac
import zlib
from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal

MAGIC_COOKIE: Final = 0x2112A442  # RFC 8489 section 5
# Message types and attributes: RFC 8489 sections 5 and 18, RFC 8445 section 16.1.
BINDING_REQUEST: Final = 0x0001
BINDING_INDICATION: Final = 0x0011
BINDING_SUCCESS: Final = 0x0101
BINDING_ERROR: Final = 0x0111

USERNAME: Final = 0x0006
MESSAGE_INTEGRITY: Final = 0x0008
ERROR_CODE: Final = 0x0009
UNKNOWN_ATTRIBUTES: Final = 0x000A
XOR_MAPPED_ADDRESS: Final = 0x0020
PRIORITY: Final = 0x0024
USE_CANDIDATE: Final = 0x0025
NOMINATION: Final = 0x0030  # Chromium's renomination: present means nominated, like USE-CANDIDATE.
FINGERPRINT: Final = 0x8028
ICE_CONTROLLED: Final = 0x8029
ICE_CONTROLLING: Final = 0x802A

MAX_LENGTH: Final = 1280  # A check is about 110 bytes; RFC 8489 section 6.1 asks to stay below the path MTU.
MAX_ATTRIBUTES: Final = 24  # Chromium sends eight.
FINGERPRINT_XOR: Final = 0x5354554E  # RFC 8489 section 14.7
HEADER_LENGTH: Final = 20  # RFC 8489 section 5
INTEGRITY_LENGTH: Final = 24  # Attribute header and SHA-1 digest.
FINGERPRINT_LENGTH: Final = 8  # Attribute header and CRC-32.

_HEADER = Struct("!HHI12s")
_ATTRIBUTE = Struct("!HH")
_U16 = Struct("!H")
_U32 = Struct("!I")
_KNOWN_REQUIRED: Final = frozenset({USERNAME, MESSAGE_INTEGRITY, PRIORITY, USE_CANDIDATE, NOMINATION})

Refusal = Literal["malformed", "not_a_request", "fingerprint", "integrity"]


class StunError(ValueError):
    """A datagram that is not an acceptable check. The peer's fault; `reason` names a counter."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


@dataclass(frozen=True, slots=True)
class Check:
    """A binding request whose form is right. Its integrity is proved by `verify`, not yet by this."""

    transaction: bytes
    local_ufrag: str
    remote_ufrag: str
    use_candidate: bool
    controlled: bool
    priority: int
    unknown: tuple[int, ...]
    integrity_at: int
    data: bytes

    def verify(self, password: bytes) -> None:
        """Prove that the sender knows `password`, or raise StunError("integrity") (RFC 8489 section 14.5)."""
        # The digest covers a header whose length ends with this attribute, whatever follows it.
        end = self.integrity_at
        covered = self.data[:2] + _U16.pack(end - HEADER_LENGTH + INTEGRITY_LENGTH) + self.data[4:end]
        digest = hmac.digest(password, covered, "sha1")
        if not hmac.compare_digest(digest, self.data[end + 4 : end + INTEGRITY_LENGTH]):
            raise StunError("integrity")


def parse_check(data: bytes) -> Check:
    """
    Read a binding request (RFC 8489 section 5, RFC 8445 section 7).

    Raises StunError: "not_a_request" for indications and answers (harmless),
    "fingerprint" when the checksum is wrong, "malformed" for all else,
    a missing USERNAME, PRIORITY or MESSAGE-INTEGRITY among them.
    """
    if not HEADER_LENGTH <= len(data) <= MAX_LENGTH:
        raise StunError("malformed")
    kind, length, cookie, transaction = _HEADER.unpack_from(data)
    if cookie != MAGIC_COOKIE or length + HEADER_LENGTH != len(data) or length & 3:
        raise StunError("malformed")
    if kind != BINDING_REQUEST:
        raise StunError("not_a_request")
    found, order = _attributes(data)
    integrity_at = _integrity_offset(data, found)
    if FINGERPRINT in found:
        _check_fingerprint(data, found[FINGERPRINT], order)
    username = _value(data, found.get(USERNAME))
    priority = _value(data, found.get(PRIORITY))
    if username is None or priority is None or len(priority) != 4:
        raise StunError("malformed")
    local, remote = _split_username(username)
    return Check(
        transaction=transaction,
        local_ufrag=local,
        remote_ufrag=remote,
        use_candidate=USE_CANDIDATE in found or NOMINATION in found,
        controlled=ICE_CONTROLLED in found,
        priority=_U32.unpack(priority)[0],
        unknown=tuple(kind for kind in found if kind < 0x8000 and kind not in _KNOWN_REQUIRED),
        integrity_at=integrity_at,
        data=data,
    )


def _attributes(data: bytes) -> tuple[dict[int, int], list[int]]:
    """Return the offset of each attribute's first occurrence that counts, and the offsets in order."""
    found: dict[int, int] = {}
    order: list[int] = []
    at, end, sealed = HEADER_LENGTH, len(data), False
    while at < end:
        kind, size = _ATTRIBUTE.unpack_from(data, at)  # Lengths are multiples of four: so many are there.
        if at + 4 + size > end or len(order) == MAX_ATTRIBUTES:
            raise StunError("malformed")
        order.append(at)
        # After MESSAGE-INTEGRITY only FINGERPRINT counts (RFC 8489 section 14.5); of duplicates, the first.
        if (not sealed or kind == FINGERPRINT) and kind not in found:
            found[kind] = at
        sealed = sealed or kind == MESSAGE_INTEGRITY
        at += 4 + ((size + 3) & ~3)
    return found, order


def _value(data: bytes, at: int | None) -> bytes | None:
    if at is None:
        return None
    return data[at + 4 : at + 4 + _U16.unpack_from(data, at + 2)[0]]


def _integrity_offset(data: bytes, found: dict[int, int]) -> int:
    at = found.get(MESSAGE_INTEGRITY)
    if at is None or _U16.unpack_from(data, at + 2)[0] != INTEGRITY_LENGTH - 4:
        raise StunError("malformed")
    return at


def _check_fingerprint(data: bytes, at: int, order: list[int]) -> None:
    if at != order[-1] or at + FINGERPRINT_LENGTH != len(data):
        raise StunError("malformed")
    (stated,) = _U32.unpack_from(data, at + 4)
    if stated != zlib.crc32(data[:at]) ^ FINGERPRINT_XOR:
        raise StunError("fingerprint")


def _split_username(username: bytes) -> tuple[str, str]:
    try:
        local, colon, remote = username.decode("ascii").partition(":")
    except UnicodeDecodeError:
        raise StunError("malformed") from None
    if not colon or not 4 <= len(local) <= 256 or len(remote) > 256:  # RFC 8839 section 5.4
        raise StunError("malformed")
    return local, remote


def mapped_address(ip: bytes, port: int) -> bytes:
    """
    Return XOR-MAPPED-ADDRESS for an IPv4 address, ready to be repeated in every answer to it.

    `ip` has 4 bytes, or 16 for IPv6; then the value still has to be mixed with
    the transaction by `success`. ValueError for any other length.
    """
    if len(ip) not in (4, 16):
        raise ValueError("an address has 4 or 16 bytes")
    xport = port ^ (MAGIC_COOKIE >> 16)
    head = _ATTRIBUTE.pack(XOR_MAPPED_ADDRESS, 4 + len(ip)) + bytes((0, 1 if len(ip) == 4 else 2))
    xip = _U32.pack(_U32.unpack(ip)[0] ^ MAGIC_COOKIE) if len(ip) == 4 else ip
    return head + _U16.pack(xport) + xip


def success(transaction: bytes, mapped: bytes, password: bytes) -> bytes:
    """Return the answer to a good check: `mapped` is what `mapped_address` made for its sender."""
    if len(mapped) == 24:  # IPv6 is mixed with cookie and transaction (RFC 8489 section 14.2).
        key = int.from_bytes(_U32.pack(MAGIC_COOKIE) + transaction, "big")
        mapped = mapped[:8] + (int.from_bytes(mapped[8:], "big") ^ key).to_bytes(16, "big")
    return _seal(BINDING_SUCCESS, transaction, mapped, password)


def role_conflict(transaction: bytes, password: bytes) -> bytes:
    """Return 487: a lite agent is always controlled (RFC 8445 section 7.3.1.1)."""
    return _seal(BINDING_ERROR, transaction, _error(487, b"Role Conflict"), password)


def unknown_attributes(transaction: bytes, unknown: tuple[int, ...], password: bytes) -> bytes:
    """Return 420 with the attributes that we were obliged to know (RFC 8489 section 6.3.1)."""
    listed = b"".join(_U16.pack(kind) for kind in unknown)
    body = _error(420, b"Unknown Attribute") + _ATTRIBUTE.pack(UNKNOWN_ATTRIBUTES, len(listed)) + listed
    return _seal(BINDING_ERROR, transaction, body + b"\0" * (-len(listed) % 4), password)


def _error(code: int, reason: bytes) -> bytes:
    value = bytes((0, 0, code // 100, code % 100)) + reason
    return _ATTRIBUTE.pack(ERROR_CODE, len(value)) + value + b"\0" * (-len(value) % 4)


def _seal(kind: int, transaction: bytes, body: bytes, password: bytes) -> bytes:
    length = len(body) + INTEGRITY_LENGTH
    signed = _HEADER.pack(kind, length, MAGIC_COOKIE, transaction) + body
    digest = hmac.digest(password, signed, "sha1")
    whole = b"".join(
        (
            _HEADER.pack(kind, length + FINGERPRINT_LENGTH, MAGIC_COOKIE, transaction),
            body,
            _ATTRIBUTE.pack(MESSAGE_INTEGRITY, 20),
            digest,
        )
    )
    checksum = zlib.crc32(whole) ^ FINGERPRINT_XOR
    return whole + _ATTRIBUTE.pack(FINGERPRINT, 4) + _U32.pack(checksum)


def check(
    local: str,
    remote: str,
    password: bytes,
    transaction: bytes,
    *,
    use_candidate: bool = True,
    priority: int = 1,
) -> bytes:
    """
    Return the check that a controlling peer would send: `local` is the receiver's fragment.

    The engine never sends one; load generators and tests do, so the format is told in one file.
    """
    username = f"{local}:{remote}".encode("ascii")
    body = _ATTRIBUTE.pack(USERNAME, len(username)) + username + b"\0" * (-len(username) % 4)
    body += _ATTRIBUTE.pack(ICE_CONTROLLING, 8) + transaction[:8]
    body += _ATTRIBUTE.pack(PRIORITY, 4) + _U32.pack(priority)
    if use_candidate:
        body += _ATTRIBUTE.pack(USE_CANDIDATE, 0)
    return _seal(BINDING_REQUEST, transaction, body, password)
