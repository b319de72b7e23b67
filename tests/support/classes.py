"""
A class driven by commands as they come over the wire, for tests: the room, its journal, and what readers saw.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from classroom.domain import codec, recording, room
from classroom.domain.entry import SYSTEM, Actor, Draft, Entry, Viewer
from classroom.domain.recording_words import Mode
from classroom.domain.roles import Role

START = 1_790_000_000_000
SECOND = 1000


class Classroom:
    """Each command takes a second; ids of commands count up unless given."""

    def __init__(self) -> None:
        self.room = room.Room()
        self.entries: list[Entry] = []
        self.now = START
        self._given = 0

    def open(
        self, *people: str, title: str = "Algebra II", record: Mode | None = None, again: bool = False
    ) -> "Classroom":
        """
        Open the class; `t...` are teachers, `a...` assistants, `g...` guests, the rest students. `record`:
        how it is planned to be recorded.
        """
        self.system("lifecycle.open", title=title, language="ky", again=again)
        if record is not None:
            self._take(recording.plan(self.room.recording, record), "")
        for person in people:
            self.join(person)
        return self

    def join(self, person: str) -> list[Entry]:
        """Let a person in, in the role that the first letter of the id says."""
        return self.system("people.join", person=person, name=person.upper(), role=role(person).value)

    def system(self, kind: str, /, **data: object) -> list[Entry]:
        """Give a command of the program's own."""
        return self._decide(kind, data, SYSTEM, "")

    def do(self, person: str, kind: str, /, *, id: str | None = None, **data: object) -> list[Entry]:  # noqa: A002
        """Give a person's command; return the entries it caused."""
        self._given += 1
        command = id or f"{kind.replace('.', '-')}-{self._given:04}"
        return self._decide(kind, data, Actor(person, role(person)), command)

    def _decide(self, kind: str, data: dict[str, Any], actor: Actor, command_id: str) -> list[Entry]:
        self.now += SECOND
        command = codec.decode_command(kind, data, system=actor is SYSTEM)
        return self._take(room.decide(self.room, command, actor, command_id, self.now), command_id)

    def _take(self, drafts: Sequence[Draft], command_id: str) -> list[Entry]:
        entries = room.number(self.room, drafts, command_id, self.now)
        self.room = room.fold(self.room, entries)
        self.entries.extend(entries)
        return list(entries)

    def post(
        self, person: str, text: str = "hello", to: str | None = None, reply_to: str | None = None
    ) -> str:
        """Post a message; return its id."""
        entries = self.do(person, "chat.post", text=text, to=to, reply_to=reply_to)
        return entries[-1].command

    def ask(self, person: str, text: str = "why?", anonymous: bool = False) -> str:
        """Ask a question; return its id."""
        return self.do(person, "questions.ask", text=text, anonymous=anonymous)[-1].command

    def start(self, person: str, kind: str, muted: bool = False) -> str:
        """Start a track; return its id."""
        return self.do(person, "stage.start", kind=kind, muted=muted)[-1].command

    def locks(self, person: str = "t", /, **locked: bool) -> list[Entry]:
        """Set the locks: those named, the others open."""
        names = ("microphone", "camera", "screen", "chat", "private_chat", "questions")
        data: dict[str, Any] = {name: locked.get(name, False) for name in names}
        return self.do(person, "locks.set", **data)


def role(person: str) -> Role:
    """Return the role that the first letter of an id says."""
    roles = {"t": Role.TEACHER, "a": Role.ASSISTANT, "g": Role.GUEST}
    return roles.get(person[0], Role.STUDENT)


def viewer(person: str) -> Viewer:
    """Return the person as a viewer, in the role that the first letter of the id says."""
    return Viewer(person, role(person))


def seen(entries: Iterable[Entry], who: Viewer) -> list[Entry]:
    """Return what the viewer sees of `entries`."""
    return [shown for entry in entries if (shown := room.project(entry, who)) is not None]


def types(entries: Iterable[Entry]) -> list[str]:
    """Return the types of the events, in order."""
    return [entry.event.TYPE for entry in entries]
