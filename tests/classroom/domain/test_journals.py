"""The golden journals: up to date, complete, and what they say."""

import json
from pathlib import Path
from typing import Any

import pytest

from classroom.domain import codec, room, snapshot
from classroom.domain.state import EVENTS
from tests.support import journals
from tests.support.classes import viewer

FILES = sorted(journals.FOLDER.glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_folding_the_events_gives_the_state(path: Path) -> None:
    golden = load(path)
    start = golden["start"]
    before = room.view(room.Room(), viewer(golden["viewer"]["person"]))
    if start is not None:
        before = snapshot.decode_state(start, golden["after"])
    after = room.fold(before, map(codec.read_wire_event, golden["events"]))
    assert snapshot.encode_state(after) == golden["state"]
    assert list(snapshot.encode_state(after)["chat"]["messages"]) == list(golden["state"]["chat"]["messages"])


def test_the_files_are_current() -> None:
    """If this fails after a wanted change: `python -m tests.support.journals`."""
    expected = {name: journals.written(content) for name, content in journals.golden().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in FILES} == expected


def test_every_type_of_event_is_in_them() -> None:
    found = {event["type"] for path in FILES for event in load(path)["events"]}
    assert found == {event.TYPE for event in EVENTS}


def test_some_start_from_a_snapshot() -> None:
    assert any(load(path)["start"] for path in FILES)
