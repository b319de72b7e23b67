"""
A peer without media: ICE, DTLS and SRTP over one socket, driven by hand.

It shakes hands as a browser does (controlling, the DTLS client) and sends and
opens packets, but decodes nothing, so that a test or a load generator can have
many. Nothing waits: `pump` takes what has arrived, the caller decides when.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import struct
from dataclasses import dataclass, field

from OpenSSL import SSL
from pylibsrtp import Error, Policy, Session

from signaling.core import ice
from signaling.rtc.dtls import Identity
from signaling.rtc.srtp import PROFILES

EXTRACTOR = b"EXTRACTOR-dtls_srtp"


@dataclass
class Credentials:
    """The server's side of a leg, as its description tells it."""

    ufrag: str
    password: str
    host: str
    port: int

    @classmethod
    def of(cls, sdp: str) -> Credentials:
        """Read them from a description."""

        def value(name: str) -> str:
            return next(line.split(":", 1)[1] for line in sdp.splitlines() if line.startswith(f"a={name}:"))

        words = value("candidate").split()
        return cls(value("ice-ufrag"), value("ice-pwd"), words[4], int(words[5]))


class Framed:
    """A TCP connection that looks like a connected socket for UDP (RFC 4571)."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._held = b""
        self.hold = False
        self.ended = False

    def send(self, data: bytes) -> None:
        self._held += len(data).to_bytes(2, "big") + data
        if not self.hold:
            self.release()

    def release(self) -> None:
        """Send what was held back in one piece."""
        self._socket.send(self._held)
        self._held = b""

    def recv(self, _size: int) -> bytes:
        """Return the next packet; BlockingIOError while there is none."""
        if not self._whole():
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                raise
            except OSError:  # reset by the server, or closed by the test
                data = b""
            self.ended = not data
            self._rest += data
        if not self._whole():
            raise BlockingIOError
        size = 2 + int.from_bytes(self._rest[:2], "big")
        packet, self._rest = self._rest[2:size], self._rest[size:]
        return packet

    def _whole(self) -> bool:
        return len(self._rest) >= 2 and len(self._rest) >= 2 + int.from_bytes(self._rest[:2], "big")

    def getsockname(self) -> tuple[str, int]:
        address = self._socket.getsockname()
        return address[0], address[1]

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()


@dataclass
class LightPeer:
    """One leg's client end. `identity` may be shared by many."""

    identity: Identity
    server: Credentials
    profiles: bytes = b"SRTP_AEAD_AES_128_GCM"
    ufrag: str = "light"
    tcp: bool = False
    serves: bool = False  # waits for our hello, as FFmpeg does
    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    stun: list[bytes] = field(default_factory=list)
    undecipherable: int = 0
    connected: bool = False

    def __post_init__(self) -> None:
        self.socket = self._socket()
        context = SSL.Context(SSL.DTLS_SERVER_METHOD if self.serves else SSL.DTLS_CLIENT_METHOD)
        context.set_options(0x1000)  # SSL_OP_NO_QUERY_MTU
        context.set_tlsext_use_srtp(self.profiles)
        context.use_certificate(self.identity.certificate)
        context.use_privatekey(self.identity.key)
        context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
        self._dtls = SSL.Connection(context, None)
        if self.serves:
            self._dtls.set_accept_state()
        else:
            self._dtls.set_connect_state()
        self._dtls.set_ciphertext_mtu(1200)
        self._sender: Session | None = None
        self._receiver: Session | None = None

    def _socket(self) -> socket.socket | Framed:
        if self.tcp:
            return Framed(self.server.host, self.server.port)
        family = socket.AF_INET6 if ":" in self.server.host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.connect((self.server.host, self.server.port))
        return made

    @property
    def handle(self) -> int:
        """What a loop watches."""
        return self.socket.fileno()

    def move(self, *, tcp: bool = False) -> None:
        """Change the network: another local address from now on."""
        self.socket.close()
        self.tcp = tcp
        self.socket = self._socket()

    def close(self) -> None:
        self.socket.close()

    # --- sending -----------------------------------------------------------------------------------

    def check(self, *, use_candidate: bool = True, password: str = "") -> bytes:
        """Send a connectivity check, return its transaction."""
        transaction = os.urandom(12)
        key = (password or self.server.password).encode()
        self.socket.send(
            ice.check(self.server.ufrag, self.ufrag, key, transaction, use_candidate=use_candidate)
        )
        return transaction

    def hello(self) -> None:
        """Begin the handshake."""
        self._shake()

    def patience(self) -> float | None:
        """Return in how many seconds `repeat` is due; None: nothing waits for an answer."""
        wait: float | None = self._dtls.DTLSv1_get_timeout()
        return wait

    def repeat(self) -> None:
        """Send again what was not answered in time (RFC 6347 section 4.2.4)."""
        if not self.connected:
            self._dtls.DTLSv1_handle_timeout()
            self._write()

    def protect(self, packet: bytes) -> bytes:
        """Return what would go over the wire."""
        assert self._sender is not None
        return self._sender.protect(packet)

    def protect_rtcp(self, packet: bytes) -> bytes:
        assert self._sender is not None
        return self._sender.protect_rtcp(packet)

    def send_rtp(self, packet: bytes) -> bytes:
        """Protect and send; return what went over the wire."""
        assert self._sender is not None
        data = self._sender.protect(packet)
        self.socket.send(data)
        return data

    def send_rtcp(self, packet: bytes) -> bytes:
        assert self._sender is not None
        data = self._sender.protect_rtcp(packet)
        self.socket.send(data)
        return data

    def goodbye(self) -> None:
        """Close the DTLS session as a browser does on close()."""
        self._dtls.shutdown()
        self._write()

    def goodbyes(self) -> bool:
        """Whether the server has closed the DTLS session."""
        return bool(self._dtls.get_shutdown() & SSL.RECEIVED_SHUTDOWN)

    # --- receiving ---------------------------------------------------------------------------------

    def pump(self) -> int:
        """Take everything that has arrived, return how many datagrams."""
        count = 0
        while True:
            try:
                data = self.socket.recv(2048)
            except (BlockingIOError, ConnectionRefusedError):
                return count
            count += 1
            self._take(data)

    def _take(self, data: bytes) -> None:
        if data[0] <= 3:
            self.stun.append(data)
        elif data[0] < 64:
            self._dtls.bio_write(data)
            self._shake()
        elif self._receiver is not None:
            try:
                if 192 <= data[1] <= 223:
                    self.rtcp.append(self._receiver.unprotect_rtcp(data))
                else:
                    self.rtp.append(self._receiver.unprotect(data))
            except Error:
                self.undecipherable += 1

    def _shake(self) -> None:
        with contextlib.suppress(SSL.WantReadError, SSL.ZeroReturnError):
            if self.connected:
                self._dtls.recv(2048)
            else:
                self._dtls.do_handshake()
                self._agree()
        self._write()

    def _write(self) -> None:
        with contextlib.suppress(SSL.WantReadError):
            self.socket.send(self._dtls.bio_read(65536))

    def _agree(self) -> None:
        name = self._dtls.get_selected_srtp_profile().decode()
        profile = next(profile for profile in PROFILES if profile.name == name)
        key, salt = profile.key, profile.salt
        material = self._dtls.export_keying_material(EXTRACTOR, 2 * (key + salt))
        ours = material[:key] + material[2 * key : 2 * key + salt]
        theirs = material[key : 2 * key] + material[2 * key + salt :]
        if self.serves:
            ours, theirs = theirs, ours
        sending = Policy(key=ours, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile.libsrtp)
        sending.allow_repeat_tx = True
        receiving = Policy(key=theirs, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile.libsrtp)
        receiving.window_size = 1024
        self._sender, self._receiver = Session(sending), Session(receiving)
        self.connected = True


def rtp_packet(
    sequence: int,
    *,
    ssrc: int,
    payload_type: int = 111,
    timestamp: int | None = None,
    marker: bool = False,
    payload: bytes = b"",
) -> bytes:
    """Return a plain RTP packet."""
    stamp = sequence * 960 if timestamp is None else timestamp
    head = struct.pack(
        "!BBHII",
        0x80,
        payload_type | (0x80 if marker else 0),
        sequence & 0xFFFF,
        stamp & 0xFFFFFFFF,
        ssrc,
    )
    return head + (payload or secrets.token_bytes(40))
