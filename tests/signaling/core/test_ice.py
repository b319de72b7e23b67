"""STUN: good checks are read and answered, everything else is refused without harm."""

from __future__ import annotations

import struct
import zlib

import aioice.stun
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import ice

PASSWORD = b"a password of twenty-four"
TRANSACTION = bytes(range(12))


def seal(body: bytes, *, kind: int = ice.BINDING_REQUEST, fingerprint: bool = True) -> bytes:
    """A message whose attributes are `body`, without any integrity."""
    length = len(body) + (8 if fingerprint else 0)
    head = struct.pack("!HHI12s", kind, length, ice.MAGIC_COOKIE, TRANSACTION) + body
    if not fingerprint:
        return head
    return head + struct.pack("!HHI", ice.FINGERPRINT, 4, zlib.crc32(head) ^ ice.FINGERPRINT_XOR)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def refusal(data: bytes) -> str:
    with pytest.raises(ice.StunError) as caught:
        ice.parse_check(data)
    return caught.value.reason


def test_a_check_is_read() -> None:
    check = ice.parse_check(ice.check("ours", "theirs", PASSWORD, TRANSACTION, priority=77))
    assert (check.local_ufrag, check.remote_ufrag) == ("ours", "theirs")
    assert check.transaction == TRANSACTION
    assert check.use_candidate
    assert not check.controlled
    assert check.priority == 77
    assert check.unknown == ()
    check.verify(PASSWORD)


def test_a_check_without_nomination_and_with_an_odd_name() -> None:
    check = ice.parse_check(ice.check("ours", "x", PASSWORD, TRANSACTION, use_candidate=False))
    assert not check.use_candidate
    check.verify(PASSWORD)


def test_a_wrong_password_is_refused() -> None:
    check = ice.parse_check(ice.check("ours", "theirs", PASSWORD, TRANSACTION))
    with pytest.raises(ice.StunError) as caught:
        check.verify(b"another password")
    assert caught.value.reason == "integrity"


def test_a_check_of_another_implementation_is_read_and_its_answer_understood() -> None:
    request = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
    request.attributes["USERNAME"] = "ours:theirs"
    request.attributes["PRIORITY"] = 1234
    request.attributes["ICE-CONTROLLING"] = 99
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(PASSWORD)
    check = ice.parse_check(bytes(request))
    check.verify(PASSWORD)
    assert check.use_candidate
    for ip, host in ((b"\x7f\0\0\x01", "127.0.0.1"), (bytes(15) + b"\1", "::1")):
        answer = ice.success(check.transaction, ice.mapped_address(ip, 54321), PASSWORD)
        read = aioice.stun.parse_message(answer)
        assert read.transaction_id == request.transaction_id
        assert read.message_class == aioice.stun.Class.RESPONSE
        assert read.attributes["XOR-MAPPED-ADDRESS"] == (host, 54321)
        assert read.check_message_integrity(PASSWORD)


def test_refusals_are_understood_too() -> None:
    conflict = aioice.stun.parse_message(ice.role_conflict(TRANSACTION, PASSWORD))
    assert conflict.attributes["ERROR-CODE"] == (487, "Role Conflict")
    unknown = ice.unknown_attributes(TRANSACTION, (0x7001, 0x7002, 0x7003), PASSWORD)
    assert aioice.stun.parse_message(unknown).attributes["ERROR-CODE"] == (420, "Unknown Attribute")


def test_a_controlled_peer_and_a_required_attribute_are_noticed() -> None:
    body = attribute(ice.USERNAME, b"ours:theirs") + attribute(ice.PRIORITY, bytes(4))
    body += attribute(ice.ICE_CONTROLLED, bytes(8)) + attribute(0x7001, b"x")
    check = ice.parse_check(seal(body + attribute(ice.MESSAGE_INTEGRITY, bytes(20))))
    assert check.controlled
    assert check.unknown == (0x7001,)


def test_renomination_counts_as_nomination() -> None:
    body = attribute(ice.USERNAME, b"ours:theirs") + attribute(ice.PRIORITY, bytes(4))
    body += attribute(ice.NOMINATION, bytes(4)) + attribute(ice.MESSAGE_INTEGRITY, bytes(20))
    check = ice.parse_check(seal(body))
    assert check.use_candidate
    assert check.unknown == ()


def test_what_follows_the_integrity_does_not_count() -> None:
    body = attribute(ice.USERNAME, b"ours:theirs") + attribute(ice.PRIORITY, bytes(4))
    body += attribute(ice.MESSAGE_INTEGRITY, bytes(20)) + attribute(ice.USE_CANDIDATE, b"")
    assert not ice.parse_check(seal(body)).use_candidate


def test_a_check_without_fingerprint_is_read() -> None:
    body = attribute(ice.USERNAME, b"ours:theirs") + attribute(ice.PRIORITY, bytes(4))
    body += attribute(ice.MESSAGE_INTEGRITY, bytes(20))
    assert ice.parse_check(seal(body, fingerprint=False)).local_ufrag == "ours"


NAME = attribute(ice.USERNAME, b"ours:theirs")
PRIORITY = attribute(ice.PRIORITY, bytes(4))
INTEGRITY = attribute(ice.MESSAGE_INTEGRITY, bytes(20))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PRIORITY + INTEGRITY, id="no name"),
        pytest.param(NAME + INTEGRITY, id="no priority"),
        pytest.param(NAME + PRIORITY, id="no integrity"),
        pytest.param(NAME + PRIORITY + attribute(ice.MESSAGE_INTEGRITY, bytes(16)), id="short integrity"),
        pytest.param(NAME + attribute(ice.PRIORITY, bytes(8)) + INTEGRITY, id="long priority"),
        pytest.param(attribute(ice.USERNAME, b"nocolon") + PRIORITY + INTEGRITY, id="no colon"),
        pytest.param(attribute(ice.USERNAME, b"abc:x") + PRIORITY + INTEGRITY, id="short fragment"),
        pytest.param(attribute(ice.USERNAME, b"abc\xff:x") + PRIORITY + INTEGRITY, id="not ASCII"),
        pytest.param(attribute(ice.USERNAME, b"a" * 257 + b":x") + PRIORITY + INTEGRITY, id="long fragment"),
        pytest.param(NAME + PRIORITY + INTEGRITY + attribute(0x9001, b"") * 25, id="too many"),
        pytest.param(attribute(ice.FINGERPRINT, bytes(4)) + NAME + PRIORITY + INTEGRITY, id="not last"),
        pytest.param(NAME + PRIORITY + struct.pack("!HH", 0x9001, 40), id="beyond the end"),
        pytest.param(NAME + PRIORITY + INTEGRITY + bytes(1200), id="too long"),
    ],
)
def test_malformed_checks_are_refused(body: bytes) -> None:
    assert refusal(seal(body)) == "malformed"


def test_padding_beyond_the_end_is_refused() -> None:
    # The last attribute claims three bytes of value; its padding would end after the message.
    body = NAME + PRIORITY + INTEGRITY + struct.pack("!HH", 0x9001, 1)
    assert refusal(seal(body, fingerprint=False)) == "malformed"


def test_other_messages_are_told_apart() -> None:
    assert refusal(seal(b"", kind=ice.BINDING_INDICATION)) == "not_a_request"
    assert refusal(seal(b"", kind=ice.BINDING_SUCCESS)) == "not_a_request"


def test_a_wrong_checksum_is_refused() -> None:
    good = ice.check("ours", "theirs", PASSWORD, TRANSACTION)
    assert refusal(good[:-1] + bytes((good[-1] ^ 1,))) == "fingerprint"


@pytest.mark.parametrize("cut", [0, 1, 19, 20, 21, 40])
def test_truncated_checks_are_refused(cut: int) -> None:
    assert refusal(ice.check("ours", "theirs", PASSWORD, TRANSACTION)[:cut]) == "malformed"


def test_an_address_has_four_or_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="4 or 16"):
        ice.mapped_address(b"12345", 1)


@given(st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(ice.StunError):
        ice.parse_check(data)


@given(st.data())
def test_a_changed_check_is_refused_or_says_the_same(data: st.DataObject) -> None:
    original = ice.check("ours", "theirs", PASSWORD, TRANSACTION)
    changed = bytearray(original)
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        check = ice.parse_check(bytes(changed))
        check.verify(PASSWORD)
    except ice.StunError:
        return
    # Behind the integrity anything may stand (the type of the fingerprint, say), and nothing of it counts.
    assert at >= len(original) - ice.FINGERPRINT_LENGTH
    assert check.use_candidate
    assert not check.controlled


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=30))
def test_any_attributes_are_read_or_refused(attributes: list[tuple[int, bytes]]) -> None:
    body = b"".join(attribute(kind, value) for kind, value in attributes)
    try:
        check = ice.parse_check(seal(body))
    except ice.StunError:
        return
    with pytest.raises(ice.StunError):
        check.verify(PASSWORD)
