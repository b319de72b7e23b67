"""
DTLS over memory buffers (RFC 5764, RFC 8827 section 6.5).

We are the passive side wherever we may choose, because then our order of SRTP
profiles wins and Chromium agrees to AES-GCM; were we the client, it would
choose AES-CM with HMAC, which costs four times as much (measured). FFmpeg
insists on being the server, and is called by us. Certificates mean
nothing by themselves: the peer is who signalled their fingerprint, and
`Dtls.matches` compares. Nothing here waits: a datagram goes in, datagrams
come out, and somebody calls `on_timer` at times.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from signaling.rtc.srtp import PROFILES, MasterKeys, split_keys

MTU: Final = 1_200  # Passes every path that carries our RTP, tunnels included.
MAX_HANDSHAKE_DATAGRAMS: Final = 100  # A handshake takes two to ten; OpenSSL is not to be fed for ever.
MAX_LATE_DATAGRAMS: Final = 100  # Then come repeated flights and a goodbye; OpenSSL keeps what it is fed.
CERTIFICATE_LIFE: Final = timedelta(days=30)  # Nobody checks it; a process is restarted sooner.

_RECORD: Final = Struct("!BHHHIH")  # Type, version, epoch, sequence number (48 bits), length.
_HASHES: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {
    "sha-256": hashes.SHA256,
    "sha-384": hashes.SHA384,
    "sha-512": hashes.SHA512,
}
_CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"  # The last two: RFC 8827 section 6.5 still asks for CBC.
)
# A server that we call may have an RSA certificate; ours is not, so nobody needs these to call us.
_CALLING_CIPHERS: Final = b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA"
_METHODS: Final = (SSL.DTLS_SERVER_METHOD, SSL.DTLS_CLIENT_METHOD)
_DTLS_1_2: Final = 0xFEFD  # RFC 6347 section 4.1
_SSL_OP_NO_TICKET: Final = 0x4000
_SSL_OP_NO_QUERY_MTU: Final = 0x1000
_SSL_MODE_RELEASE_BUFFERS: Final = 0x10  # An idle connection gives back 34 kB.


class DtlsError(Exception):
    """A handshake that cannot succeed. The peer's fault."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Our certificate and the context of every handshake; one a process, since making one costs 4 ms."""

    context: SSL.Context
    caller: SSL.Context
    """The same for handshakes that we begin."""
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    fingerprint: str
    """SHA-256, as SDP writes it."""


def make_identity(now: float) -> Identity:
    """Make a key and a self-signed certificate for it. `now` is Unix time in seconds."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sabak")])
    today = datetime.fromtimestamp(now, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + CERTIFICATE_LIFE)
        .sign(key, hashes.SHA256())
    )
    server, client = (_context(method, certificate, key) for method in _METHODS)
    server.set_cipher_list(_CIPHERS)
    client.set_cipher_list(_CIPHERS + b":" + _CALLING_CIPHERS)
    return Identity(server, client, certificate, key, _digest(certificate, "sha-256"))


def _context(method: int, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> SSL.Context:
    context = SSL.Context(method)
    context.set_max_proto_version(_DTLS_1_2)
    context.set_options(_SSL_OP_NO_TICKET | _SSL_OP_NO_QUERY_MTU)
    context.set_mode(_SSL_MODE_RELEASE_BUFFERS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Any certificate will do here: its fingerprint decides, once the handshake has proved the key.
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    context.use_certificate(certificate)
    context.use_privatekey(key)
    context.set_tlsext_use_srtp(":".join(profile.name for profile in PROFILES).encode())
    return context


def _digest(certificate: x509.Certificate, algorithm: str) -> str:
    return certificate.fingerprint(_HASHES[algorithm]()).hex(":").upper()


class Dtls:
    """One handshake and what follows it."""

    __slots__ = ("_calls", "_connection", "_datagrams", "closed", "keys")

    def __init__(self, identity: Identity, *, calls: bool = False) -> None:
        """`calls`: we are the client, and `call` begins."""
        self._calls = calls
        self._connection = SSL.Connection(identity.caller if calls else identity.context, None)
        if calls:
            self._connection.set_connect_state()
        else:
            self._connection.set_accept_state()
        self._connection.set_ciphertext_mtu(MTU)
        self._datagrams = 0
        self.keys: MasterKeys | None = None
        self.closed = False
        """The peer said goodbye."""

    def call(self) -> list[bytes]:
        """Return the first flight of a handshake that we begin."""
        with contextlib.suppress(SSL.WantReadError):
            self._connection.do_handshake()
        return self._flights()

    def receive(self, datagram: bytes) -> list[bytes]:
        """Take a datagram, return those to be sent. Sets `keys` at the end of the handshake; DtlsError."""
        self._datagrams += 1
        if self.keys is None and self._datagrams > MAX_HANDSHAKE_DATAGRAMS:
            raise DtlsError("the handshake does not come to an end")
        if self._datagrams > MAX_HANDSHAKE_DATAGRAMS + MAX_LATE_DATAGRAMS:
            return []
        try:
            self._connection.bio_write(datagram)
            if self.keys is None:
                self._connection.do_handshake()
                self.keys = self._agreed()
                self._datagrams = MAX_HANDSHAKE_DATAGRAMS
            else:
                self._connection.recv(MTU)  # Alerts, and repeated last flights, which it answers.
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error as error:
            if self.keys is None:
                raise DtlsError(f"the handshake failed: {error}") from error
        return self._flights()

    def timer(self) -> float | None:
        """Return in how many seconds `on_timer` is due, None when nothing is to be repeated."""
        if self.keys is not None:
            return None
        return self._connection.DTLSv1_get_timeout()

    def on_timer(self) -> list[bytes]:
        """Repeat what was not answered (RFC 6347 section 4.2.4)."""
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as error:
            raise DtlsError(f"the handshake failed: {error}") from error
        return self._flights()

    def matches(self, fingerprints: tuple[tuple[str, str], ...]) -> bool:
        """Whether the peer proved to be one of `fingerprints`; the strongest hash counts (RFC 8122, 5)."""
        certificate = self._connection.get_peer_certificate(as_cryptography=True)
        known = [algorithm for algorithm, _ in fingerprints if algorithm in _HASHES]
        if certificate is None or not known:
            return False
        strongest = max(known)  # "sha-256" < "sha-384" < "sha-512"
        digest = _digest(certificate, strongest)
        return any(hmac.compare_digest(digest.encode(), value.encode()) for _, value in fingerprints)

    def close(self) -> list[bytes]:
        """Say goodbye."""
        try:
            self._connection.shutdown()
        except SSL.Error:
            return []  # Not yet connected: there is nobody to greet.
        return self._flights()

    def _agreed(self) -> MasterKeys:
        name = self._connection.get_selected_srtp_profile().decode()
        for profile in PROFILES:
            if profile.name == name:
                length = 2 * (profile.key + profile.salt)
                material = self._connection.export_keying_material(b"EXTRACTOR-dtls_srtp", length)
                return split_keys(profile, material, client=self._calls)
        raise DtlsError("the peer does not know our SRTP profiles")

    def _flights(self) -> list[bytes]:
        """Return what OpenSSL wrote, as datagrams: a memory buffer does not keep them apart."""
        try:
            written = self._connection.bio_read(65_536)
        except SSL.Error:
            return []
        return cut(written)


def cut(written: bytes) -> list[bytes]:
    """Return `written` as datagrams of whole records, none longer than MTU unless its record is."""
    flights: list[bytes] = []
    start = at = 0
    while at < len(written):
        size = _RECORD.size + _RECORD.unpack_from(written, at)[5]
        if at > start and at + size - start > MTU:
            flights.append(written[start:at])
            start = at
        at += size
    if start < len(written):
        flights.append(written[start:])
    return flights
