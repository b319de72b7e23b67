import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import codecs

KEY_FRAME = b"\x10\x02\x00\x9d\x01\x2a" + (1280).to_bytes(2, "little") + (720 | 1 << 14).to_bytes(2, "little")


def descriptor(
    *,
    start: bool = True,
    picture_id: int | None = 5,
    wide: bool = True,
    tl0: int | None = 9,
    temporal: int = 0,
) -> bytes:
    body = b""
    flags = 0
    if picture_id is not None:
        flags |= 0x80
        body += (0x8000 | picture_id).to_bytes(2) if wide else bytes((picture_id,))
    if tl0 is not None:
        flags |= 0x40
        body += bytes((tl0,))
    flags |= 0x20
    body += bytes((temporal << 6 | 0x20 | 3,))
    return bytes((0x90 if start else 0x80, flags)) + body


def test_chrome_descriptor_and_key_frame() -> None:
    found = codecs.parse_vp8(descriptor(picture_id=0x1234, temporal=2) + KEY_FRAME)
    assert found is not None
    assert (found.picture_id, found.tl0, found.temporal, found.sync) == (0x1234, 9, 2, True)
    assert (found.start, found.key, found.height, found.length) == (True, True, 720, 6)


def test_not_a_key_frame() -> None:
    found = codecs.parse_vp8(descriptor() + b"\x11rest")
    assert found is not None
    assert found.start
    assert not found.key
    continuation = codecs.parse_vp8(descriptor(start=False) + KEY_FRAME)
    assert continuation is not None
    assert not continuation.key
    other_partition = codecs.parse_vp8(b"\x11" + KEY_FRAME)
    assert other_partition is not None
    assert not other_partition.start


def test_short_key_frame_has_no_height() -> None:
    found = codecs.parse_vp8(b"\x10" + KEY_FRAME[:8])
    assert found is not None
    assert found.key
    assert found.height == 0


def test_key_index_without_temporal_layer() -> None:
    found = codecs.parse_vp8(b"\x90\x10\xe3\x01")
    assert found is not None
    assert (found.temporal, found.sync, found.length, found.key_index_at) == (0, False, 3, 2)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x90\x10\x03", b"\x90\x00"),  # alone: the octet goes, too
        (b"\x90\x90\x05\x03", b"\x90\x80\x05"),
        (b"\x90\x30\x63", b"\x90\x20\x60"),  # beside a temporal layer: 1, with Y
        (b"\x90\xf0\x81\x02\x09\xbf", b"\x90\xe0\x81\x02\x09\xa0"),
    ],
)
def test_the_count_of_key_frames_is_taken_out(payload: bytes, expected: bytes) -> None:
    found = codecs.parse_vp8(payload + KEY_FRAME)
    assert found is not None
    assert codecs.without_key_index(payload + KEY_FRAME, found) == expected + KEY_FRAME
    again = codecs.parse_vp8(expected + KEY_FRAME)
    assert again is not None
    assert {name: getattr(found, name) for name in codecs.Vp8.__slots__} == {
        name: getattr(again, name) for name in codecs.Vp8.__slots__
    }


@pytest.mark.parametrize(
    "data", [b"", b"\x10", b"\x90", b"\x90\x80", b"\x90\x80\x81", b"\x90\xe0\x01\x02\x03"]
)
def test_cut_short(data: bytes) -> None:
    assert codecs.parse_vp8(data) is None


@given(st.binary(max_size=20))
def test_parse_never_raises(data: bytes) -> None:
    found = codecs.parse_vp8(data)
    assert found is None or found.length < len(data)
    if found is not None and found.key_index_at:
        codecs.without_key_index(data, found)


@given(st.integers(0, 127), st.one_of(st.none(), st.integers(0, 255)), st.integers(0, 1 << 20))
def test_widening_keeps_everything_else(narrow: int, tl0: int | None, picture_id: int) -> None:
    payload = descriptor(picture_id=narrow, wide=False, tl0=tl0, temporal=1) + KEY_FRAME
    found = codecs.parse_vp8(payload)
    assert found is not None
    assert not found.wide
    widened = codecs.widen_vp8(payload, found, picture_id)
    again = codecs.parse_vp8(widened)
    assert again is not None
    assert {name: getattr(found, name) for name in codecs.Vp8.__slots__} == {
        name: getattr(again, name) for name in codecs.Vp8.__slots__
    }
    assert again.picture_id == picture_id & 0x7FFF
    assert widened[again.length :] == KEY_FRAME


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_patching_changes_only_the_counters(picture_id: int, tl0: int) -> None:
    payload = descriptor() + KEY_FRAME
    found = codecs.parse_vp8(payload)
    assert found is not None
    patched = bytes(codecs.patch_vp8(payload, found.picture_id_at, picture_id, found.tl0_at, tl0))
    assert patched == descriptor(picture_id=picture_id & 0x7FFF, tl0=tl0 & 255) + KEY_FRAME
    assert codecs.patch_vp8(payload, 0, 1, 0, 1) == payload
