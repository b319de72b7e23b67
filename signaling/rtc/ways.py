"""
How a peer is found: by the user fragment of its credentials, and by the addresses from which it has proved
to know their password.

A fragment belongs to one leg, an address (or a TCP connection) to one path. Whoever proves an address that
somebody else had takes it over: routers give old ones away.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Final

from signaling.rtc.leg import Leg
from signaling.rtc.port import Path, Port

UFRAG_BYTES: Final = 6  # 48 bits, enough that nobody's is guessed or drawn twice (RFC 8445 asks for 24).
PASSWORD_BYTES: Final = 18  # 144 bits; RFC 8445 section 5.3 asks for 128.


class Ways:
    """The credentials and addresses of all legs of a process."""

    def __init__(self) -> None:
        self._by_ufrag: dict[str, Leg] = {}
        self._by_address: dict[Port, dict[bytes, Path]] = {}

    def add_port(self, port: Port) -> None:
        """Learn addresses of another socket, and hear when its connections end."""
        self._by_address[port] = {}
        port.on_gone = partial(self._gone, port)

    def leg(self, ufrag: str) -> Leg | None:
        """Return whose credentials these are."""
        return self._by_ufrag.get(ufrag)

    def paths(self, port: Port) -> dict[bytes, Path]:
        """Return the proved addresses of a socket, as they change: not to be written to."""
        return self._by_address[port]

    # --- credentials -------------------------------------------------------------------------------

    def renew(self, leg: Leg) -> None:
        """Give a leg new credentials; of older ones, the last stays good for now."""
        for ufrag in list(leg.credentials)[:-1]:
            self._retire(leg, ufrag)
        leg.ufrag, leg.password = _chars(UFRAG_BYTES), _chars(PASSWORD_BYTES)
        leg.credentials[leg.ufrag] = leg.password.encode()
        self._by_ufrag[leg.ufrag] = leg

    def retire_older(self, leg: Leg) -> None:
        """The newest credentials are in use: no others are good any more."""
        for ufrag in [old for old in leg.credentials if old != leg.ufrag]:
            self._retire(leg, ufrag)

    def adopt(self, leg: Leg, other: Leg) -> None:
        """
        Give credentials and addresses of `other` to `leg`: it was the same peer. `other` has none left.

        The old credentials stay good until the new ones are used, which may have happened.
        """
        used = other.path is not None
        for ufrag in list(leg.credentials)[: None if used else -1]:
            self._retire(leg, ufrag)
        leg.credentials |= other.credentials
        leg.ufrag, leg.password = other.ufrag, other.password
        for ufrag in other.credentials:
            self._by_ufrag[ufrag] = leg
        for path in other.paths:
            path.leg = leg
            self._forget(leg.add_path(path))
        if other.path is not None:
            leg.select(other.path)
        other.credentials, other.paths, other.path = {}, [], None

    def release(self, leg: Leg) -> None:
        """Take everything from a leg that has ended."""
        for ufrag in list(leg.credentials):
            self._retire(leg, ufrag)
        for path in leg.paths:
            self._forget(path)
        leg.paths, leg.path, leg.name = [], None, 0

    def _retire(self, leg: Leg, ufrag: str) -> None:
        leg.credentials.pop(ufrag, None)
        if self._by_ufrag.get(ufrag) is leg:
            del self._by_ufrag[ufrag]

    # --- addresses ---------------------------------------------------------------------------------

    def prove(self, port: Port, key: bytes, leg: Leg) -> Path:
        """Note that the peer of `leg` can be reached at an address; return the path."""
        known = self._by_address[port]
        former = known.get(key)
        if former is not None:
            # Somebody else's old address (a NAT gave it away), proved to be this peer's now.
            former.leg.drop_path(former)
        path = known[key] = Path(port, key, leg)
        port.proved(key)
        self._forget(leg.add_path(path))
        return path

    def _forget(self, path: Path | None) -> None:
        if path is None:
            return
        known = self._by_address[path.port]
        if known.get(path.key) is path:
            del known[path.key]
            path.port.forget(path.key)

    def _gone(self, port: Port, key: bytes) -> None:
        """A connection has ended, and a path with it."""
        path = self._by_address[port].pop(key, None)
        if path is not None:
            path.leg.drop_path(path)


def _chars(size: int) -> str:
    """Return random ice-chars (RFC 8839 section 5.4) of `size` bytes' worth."""
    return secrets.token_urlsafe(size).replace("-", "+").replace("_", "/")
