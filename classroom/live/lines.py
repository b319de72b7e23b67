"""
The lines of one class: the newest figures of every page, what is believed of them, and who is told.

Everybody hears of their own line every two seconds, staff of all lines that are not good: one message with
the whole list, when it changed, at most every TELL_EVERY. Both are signals; a reader that lags goes without,
and gets the list as it is by then.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from classroom.domain.roles import Role
from classroom.live import causes
from classroom.live.causes import Believed, Cause, LineState, Standing
from classroom.live.gates import Peer
from classroom.live.line_problems import GOOD, QUALITIES, Quality, own_loss, problems
from classroom.live.reader import SIGNAL_ROOM, Reader
from signaling import control
from signaling.gateway import event_frame

TELL_EVERY = 2.0  # Seconds, as often as lines are measured.
FRESH = 7.0  # Seconds: three turns were missed, so these figures are of the past.
MOST_TOLD = 60  # People in one list, 12 kB; whoever has more weak lines has one cause for all of them.


@dataclass(slots=True)
class Line:
    """One page's line."""

    told: control.PeerStats
    at: float
    state: LineState = field(default_factory=LineState)


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page's line for those who ask: the API and /metrics. `told` None: nothing fresh."""

    person: str
    told: control.PeerStats | None
    quality: Quality
    problems: tuple[Believed, ...]


@dataclass(frozen=True, slots=True)
class ClassLines:
    """All lines of a class for those who ask. `role` tells what somebody is in the class now."""

    role: Callable[[str], Role | None]
    pages: tuple[PageLine, ...]
    cause: Cause | None


class Lines:
    """
    Keeps and tells the lines of one class.

    Figures come by `hear`; a timer runs while there are any. `stop` ends it.
    """

    def __init__(
        self,
        peers: Mapping[str, Peer],
        inside: Callable[[], list[Reader]],
        now: Callable[[], float],
        wall: Callable[[], int],
        every: float = TELL_EVERY,
    ) -> None:
        """`peers` are the pages that have media; `now` gives seconds, `wall` ms since 1970."""
        self._peers = peers
        self._inside = inside
        self._now = now
        self._wall = wall
        self._every = every
        self._lines: dict[str, Line] = {}
        self._shown = _NOTHING
        self._told: dict[str, bytes] = {}  # by connection: the list that it got last
        self._timer: asyncio.TimerHandle | None = None

    # --- what comes in -----------------------------------------------------------------------------

    def hear(self, told: control.PeerStats) -> None:
        """Take a page's newest figures, and tell them to that page."""
        peer = self._peers.get(told.peer)
        if peer is None:
            return
        now = self._now()
        line = self._lines.get(told.peer)
        if line is None:
            line = self._lines[told.peer] = Line(told, now)
        line.told, line.at = told, now
        self._judge(line, peer, now)
        if peer.reader is not None:
            peer.reader.link.offer(event_frame("signal", own_signal(line)), SIGNAL_ROOM)
        if self._timer is None:
            self._later()

    def _judge(self, line: Line, peer: Peer, now: float) -> None:
        fresh = now - line.at < FRESH
        told = line.told
        stats = told.stats if fresh else None
        legs = (told.publisher, told.subscriber) if fresh else ()
        line.state.update(problems(stats, legs, peer.lost), now, self._wall())
        line.state.inherit(stats.subscriber if stats is not None else None, now)

    def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- what goes out -----------------------------------------------------------------------------

    def _later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._every, self._round)

    def _round(self) -> None:
        """Look at lines that nothing was heard of, and tell staff what changed."""
        self._timer = None
        now = self._now()
        for tab in [tab for tab in self._lines if tab not in self._peers]:
            del self._lines[tab]
        for tab, line in self._lines.items():
            if now - line.at >= FRESH:
                self._judge(line, self._peers[tab], now)
        self._shown = event_frame("signal", self._list())
        self._tell_staff()
        if self._lines:
            self._later()

    def _tell_staff(self) -> None:
        told: dict[str, bytes] = {}
        for reader in self._inside():
            if reader.viewer.staff:
                before = self._told.get(reader.link.id, _NOTHING)
                sent = before == self._shown or reader.link.offer(self._shown, SIGNAL_ROOM)
                told[reader.link.id] = self._shown if sent else before
        self._told = told

    def _list(self) -> dict[str, object]:
        people: dict[str, LineState] = {}
        for tab, line in self._lines.items():
            person = self._peers[tab].person
            if line.state.level > GOOD and (person not in people or people[person].level < line.state.level):
                people[person] = line.state
        worst = sorted(people, key=lambda person: -people[person].level)
        return {
            "type": "stage.lines",
            "people": [{"person": person} | _told(people[person]) for person in worst[:MOST_TOLD]],
            "more": max(len(worst) - MOST_TOLD, 0),
            "cause": _cause(self.cause()),
        }

    # --- what others ask ---------------------------------------------------------------------------

    def cause(self) -> Cause | None:
        """Return what explains most of what is wrong in this class."""
        now = self._now()
        return causes.cause(
            [
                _standing(self._peers[tab].person, line, now - line.at < FRESH)
                for tab, line in self._lines.items()
                if tab in self._peers
            ]
        )

    def pages(self) -> Iterator[PageLine]:
        """Yield every page's line as it is known."""
        now = self._now()
        for tab, line in self._lines.items():
            if tab in self._peers:
                yield PageLine(
                    person=self._peers[tab].person,
                    told=line.told if now - line.at < FRESH else None,
                    quality=QUALITIES[line.state.level],
                    problems=tuple(line.state.told()),
                )


def own_signal(line: Line) -> dict[str, object]:
    """Return `stage.stats`: a page's own line."""
    stats = line.told.stats
    down = stats.subscriber
    rtt = None if stats.rtt_ms is None else round(stats.rtt_ms)
    return {
        "type": "stage.stats",
        "up": {"bitrate": stats.receive_bps, "loss": stats.loss, "rtt": rtt},
        "down": {
            "bitrate": 0 if down is None else down.bps,
            "loss": None if down is None else own_loss(down),
            "rtt": rtt,
        },
        **_told(line.state),
        "inherits": line.state.inherits > GOOD,
    }


def _told(state: LineState) -> dict[str, object]:
    return {"quality": QUALITIES[state.level], "problems": [_problem(known) for known in state.told()]}


def _problem(known: Believed) -> dict[str, Any]:
    """Return a problem as the wire has it: numbers that do not belong to it are absent."""
    problem = known.problem
    numbers = {
        name: value
        for name in ("loss", "bitrate", "rtt", "shown", "wished")
        if (value := getattr(problem, name)) is not None
    }
    return {"problem": problem.name, "level": QUALITIES[problem.level], "since": known.since, **numbers}


def _cause(found: Cause | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"kind": found.kind, "person": found.person, "affected": found.affected, "of": found.of}


def _standing(person: str, line: Line, measured: bool) -> Standing:
    stats = line.told.stats
    views = () if stats.subscriber is None else stats.subscriber.views
    sends = frozenset(source.track for source in stats.sources if source.track is not None)
    gets = frozenset(view.track for view in views if view.layer is not None)
    return Standing(person, line.state, sends, gets, measured)


_NOTHING = event_frame("signal", {"type": "stage.lines", "people": [], "more": 0, "cause": None})
"""The list of a class in which all is well: what a page takes for granted until it hears otherwise."""
