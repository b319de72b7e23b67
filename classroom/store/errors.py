"""
What can go wrong in the store, drawn as a tree. Whose fault it is follows from the branch.

    StoreError
    ├── Unusable            the operator's: a directory, an address, a schema from the future; at start
    ├── Unavailable         nobody's: the database or Redis does not answer now; trying again is right
    │   └── Overloaded      too much waits to be written; refused rather than queued without end
    ├── Duplicate           the caller's: a unique value is taken already
    ├── Missing             the caller's: a row that this one refers to does not exist
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
