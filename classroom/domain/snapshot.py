"""
The state of a class as the plain dict of PROTOCOL.md, 1.2, and back.

Only views of a room are encoded for people; what the server keeps for itself (commands answered, who was
removed, whether a question is public) is not in it. Reading it is for clients written in Python, tests
above all.
"""

from dataclasses import asdict
from typing import Any

from classroom.domain import chat, hands, lifecycle, lobby, locks, people, questions, recording, stage
from classroom.domain.pieces import Pieces
from classroom.domain.roles import Role
from classroom.domain.state import Room


def encode_state(room: Room) -> dict[str, Any]:
    """Return the state of `room`, which must be somebody's `view`, as clients get it."""
    waiting = room.lobby.waiting.values()
    return {
        "lifecycle": asdict(room.lifecycle),
        "people": {
            "items": {one.id: _person(one) for one in room.people.items.values()},
            "blocked": list(room.people.blocked),
        },
        "lobby": {
            "on": room.lobby.on,
            "waiting": {
                one.id: {"id": one.id, "name": one.name, "role": one.role.value, "since": one.since}
                for one in waiting
            },
        },
        "locks": asdict(room.locks),
        "hands": {"queue": [{"person": hand.person, "at": hand.at} for hand in room.hands.queue]},
        "stage": {
            "allowed": {person: list(kinds) for person, kinds in room.stage.allowed.items()},
            "tracks": {track.id: asdict(track) for track in room.stage.tracks.values()},
        },
        "chat": {
            "messages": {message.id: _message(message) for message in room.chat.messages()},
            "pinned": list(room.chat.pinned),
        },
        "questions": {
            "moderated": room.questions.moderated,
            "items": {one.id: _question(one) for one in room.questions.items.each()},
        },
        "recording": {**asdict(room.recording), "left_out": list(room.recording.left_out)}
        | {"marks": [asdict(mark) for mark in room.recording.marks]},
    }


def _person(person: people.Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "present": person.present,
        "joined_at": person.joined_at,
        "left_at": person.left_at,
    }


def _message(message: chat.Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author,
        "text": message.text,
        "to": message.to,
        "reply_to": message.reply_to,
        "at": message.at,
        "edited_at": message.edited_at,
        "gone": message.gone,
        "reactions": {emoji: list(who) for emoji, who in message.reactions.items()},
    }


def _question(question: questions.Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "author": question.author,
        "anonymous": question.anonymous,
        "text": question.text,
        "asked_at": question.asked_at,
        "edited_at": question.edited_at,
        "state": question.state,
        "votes": question.votes,
        "voters": sorted(question.voters),
        "answer": None if question.answer is None else asdict(question.answer),
        "reason": question.reason,
    }


def decode_state(state: dict[str, Any], seq: int) -> Room:
    """Return the room of a reader who got `state` at `seq`. The dict must come from `encode_state`."""
    return Room(
        seq,
        lifecycle.Lifecycle(**state["lifecycle"]),
        people.People(
            {one["id"]: people.Person(**_with_role(one)) for one in state["people"]["items"].values()},
            tuple(state["people"]["blocked"]),
        ),
        lobby.Lobby(
            state["lobby"]["on"],
            {one["id"]: lobby.Waiting(**_with_role(one)) for one in state["lobby"]["waiting"].values()},
        ),
        locks.Locks(**state["locks"]),
        hands.Hands(tuple(hands.Hand(**hand) for hand in state["hands"]["queue"])),
        stage.Stage(
            {person: tuple(kinds) for person, kinds in state["stage"]["allowed"].items()},
            {track["id"]: stage.Track(**track) for track in state["stage"]["tracks"].values()},
        ),
        _decode_chat(state["chat"]),
        _decode_questions(state["questions"]),
        _decode_recording(state["recording"]),
    )


def _with_role(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "role": Role(one["role"])}


def _decode_chat(state: dict[str, Any]) -> chat.Chat:
    # There are no more messages than events before, so their places come before those of later ones.
    messages = [
        chat.Message(
            place, **{**one, "reactions": {emoji: tuple(who) for emoji, who in one["reactions"].items()}}
        )
        for place, one in enumerate(state["messages"].values())
    ]
    return chat.arranged(messages, tuple(state["pinned"]))


def _decode_questions(state: dict[str, Any]) -> questions.Questions:
    items = [
        questions.Question(
            **{
                **one,
                "voters": frozenset(one["voters"]),
                "answer": one["answer"] and questions.Answer(**one["answer"]),
            },
            public=one["state"] != "held",
        )
        for one in state["items"].values()
    ]
    return questions.Questions(Pieces.of((one.id, one) for one in items), state["moderated"])


def _decode_recording(state: dict[str, Any]) -> recording.Recording:
    marks = tuple(recording.ChapterMark(**mark) for mark in state["marks"])
    return recording.Recording(**{**state, "left_out": tuple(state["left_out"]), "marks": marks})
