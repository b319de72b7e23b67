"""What is shown when: cuts, pauses, speakers, the stage; nothing of it looks at a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.recording.derive import story as stories
from classroom.recording.derive.pieces import PAUSE_MS, Piece, film_time, length, pieces
from classroom.recording.derive.scenes import REST_MS, Scene, scene, shown
from classroom.recording.derive.speaking import STAYS_MS, Speaking
from classroom.recording.derive.story import Chapter, Line, Span, Story, Who
from classroom.recording.manifest import BadManifest, Gap, Manifest, Segment, Track


def _segment(start: int, duration: int, size: str = "best", name: str = "s") -> Segment:
    return Segment(
        id=name, file=f"{name}.webm", mime="", codec="vp8", size=size, start=start, duration=duration,  # type: ignore[arg-type]
    )  # fmt: skip


def _manifest(*tracks: Track) -> Manifest:
    return Manifest(
        recording="c_1-1", class_id="c_1", number=1, title="", started_at=0, duration=60_000, tracks=tracks
    )


def test_a_class_without_cuts_is_one_piece() -> None:
    assert pieces(5000, (), ()) == [Piece("class", 0, 5000, 0)]
    assert pieces(0, (), ()) == []
    assert length([]) == 0


def test_cuts_are_gone_and_pauses_are_a_card() -> None:
    film = pieces(
        60_000,
        [Span(start=0, end=5000), Span(start=20_000, end=30_000), Span(start=29_000, end=31_000)],
        [Gap(start=25_000, end=35_000, why="paused"), Gap(start=40_000, end=41_000, why="lost")],
    )
    assert film == [
        Piece("class", 5000, 20_000, 0),
        Piece("pause", 31_000, 35_000, 15_000),
        Piece("class", 35_000, 60_000, 15_000 + PAUSE_MS),
    ]
    assert length(film) == 40_000 + PAUSE_MS
    assert film_time(film, 4000) == 0
    assert film_time(film, 6000) == 1000
    assert film_time(film, 22_000) == 15_000
    assert film_time(film, 33_000) == 15_000
    assert film_time(film, 36_000) == 16_000 + PAUSE_MS
    assert film_time(film, 99_000) == length(film)


_HOLES = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)), max_size=6)


@given(_HOLES, _HOLES)
def test_nothing_of_a_cut_is_in_a_film_and_nothing_else_is_missing(
    cuts: list[tuple[int, int]], pauses: list[tuple[int, int]]
) -> None:
    film = pieces(
        1000,
        [Span(start=start, end=start + lasts) for start, lasts in cuts],
        [Gap(start=start, end=start + lasts, why="paused") for start, lasts in pauses],
    )
    gone = {t for start, lasts in cuts for t in range(start, start + lasts)}
    paused = {t for start, lasts in pauses for t in range(start, start + lasts)} - gone
    kept = [t for piece in film if piece.kind == "class" for t in range(piece.start, piece.end)]
    assert kept == [t for t in range(1000) if t not in gone and t not in paused]
    at = 0
    for piece in film:
        assert piece.at == at
        at += piece.lasts


def test_who_speaks_stays_through_a_word_thrown_in() -> None:
    speaking = Speaking()
    speaking.hear({"a": 0.001, "b": 0.0}, 0)
    assert speaking.who == ""
    speaking.hear({"a": 0.2}, 40)
    assert speaking.who == "a"
    for t in range(80, 480, 40):
        speaking.hear({"a": 0.0, "b": 0.3}, t)
    assert speaking.who == "a"
    for t in range(480, 2000, 40):
        speaking.hear({"a": 0.2, "b": 0.0}, t)
    for t in range(2000, 2000 + STAYS_MS + 1000, 40):
        speaking.hear({"a": 0.0, "b": 0.3}, t)
    assert speaking.who == "b"


STORY = Story(
    title="Алгебра",
    people={"t": Who(name="Мугалим", staff=True), "s": Who(name="Окуучу")},
    muted=(Span(start=5000, end=6000, person="t"),),
)


def test_the_stage_of_a_film() -> None:
    tracks = shown(
        _manifest(
            Track(
                id="t_cam",
                person="t",
                kind="camera",
                segments=(_segment(0, 20_000), _segment(0, 9, "small", "x")),
            ),
            Track(id="s_cam", person="s", kind="camera", segments=(_segment(2000, 20_000),)),
            Track(id="t_scr", person="t", kind="screen", segments=(_segment(10_000, 2000),)),
            Track(id="t_mic", person="t", kind="microphone", segments=(_segment(0, 20_000),)),
            Track(id="none", person="s", kind="screen"),
        )
    )
    assert [one.track.id for one in tracks] == ["t_scr", "s_cam", "t_cam"]
    assert scene(tracks, STORY, "", 3000) == Scene("t_cam", "", "Мугалим")
    assert scene(tracks, STORY, "s", 3000) == Scene("s_cam", "", "Окуучу")
    assert scene(tracks, STORY, "t", 5500) == Scene("s_cam", "", "Окуучу"), "redacted"
    assert scene(tracks, STORY, "s", 11_000) == Scene("t_scr", "s_cam", "Окуучу")
    assert scene(tracks, STORY, "s", 12_000 + REST_MS - 1).large == "t_scr"
    assert scene(tracks, STORY, "s", 50_000) == Scene(name="Окуучу")
    assert scene(tracks, STORY, "x", 50_000) == Scene(name="Алгебра")
    alone = shown(_manifest(Track(id="scr", person="t", kind="screen", segments=(_segment(0, 10),))))
    assert scene(alone, STORY, "", 5) == Scene("scr", "", "Мугалим")


def test_a_story_is_read_strictly() -> None:
    told = Story(title="x", chat=(Line(t=1, name="A", text="="),), chapters=(Chapter(t=0, title="1"),))
    assert stories.decode(stories.encode(told)) == told
    with pytest.raises(BadManifest):
        stories.decode(b'{"title": "x", "surplus": 1}')
