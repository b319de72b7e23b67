"""
The state of a class as the plain dict of PROTOCOL.md, 1.2.

Only views of a room are encoded for people; what the server keeps for itself (commands answered, who was
removed) is not in it.
"""

from classroom.domain.room import Room


def encode_state(room: Room) -> dict[str, object]:
    """Return the state of `room` (a view of it) as clients get it."""
    raise NotImplementedError


def decode_state(state: dict[str, object], seq: int) -> Room:
    """Return the room of a reader who got `state` at `seq`. The dict must come from `encode_state`."""
    raise NotImplementedError
