"""
What is on the film's stage at a moment: the rules of the class's own stage, for one picture. Pure.

A screen goes before cameras and has its speaker in a corner; otherwise the camera of whoever speaks; nobody's
camera is on: their name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from classroom.recording.derive.story import Story
from classroom.recording.manifest import Manifest, Segment, Track

REST_MS = 200  # Between a segment and the next of its track: another size, another codec.


@dataclass(frozen=True, slots=True)
class Scene:
    """Which tracks are seen, large and in the corner, and whose name stands there; "" for none."""

    large: str = ""
    corner: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A track that can be seen, and when (class time)."""

    track: Track
    spans: tuple[tuple[int, int], ...]

    def at(self, t: int) -> bool:
        """Tell whether there is a picture at `t`."""
        return any(start <= t < end + REST_MS for start, end in self.spans)


def shown(manifest: Manifest) -> list[Shown]:
    """Return the tracks with pictures, the latest first."""
    found = [
        Shown(track, tuple((one.start, one.start + one.duration) for one in chosen(track)))
        for track in manifest.tracks
        if track.kind in ("camera", "screen") and track.segments
    ]
    return sorted(found, key=lambda one: -one.spans[0][0])


def chosen(track: Track) -> tuple[Segment, ...]:
    """Return the segments that a film is made of: the best there are, in the order of their time."""
    best = [one for one in track.segments if one.size == "best"]
    return tuple(sorted(best or track.segments, key=lambda one: one.start))


def scene(tracks: Sequence[Shown], story: Story, speaker: str, t: int) -> Scene:
    """Return what is seen at `t` while `speaker` ("": nobody yet) has the word."""
    seen = [one.track for one in tracks if one.at(t) and not story.hides(one.track.person, t)]
    screen = next((track for track in seen if track.kind == "screen"), None)
    cameras = [track for track in seen if track.kind == "camera"]
    camera = _camera(cameras, story, speaker)
    if screen is not None:
        return Scene(
            screen.id, camera.id if camera else "", story.name(camera.person if camera else screen.person)
        )
    if camera is not None:
        return Scene(camera.id, "", story.name(camera.person))
    return Scene(name=story.name(speaker) or story.title)


def _camera(cameras: Sequence[Track], story: Story, speaker: str) -> Track | None:
    """The speaker's camera, else a teacher's, else the first that was on."""
    staff = [track for track in cameras if (who := story.people.get(track.person)) and who.staff]
    speaking = [track for track in cameras if track.person == speaker]
    return next(iter([*speaking, *staff, *reversed(cameras)]), None)
