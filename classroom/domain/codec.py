"""
Commands and events as plain dicts, strict: unknown types and fields are refused, nothing is guessed.

Commands come from outside: every field is checked and normalised. Events come from our own journal: what does
not fit there is a defect and raises `CorruptJournal`. The journal's form is versioned.
"""

from classroom.domain.entry import Command, Entry


def decode_command(kind: object, data: object, *, system: bool = False) -> Command:
    """Return the command of this `type` and `data`, or raise `BadMessage`; `system` admits the system's."""
    raise NotImplementedError


def encode_command(command: Command) -> tuple[str, dict[str, object]]:
    """Return the wire's `type` and `data` of `command`."""
    raise NotImplementedError


def encode_entry(entry: Entry) -> dict[str, object]:
    """Return `entry` whole, for the journal and the bus."""
    raise NotImplementedError


def decode_entry(record: object) -> Entry:
    """Return the entry of what `encode_entry` made, or raise `CorruptJournal`."""
    raise NotImplementedError


def wire_event(entry: Entry) -> dict[str, object]:
    """Return an entry that has been through `room.project` as a client sees it (PROTOCOL.md, 1.1)."""
    raise NotImplementedError


def read_wire_event(event: object) -> Entry:
    """Return the entry of a client's event, for readers written in Python, or raise `BadMessage`."""
    raise NotImplementedError
