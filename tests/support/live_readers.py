"""
Readers without sockets, for the parts of a running class that only look at who is connected.
"""

import itertools
from typing import Any, cast

import msgspec

from classroom.domain.roles import Role
from classroom.live.admission import Seat
from classroom.live.reader import Reader, Stand
from signaling.gateway import Link

_numbers = itertools.count(1)


class FakeLink:
    """What a link offers to those who write to it; keeps what was said instead of sending it."""

    def __init__(self) -> None:
        self.id = f"c_{next(_numbers)}"
        self.closed = False
        self.goodbye = False
        self.said = ""
        self.waiting = 0
        self.limit = 256 * 1024
        self.sent: list[tuple[str, Any]] = []

    def send(self, frame: bytes, *, large: bool = False) -> bool:
        if not self.closed:
            self.sent.append(tuple(msgspec.msgpack.decode(frame)["data"]))
        return not self.closed

    def offer(self, frame: bytes, room: int) -> bool:
        return self.waiting <= room and self.send(frame)

    def bye(self, code: str) -> None:
        if not self.closed:
            self.closed, self.said = True, code


def reader_of(person: str, tab: str = "", role: Role = Role.STUDENT, *, inside: bool = True) -> Reader:
    """Return a reader of this person with a FakeLink, on a page of its own unless `tab` names one."""
    tab = tab or f"tab_{next(_numbers)}"
    seat = Seat("algebra", person, f"Name of {person}", role, tab, 2**50, "Algebra", "ky")
    reader = Reader(cast(Link, FakeLink()), seat)
    reader.stand = Stand.INSIDE if inside else Stand.WAITING
    return reader


def sent(reader: Reader) -> list[tuple[str, Any]]:
    """Return what was sent to a reader, as (name, data)."""
    return cast(FakeLink, reader.link).sent
