"""
The law of visibility, tried by crowds who do anything, allowed or not.

1. What a reader folds from a snapshot is what a later snapshot says, for every reader and every moment, and
   through the codec.
2. Nobody's view and nobody's events hold what is none of their business.
3. A step of the class never fails. 4. A repeated command changes nothing.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classroom.domain import chat, codec, room, snapshot
from classroom.domain.entry import Actor, Audience, Entry, Event, Sight, Viewer
from classroom.domain.errors import Refused
from classroom.domain.roles import Role
from classroom.domain.state import COMMANDS, EVENTS
from tests.support.classes import Classroom, role, seen, viewer

CROWD = ("t", "a", "s1", "s2", "s3", "g")
NEWCOMERS = ("n1", "n2")
VIEWERS = (
    *(viewer(person) for person in (*CROWD, "n1")),
    Viewer("s1", Role.ASSISTANT),
    Viewer("nobody", Role.STUDENT),
)
KEPT = 4  # Instead of 2,000, so that messages fall out of the state in short classes, too.

WISHES = {command.TYPE: command for command in COMMANDS}
COMMON = (
    *("chat.post",) * 8,
    *("chat.react", "questions.vote", "lobby.knock") * 4,
    *("questions.ask", "questions.publish", "stage.start") * 3,
)
KINDS = (*WISHES, *COMMON)
# Or most classes would be over or empty before anything happens in them.
SELDOM = {
    "lifecycle.close": 20,
    "lifecycle.expire": 20,
    "people.leave": 4,
    "people.join": 3,
    "people.remove": 2,
    "locks.set": 4,
    "lobby.switch": 6,
    "recording.end": 6,
    "recording.stop": 3,
}
BOARD = ("moderate", "publish", "hold", "answer", "dismiss", "reopen")
STAFF_ONLY = ("chat.pin", "chat.unpin", "chat.remove", "stage.allow", "people.unblock", "people.remove")
STAFF_RECORDING = tuple(
    f"recording.{what}" for what in ("start", "pause", "resume", "stop", "mark", "decline")
)
TEACHING = (*STAFF_ONLY, *STAFF_RECORDING, "lobby.", *(f"questions.{what}" for what in BOARD))


class Crowd(Classroom):
    """Makes commands of numbers: each field takes something that exists, whoever it belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.open(*CROWD, record="ask")
        self.do("t", "lobby.switch", on=True)
        self.refused: list[str] = []
        self.steps = 0
        self.rooms = [room.Room()]
        for entry in self.entries:
            self.rooms.append(room.evolve(self.rooms[-1], entry))

    def step(self, seed: int) -> None:
        """Do what the number says: somebody gives some command about something."""
        chance = Random(seed)
        pick = chance.choice
        kind = pick(KINDS)
        person = pick(CROWD)
        if chance.randrange(SELDOM.get(kind, 1)):
            return
        if kind.startswith(TEACHING) and chance.random() < 0.7:
            person = "t"
        self.steps += 1
        data = {name: self.value(kind, name, pick) for name in fields(kind)}
        before = len(self.entries)
        try:
            if WISHES[kind].SYSTEM:
                self.system(kind, **data)
            else:
                # Now and then the id of another's message, question, track or command.
                self.do(person, kind, id=self.any_id(pick) if chance.random() < 0.1 else None, **data)
        except Refused as refused:
            self.refused.append(refused.code)
        for entry in self.entries[before:]:
            self.rooms.append(room.evolve(self.rooms[-1], entry))

    def value(self, kind: str, name: str, pick: Callable[[Any], Any]) -> Any:
        """Return something for a field, by its name."""
        now = self.room
        match name:
            case "person" | "to":
                people = (*NEWCOMERS, *CROWD[2:]) if kind.startswith(("lobby", "people")) else CROWD
                return pick((*people, *((None,) if kind in NULLABLE else ())))
            case "message" | "reply_to":
                known = [message.id for message in now.chat.messages()][-6:]
                return pick([*known, "no-such-message"] if name == "message" else [None, None, None, *known])
            case "question":
                return pick([*now.questions.items][-4:] or ["no-such-question"])
            case "track":
                return pick([*now.stage.tracks] or ["no-such-track"])
            case "kinds":
                return list(pick((("camera",), ("microphone", "camera"), ("screen",))))
            case "text" | "reason" if kind.startswith(("chat", "questions")):
                return f"marker-{self.steps}."
            case "number":
                return now.recording.number
        return pick(OPTIONS.get((kind, name)) or OPTIONS.get(("", name)) or (False, True))

    def any_id(self, pick: Callable[[Any], Any]) -> str:
        return str(pick([entry.command for entry in self.entries if entry.command] or ["no-such-command"]))


def fields(kind: str) -> tuple[str, ...]:
    return tuple(WISHES[kind].__match_args__)  # type: ignore[attr-defined]


NULLABLE = ("chat.post", "hands.lower", "lobby.admit", "lobby.refuse")
OPTIONS: dict[tuple[str, str], tuple[Any, ...]] = {
    ("", "kind"): ("camera", "microphone", "screen"),
    ("", "emoji"): ("👍", "❤️"),
    ("", "how"): ("aloud", "written"),
    ("", "name"): ("Somebody",),
    ("", "title"): ("Title",),
    ("", "language"): ("ky",),
    ("", "role"): ("student", "assistant"),
    ("people.leave", "reason"): ("left", "lost"),
    ("lifecycle.expire", "reason"): ("expired",),
    ("recording.end", "reason"): ("interrupted", "disk_full"),
    ("", "label"): ("A chapter",),
}


@pytest.fixture(autouse=True)
def _small() -> Iterator[None]:
    with mock.patch.object(chat, "KEPT", KEPT):
        yield


def played(steps: list[int]) -> Crowd:
    crowd = Crowd()
    for seed in steps:
        crowd.step(seed)
    return crowd


crowds = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = st.lists(st.integers(0, 2**32 - 1), min_size=80, max_size=200)


@crowds
@given(steps=MANY, splits=st.lists(st.integers(0, 200), min_size=2, max_size=4))
def test_a_reader_who_folds_arrives_where_a_snapshot_is(steps: list[int], splits: list[int]) -> None:
    crowd = played(steps)
    for who in VIEWERS:
        wanted = room.view(crowd.room, who)
        for split in splits:
            split %= len(crowd.rooms)
            start = room.view(crowd.rooms[split], who)
            rest = seen(crowd.entries[split:], who)
            assert room.advance(room.fold(start, rest), wanted.seq) == wanted

            told = snapshot.decode_state(json.loads(json.dumps(snapshot.encode_state(start))), split)
            events = json.loads(json.dumps([codec.wire_event(entry) for entry in rest]))
            after = snapshot.encode_state(room.fold(told, map(codec.read_wire_event, events)))
            assert after == snapshot.encode_state(wanted)
            for feature in (("chat", "messages"), ("questions", "items"), ("people", "items")):
                assert [*after[feature[0]][feature[1]]] == [
                    *snapshot.encode_state(wanted)[feature[0]][feature[1]]
                ]


@crowds
@given(steps=MANY)
def test_nobody_sees_what_is_none_of_their_business(steps: list[int]) -> None:
    crowd = played(steps)
    for who in VIEWERS:
        known = Secrets(who)
        for entry, after in zip(crowd.entries, crowd.rooms[1:], strict=True):
            known.after(entry)
            shown = room.project(entry, who)
            told = "" if shown is None else json.dumps(codec.wire_event(shown))
            state = snapshot.encode_state(room.view(after, who))
            texts = told + json.dumps(state)
            for secrets in (*known.letters.values(), *known.hidden.values()):
                assert not [secret for secret in secrets if secret in texts]
            if shown is not None:
                check_event(shown, known, who)
            check_state(state, known, who)


class Secrets:
    """What a viewer may not know, reckoned from the raw events and from nothing that is tested here."""

    def __init__(self, who: Viewer) -> None:
        self.who = who
        self.hidden: dict[str, set[str]] = {}
        self.texts: dict[str, set[str]] = {}
        self.letters: dict[str, set[str]] = {}
        self.shy: set[str] = set()
        self.authors: dict[str, str] = {}

    def after(self, entry: Entry) -> None:
        event: Any = entry.event
        match event.TYPE:
            case "chat.posted" if event.to is not None and self.who.person not in (event.author, event.to):
                self.letters[event.message] = {event.text}
            case "chat.edited" if event.message in self.letters:
                self.letters[event.message].add(event.text)
            case "questions.asked":
                self.texts[event.question] = {event.text}
                self.authors[event.question] = event.author
                others = not self.who.staff and self.who.person != event.author
                if event.anonymous and others:
                    self.shy.add(event.question)
                if event.held and others:
                    self.hidden[event.question] = self.texts[event.question]
            case "questions.edited" | "questions.answered" | "questions.dismissed":
                self.texts[event.question] |= {getattr(event, "text", ""), getattr(event, "reason", "")} - {
                    ""
                }
            case "questions.published":
                self.hidden.pop(event.question, None)
            case "questions.held" if not self.who.staff and self.who.person != self.authors[event.question]:
                self.hidden[event.question] = self.texts[event.question]


def check_event(shown: Entry, known: Secrets, who: Viewer) -> None:
    event: Any = shown.event
    assert shown.command == ""
    assert shown.audience == Audience(everyone=True)
    if event.TYPE in ("questions.voted", "questions.unvoted"):
        assert {event.voter, shown.by} <= {"", who.person}
    question = getattr(event, "question", None)
    if question in known.shy:
        assert getattr(event, "author", "") == ""
        if event.TYPE in ("questions.asked", "questions.edited", "questions.withdrawn"):
            assert shown.by == ""
    assert getattr(event, "message", None) not in known.letters
    if event.TYPE.startswith("lobby.") and event.TYPE != "lobby.switched":
        assert who.staff
    if event.TYPE == "people.removed" and not who.staff:
        assert not event.blocked
    if event.TYPE in ("recording.consented", "recording.left_out"):
        assert who.staff or event.person == who.person
    assert who.staff or event.TYPE != "recording.declined"


def check_state(state: dict[str, Any], known: Secrets, who: Viewer) -> None:
    assert not known.letters.keys() & state["chat"]["messages"].keys()
    assert not known.hidden.keys() & state["questions"]["items"].keys()
    for question in state["questions"]["items"].values():
        assert set(question["voters"]) <= {who.person}
        if question["id"] in known.shy:
            assert question["author"] == ""
    if not who.staff:
        assert state["people"]["blocked"] == []
        assert state["lobby"]["waiting"] == {}
        assert {*state["recording"]["consents"], *state["recording"]["left_out"]} <= {who.person}
        assert not state["recording"]["declined"]
    assert len(state["chat"]["messages"]) <= KEPT


@crowds
@given(steps=MANY)
def test_no_entry_leaves_the_class_in_a_state_that_the_rules_forbid(
    steps: list[int],
) -> None:
    for now in played(steps).rooms:
        for track in now.stage.tracks.values():
            assert room.may_send(now, track.person, track.kind)
        if now.lifecycle.state == "closed":
            assert now.recording.state == "off"
        for hand in now.hands.queue:
            assert now.people.items[hand.person].present
        for person in now.people.blocked:
            assert not now.people.items[person].present
            assert person not in now.lobby.waiting
        for message in now.chat.pinned:
            assert now.chat.public[message].gone == ""
        assert sum(one.state == "answering" for one in now.questions.items.values()) <= 1
        if now.lifecycle.state == "closed":
            assert not any(person.present for person in now.people.items.values())


@crowds
@given(steps=MANY)
def test_nobody_is_recorded_against_a_word(steps: list[int]) -> None:
    """Who may be recorded, reckoned from the raw events and from nothing that is tested here."""
    crowd = played(steps)
    runs, roles, words, out = False, dict[str, Role](), dict[str, bool](), set[str]()
    for entry, after in zip(crowd.entries, crowd.rooms[1:], strict=True):
        event: Any = entry.event
        match event.TYPE:
            case "recording.started" | "recording.resumed":
                runs = True
            case "recording.paused" | "recording.stopped":
                runs = False
            case "recording.planned":
                words = {person: yes for person, yes in words.items() if not yes}
            case "recording.consented":
                assert entry.by == event.person
                words[event.person] = event.yes
            case "recording.left_out":
                (out.add if event.out else out.discard)(event.person)
            case "people.joined" | "people.role_changed":
                roles[event.person] = event.role
        staff = {person for person, held in roles.items() if held in (Role.TEACHER, Role.ASSISTANT)}
        wanted = {person for person in roles if words.get(person, person in staff)} - out
        found = [after.stage.tracks[track].person for track in room.recorded_tracks(after)]
        assert found == [one.person for one in after.stage.tracks.values() if runs and one.person in wanted]


@crowds
@given(steps=MANY)
def test_a_repeated_command_changes_nothing(steps: list[int]) -> None:
    crowd = played(steps)
    last = {(entry.by, entry.command): entry.seq for entry in crowd.entries if entry.command and entry.by}
    again = room.fold(room.Room(), map(codec.decode_entry, map(codec.encode_entry, crowd.entries)))
    assert again == crowd.room
    for (person, command_id), seq in last.items():
        assert room.answered(again, person, command_id) == seq
        for kind in ("chat.post", "hands.raise"):
            data = {"text": "again"} if kind == "chat.post" else {}
            command = codec.decode_command(kind, data)
            assert room.decide(again, command, Actor(person, role(person)), command_id, crowd.now) == ()


@crowds
@given(steps=MANY)
def test_viewers_with_one_sight_get_one_form(steps: list[int]) -> None:
    for entry in played(steps).entries:
        forms: dict[Sight, set[str]] = {}
        for who in VIEWERS:
            shown = room.project(entry, who)
            forms.setdefault(room.sight(entry, who), set()).add(repr(shown))
        assert all(len(shown) == 1 for shown in forms.values())
        assert forms.get(Sight.NOTHING, {"None"}) == {"None"}


def _values(event: type[Any]) -> st.SearchStrategy[Any]:
    few = st.sampled_from(["x", "y", ""])
    plain = ("on", "held", "votes", "asked_at")
    return st.builds(event, **{name: few for name in event.__match_args__ if name not in plain})


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS).flatmap(_values), st.integers(0, 9)), max_size=60))
def test_a_step_never_fails(facts: list[tuple[Event, int]]) -> None:
    """Events in any order, about things that are not there."""
    now = room.Room()
    for seq, (event, at) in enumerate(facts, 1):
        entry = Entry(seq, at, "x", Audience(everyone=True), event, "command")
        now = room.evolve(now, entry)
        assert now.seq == seq
        for who in VIEWERS:
            room.project(entry, who)
    for who in VIEWERS:
        room.view(now, who)


def test_the_crowd_does_most_of_what_there_is() -> None:
    """A crowd that is always refused proves nothing."""
    chance = Random(1)
    happened: set[str] = set()
    for _ in range(150):
        crowd = played([chance.randrange(2**32) for _ in range(200)])
        happened |= {entry.event.TYPE for entry in crowd.entries}
    assert happened == {event.TYPE for event in EVENTS} - {"questions.hidden"}
