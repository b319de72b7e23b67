"""Handshakes with a client of the same library, over a wire that tests can cut."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from signaling.rtc import dtls, srtp

OURS = dtls.make_identity(1_800_000_000.0)
THEIRS = dtls.make_identity(1_800_000_000.0)
GCM = b"SRTP_AEAD_AES_128_GCM"


class Client:
    """The active side, as a browser is."""

    def __init__(self, profiles: bytes = GCM, *, certificate: bool = True) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.set_options(0x1000)
        context.set_tlsext_use_srtp(profiles)
        if certificate:
            context.use_certificate(THEIRS.certificate)
            context.use_privatekey(THEIRS.key)
        self.connection = SSL.Connection(context, None)
        self.connection.set_connect_state()
        self.connection.set_ciphertext_mtu(1200)
        self.done = False

    def step(self, *datagrams: bytes) -> list[bytes]:
        """Take datagrams, return what is to be sent."""
        for datagram in datagrams:
            self.connection.bio_write(datagram)
            self._handshake()
        if not datagrams:
            self._handshake()
        try:
            return [self.connection.bio_read(65536)]
        except SSL.WantReadError:
            return []

    def _handshake(self) -> None:
        try:
            self.connection.do_handshake()
            self.done = True
        except SSL.WantReadError:
            pass


def shake(client: Client, server: dtls.Dtls, wire: Callable[[bytes], bytes] = lambda data: data) -> None:
    """Exchange datagrams until both are silent."""
    waiting = client.step()
    while waiting:
        answers = [answer for datagram in waiting for answer in server.receive(wire(datagram))]
        waiting = client.step(*answers) if answers else []


def test_we_call_who_wants_to_be_called() -> None:
    client, server = dtls.Dtls(OURS, calls=True), dtls.Dtls(THEIRS)
    waiting = client.call()
    assert client.timer() is not None
    while waiting:
        answers = [answer for datagram in waiting for answer in server.receive(datagram)]
        waiting = [answer for datagram in answers for answer in client.receive(datagram)]
    assert client.keys is not None
    assert server.keys is not None
    assert client.keys.profile.name == "SRTP_AEAD_AES_128_GCM"
    assert (client.keys.our_key, client.keys.our_salt) == (server.keys.their_key, server.keys.their_salt)
    assert (client.keys.their_key, client.keys.their_salt) == (server.keys.our_key, server.keys.our_salt)
    assert client.matches((("sha-256", THEIRS.fingerprint),))
    assert not client.matches((("sha-256", OURS.fingerprint),))


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM"),
        (b"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM"),
        (b"SRTP_AES128_CM_SHA1_80", "SRTP_AES128_CM_SHA1_80"),
    ],
)
def test_our_order_of_profiles_wins(offered: bytes, agreed: str) -> None:
    client, server = Client(offered), dtls.Dtls(OURS)
    shake(client, server)
    assert client.done
    assert server.keys is not None
    assert server.keys.profile.name == agreed
    length = 2 * (server.keys.profile.key + server.keys.profile.salt)
    material = client.connection.export_keying_material(b"EXTRACTOR-dtls_srtp", length)
    assert srtp.split_keys(server.keys.profile, material) == server.keys


def test_the_peer_is_who_signalled() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    assert not server.matches((("sha-256", THEIRS.fingerprint),))
    shake(client, server)
    assert server.matches((("sha-256", THEIRS.fingerprint),))
    assert not server.matches((("sha-256", OURS.fingerprint),))
    assert not server.matches((("sha-1", THEIRS.fingerprint),))
    assert not server.matches(())
    # Of several hashes the strongest has to fit: a weaker one does not help.
    assert not server.matches((("sha-256", THEIRS.fingerprint), ("sha-512", "00")))


def test_flights_fit_the_path() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    for datagram in client.step():
        flights = server.receive(datagram)
        assert flights
        assert all(len(flight) <= dtls.MTU for flight in flights)


def test_big_flights_are_cut_between_records() -> None:
    record = b"\x16\xfe\xfd" + bytes(8) + (500).to_bytes(2, "big") + bytes(500)
    assert dtls.cut(record * 5) == [record * 2, record * 2, record]
    assert dtls.cut(b"") == []
    huge = b"\x16\xfe\xfd" + bytes(8) + (2000).to_bytes(2, "big") + bytes(2000)
    assert dtls.cut(huge + record) == [huge, record]


def test_a_lost_flight_is_repeated() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    for datagram in client.step():
        assert server.receive(datagram)
    wait = server.timer()
    assert wait is not None
    assert 0 < wait <= 1.5
    assert server.on_timer() == []  # Not due yet.


def test_a_client_without_profile_or_certificate_is_refused() -> None:
    with pytest.raises(dtls.DtlsError):
        shake(Client(b"SRTP_AES128_CM_SHA1_32"), dtls.Dtls(OURS))
    with pytest.raises(dtls.DtlsError):
        shake(Client(certificate=False), dtls.Dtls(OURS))


def test_noise_is_no_handshake_and_has_an_end() -> None:
    server = dtls.Dtls(OURS)
    noise = b"\x16\xfe\xfd" + bytes(40)
    for _ in range(dtls.MAX_HANDSHAKE_DATAGRAMS):
        server.receive(noise)
    with pytest.raises(dtls.DtlsError, match="end"):
        server.receive(noise)
    assert server.keys is None


def test_damaged_datagrams_do_not_break_a_handshake() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    server.receive(b"\x16" * 100)
    server.receive(b"\x17")
    shake(client, server)
    assert server.keys is not None


def test_goodbyes() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    shake(client, server)
    assert server.timer() is None
    assert server.close()
    client, server = Client(), dtls.Dtls(OURS)
    shake(client, server)
    client.connection.shutdown()
    server.receive(client.connection.bio_read(65536))
    assert server.closed
    assert dtls.Dtls(OURS).close() == []


def test_certificates_are_elliptic_and_current() -> None:
    certificate = OURS.certificate
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert (
        certificate.not_valid_before_utc.timestamp()
        < 1_800_000_000
        < certificate.not_valid_after_utc.timestamp()
    )


def test_what_comes_after_the_handshake_is_bounded() -> None:
    client, server = Client(), dtls.Dtls(OURS)
    shake(client, server)
    assert server.keys is not None
    records = bytearray()
    for _ in range(30):
        client.connection.send(b"x")
        records += client.connection.bio_read(65_536)
    for _ in range(1_000):
        assert server.receive(bytes(records)) == []
    kept = 0
    with contextlib.suppress(SSL.Error):
        while kept < 30_000:
            kept += len(server._connection.recv(dtls.MTU))
    assert kept <= 30 * dtls.MAX_LATE_DATAGRAMS
