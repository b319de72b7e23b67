"""
The journal of a recording: read from the database while the class runs, packed into a file when it is over,
read from that file ever after. What belongs to a recording, recording_replay.py decides.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable

import msgspec

from classroom.content.recording_refusals import Damaged
from classroom.content.recording_replay import Sieve
from classroom.domain import codec, gone
from classroom.domain.entry import Entry
from classroom.domain.errors import CorruptJournal
from classroom.store.journal import MAX_READ, Journal
from classroom.store.recording_rows import RecordingRow

FORMAT = 1
SLICE = 500  # Entries that are decoded or folded before others get their turn: some ten milliseconds.

_encoder = msgspec.msgpack.Encoder()


class _Packed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: int
    recording: str
    entries: list[object]


async def read(journal: Journal, class_id: str, after: int) -> AsyncIterator[list[Entry]]:
    """Yield the entries of a class behind the number `after`, in order. Refuses: damaged."""
    while True:
        records = await journal.read(class_id, after, MAX_READ)
        for start in range(0, len(records), SLICE):
            part = records[start : start + SLICE]
            yield decoded(msgspec.msgpack.decode(record.payload) for record in part)
            await asyncio.sleep(0)
        if len(records) < MAX_READ:
            return
        after = records[-1].seq


async def has_joined(journal: Journal, class_id: str, person: str) -> bool:
    """Tell whether somebody has come to the class, as far as its newest entries go back."""
    newest = await journal.back(class_id, 1 << 53, MAX_READ, "people")
    return any(record.kind == "people.joined" and record.by == person for record in newest)


async def packed(journal: Journal, row: RecordingRow) -> bytes:
    """
    Return what journal.msgpack holds: what belongs to the recording, of the class's journal as it is now.

    Texts that were taken back since are not in it. Refuses: damaged.
    """
    entries = [entry async for batch in read(journal, row.class_id, 0) for entry in batch]
    return await asyncio.to_thread(pack, row.id, kept(entries, row.number))


def kept(entries: Iterable[Entry], number: int) -> list[Entry]:
    """Return those of a class's entries that belong to its recording `number`."""
    listed = list(entries)
    taken_back = {ended for entry in listed if (ended := gone.ended(entry.event)) is not None}
    sieve = Sieve(number, taken_back)
    return [entry for entry in listed if sieve.passes(entry)]


def pack(recording: str, entries: Iterable[Entry]) -> bytes:
    """Return entries as journal.msgpack."""
    return _encoder.encode(_Packed(FORMAT, recording, [codec.encode_entry(entry) for entry in entries]))


def payload(entry: Entry) -> bytes:
    """Return an entry as the class's own journal holds it."""
    return _encoder.encode(codec.encode_entry(entry))


def unpacked(data: bytes, recording: str) -> list[Entry]:
    """Return the entries of journal.msgpack. Refuses: damaged."""
    try:
        found = msgspec.msgpack.decode(data, type=_Packed)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Damaged(f"the journal of {recording}: {error}") from None
    if found.format != FORMAT or found.recording != recording:
        raise Damaged(f"the journal of {recording} is another one's")
    return decoded(found.entries)


def decoded(records: Iterable[object]) -> list[Entry]:
    """Return the entries that these say. Refuses: damaged."""
    try:
        return [codec.decode_entry(record) for record in records]
    except CorruptJournal as error:
        raise Damaged(str(error)) from None
