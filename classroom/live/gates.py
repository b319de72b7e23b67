"""
Which gates of the media workers should be open, and what to tell them so that they are. Pure.

What should be open follows from the tracks on the stage and from who has negotiated; what was told is
remembered. Telling the difference makes one case of many: a worker that comes back empty, a page that
negotiates anew, an event that arrives before its publisher.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from classroom.domain.stage import Track
from classroom.live.reader import Reader
from signaling.core.model import Kind

Open = tuple[str, bool]
"""An open gate: the track that it carries, and whether it is muted."""


@dataclass(slots=True)
class Peer:
    """A page that has to do with media. `reader` is None while its connection is away."""

    person: str
    reader: Reader | None
    kinds: frozenset[Kind] = frozenset()  # what its publisher leg can carry; empty: no such leg
    subscribed: bool = False
    offer: bytes | None = None  # a new offer that was not answered yet, as a frame
    slots: bytes | None = None  # the newest binding of the slots of its worker, as a frame
    lost: set[str] = field(default_factory=set)  # legs that ended and were not negotiated again
    told: dict[Kind, Open] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None  # until its legs are closed, while its connection is away


@dataclass(frozen=True, slots=True)
class Change:
    """One call to a worker. `track` None closes the gate."""

    tab: str
    kind: Kind
    track: str | None
    muted: bool


def assign(
    tracks: Mapping[str, Track], peers: Mapping[str, Peer], owners: Mapping[str, str]
) -> dict[str, str]:
    """
    Return the page of each track that some page can carry now.

    It is the page that started it. Who that was is forgotten when the server starts again; then it is the
    first page of that person that can.
    """
    found: dict[str, str] = {}
    for track in tracks.values():
        owner = owners.get(track.id)
        candidates = peers if owner is None else [owner]
        for tab in candidates:
            peer = peers.get(tab)
            if peer is not None and peer.person == track.person and track.kind in peer.kinds:
                found[track.id] = tab
                break
    return found


def changes(tracks: Mapping[str, Track], peers: Mapping[str, Peer], pages: Mapping[str, str]) -> list[Change]:
    """Return what to tell the workers, closings first, so that one track is never open twice."""
    wanted: dict[tuple[str, Kind], Open] = {
        (tab, tracks[track].kind): (track, tracks[track].muted) for track, tab in pages.items()
    }
    closing: list[Change] = []
    for tab, peer in peers.items():
        for kind, (track, _) in peer.told.items():
            meant = wanted.get((tab, kind))
            if meant is None or meant[0] != track:
                closing.append(Change(tab, kind, None, False))
    opening = [
        Change(tab, kind, track, muted)
        for (tab, kind), (track, muted) in wanted.items()
        if peers[tab].told.get(kind) != (track, muted)
    ]
    return closing + opening
