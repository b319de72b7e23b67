"""
The journal: the numbered events of every class, on disk before anybody is told.

The primary key `(class_id, seq)` is the fence between two processes that both believe to own a
class: one of them loses with SeqTaken and nothing is lost. Numbers have no holes, so whoever has
everything up to N has missed nothing before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_BATCH = 500  # Records of one append. The largest command (admitting a full lobby) stays below.
MAX_READ = 1000  # Records of one read: at about 300 bytes each a third of a megabyte at once.
MAX_PAYLOAD = 64 * 1024  # Bytes. The longest chat message in its encoding is 20 kB.


@dataclass(frozen=True, slots=True)
class Record:
    """
    One event as it is stored.

    `kind` is the event's type (`chat.posted`); what stands before the dot is its feature, by which
    `back` selects. `payload` is the encoded rest of the entry (data, audience, command id, version);
    the journal does not look into it.
    """

    seq: int
    at: int  # ms since 1970
    by: str
    kind: str
    payload: bytes

    @property
    def feature(self) -> str:
        """Return what stands before the dot of `kind`."""
        return self.kind.partition(".")[0]


class Journal(Protocol):
    """The events of all classes. Safe to use from many tasks of one loop."""

    async def append(self, class_id: str, records: Sequence[Record]) -> None:
        """
        Store `records`, whose numbers are consecutive: all of them or none.

        When it returns they survive a power cut. Raises SeqTaken, SeqGap, Overloaded (nothing was
        written) or Unavailable (unknown: read `last_seq` before going on). A cancelled append may
        or may not have happened: shield it.
        """
        ...

    async def read(self, class_id: str, after: int, limit: int = MAX_READ) -> list[Record]:
        """Return up to `limit` records with seq > `after`, in order. At most MAX_READ."""
        ...

    async def back(self, class_id: str, before: int, limit: int, feature: str) -> list[Record]:
        """Return the up to `limit` newest records of `feature` with seq < `before`, in order."""
        ...

    async def last_seq(self, class_id: str) -> int:
        """Return the number of the newest event, 0 when there is none."""
        ...
