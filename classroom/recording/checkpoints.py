"""
How far a capture has been turned into media, so that a recorder that was killed need not begin anew.

Two hours of a camera take a minute to go through again; from a checkpoint it is a second. One holds the muxer
itself, pickled: it is pure state, and no format of ours would follow its changes. It is read only by the code
that wrote it (`FINGERPRINT`), from a folder that is ours alone, and only classes of the muxer come out of it.
Without one, or with one that does not fit, the capture is read from its beginning, to the same effect.
"""

import hashlib
import io
import pickle
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

import signaling.core
from classroom.recording.manifest import Segment, Tick
from classroom.recording.writing import SegmentState

MAX_CHECKPOINT: Final = 256 << 20  # Octets. A muxer holds some seconds of media; more is none of ours.

_DIGEST: Final = 32
_OURS: Final = ("classroom.recording.", "signaling.core.")
_PLAIN: Final = frozenset(
    {
        ("array", "_array_reconstructor"),
        ("array", "array"),
        ("builtins", "bytearray"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("collections", "OrderedDict"),
        ("collections", "deque"),
        ("msgspec._utils", "rebuild"),  # How a structure comes back: its class, called with its fields.
    }
)


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The state of one capture's work after the records before `offset`."""

    code: str
    offset: int
    last: float
    """Arrival of the last record."""
    closed: tuple[tuple[Segment, int], ...]
    """With the number of entries in the index."""
    opened: tuple[SegmentState, ...]
    clock: tuple[Tick, ...]
    lost: tuple[tuple[int, int], ...]
    losing: int | None
    over: str
    """Why the capture ended; "" while it has not."""
    muxer: bytes


def _fingerprint() -> str:
    """Return a hash of the code that a muxer is made of."""
    found = hashlib.sha256(sys.version.encode())
    for folder in (Path(__file__).parent, *map(Path, signaling.core.__path__)):
        for path in sorted(folder.glob("*.py")):
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


FINGERPRINT: Final = _fingerprint()


def pack(checkpoint: Checkpoint) -> bytes:
    """Return the content of a checkpoint's file."""
    data = msgspec.msgpack.encode(checkpoint)
    return hashlib.sha256(data).digest() + data


def unpack(data: bytes) -> Checkpoint | None:
    """Return what a file holds; None if that is damaged or was written by another version of us."""
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return None
    try:
        found = msgspec.msgpack.decode(data[_DIGEST:], type=Checkpoint)
    except msgspec.DecodeError:
        return None
    return found if found.code == FINGERPRINT else None


def freeze(muxer: object) -> bytes:
    """Return `muxer` as bytes. Raises TypeError or PicklingError if it holds what cannot be kept."""
    return pickle.dumps(muxer, protocol=pickle.HIGHEST_PROTOCOL)


def thaw(data: bytes) -> Any:
    """Return what `freeze` was given. Raises UnpicklingError for anything that is not of a muxer."""
    return _Unpickler(io.BytesIO(data)).load()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module.startswith(_OURS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__.startswith(_OURS):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a muxer")
