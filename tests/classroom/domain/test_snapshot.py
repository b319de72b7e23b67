"""The state as clients get it: the form of PROTOCOL.md, 1.2, there and back."""

import json

import pytest

from classroom.domain import room, snapshot
from tests.support import journals
from tests.support.classes import viewer


def test_the_empty_state() -> None:
    assert snapshot.encode_state(room.Room()) == {
        "lifecycle": {
            "title": "",
            "language": "",
            "state": "new",
            "opened_at": 0,
            "closed_at": 0,
            "reason": "",
        },
        "people": {"items": {}, "blocked": []},
        "lobby": {"on": False, "waiting": {}},
        "locks": dict.fromkeys(
            ("microphone", "camera", "screen", "chat", "private_chat", "questions"), False
        ),
        "hands": {"queue": []},
        "stage": {"allowed": {}, "tracks": {}},
        "chat": {"messages": {}, "pinned": []},
        "questions": {"moderated": False, "items": {}},
        "recording": {
            "mode": "off",
            "state": "off",
            "number": 0,
            "since": 0,
            "consents": {},
            "left_out": [],
            "marks": [],
            "reason": "",
            "declined": False,
        },
    }


@pytest.mark.parametrize("scene", journals.SCENES)
def test_there_and_back_at_every_moment(scene: str) -> None:
    play, people = journals.SCENES[scene]
    now = room.Room()
    for entry in play().entries:
        now = room.evolve(now, entry)
        for person in people:
            state = snapshot.encode_state(room.view(now, viewer(person)))
            told = snapshot.decode_state(json.loads(json.dumps(state)), now.seq)
            assert snapshot.encode_state(told) == state
            assert told.seq == now.seq
            assert not told.chat.whole
