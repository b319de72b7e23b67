"""One socket, in batches and without them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from signaling.rtc import udp
from signaling.rtc.port import RECEIVE_BATCH, SEND_BATCH, Path
from signaling.rtc.table import SLOT
from signaling.rtc.udp import UdpPort, bind


@pytest.fixture(params=["batches", "singly"])
def port(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[UdpPort]:
    if request.param == "singly":
        monkeypatch.setattr(udp, "_LIBC", None)
    made = bind("127.0.0.1", 0)
    yield made
    made.close()


@pytest.fixture
def client(port: UdpPort) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        made.bind(("127.0.0.1", 0))
        made.connect(port.socket.getsockname())
        made.setblocking(False)
        yield made


def path_to(port: UdpPort, client: socket.socket) -> Path:
    host, number = client.getsockname()
    return Path(port, udp.pack_address(host, number, ipv6=False), None)


def test_datagrams_are_received_with_their_senders(port: UdpPort, client: socket.socket) -> None:
    assert port.receive() == 0
    for number in range(3):
        client.send(bytes((number,)) * (number + 1))
    assert port.receive() == 3
    key = path_to(port, client).key
    for slot in range(3):
        assert port.length(slot) == slot + 1
        assert port.key(slot) == key
        start = slot * SLOT
        assert bytes(port.incoming.arena[start : start + slot + 1]) == bytes((slot,)) * (slot + 1)
    assert udp.unpack_address(key)[:2] == client.getsockname()
    assert port.counters.received == 3


def test_a_batch_has_an_end(port: UdpPort, client: socket.socket) -> None:
    for _ in range(RECEIVE_BATCH + 3):
        client.send(b"x")
    assert port.receive() == RECEIVE_BATCH
    assert port.receive() == 3


def test_datagrams_are_sent_in_order(port: UdpPort, client: socket.socket) -> None:
    path = path_to(port, client)
    count = SEND_BATCH + 5
    for number in range(count):
        path.send(number.to_bytes(2, "big"))
    assert port.queued == 5
    port.flush()
    port.flush()
    assert [int.from_bytes(client.recv(100), "big") for _ in range(count)] == list(range(count))
    assert port.counters.sent == count


def test_what_fits_no_slot_is_not_sent(port: UdpPort, client: socket.socket) -> None:
    path_to(port, client).send(bytes(1600))
    assert port.queued == 0
    assert port.counters.refused == 1


def test_a_datagram_that_cannot_be_sent_costs_only_itself(port: UdpPort, client: socket.socket) -> None:
    # Port 0 is nobody's: the system refuses it with EINVAL.
    nowhere = Path(port, udp.pack_address("127.0.0.1", 0, ipv6=False), None)
    somewhere = path_to(port, client)
    for path in (somewhere, nowhere, somewhere, nowhere):
        path.send(b"x")
    port.flush()
    assert client.recv(10) == b"x"
    assert client.recv(10) == b"x"
    assert port.counters.refused == 2


class Owner:
    def __init__(self) -> None:
        self.headers: list[bytes] = []

    def on_congestion(self, header: memoryview) -> None:
        self.headers.append(bytes(header))


def test_a_full_socket_ends_the_batch_and_tells_whose_it_was(
    port: UdpPort, client: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([-errno.EINTR, 2, -errno.EAGAIN])
    monkeypatch.setattr(port, "_send", lambda first, count: next(answers))
    path, owner = path_to(port, client), Owner()
    for number in range(4):
        path.send(bytes((number,)) * 20)
    port.owners[1] = port.owners[3] = owner
    port.flush()
    assert owner.headers == [b"\3" * 12]
    assert port.counters.congested == 2
    assert port.counters.sent == 2
    assert port.queued == 0


def test_an_address_of_ipv6_survives_the_kernels_layout() -> None:
    key = udp.pack_address("2001:db8::1", 8443, ipv6=True)
    assert len(key) == 28
    assert udp.unpack_address(key)[:2] == ("2001:db8::1", 8443)


def test_a_taken_port_is_an_error(port: UdpPort) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the number is checked
        bind("127.0.0.1", port.socket.getsockname()[1])
    assert caught.value.errno == errno.EADDRINUSE
