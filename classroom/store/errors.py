"""
What can go wrong in the store, drawn as a tree. Whose fault it is follows from the branch.

    StoreError
    ├── Unusable            the operator's: a directory, an address, a schema from the future; at start
    ├── Unavailable         nobody's: the database or Redis does not answer now; trying again is right
    │   └── Overloaded      too much waits to be written; refused rather than queued without end
    ├── Duplicate           the caller's: a unique value is taken already
    ├── Missing             the caller's: a row that this one refers to does not exist
    ├── objects
    │   ├── BadKey          the caller's: what cannot be the key of an object
    │   ├── BadRange        the caller's: a part that the object does not have
    │   ├── AlreadyThere    an object with this key exists; none is ever overwritten
    │   └── NotThere        there is no object with this key
    └── journal
        ├── SeqTaken        another writer was first: this process no longer owns the class
        └── SeqGap          the numbers do not follow what is stored: a defect of the caller
"""
# ruff: noqa: N818 - these name what happened; "Error" behind each would say nothing more.


class StoreError(Exception):
    """Anything that the store refuses or fails at."""


class Unusable(StoreError):
    """The store cannot be opened as configured; the message is one line for the operator."""


class Unavailable(StoreError):
    """The database or Redis does not answer now. What was asked may or may not have happened."""


class Overloaded(Unavailable):
    """The queue of writes is full. Nothing was written."""


class Duplicate(StoreError):
    """A value that has to be unique exists already. Nothing was written."""


class Missing(StoreError):
    """A row that the new one refers to does not exist. Nothing was written."""


class BadKey(StoreError):
    """What was given is no key of an object. Nothing was looked at."""


class BadRange(StoreError):
    """The object is shorter than what was asked for, or too long to be read at once."""


class AlreadyThere(StoreError):
    """There is an object with this key. It is as it was."""


class NotThere(StoreError):
    """There is no object with this key."""


class SeqTaken(StoreError):
    """Another writer has stored this number of this class. Nothing was written; stop owning it."""

    def __init__(self, class_id: str, seq: int) -> None:
        super().__init__(f"event {seq} of class {class_id} exists")
        self.class_id = class_id
        self.seq = seq


class SeqGap(StoreError):
    """The event before the first of these is not stored. Nothing was written."""

    def __init__(self, class_id: str, seq: int) -> None:
        super().__init__(f"event {seq} of class {class_id} would follow a hole")
        self.class_id = class_id
        self.seq = seq
