"""
How a class begins: with what its timetable says about the lobby, the board of questions and the locks.
"""

from dataclasses import fields

from classroom.domain import lobby, locks, recording
from classroom.domain import questions_words as board
from classroom.domain.entry import Draft
from classroom.domain.errors import Refused
from classroom.domain.recording import Recording
from classroom.live.admission import Seat


class NotOpen(Refused):
    """The class is not running now; a page opens it."""

    code = "not_open"


def planned(seat: Seat, known: Recording, possible: bool) -> tuple[Draft, ...]:
    """
    Return whether the class is recorded from its beginning; `known` is what its journal has of recording.
    Where nothing can be recorded nobody is asked.
    """
    return recording.plan(known, seat.recording if possible else "off")


def settings(seat: Seat) -> tuple[Draft, ...]:
    """
    Return how the class was planned to begin, as events of the program's.

    They do not go through the rules, which know them only as a teacher's wish; the timetable is the
    teacher's.
    """
    drafts: list[Draft] = []
    if seat.lobby:
        drafts.append(Draft(lobby.LobbySwitched(True), ""))
    if seat.moderated:
        drafts.append(Draft(board.ModerationSwitched(True), ""))
    if seat.locks:
        held = {field.name: field.name in seat.locks for field in fields(locks.LocksChanged)}
        drafts.append(Draft(locks.LocksChanged(**held), ""))
    return tuple(drafts)
