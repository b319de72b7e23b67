"""What a worker binds, and what it tells of that."""

from __future__ import annotations

import contextlib
import resource
import socket
import time

import pytest

from signaling.rtc import binding
from signaling.rtc.binding import Bound, bind_all, local_addresses
from signaling.rtc.tcp import MAX_STREAMS
from signaling.rtc.udp import bind


def bound_all(addresses: list[str], port: int) -> Bound:
    return bind_all(addresses, port, time.monotonic)


def test_clients_are_told_what_they_can_reach() -> None:
    assert local_addresses(["127.0.0.1", "::1"], []) == ("127.0.0.1", "::1")
    assert local_addresses(["0.0.0.0"], ["203.0.113.9"]) == ("203.0.113.9",)
    (outward,) = local_addresses(["0.0.0.0"], [])
    assert outward != "0.0.0.0"
    assert socket.inet_aton(outward)
    (outward,) = local_addresses(["::"], [])
    assert outward != "::"


def test_all_addresses_are_bound_or_none() -> None:
    taken = bind("::1", 0) if socket.has_ipv6 else bind("127.0.0.1", 0)
    number = taken.socket.getsockname()[1]
    host = taken.socket.getsockname()[0]
    with pytest.raises(OSError, match=f"UDP port {number} on {host}"):
        bound_all(["127.0.0.2", host], number)
    bind("127.0.0.2", number).close()
    taken.close()


def test_any_port_is_the_same_on_every_address_for_udp_and_tcp() -> None:
    with contextlib.closing(bound_all(["127.0.0.1", "127.0.0.2"], 0)) as bound:
        found = [port.socket.getsockname() for port in bound.udp]
        found += [port.socket.getsockname() for port in bound.tcp.values()]
        assert found == [("127.0.0.1", bound.number), ("127.0.0.2", bound.number)] * 2
        assert len(bound.ports) == 4


def test_a_taken_tcp_port_leaves_udp() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with contextlib.closing(bound_all(["127.0.0.1", "127.0.0.2"], number)) as bound:
            assert [port.socket.getsockname()[0] for port in bound.udp] == ["127.0.0.1", "127.0.0.2"]
            assert list(bound.tcp) == ["127.0.0.2"]
            assert len(bound.troubles) == 1
            assert f"no TCP port {number} on 127.0.0.1" in bound.troubles[0]
            assert not bound.has_tcp("127.0.0.1")
            assert bound.has_tcp("127.0.0.2")
            assert bound.has_tcp("203.0.113.9")  # translated to whichever
            assert not bound.has_tcp("2001:db8::1")


def test_any_port_is_tried_again_until_tcp_is_free_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    listen = binding.listen

    def busy(host: str, port: int, clock: object, limit: int) -> object:
        tried.append(port)
        if len(tried) < 3:
            raise OSError(98, "busy")
        return listen(host, port, time.monotonic, limit)

    monkeypatch.setattr(binding, "listen", busy)
    with contextlib.closing(bound_all(["127.0.0.1"], 0)) as bound:
        assert bound.number == tried[2]
        assert not bound.troubles
    monkeypatch.setattr(binding, "TRIES", 1)
    tried.clear()
    with contextlib.closing(bound_all(["127.0.0.1"], 0)) as bound:
        assert not bound.tcp
        assert bound.troubles


@pytest.mark.parametrize(("soft", "limit"), [(1024, 256), (resource.RLIM_INFINITY, MAX_STREAMS // 2), (1, 1)])
def test_connections_leave_files_for_the_rest(monkeypatch: pytest.MonkeyPatch, soft: int, limit: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (soft, soft))
    assert binding._streams(2) == limit
