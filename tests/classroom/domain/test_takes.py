"""The recordings of a class as its journal tells them."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.domain import takes
from classroom.domain.entry import EVERYONE, Entry
from classroom.domain.recording_words import (
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    RecordingStopped,
)
from classroom.domain.takes import Take, Takes
from tests.support.classes import SECOND, Classroom


def test_nothing_was_recorded() -> None:
    found = takes.fold(Classroom().open("t", record="ask").entries)
    assert (found, found.newest) == (Takes((), "Algebra II"), None)


def test_one_after_the_other() -> None:
    lesson = Classroom().open("t", "s1", record="on", title="Sets")
    began = lesson.entries[2].at
    lesson.do("t", "recording.mark", id="mark-0001", label="Maps")
    lesson.do("t", "recording.pause")
    lesson.do("t", "recording.resume")
    lesson.post("s1")
    lesson.do("t", "recording.pause")
    lesson.do("t", "recording.stop")
    lesson.post("s1")
    lesson.do("t", "recording.start")
    found = takes.fold(lesson.entries)
    first, second = found.items
    assert (first.number, first.title, first.started_at, first.reason) == (1, "Sets", began, "stopped")
    assert [mark.label for mark in first.marks] == ["Maps"]
    pause = first.pauses[0][0] - began
    assert first.gaps(0) == ((pause, pause + SECOND), (pause + 3 * SECOND, pause + 4 * SECOND))
    assert first.ended_at == began + pause + 4 * SECOND
    assert (first.running, second.running, found.newest) == (False, True, second)
    lesson.do("t", "lifecycle.close")
    assert takes.fold(lesson.entries).items[1].reason == "ended"


def test_a_pause_that_lasts() -> None:
    lesson = Classroom().open("t", record="on")
    lesson.do("t", "recording.pause")
    (found,) = takes.fold(lesson.entries).items
    assert found.running
    assert found.gaps(found.started_at + 9000) == ((2 * SECOND, 9000),)


def test_a_clock_that_was_set_back() -> None:
    found = Take(1, "", 10_000, 12_000, "ended", ((11_000, 9_000), (8_000, None), (15_000, 16_000)))
    assert found.gaps(500) == ((1000, 1000), (1000, 1000), (5000, 6000))


FACTS = st.sampled_from(
    [RecordingStarted(1), RecordingPaused(), RecordingResumed(), RecordingStopped("ended")]
)


@given(st.lists(st.tuples(FACTS, st.integers(0, 50)), max_size=30))
def test_a_step_never_fails(facts: list[tuple[object, int]]) -> None:
    entries = [Entry(seq, at, "", EVERYONE, event) for seq, (event, at) in enumerate(facts, 1)]  # type: ignore[arg-type]
    found = takes.fold(entries)
    assert len(found.items) == sum(isinstance(event, RecordingStarted) for event, _ in facts)
    for take in found.items:
        ends = [end for pair in take.gaps(50) for end in pair]
        assert ends == sorted(ends)
