"""
The golden journals in tests/fixtures/journals: short classes as several people saw them, and the state after.

The reducers in Python and in JavaScript fold the same files, so they cannot drift apart. After a change of
the protocol write them anew with `python -m tests.support.journals` and read the difference.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classroom.domain import codec, room, snapshot
from tests.support.classes import Classroom, seen, viewer

FOLDER = Path(__file__).parents[1] / "fixtures" / "journals"


def people() -> Classroom:
    """Coming, going, roles, removal, the lobby, the end."""
    lesson = Classroom().open("t", "s1", "s2", "g1")
    lesson.system("people.leave", person="s1", reason="lost")
    lesson.join("s1")
    lesson.do("t", "people.set_role", person="s1", role="assistant")
    lesson.do("t", "lobby.switch", on=True)
    for person in ("s3", "s4", "s5", "s6"):
        lesson.system("lobby.knock", person=person, name=person.upper(), role="student")
    lesson.do("s1", "lobby.admit", person="s3")
    lesson.do("s1", "lobby.refuse", person="s4")
    lesson.system("lobby.give_up", person="s5")
    lesson.do("t", "lobby.switch", on=False)
    lesson.do("s3", "hands.raise")
    lesson.do("t", "people.remove", person="g1", block=True)
    lesson.do("t", "people.remove", person="s3", block=False)
    lesson.do("t", "people.remove", person="s6", block=True)
    lesson.do("t", "people.unblock", person="s6")
    lesson.system("people.leave", person="s2", reason="left")
    lesson.join("s2")
    lesson.do("t", "people.set_role", person="s1", role="student")
    lesson.do("t", "lifecycle.close")
    return lesson


def stage() -> Classroom:
    """Hands, permission to send, tracks, locks."""
    lesson = Classroom().open("t", "a1", "s1", "s2")
    camera = lesson.start("t", "camera")
    lesson.start("t", "microphone", muted=True)
    lesson.do("s2", "hands.raise")
    lesson.do("s1", "hands.raise")
    lesson.do("a1", "stage.allow", person="s1", kinds=["camera", "microphone"])
    voice = lesson.start("s1", "microphone", muted=True)
    lesson.do("s1", "stage.unmute", track=voice)
    lesson.do("t", "stage.mute", track=voice)
    lesson.start("s1", "camera")
    lesson.do("s2", "hands.lower", person=None)
    lesson.do("s2", "hands.raise")
    lesson.locks(camera=True, chat=True)
    lesson.do("t", "stage.allow", person="s2", kinds=["screen", "screen_audio"])
    lesson.start("s2", "screen")
    lesson.start("s2", "screen_audio")
    lesson.do("t", "stage.allow", person="s2", kinds=["screen_audio"])
    lesson.do("t", "stage.disallow", person="s1")
    lesson.do("t", "stage.stop", track=camera)
    lesson.do("s1", "hands.raise")
    lesson.do("t", "hands.lower", person="s1")
    return lesson


def chat() -> Classroom:
    """Messages public and private, and what may happen to them."""
    lesson = Classroom().open("t", "s1", "s2", "s3")
    hello = lesson.post("t", "Саламатсыздарбы!")
    reply = lesson.post("s1", "Salam 👋\nsecond line", reply_to=hello)
    secret = lesson.post("s1", "may I leave earlier?", to="t")
    answer = lesson.post("t", "yes", to="s1", reply_to=secret)
    rude = lesson.post("s2", "something rude")
    lesson.do("s1", "chat.edit", message=reply, text="Salam!")
    lesson.do("s1", "chat.edit", message=secret, text="may I leave at ten?")
    lesson.do("s2", "chat.react", message=hello, emoji="❤️", on=True)
    lesson.do("s3", "chat.react", message=hello, emoji="❤️", on=True)
    lesson.do("s2", "chat.react", message=hello, emoji="👍", on=True)
    lesson.do("s2", "chat.react", message=hello, emoji="👍", on=False)
    lesson.do("s1", "chat.react", message=answer, emoji="🎉", on=True)
    lesson.do("t", "chat.pin", message=hello)
    lesson.do("t", "chat.pin", message=rude)
    lesson.do("s3", "chat.react", message=rude, emoji="🤔", on=True)
    lesson.do("t", "chat.remove", message=rude)
    lesson.do("s1", "chat.withdraw", message=secret)
    lesson.do("t", "chat.unpin", message=hello)
    lesson.do("s2", "chat.withdraw", message=lesson.post("s2", "oops"))
    lesson.do("t", "chat.pin", message=reply)
    return lesson


def questions() -> Classroom:
    """A board that anybody may write on."""
    lesson = Classroom().open("t", "s1", "s2", "s3")
    first = lesson.ask("s1", "Why is the sky blue?")
    shy = lesson.ask("s2", "Will this be in the exam?", anonymous=True)
    third = lesson.ask("s3", "And at night?")
    lesson.do("s1", "questions.edit", question=first, text="Why is the sky blue by day?")
    lesson.do("s2", "questions.edit", question=shy, text="Is this in the exam?")
    for person in ("s1", "s3", "t"):
        lesson.do(person, "questions.vote", question=shy, on=True)
    lesson.do("s3", "questions.vote", question=shy, on=False)
    lesson.do("s3", "questions.vote", question=first, on=True)
    lesson.do("t", "questions.answering", question=first)
    lesson.do("t", "questions.answering", question=shy)
    lesson.do("t", "questions.answer", question=shy, how="aloud", text="")
    lesson.do("t", "questions.answer", question=first, how="written", text="Rayleigh scattering.")
    lesson.do("t", "questions.dismiss", question=third, reason="next week")
    lesson.do("t", "questions.reopen", question=first)
    lesson.do("t", "questions.reopen", question=third)
    lesson.do("s3", "questions.withdraw", question=third)
    lesson.do("s2", "questions.withdraw", question=lesson.ask("s2", "gone at once", anonymous=True))
    return lesson


def moderation() -> Classroom:
    """A board whose questions staff see first."""
    lesson = Classroom().open("t", "s1", "s2", "s3")
    open_one = lesson.ask("s3", "Asked before")
    lesson.do("s1", "questions.vote", question=open_one, on=True)
    lesson.do("t", "questions.moderate", on=True)
    held = lesson.ask("s1", "May we see it?")
    shy = lesson.ask("s2", "I did not follow", anonymous=True)
    silly = lesson.ask("s3", "Are you a robot?")
    lesson.do("s1", "questions.edit", question=held, text="May we see the proof?")
    lesson.do("t", "questions.publish", question=held)
    lesson.do("t", "questions.publish", question=shy)
    lesson.do("s3", "questions.vote", question=shy, on=True)
    lesson.do("t", "questions.dismiss", question=silly, reason="off topic")
    lesson.do("t", "questions.hold", question=open_one)
    lesson.do("t", "questions.hold", question=shy)
    lesson.do("t", "questions.publish", question=shy)
    lesson.do("s1", "questions.vote", question=shy, on=True)
    lesson.do("t", "questions.reopen", question=silly)
    lesson.do("t", "questions.answer", question=silly, how="written", text="No.")
    lesson.do("s3", "questions.withdraw", question=open_one)
    lesson.do("t", "questions.moderate", on=False)
    lesson.ask("t", "What did you take with you?")
    return lesson


def recording() -> Classroom:
    """A class that is recorded: pauses, chapters, who is in it, a second recording, and the next time."""
    lesson = Classroom().open("t", "a1", "s1", "s2", record="ask")
    lesson.do("t", "recording.decline")
    lesson.do("s1", "recording.consent", yes=True)
    lesson.do("s2", "recording.consent", yes=True)
    lesson.do("a1", "recording.start")
    lesson.start("t", "camera")
    lesson.do("t", "recording.mark", label="Determinants")
    lesson.do("t", "recording.pause")
    lesson.do("t", "recording.leave_out", person="s2", out=True)
    lesson.do("t", "recording.leave_out", person="s1", out=True)
    lesson.do("t", "recording.leave_out", person="s2", out=False)
    lesson.do("s2", "recording.leave_out", person="s2", out=True)
    lesson.do("t", "recording.resume")
    lesson.do("a1", "recording.mark", label="")
    lesson.do("a1", "recording.leave_out", person="t", out=True)
    lesson.do("t", "recording.stop")
    lesson.do("t", "recording.start")
    lesson.system("recording.end", number=2, reason="interrupted")
    lesson.system("recording.renew", anew=False)
    lesson.do("t", "recording.mark", label="Vectors")
    lesson.do("t", "lifecycle.close")
    lesson.open("t", "s1", record="on", again=True)
    lesson.do("s1", "recording.consent", yes=True)
    lesson.do("t", "recording.mark", label="Once more")
    return lesson


SCENES: dict[str, tuple[Callable[[], Classroom], tuple[str, ...]]] = {
    "people": (people, ("t", "s2")),
    "stage": (stage, ("t", "s1")),
    "chat": (chat, ("t", "s1", "s2")),
    "questions": (questions, ("t", "s1", "s2")),
    "moderation": (moderation, ("t", "s1", "s2")),
    "recording": (recording, ("t", "s1", "s2")),
}


def golden() -> dict[str, dict[str, Any]]:
    """Return every golden journal by its file's name: one from the start, one from a snapshot on the way."""
    journals: dict[str, dict[str, Any]] = {}
    for scene, (play, people_) in SCENES.items():
        lesson = play()
        for person in people_:
            journals[f"{scene}-{person}.json"] = journal(lesson, person, 0)
            journals[f"{scene}-{person}-late.json"] = journal(lesson, person, len(lesson.entries) // 2)
    return journals


def journal(lesson: Classroom, person: str, after: int) -> dict[str, Any]:
    """Return what a person who came in after that many entries got: a state, events, and where that leads."""
    who = viewer(person)
    before = room.fold(room.Room(), lesson.entries[:after])
    return {
        "viewer": {"person": who.person, "role": who.role.value},
        "after": after,
        "start": snapshot.encode_state(room.view(before, who)) if after else None,
        "events": [codec.wire_event(entry) for entry in seen(lesson.entries[after:], who)],
        "upto": len(lesson.entries),
        "state": snapshot.encode_state(room.view(lesson.room, who)),
    }


def written(content: dict[str, Any]) -> str:
    """Return a golden journal as its file holds it: one line an event, so that differences can be read."""
    lines = [f'"{name}": {_line(value)}' for name, value in content.items() if name != "events"]
    events = ",\n  ".join(_line(event) for event in content["events"])
    return "{\n" + ",\n".join([*lines, f'"events": [\n  {events}\n]']) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, content in golden().items():
        (FOLDER / name).write_text(written(content), encoding="utf-8")


if __name__ == "__main__":
    main()
