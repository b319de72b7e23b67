"""
The messages between the program and a media worker.

Requests go to the worker, answers and events come back. Every message is
frozen and strict: a field that its type does not name is refused, so the two
ends cannot drift apart unnoticed. `control` carries them.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from signaling.core.capture import Reason
from signaling.core.model import Kind, Leg, Mode, Wish
from signaling.core.model import PeerStats as PeerFigures
from signaling.core.seats import Mirrored

# --- requests -------------------------------------------------------------------------------------------


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """What the program asks for. `id` comes back in the answer."""

    id: int


class Publish(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str
    offer: str
    kinds: dict[str, Kind]


class Subscribe(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str


class Answer(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str
    sdp: str


class Watch(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    """A viewer's own offer (WHEP): it is sent the stage."""

    room: str
    peer: str
    offer: str


class RestartIce(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    """New ICE credentials for the leg of a peer that made the offer itself."""

    room: str
    peer: str


class SetWish(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str
    mode: Mode
    tracks: dict[str, Wish]


class Gate(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str
    kind: Kind
    track: str | None
    muted: bool


class Record(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    """
    Capture what a peer sends as `kind` into a new file at `path`, below the worker's spool.

    `head` has `recording`, `track` and `person`. It is answered when the file is there.
    """

    room: str
    peer: str
    kind: Kind
    path: str
    head: dict[str, str]


class StopRecording(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str
    kind: Kind


class Close(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    room: str
    peer: str


class Stats(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    """The worker's counters; with `detail` those of all peers too, which takes long in a full worker."""

    detail: bool = True


class SetSpan(Request, frozen=True, forbid_unknown_fields=True, tag=True):
    """A worker's whole part in a room that spans workers (see core.seats.Span). Replaces the last one."""

    room: str
    shards: tuple[int, ...]
    feeds: dict[str, int]
    mirrors: tuple[Mirrored, ...]


AnyRequest = (
    Publish
    | Subscribe
    | Answer
    | Watch
    | RestartIce
    | SetWish
    | Gate
    | Record
    | StopRecording
    | Close
    | Stats
    | SetSpan
)


# --- answers --------------------------------------------------------------------------------------------


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    answer: str
    sources: dict[Kind, tuple[str, ...]]
    """The kinds that will come, each with its rids."""


class Offered(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    sdp: str
    version: int
    slots: dict[str, str | None]


class Watched(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    answer: str


class Restarted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    ufrag: str
    password: str


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    stats: dict[str, Any]


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    id: int
    code: str
    message: str


AnyAnswer = Published | Offered | Watched | Restarted | Done | Measured | Refused


# --- events ---------------------------------------------------------------------------------------------


class Ready(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """The worker's first message: it serves. `error` instead says why it cannot."""

    pid: int
    port: int
    error: str = ""


class SlotsChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """
    Which track is in which m-line of these peers' subscriber legs from now on.

    A worker means everybody in its room; the supervisor names them, since a room may span workers.
    """

    room: str
    version: int
    slots: dict[str, str | None]
    peers: tuple[str, ...] = ()


class NewOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """The room has more slots: this subscriber has to answer a new offer."""

    room: str
    peer: str
    sdp: str
    version: int
    slots: dict[str, str | None]


class SpeakersChanged(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Who is heard, from 0 to 1; who is not named is silent."""

    room: str
    levels: dict[str, float]
    dominant: str | None


class LegState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """`lost` may come back to `connected`; after `failed` the leg is gone and has to be made anew."""

    room: str
    peer: str
    leg: Leg
    state: Literal["connected", "lost", "failed"]


class LayersWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Which encodings of a publisher anybody watches; the others may be switched off."""

    room: str
    peer: str
    kind: Kind
    rids: tuple[str, ...]


class LegStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a leg is now. `path` is what it goes over, "" before anything was heard of the peer."""

    state: Literal["new", "connected", "lost", "ended"]
    path: Literal["", "udp", "tcp"]


class PeerStats(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """A peer's line, every two seconds while it has a leg. None: there is no such leg."""

    room: str
    peer: str
    publisher: LegStatus | None
    subscriber: LegStatus | None
    stats: PeerFigures


class CaptureEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """
    Nothing more is written to `path`, for every file that was begun, and once.

    After "stopped" and "gone" (the peer was closed) the file is whole; after the others the disk was full, or
    behind, or failed, and the file may end in the middle of a record.
    """

    room: str
    peer: str
    kind: Kind
    path: str
    reason: Reason


class WorkerDied(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Worker `worker` ended; every leg of these peers, by room, is gone and has to be made anew."""

    worker: int
    peers: dict[str, tuple[str, ...]] = {}


_Heard = SlotsChanged | NewOffer | SpeakersChanged | LegState | LayersWanted | PeerStats | CaptureEnded
Event = _Heard | WorkerDied
"""What the program is told."""
Told = Ready | _Heard
"""What a worker tells; `WorkerDied` is the supervisor's."""
