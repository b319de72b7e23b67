"""
One peer connection: credentials, addresses, keys, liveness.

A leg lives as long as one DTLS session. ICE credentials may change under it
(a restart): the old ones stay good until the new ones are used, so that media
goes on over the old way meanwhile. A peer may be heard from several addresses;
what it nominated last is where everything is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from signaling.core.dialect import Dialect
from signaling.core.model import OUT_PAYLOAD_TYPE
from signaling.rtc.dtls import Dtls, DtlsError, Identity
from signaling.rtc.port import Path
from signaling.rtc.srtp import GcmOutbound, Inbound, LibsrtpOutbound, outbound

MAX_PATHS: Final = 8  # mediasoup's bound: wired, wireless and mobile, each IPv4 and IPv6, and a spare pair.
MAX_SSRCS: Final = 64  # libsrtp keeps a replay window for each, for ever. A publisher needs 12.
LOST_AFTER: Final = 8.0  # Seconds. Firefox asks for consent every 5 s, plus a fifth (RFC 7675 section 5.1).
FAILED_AFTER: Final = 30.0  # RFC 7675 section 5.1: consent expires.
NEVER_HEARD: Final = 60.0  # The description has still to travel, and a person may be reading a question.
HANDSHAKE_LIMIT: Final = 30.0  # From the first DTLS datagram; half of that is a retransmission or four.
DTLS_KEPT: Final = 15.0  # Seconds in which a silent peer may want our last flight of a handshake repeated.
GOODBYE_GRACE: Final = 7.0  # Seconds in which a peer that is said to be gone would be heard: see `doubt`.
PACKETS_PER_SECOND: Final = 6_000  # A publisher of 20 Mbit/s needs half; more is not worth decrypting.
# What else a peer sends is paid from the same credit, at its price in packets of media (rounded up):
REPORT_COST: Final = 8  # RTCP may ask for a thousand packets: 750 a second, thrice what 24 bad streams need.
CHECK_COST: Final = 10  # STUN, two HMACs: 600 a second; browsers send twenty at the start.
DTLS_COST: Final = 100  # A flight may cost a signature: 30 at once and 60 a second; a handshake has ten.

Role = Literal["publisher", "subscriber"]
State = Literal["new", "connected", "lost", "ended"]


class Leg:
    """
    See the module. The fan-out reads `encrypt_into`, `salt`, `name` and `port` directly.

    `owner` is the caller's: the engine's rooms put their peer there.
    """

    __slots__ = (
        "agreed_at",
        "bytes_received",
        "bytes_sent",
        "calls",
        "created_at",
        "credentials",
        "credit",
        "dialect",
        "dtls",
        "encrypt_into",
        "fingerprints",
        "handshake_at",
        "heard_at",
        "identity",
        "inbound",
        "last",
        "name",
        "outbound",
        "owner",
        "password",
        "path",
        "paths",
        "port",
        "role",
        "salt",
        "skipping",
        "ssrcs",
        "state",
        "timer_at",
        "ufrag",
    )

    def __init__(self, role: Role, owner: Any, identity: Identity, now: float) -> None:
        self.role: Role = role
        self.owner = owner
        self.identity = identity
        self.state: State = "new"
        self.created_at = now
        self.heard_at = now
        self.handshake_at: float | None = None
        self.agreed_at: float | None = None
        self.timer_at: float | None = None
        self.ufrag = ""
        self.password = ""
        self.credentials: dict[str, bytes] = {}
        """Fragments that are valid now, with their passwords; the newest is `ufrag`."""
        self.fingerprints: tuple[tuple[str, str], ...] | None = None
        """Who the peer has to be; None until its description has come."""
        self.calls = False
        """Whether we begin the handshake, because the peer wants to be called."""
        self.dtls: Dtls | None = None
        self.inbound: Inbound | None = None
        self.outbound: GcmOutbound | LibsrtpOutbound | None = None
        self.encrypt_into: Callable[[Any, Any, Any, Any], int] | None = None
        self.salt = 0
        self.paths: list[Path] = []
        self.path: Path | None = None
        self.last: Path | None = None
        """The path selected last: when `path` is None, it has gone."""
        self.name = 0
        self.port: Any = None
        self.ssrcs: set[bytes] = set()
        self.skipping: dict[int, bytes] | None = None
        """Timestamp of the frame that lost a packet to a full socket, by SSRC: its rest is not sent."""
        self.dialect: Dialect | None = None
        """Set by `speak`. With one, `skipping` is never None: the fan-out looks at that alone."""
        self.credit = PACKETS_PER_SECOND // 2
        self.bytes_received = 0
        self.bytes_sent = 0

    # --- addresses ---------------------------------------------------------------------------------

    def select(self, path: Path) -> None:
        """Send everything to `path` from now on."""
        if self.path is not path:
            self.path = self.last = path
            self.name = path.name
            self.port = path.port

    def drop_path(self, path: Path) -> None:
        """Forget a path that has gone; go on over the newest of the others, if there is one."""
        self.paths.remove(path)
        if self.path is path:
            self.path, self.name = None, 0
            if self.paths:
                self.select(self.paths[-1])

    def add_path(self, path: Path) -> Path | None:
        """Remember an address that proved itself; return one that had to be forgotten for it."""
        self.paths.append(path)
        if len(self.paths) <= MAX_PATHS:
            return None
        oldest = next(known for known in self.paths if known is not self.path and known is not path)
        self.paths.remove(oldest)
        return oldest

    def send(self, data: bytes) -> None:
        """Send a datagram as it is to the selected path, if there is one."""
        if self.path is not None:
            self.path.send(data)

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send RTCP; dropped before there are keys."""
        if self.outbound is not None and self.path is not None and self.state != "ended":
            self.path.send(self.outbound.rtcp(packet))

    def speak(self, dialect: Dialect) -> None:
        """Send with the peer's own numbers from now on: it made the offer."""
        self.dialect = dialect
        self.skipping = self.skipping or {}

    def is_sound(self, header: memoryview) -> bool:
        """Whether a packet with this RTP header, as it is sent, carries sound."""
        sound = OUT_PAYLOAD_TYPE["opus"] if self.dialect is None else self.dialect.opus
        return header[1] & 0x7F == sound

    def on_congestion(self, header: memoryview) -> None:
        """Give up the rest of a video frame after one of its packets was dropped. Sound has no rest."""
        if not self.is_sound(header):
            if self.skipping is None:
                self.skipping = {}
            self.skipping[int.from_bytes(header[8:12], "big")] = bytes(header[4:8])

    # --- liveness ----------------------------------------------------------------------------------

    def silence_limit(self) -> float:
        """Return after how many seconds without a sign of life the leg ends."""
        return FAILED_AFTER if self.paths else NEVER_HEARD

    def doubt(self, now: float) -> None:
        """
        Somebody says that the peer has gone, and it cannot be proved: end soon, unless it is heard again.

        A living peer sends RTCP or asks for consent at least every 6 s.
        """
        self.heard_at = min(self.heard_at, now - FAILED_AFTER + GOODBYE_GRACE)

    def pay(self, cost: int) -> bool:
        """Take `cost` from the credit; whether it was there."""
        self.credit -= cost
        return self.credit >= 0

    def refill(self, seconds: float) -> None:
        """Allow as many packets as `seconds` are worth, and half a second's worth in a burst."""
        fresh = max(self.credit, 0) + int(PACKETS_PER_SECOND * seconds)
        self.credit = min(PACKETS_PER_SECOND // 2, fresh)

    # --- keys --------------------------------------------------------------------------------------

    def on_dtls(self, data: bytes, now: float) -> list[bytes]:
        """Take a DTLS datagram, return the answers. DtlsError ends the leg."""
        if self.dtls is None:
            self.dtls = Dtls(self.identity, calls=self.calls)
            self.handshake_at = now
        fresh = self.dtls.keys is None
        flights = self.dtls.receive(data)
        if fresh and self.dtls.keys is not None:
            self.agreed_at = now
            self.inbound = Inbound(self.dtls.keys)
            self.outbound = outbound(self.dtls.keys)
            if isinstance(self.outbound, GcmOutbound):
                self.encrypt_into = self.outbound.encrypt_into
                self.salt = self.outbound.salt
        self._arm(now)
        return flights

    def call(self, now: float) -> list[bytes]:
        """Begin the handshake; return its first flight."""
        self.dtls = Dtls(self.identity, calls=True)
        self.handshake_at = now
        flights = self.dtls.call()
        self._arm(now)
        return flights

    def on_dtls_timer(self, now: float) -> list[bytes]:
        """Repeat a flight that was not answered."""
        if self.dtls is None or self.handshake_at is None:
            return []
        if now - self.handshake_at > HANDSHAKE_LIMIT:
            raise DtlsError("the handshake takes too long")
        flights = self.dtls.on_timer()
        self._arm(now)
        return flights

    def _arm(self, now: float) -> None:
        wait = None if self.dtls is None else self.dtls.timer()
        self.timer_at = None if wait is None else now + wait

    def retire_dtls(self, now: float) -> None:
        """
        Let go of the DTLS session once it has done its work: it is 90 kB of the 110 that a leg takes.

        Whoever sends media or reports under the new keys has our last flight; others may ask for it again.
        What is lost is the proof of a goodbye (see `doubt`) and our own.
        """
        if self.agreed_at is None or self.state == "new":
            return
        if self.ssrcs or now - self.agreed_at > DTLS_KEPT:
            self.dtls = None

    @property
    def handshaking(self) -> bool:
        return self.dtls is not None and self.dtls.keys is None

    def proved(self) -> bool | None:
        """Whether the peer is who signalled; None while one of the two is not known yet."""
        if self.dtls is None or self.dtls.keys is None or self.fingerprints is None:
            return None
        return self.dtls.matches(self.fingerprints)
