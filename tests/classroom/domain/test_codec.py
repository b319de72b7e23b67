"""Commands and events as plain dicts: strict, complete, there and back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.domain import codec
from classroom.domain.entry import EVERYONE, Audience, Command, Entry
from classroom.domain.errors import BadMessage, CorruptJournal
from classroom.domain.people import PersonJoined
from classroom.domain.roles import Role
from classroom.domain.stage import StageAllowed
from classroom.domain.state import COMMANDS, EVENTS
from tests.support import journals

PROTOCOL = (Path(__file__).parents[3] / "PROTOCOL.md").read_text(encoding="utf-8")
ENTRY = Entry(
    7, 8, "t", Audience(staff=True, people=("s",), outsiders=True), StageAllowed("s", ("camera",)), "c1"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


def named(section: str) -> set[str]:
    """The types that a section of the protocol names in the first column of its table."""
    part = PROTOCOL.split(section)[1].split("\n### ")[0].split("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    found: set[str] = set()
    for row in rows:
        names = re.findall(r"`([^`]+)`", row)
        found |= set(names)
    return found


def test_the_types_are_those_of_the_protocol() -> None:
    assert {event.TYPE for event in EVENTS} == named("### 1.1 Events")
    assert {command.TYPE for command in COMMANDS if not command.SYSTEM} == named("### 3.1 Commands")


def test_no_type_stands_for_two_things() -> None:
    assert len({event.TYPE for event in EVENTS}) == len(EVENTS)
    assert len({command.TYPE for command in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("scene", journals.SCENES)
def test_entries_there_and_back(scene: str) -> None:
    for entry in journals.SCENES[scene][0]().entries:
        assert codec.decode_entry(json.loads(json.dumps(codec.encode_entry(entry)))) == entry


def test_the_form_of_an_entry() -> None:
    assert codec.encode_entry(ENTRY) == {
        "v": 1,
        "seq": 7,
        "at": 8,
        "by": "t",
        "audience": {"staff": True, "people": ["s"], "outsiders": True},
        "type": "stage.allowed",
        "data": {"person": "s", "kinds": ["camera"]},
        "command": "c1",
    }
    joined = Entry(1, 2, "s", EVERYONE, PersonJoined("s", "S", Role.GUEST))
    assert codec.encode_entry(joined)["audience"] is None
    assert codec.wire_event(joined) == {
        "seq": 1,
        "at": 2,
        "by": "s",
        "type": "people.joined",
        "data": {"person": "s", "name": "S", "role": "guest"},
    }


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": None},
        {"seq": "7"},
        {"seq": True},
        {"at": -1},
        {"at": 2**53},
        {"by": None},
        {"audience": []},
        {"audience": {"staff": True, "people": ["s"]}},
        {"audience": {"staff": 1, "people": ["s"], "outsiders": True}},
        {"audience": {"staff": True, "people": [1], "outsiders": True}},
        {"type": "stage.nonsense"},
        {"type": ["stage.allowed"]},
        {"data": None},
        {"data": {"person": "s"}},
        {"data": {"person": "s", "kinds": ["radio"]}},
        {"data": {"person": "s", "kinds": "camera"}},
        {"data": {"person": "s", "kinds": ["camera"], "more": 1}},
        {"type": "people.joined", "data": {"person": "s", "name": "S", "role": "king"}},
        {"command": 7},
        {"more": 1},
    ],
)
def test_what_no_journal_holds(change: dict[str, object]) -> None:
    with pytest.raises(CorruptJournal):
        codec.decode_entry({**codec.encode_entry(ENTRY), **change})


@settings(deadline=None)
@given(JSON)
def test_nonsense_is_no_entry(record: object) -> None:
    with pytest.raises(CorruptJournal):
        codec.decode_entry(record)
    with pytest.raises(BadMessage):
        codec.read_wire_event(record)


def test_a_client_s_event_has_no_secrets() -> None:
    with pytest.raises(BadMessage):
        codec.read_wire_event(codec.encode_entry(ENTRY))


COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {
    "lifecycle.close": {},
    "people.remove": {"person": "s", "block": True},
    "people.set_role": {"person": "s", "role": "assistant"},
    "lobby.admit": {"person": None},
    "hands.lower": {"person": None},
    "stage.allow": {"person": "s", "kinds": ["microphone", "camera"]},
    "stage.start": {"kind": "screen", "muted": False},
    "chat.post": {"text": "hello", "to": None, "reply_to": "m1"},
    "chat.react": {"message": "m1", "emoji": "❤️", "on": False},
    "questions.answer": {"question": "q1", "how": "written", "text": "so"},
    "locks.set": dict.fromkeys(("microphone", "camera", "screen", "chat", "private_chat", "questions"), True),
}


@pytest.mark.parametrize(("kind", "data"), COMMAND_EXAMPLES.items())
def test_commands_there_and_back(kind: str, data: dict[str, Any]) -> None:
    command = codec.decode_command(kind, data)
    assert codec.encode_command(command) == (kind, data)


def test_what_may_be_left_out() -> None:
    for kind, data, whole in (
        ("chat.post", {"text": "x"}, {"text": "x", "to": None, "reply_to": None}),
        ("hands.lower", {}, {"person": None}),
        ("questions.dismiss", {"question": "q1"}, {"question": "q1", "reason": ""}),
    ):
        assert codec.encode_command(codec.decode_command(kind, data)) == (kind, whole)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("chat.nonsense", {}),
        (None, {}),
        (["chat.post"], {}),
        ("chat.post", None),
        ("chat.post", []),
        ("chat.post", {}),
        ("chat.post", {"text": "x", "more": 1}),
        ("chat.post", {"text": "x", 7: 1}),
        ("chat.post", {"text": 7}),
        ("chat.post", {"text": "  "}),
        ("chat.post", {"text": "x" * 4001}),
        ("chat.post", {"text": "x", "to": "7"}),
        ("chat.react", {"message": "m", "emoji": "💣", "on": True}),
        ("chat.react", {"message": "m", "emoji": ["👍"], "on": True}),
        ("chat.react", {"message": "m", "emoji": "👍", "on": 1}),
        ("lobby.admit", {}),
        ("people.set_role", {"person": "s", "role": "administrator"}),
        ("people.set_role", {"person": "s", "role": None}),
        ("stage.start", {"kind": "radio", "muted": True}),
        ("stage.allow", {"person": "s", "kinds": ["camera", {}]}),
        ("questions.ask", {"text": "x" * 1001, "anonymous": False}),
        ("questions.dismiss", {"question": "q", "reason": "x" * 301}),
    ],
)
def test_what_is_no_command(kind: object, data: object) -> None:
    with pytest.raises(BadMessage):
        codec.decode_command(kind, data)


def test_the_program_s_commands_do_not_come_from_outside() -> None:
    data = {"person": "s", "name": " S ", "role": "student"}
    with pytest.raises(BadMessage):
        codec.decode_command("people.join", data)
    joined = codec.decode_command("people.join", data, system=True)
    assert codec.encode_command(joined) == ("people.join", {**data, "name": "S"})
    with pytest.raises(BadMessage):
        codec.decode_command("people.nonsense", data, system=True)


@settings(deadline=None)
@given(st.sampled_from([command.TYPE for command in COMMANDS]) | JSON, JSON)
def test_anything_from_outside_is_a_command_or_refused(kind: object, data: object) -> None:
    try:
        command = codec.decode_command(kind, data)
    except BadMessage:
        return
    assert isinstance(command, Command)


@settings(deadline=None)
@given(st.sampled_from(COMMANDS), st.data())
def test_any_values_in_known_fields(command: type[Command], data: st.DataObject) -> None:
    names = command.__match_args__  # type: ignore[attr-defined]
    values = {name: data.draw(JSON | st.just("camera") | st.just("u_1")) for name in names}
    try:
        decoded = codec.decode_command(command.TYPE, values, system=True)
    except BadMessage:
        return
    assert codec.decode_command(*codec.encode_command(decoded), system=True) == decoded
