"""
The law of replay, tried by crowds who do anything: what a player folds is what the server says stood there.

And what does not belong to a recording is not in it: chat and questions from before, out of pauses, taken
back, cut out, redacted.
"""

import json
import time
from collections.abc import Iterator
from random import Random
from unittest import mock

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from classroom.content import recording_journal as journals
from classroom.content.recording_clock import ClassClock
from classroom.content.recording_edits import NOTHING, Cut, Edits, Redact, Trim, worked_out
from classroom.content.recording_refusals import Damaged
from classroom.content.recording_replay import EVERY, Replay
from classroom.domain import chat, codec, room, snapshot
from classroom.domain.entry import Viewer
from classroom.domain.roles import Role
from tests.classroom.domain.test_visibility import CROWD, Crowd
from tests.support.classes import SECOND, Classroom, viewer

VIEWERS = (
    *(viewer(person) for person in (*CROWD, "n1")),
    Viewer("s1", Role.ASSISTANT),
    Viewer("guest", Role.GUEST),
)
EDITS = (
    NOTHING,
    worked_out([Cut(10_000, 30_000), Redact("s1", ("words",))]),
    worked_out([Trim(5000, 60_000), Redact("s2", ("media", "words")), Redact("t", ("words",), 0, 20_000)]),
)


def replay(lesson: Classroom, number: int = 1, edits: Edits = NOTHING, step: int = 1000) -> Replay:
    """Return the replay of a class's recording, taken in as it would be: in pieces."""
    begun = next(e.at for e in lesson.entries if started(e.event) and e.event.number == number)  # type: ignore[attr-defined]
    made = Replay(number, ClassClock(begun), edits)
    for start in range(0, len(lesson.entries), step):
        made.take(lesson.entries[start : start + step])
    return made


def started(event: object) -> bool:
    return getattr(event, "TYPE", "") == "recording.started"


def state(made: Replay, who: Viewer, t: int) -> object:
    return snapshot.encode_state(made.state(who, t))


def texts(made: Replay, who: Viewer) -> set[str]:
    """Return every word that this viewer gets to read in the state at the end and in all events."""
    found = json.dumps(state(made, who, 1 << 50), ensure_ascii=False)
    events = [codec.wire_event(moment.entry) for moment in made.events(who, 0, 10_000).moments]
    return set((found + json.dumps(events, ensure_ascii=False)).replace('"', " ").split())


@pytest.fixture(autouse=True)
def short_memory() -> Iterator[None]:
    with mock.patch.object(chat, "KEPT", 8):
        yield


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.sampled_from(EDITS), st.sampled_from([1, 7, 1000]))
def test_what_a_player_folds_is_what_the_server_says(seed: int, edits: Edits, step: int) -> None:
    chance = Random(seed)
    crowd = Crowd()
    for _ in range(30):
        crowd.step(chance.getrandbits(32))
    assume(crowd.room.lifecycle.state == "open")
    if not crowd.room.people.items["t"].present:
        crowd.join("t")
    if crowd.room.recording.state == "off":
        crowd.do("t", "recording.start")
    for _ in range(120):
        crowd.step(chance.getrandbits(32))
    number = next(e.event.number for e in reversed(crowd.entries) if started(e.event))  # type: ignore[attr-defined]
    with mock.patch("classroom.content.recording_replay.EVERY", 16):
        made = replay(crowd, number, edits, step)
        end = made.moments()[-1].t if made.moments() else 0
        for who in VIEWERS:
            first, second = sorted(chance.randint(0, end + 1) for _ in range(2))
            before = made.state(who, first)
            folded = snapshot.decode_state(json.loads(json.dumps(snapshot.encode_state(before))), before.seq)
            page = made.events(who, before.seq, 10_000)
            assert [m.t for m in page.moments] == sorted(m.t for m in page.moments)
            for moment in page.moments:
                if moment.t <= second:
                    event = json.loads(json.dumps(codec.wire_event(moment.entry)))
                    folded = room.evolve(folded, codec.read_wire_event(event))
            assert snapshot.encode_state(folded) == state(made, who, second)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_what_is_packed_replays_as_the_class_did(seed: int) -> None:
    chance = Random(seed)
    crowd = Crowd()
    crowd.do("t", "recording.start")
    for _ in range(100):
        crowd.step(chance.getrandbits(32))
    begun = next(e.at for e in crowd.entries if started(e.event))
    made = replay(crowd)
    data = journals.pack("c_1-1", journals.kept(crowd.entries, 1))
    again = Replay(1, ClassClock(begun))
    again.take(journals.unpacked(data, "c_1-1"))
    for who in VIEWERS:
        for t in (0, 20_000, 1 << 50):
            assert state(again, who, t) == state(made, who, t)


def test_what_is_no_journal_of_this_recording_is_damaged() -> None:
    good = journals.pack("c_1-1", [])
    for data, recording in ((good, "c_1-2"), (good[:-1], "c_1-1"), (b"", "c_1-1"), (b"\x93" * 50, "c_1-1")):
        with pytest.raises(Damaged):
            journals.unpacked(data, recording)
    lesson = Classroom().open("t")
    strange = codec.encode_entry(lesson.entries[0]) | {"type": "no.such"}
    with pytest.raises(Damaged):
        journals.decoded([strange])


def lesson() -> Classroom:
    """Return a class in which words were written before, during, in a pause, and after."""
    held = Classroom().open("t", "s1", "s2", record="off")
    held.post("s1", "before", None)
    held.ask("s1", "asked-before")
    held.do("t", "recording.start")
    held.post("s1", "during")
    held.do("t", "recording.pause")
    held.post("s1", "in-a-pause")
    held.ask("s2", "asked-in-a-pause")
    held.do("t", "recording.resume")
    held.post("s2", "later")
    return held


def test_words_from_before_or_out_of_a_pause_are_not_in_it() -> None:
    made = replay(lesson())
    words = texts(made, viewer("t"))
    assert {"during", "later"} <= words
    assert not {"before", "asked-before", "in-a-pause", "asked-in-a-pause"} & words


def test_nor_is_what_happens_to_them_later() -> None:
    held = Classroom().open("t", "s1", record="off")
    early = held.post("s1", "before")
    asked = held.ask("s1", "asked-before")
    held.do("t", "recording.start")
    kept = held.post("s1", "kept")
    held.do("s1", "chat.edit", message=early, text="before-edited")
    held.do("t", "chat.pin", message=early)
    held.do("t", "questions.answer", question=asked, how="written", text="answered")
    held.do("t", "recording.pause")
    held.do("s1", "chat.edit", message=kept, text="edited-in-a-pause")
    held.do("t", "recording.resume")
    words = texts(replay(held), viewer("t"))
    assert "kept" in words
    assert not {"before-edited", "answered", "edited-in-a-pause", early, asked} & words


def test_what_was_taken_back_is_gone_from_the_beginning() -> None:
    held = lesson()
    gone = held.post("s1", "regretted")
    asked = held.ask("s1", "withdrawn-question")
    held.do("t", "chat.pin", message=gone)
    made = replay(held, step=3)
    assert {"regretted", "withdrawn-question"} <= texts(made, viewer("s2"))
    t = made.moments()[-1].t
    assert gone in state(made, viewer("t"), t)["chat"]["pinned"]  # type: ignore[index]
    before = len(held.entries)
    held.do("t", "recording.pause")
    held.do("t", "chat.remove", message=gone)
    held.do("s1", "questions.withdraw", question=asked)
    made.take(held.entries[before:])
    for late in (made, replay(held)):
        assert not {"regretted", "withdrawn-question"} & texts(late, viewer("s2"))
        assert gone not in state(late, viewer("t"), t)["chat"]["messages"]  # type: ignore[index]
        # Who has it already hears that it is gone.
        ended = [m.entry.event.TYPE for m in late.events(viewer("s2"), 0, 1000).moments]
        assert {"chat.unpinned", "chat.removed", "questions.withdrawn"} <= set(ended)


def test_it_ends_with_the_recording() -> None:
    held = lesson()
    held.do("t", "recording.stop")
    held.post("s1", "afterwards")
    made = replay(held)
    assert "afterwards" not in texts(made, viewer("t"))
    assert made.moments()[-1].entry.event.TYPE == "recording.stopped"
    assert made.seq == held.entries[-1].seq


def test_each_recording_of_a_class_is_its_own() -> None:
    held = lesson()
    held.do("t", "recording.stop")
    held.do("t", "recording.start")
    held.post("s1", "second")
    assert "second" not in texts(replay(held, 1), viewer("t"))
    words = texts(replay(held, 2), viewer("t"))
    assert "second" in words
    assert "during" not in words


def test_private_words_are_seen_by_their_two_people_alone() -> None:
    held = lesson()
    held.post("s1", "whispered", to="s2")
    made = replay(held)
    assert "whispered" in texts(made, viewer("s2"))
    for who in (viewer("t"), Viewer("guest", Role.GUEST)):
        assert "whispered" not in texts(made, who)


def test_words_in_a_cut_and_of_who_is_left_out_are_not_told() -> None:
    held = Classroom().open("t", "s1", "s2", record="on")
    held.post("s1", "one")
    cut = held.now - start_of(held) + SECOND
    held.post("t", "in-the-cut")
    quoted = held.post("s2", "left-out")
    held.post("t", "answering", reply_to=quoted)
    asked = held.ask("s1", "open-question")
    held.do("t", "questions.answer", question=asked, how="written", text="answer-of-t")
    dismissed = held.ask("s1", "another-question")
    held.do("t", "questions.dismiss", question=dismissed, reason="reason-of-t")
    held.do("t", "recording.mark", label="label-of-t")
    held.do("s2", "chat.edit", message=quoted, text="left-out-edited")
    edits = worked_out([
        Cut(cut, cut + SECOND), Redact("s2", ("media", "words")), Redact("t", ("words",), cut + 3 * SECOND),
    ])  # fmt: skip
    words = texts(replay(held, edits=edits), viewer("s1"))
    assert {"one", "open-question", "another-question", "answering"} <= words
    assert not words & {
        "in-the-cut", "left-out", "left-out-edited", "answer-of-t", "reason-of-t", "label-of-t", "S2",
    }  # fmt: skip
    assert "S2" in texts(replay(held), viewer("s1"))


def start_of(held: Classroom) -> int:
    return next(e.at for e in held.entries if started(e.event))


def test_pages_of_events_end_where_the_next_begins() -> None:
    held = lesson()
    made = replay(held)
    whole = made.events(viewer("s1"), 0, 1000)
    assert not whole.more
    assert whole.upto == held.entries[-1].seq
    after, found = 0, []
    while True:
        page = made.events(viewer("s1"), after, 2)
        found += page.moments
        after = page.upto
        if not page.more:
            break
        assert len(page.moments) == 2
    assert tuple(found) == whole.moments


def test_a_moment_of_a_long_class_is_a_short_fold_away() -> None:
    held = Classroom().open("t", *(f"s{n}" for n in range(30)), record="on")
    entries = list(held.entries)
    seq, at = entries[-1].seq, entries[-1].at
    held.post("s1", "x" * 80)
    pattern = held.entries[-1]
    for number in range(20_000):
        event = type(pattern.event)(f"m-{number:08}", f"s{number % 30}", "word " * 8, None, None)  # type: ignore[call-arg]
        entries.append(type(pattern)(seq + 1 + number, at + number * 360, "s1", pattern.audience, event))
    made = Replay(1, ClassClock(start_of(held)))
    made.take(entries)
    took = []
    with mock.patch.object(chat, "KEPT", 2000):
        assert len(list(made.folding(1 << 50))) == 20_000 // EVERY + 1
        for t in (7_200_000, 3_600_000, 5000, 6_000_000):
            begun = time.perf_counter()
            snapshot.encode_state(made.state(viewer("s1"), t))
            took.append(time.perf_counter() - begun)
    assert sorted(took)[1] < 0.05, took  # Two of four may meet a busy moment of the machine.
