"""
Where a worker listens, and what clients are told of it.

One number for all: UDP on every address, or nothing works and nothing is begun; TCP on the same number as far
as it can be had, since it is what those need whose network lets no UDP through.
"""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from signaling.rtc.port import Port
from signaling.rtc.tcp import MAX_STREAMS, TcpPort, listen
from signaling.rtc.udp import UdpPort, bind

TRIES: Final = 8  # For a number that is free for UDP and TCP, when any will do.

_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@dataclass(slots=True)
class Bound:
    """What could be had."""

    addresses: tuple[str, ...]
    udp: list[UdpPort]
    tcp: dict[str, TcpPort] = field(default_factory=dict)
    """By the address."""
    troubles: list[str] = field(default_factory=list)
    """Why there is no TCP, in words, one an address."""

    @property
    def number(self) -> int:
        """The port's number."""
        number: int = self.udp[0].socket.getsockname()[1]
        return number

    @property
    def ports(self) -> list[Port]:
        """All of them, for the transport."""
        return [*self.udp, *self.tcp.values()]

    def has_tcp(self, told: str) -> bool:
        """Whether a client that is told this address reaches TCP there, as far as can be known here."""
        if told in self.addresses:
            return told in self.tcp
        # Something in front of us translates it to one of its family.
        return any((":" in told) == (":" in address) for address in self.tcp)

    def close(self) -> None:
        """Close all. Again is no error."""
        for port in self.ports:
            port.close()


def bind_all(addresses: Sequence[str], port: int, clock: Callable[[], float]) -> Bound:
    """Bind `port` for UDP on every address, or raise OSError in plain words; for TCP where possible."""
    tries = 1 if port else TRIES
    while True:
        bound = Bound(tuple(addresses), _bind_udp(addresses, port))
        _add_tcp(bound, addresses, clock)
        tries -= 1
        if not bound.troubles or not tries:
            return bound
        bound.close()


def _bind_udp(addresses: Sequence[str], port: int) -> list[UdpPort]:
    ports: list[UdpPort] = []
    try:
        for address in addresses:
            ports.append(bind(address, port))
            port = ports[0].socket.getsockname()[1]  # Candidates differ in the address alone.
    except OSError as error:
        for bound in ports:
            bound.close()
        raise OSError(
            error.errno, f"UDP port {port} on {address}: {os.strerror(error.errno or 0)}"
        ) from error
    return ports


def _add_tcp(bound: Bound, addresses: Sequence[str], clock: Callable[[], float]) -> None:
    limit = _streams(len(addresses))
    for address in addresses:
        try:
            bound.tcp[address] = listen(address, bound.number, clock, limit)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            bound.troubles.append(f"no TCP port {bound.number} on {address}: {reason}")


def _streams(addresses: int) -> int:
    """Return how many connections each address may have: half of the files that this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MAX_STREAMS * 2 if soft == resource.RLIM_INFINITY else soft
    return max(1, min(MAX_STREAMS, files // 2) // max(1, addresses))


def local_addresses(wanted: Sequence[str], advertised: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses that clients are told: those advertised, else those bound to."""
    if advertised:
        return tuple(advertised)
    told: list[str] = []
    for address in wanted:
        told += [_outward(address)] if address in _ANY else [address]
    return tuple(dict.fromkeys(told))


def _outward(wildcard: str) -> str:
    """Return the address that packets to the world would leave from; loopback without a network."""
    ipv6 = ":" in wildcard
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Documentation addresses (RFC 5737, RFC 3849): connecting a UDP socket sends nothing.
            probe.connect(("2001:db8::1" if ipv6 else "192.0.2.1", 9))
        except OSError:
            return "::1" if ipv6 else "127.0.0.1"
        return str(probe.getsockname()[0])
