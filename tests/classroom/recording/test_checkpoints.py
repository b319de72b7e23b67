"""A muxer that is kept and brought back goes on as if nothing had been; nothing but a muxer comes back."""

import os
import pickle
import shutil
from collections import deque
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.recording import checkpoints
from classroom.recording.checkpoints import FINGERPRINT, Checkpoint
from classroom.recording.manifest import Segment, Tick
from classroom.recording.tracks import TrackMuxer
from classroom.recording.writing import SegmentState
from tests.support.spools import camera, heading, sound, spooled

SEGMENT = Segment(id="000001b1", file="000001b1.webm", mime="video/webm", codec="vp8", size="best", start=40)
CHECKPOINT = Checkpoint(
    code=FINGERPRINT,
    offset=5_000,
    last=1.5,
    closed=((SEGMENT, 2),),
    opened=(SegmentState(segment=SEGMENT, position=9, entries=2, end=80, pieces=(b"x" * 32,)),),
    clock=(Tick(wall=7, t=1),),
    lost=((1, 2),),
    losing=3,
    over="",
    muxer=b"muxer",
)


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(0, 1_500), kind=st.sampled_from(["camera", "microphone"]))
def test_a_muxer_goes_on_where_it_was_kept(cut: int, kind: str) -> None:
    records = list(islice(camera(8.0) if kind == "camera" else sound(30.0), 1_500))
    whole, kept = (TrackMuxer(heading(kind=kind), spooled(), 1) for _ in range(2))
    expected = [whole.take(record) for record in records] + [whole.close()]
    seen = [kept.take(record) for record in records[:cut]]
    back = checkpoints.thaw(checkpoints.freeze(kept))
    seen += [back.take(record) for record in records[cut:]] + [back.close()]
    assert seen == expected


def test_a_checkpoint_comes_back_and_a_damaged_one_does_not() -> None:
    data = checkpoints.pack(CHECKPOINT)
    assert checkpoints.unpack(data) == CHECKPOINT
    for damaged in (b"", data[:-1], data[:40], data[:50] + b"?" + data[51:], bytes(100)):
        assert checkpoints.unpack(damaged) is None


def test_a_checkpoint_of_other_code_or_another_shape_is_not_used() -> None:
    values = {name: getattr(CHECKPOINT, name) for name in CHECKPOINT.__struct_fields__}
    assert checkpoints.unpack(checkpoints.pack(Checkpoint(**values | {"code": "of yesterday"}))) is None
    data = checkpoints.msgspec.msgpack.encode({"code": FINGERPRINT})
    assert checkpoints.unpack(checkpoints.hashlib.sha256(data).digest() + data) is None


class _Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("true",)


def _dotted() -> bytes:
    """Return a pickle that goes through a module of ours to what that has imported."""
    return (
        b"\x80\x04"
        + pickle.SHORT_BINUNICODE + b"\x19classroom.recording.spool"
        + pickle.SHORT_BINUNICODE + b"\x0dshutil.rmtree"
        + pickle.STACK_GLOBAL + pickle.STOP
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(_Evil()),
        pickle.dumps(os.getcwd),
        pickle.dumps(shutil.rmtree),
        _dotted(),
        pickle.dumps(checkpoints.freeze),
    ],
)
def test_nothing_but_a_muxer_comes_back(data: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, ModuleNotFoundError, ValueError)):
        checkpoints.thaw(data)


def test_what_muxers_are_made_of_comes_back() -> None:
    parts = [
        deque([1, 2], 5),
        {1},
        frozenset([2]),
        bytearray(b"x"),
        SEGMENT,
        heading(),
        spooled(),
        (1.5, None),
    ]
    assert checkpoints.thaw(checkpoints.freeze(parts)) == parts
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        checkpoints.freeze(lambda: None)
