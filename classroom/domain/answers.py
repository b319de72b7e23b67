"""
Which commands were answered: so that a command that comes again changes nothing.

A client repeats a command when it cannot know whether the first one arrived, at the latest some minutes
after. The newest ten thousand are remembered, which a class with ten commands a second fills in a quarter
of an hour.
"""

from dataclasses import dataclass, field

from classroom.domain.pieces import Pieces

# Commands: some minutes of a full class at its busiest, longer than a client tries again.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Answers:
    """The number of the last entry that each command of each person caused."""

    known: Pieces[tuple[str, str], int] = field(default_factory=Pieces)

    def find(self, person: str, command: str) -> int | None:
        """Return the number with which this command was answered, or None if it is not remembered."""
        return self.known.get((person, command))

    def note(self, person: str, command: str, seq: int) -> "Answers":
        """Return these answers and one more, without the oldest one if they are too many."""
        known = self.known.put((person, command), seq)
        oldest = known.first()
        if len(known) > REMEMBERED and oldest is not None:
            known = known.drop(oldest)
        return Answers(known)
