"""
What media workers tell of a class, put into the words of the wire and sent to whom it concerns.

Slots, offers, layers and ends of legs must arrive, or media stand still; levels are signals, and a reader
that lags goes without. Figures of lines are lines.py's.
"""

from collections.abc import Callable, Iterable

from classroom.live.media import Media, bound, slots_frame
from classroom.live.reader import SIGNAL_ROOM, Reader
from classroom.live.recording import Recordings
from signaling import control
from signaling.gateway import event_frame


class MediaNews:
    """Hears of one class's media. Nothing here waits."""

    def __init__(
        self,
        media: Media,
        inside: Callable[[], list[Reader]],
        hear_line: Callable[[control.PeerStats], None],
        recordings: Recordings | None = None,
    ) -> None:
        """`inside` gives the readers that are in the class; `hear_line` takes figures (see lines.py)."""
        self._media = media
        self._recordings = recordings
        self._hear_line = hear_line
        self._inside = inside

    def hear(self, event: control.Event) -> None:
        """Take one event of this class's worker."""
        match event:
            case control.SlotsChanged(_, version, slots, tabs):
                self._slots(tabs, slots_frame(version, slots))
            case control.NewOffer(_, tab, sdp, version, slots):
                self._offer(tab, {"op": "offer", "offer": sdp, "version": version, "slots": bound(slots)})
            case control.SpeakersChanged(_, levels, dominant):
                self._speakers(levels, dominant)
            case control.LegState(_, tab, leg, "failed"):
                self._media.lose(tab, leg)
            case control.LayersWanted(_, tab, kind, rids):
                self._tell(tab, {"op": "layers", "kind": kind, "rids": rids})
            case control.PeerStats():
                self._hear_line(event)
            case control.CaptureEnded() if self._recordings is not None:
                self._recordings.capture_ended(event)
            case control.WorkerDied(_, peers):
                self._worker_died(peers.get(self._media.class_id, ()))
            case _:
                # A leg that was lost may come back by itself; one that connected is known from its answer.
                pass

    def _worker_died(self, tabs: Iterable[str]) -> None:
        if self._recordings is not None:
            self._recordings.worker_died(tabs)
        self._media.lose_all(tabs)

    def _slots(self, tabs: Iterable[str], frame: bytes) -> None:
        for tab in tabs:
            peer = self._media.peers.get(tab)
            if peer is not None:
                peer.slots = frame
                if peer.subscribed and peer.reader is not None:
                    peer.reader.link.send(frame)

    def _offer(self, tab: str, message: dict[str, object]) -> None:
        peer = self._media.peers.get(tab)
        if peer is not None:
            peer.offer = event_frame("media", message)
            if peer.reader is not None:
                peer.reader.link.send(peer.offer)

    def _tell(self, tab: str, message: dict[str, object]) -> None:
        peer = self._media.peers.get(tab)
        if peer is not None and peer.reader is not None:
            peer.reader.link.send(event_frame("media", message))

    def _speakers(self, levels: dict[str, float], dominant: str | None) -> None:
        """Workers speak of pages, people of people: somebody is as loud as the loudest of their pages."""
        by_person: dict[str, float] = {}
        for tab, level in levels.items():
            peer = self._media.peers.get(tab)
            if peer is not None:
                by_person[peer.person] = max(level, by_person.get(peer.person, 0.0))
        loudest = None if dominant is None else self._media.peers.get(dominant)
        frame = event_frame(
            "signal",
            {
                "type": "stage.speakers",
                "levels": by_person,
                "dominant": None if loudest is None else loudest.person,
            },
        )
        for reader in self._inside():
            reader.link.offer(frame, SIGNAL_ROOM)
