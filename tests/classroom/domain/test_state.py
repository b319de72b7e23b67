"""Where commands and events find their feature."""

from types import ModuleType
from typing import Any

import pytest

from classroom.domain.chat_words import MessagePinned
from classroom.domain.entry import EVERYONE, Entry
from classroom.domain.lifecycle import ClassClosed
from classroom.domain.state import COMMANDS, EVENTS, FEATURES, Room, evolve


def test_the_first_word_of_a_type_is_its_feature() -> None:
    for name, feature in FEATURES.items():
        assert {one.TYPE.split(".")[0] for one in (*feature.COMMANDS, *feature.EVENTS)} == {name}
    assert len(COMMANDS) == sum(len(feature.COMMANDS) for feature in FEATURES.values())
    assert len(EVENTS) == sum(len(feature.EVENTS) for feature in FEATURES.values())


@pytest.mark.parametrize(("name", "feature"), FEATURES.items())
def test_another_feature_s_event_changes_nothing(name: str, feature: ModuleType) -> None:
    stray = MessagePinned("m1") if name != "chat" else ClassClosed("ended")
    before: Any = getattr(Room(), name)
    assert feature.evolve(before, Entry(1, 2, "t", EVERYONE, stray)) is before


def test_a_step_leaves_the_room_before_it_as_it_was() -> None:
    before = Room()
    after = evolve(before, Entry(1, 2, "t", EVERYONE, MessagePinned("m1"), "command-1"))
    assert before == Room()
    assert (after.seq, after.chat.pinned, after.answers.find("t", "command-1")) == (1, ("m1",), 1)


def test_what_the_program_does_by_the_way_is_nobody_s_answer() -> None:
    after = evolve(Room(), Entry(1, 2, "", EVERYONE, MessagePinned("m1"), "command-1"))
    assert after.answers == Room().answers
