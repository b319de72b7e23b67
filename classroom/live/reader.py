"""
One connection of one person: how far it has been served, and what it gets next.

There is no queue: the class keeps its newest events, a reader is a number, and what comes after it is sent
when the line can take it. A reader that lags by more than the gateway's bound is cut off and comes back by
number; one that is further behind than the tail gets the state instead.
"""

from enum import StrEnum
from typing import Protocol

from classroom.domain import room, snapshot
from classroom.domain.entry import Viewer
from classroom.domain.roles import Role
from classroom.live.admission import Seat
from classroom.live.follower import Follower
from classroom.live.wire import VERSION
from signaling.gateway import event_frame

# Bytes under way before a reader is given more: a second of a slow line, so it stays current.
HOLD = 32 * 1024
# Bytes under way above which signals are dropped for this reader: they would be late.
SIGNAL_ROOM = 16 * 1024
MAX_STATES = 64 * 1024 * 1024  # Bytes of states under way on this node; who comes meanwhile waits a moment.
LARGE = 64 * 1024  # Bytes under way from which a reader's state counts as such.


class Line(Protocol):
    """What a class asks of a connection: the gateway's Link, or the stand-in of a program (program.py)."""

    @property
    def id(self) -> str: ...
    @property
    def closed(self) -> bool: ...
    @property
    def goodbye(self) -> bool: ...
    @property
    def waiting(self) -> int: ...
    @property
    def limit(self) -> int: ...
    def send(self, frame: bytes, *, large: bool = False) -> bool: ...
    def offer(self, frame: bytes, room: int) -> bool: ...
    def bye(self, code: str) -> None: ...


class States:
    """
    The states that are on their way to readers. One may be megabytes (thousands of long messages), and a
    whole class may want it at once on slow lines: so the sum is bounded.
    """

    def __init__(self, limit: int = MAX_STATES) -> None:
        self.sent = 0
        self._limit = limit
        self._links: list[Line] = []

    def may_send(self) -> bool:
        """Return whether another state may be sent now."""
        self._links = [link for link in self._links if not link.closed and link.waiting > LARGE]
        return sum(link.waiting for link in self._links) < self._limit

    def note(self, link: Line) -> None:
        """Note that a state has been sent on this link."""
        self.sent += 1
        self._links.append(link)


class Stand(StrEnum):
    """Where a reader stands: before the door, inside, or gone."""

    WAITING = "waiting"
    INSIDE = "inside"
    GONE = "gone"


class Reader:
    """A connection, made when it comes. The person's role is the class's own record of it, once inside."""

    __slots__ = ("_fresh", "_served", "_told", "link", "role", "seat", "stand")

    def __init__(self, link: Line, seat: Seat) -> None:
        self.link: Line = link
        self.seat = seat
        self.role: Role = seat.role
        self.stand = Stand.WAITING
        self._served = 0
        self._told = 0
        self._fresh = True

    @property
    def person(self) -> str:
        """Return whose connection this is."""
        return self.seat.person

    @property
    def tab(self) -> str:
        """Return the page that this connection belongs to, the same when it comes back."""
        return self.seat.tab

    @property
    def headless(self) -> bool:
        """Return whether this is a program without a page: nobody looks at what it is sent."""
        return False

    @property
    def inside(self) -> bool:
        """Return whether this reader is in the class, past the lobby."""
        return self.stand is Stand.INSIDE

    @property
    def viewer(self) -> Viewer:
        """Return for whom things are shown."""
        return Viewer(self.person, self.role)

    def lags(self, follower: Follower) -> bool:
        """Return whether there is something to send."""
        return self.inside and (self._fresh or self._served < follower.tail.seq)

    def welcome(self, follower: Follower, now: int, since: int | None) -> None:
        """Let this reader in; what it has not seen follows with the next `serve`."""
        self.stand = Stand.INSIDE
        self.role = known_role(follower, self.seat)
        if since is not None and self._goes_on(follower, since):
            self._send_welcome(follower, now, since, None)
        else:
            self.renew()

    def renew(self) -> None:
        """Replace what this reader has by the state, with the next `serve`."""
        self._fresh = True

    def rewind(self, follower: Follower, since: int) -> None:
        """Serve again from behind `since`, or with the state when that is too far back (or ahead)."""
        if not self._goes_on(follower, since):
            self.renew()

    def _goes_on(self, follower: Follower, since: int) -> bool:
        if not follower.tail.before <= since <= follower.tail.seq:
            return False
        self._served = self._told = since
        self._fresh = False
        return True

    def lost(self, leg: str) -> None:
        """Tell the page that a leg (`publisher`, `subscriber`, `both`) has to be negotiated again."""
        self.link.send(event_frame("media", {"op": "lost", "leg": leg}))

    def serve(self, follower: Follower, states: States, now: int) -> bool:
        """
        Send what the line takes. Return False when more is left: the line is slow, or states have to wait.
        """
        link, tail = self.link, follower.tail
        while self.lags(follower) and not link.closed:
            waiting = link.waiting
            if waiting > HOLD:
                if waiting + tail.waiting(self._served) > link.limit:
                    link.bye("slow")
                return False
            if self._fresh or self._served < tail.before:
                if not states.may_send():
                    return False
                self._send_state(follower, now)
                states.note(link)
                continue
            self._served, frame = tail.frame(self._served, self._told, self.viewer)
            if frame:
                self._told = self._served
                link.send(frame)
        return True

    def _send_state(self, follower: Follower, now: int) -> None:
        """
        The state may be megabytes for a class with thousands of long messages: once, and then it counts.
        """
        self._fresh = False
        self._served = self._told = follower.tail.seq
        seen = room.view(follower.room, self.viewer)
        self._send_welcome(follower, now, self._told, snapshot.encode_state(seen))

    def _send_welcome(self, follower: Follower, now: int, upto: int, state: dict[str, object] | None) -> None:
        seat = self.seat
        frame = event_frame(
            "welcome",
            {
                "v": VERSION,
                "person": {"id": seat.person, "name": seat.name, "role": self.role},
                "connection": self.link.id,
                "now": now,
                "upto": upto,
                "state": state,
            },
        )
        self.link.send(frame, large=True)


def known_role(follower: Follower, seat: Seat) -> Role:
    """Return the role that the class knows this person by; before it does, the seat's."""
    found = follower.room.people.items.get(seat.person)
    return seat.role if found is None else found.role
