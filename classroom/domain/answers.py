"""
Which commands were answered: so that a command that comes again changes nothing.

A client repeats a command when it cannot know whether the first one arrived, at the latest some minutes
after. The newest ten thousand are remembered, which a class with ten commands a second fills in a quarter
of an hour. They are kept in pieces, because a step of the class copies what it changes: one piece and the
list of pieces.
"""

from collections.abc import Mapping
from dataclasses import dataclass

REMEMBERED = 10_000
_PIECE = (
    125  # Near the square root of REMEMBERED: copying a piece costs what copying the list of pieces does.
)
_PIECES = REMEMBERED // _PIECE + 1  # The newest one is not full, the others hold REMEMBERED.

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """The number of the last entry that each command of each person caused; the newest piece comes last."""

    pieces: tuple[Mapping[_Key, int], ...] = ({},)

    def find(self, person: str, command: str) -> int | None:
        """Return the number with which this command was answered, or None if it is not remembered."""
        key = (person, command)
        for piece in reversed(self.pieces):
            if (seq := piece.get(key)) is not None:
                return seq
        return None

    def note(self, person: str, command: str, seq: int) -> "Answers":
        """Return these answers and one more, without the oldest ones if they are too many."""
        *older, newest = self.pieces
        if len(newest) >= _PIECE:
            return Answers((*self.pieces[1 - _PIECES :], {(person, command): seq}))
        return Answers((*older, {**newest, (person, command): seq}))
