"""What is offered to subscribers, and read from their answers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from signaling.core import sdp
from signaling.core.model import PairDescription
from signaling.core.negotiation import Local, NegotiationError
from signaling.core.offering import accept_subscriber, offer_subscriber

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sdp"
FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = Local(
    42, 1, "ufrag+ours", "password+of+ours+24chars", FINGERPRINT, (("192.0.2.1", 8443), ("2001:db8::1", 8443))
)
PAIRS = [PairDescription(f"a{n}", f"v{n}", f"pair{n}", 100 + n, 200 + n, 300 + n) for n in range(4)]


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.sdp").read_bytes().decode()


def answered(offer: str, **changes: str) -> str:
    """What a browser would answer to `offer`."""
    text = offer.replace("a=ice-lite\r\n", "").replace("a=setup:actpass", "a=setup:active")
    text = text.replace("a=sendonly", "a=recvonly")
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_every_pair_is_offered() -> None:
    text = offer_subscriber(PAIRS, LOCAL)
    offer = sdp.parse(text)
    assert [media.mid for media in offer.media] == ["a0", "v0", "a1", "v1", "a2", "v2", "a3", "v3"]
    assert offer.bundle == tuple(media.mid for media in offer.media)
    assert all(media.direction == "sendonly" and media.transport.setup == "actpass" for media in offer.media)
    assert offer.media[0].ssrcs == (100,)
    assert offer.media[1].repairs == {200: 300}
    assert text.count("a=candidate:") == 8 * 2
    assert "a=msid:pair1 a1" in text
    assert "a=msid:pair1 v1" in text
    assert [codec.payload_type for codec in offer.media[1].codecs] == [96, 97, 102, 103]
    assert "goog-remb" in offer.media[1].codecs[0].feedback


def test_tcp_is_offered_after_udp_and_below_it() -> None:
    local = replace(LOCAL, tcp_candidates=(("192.0.2.1", 8443), ("2001:db8::1", 8443)))
    text = offer_subscriber(PAIRS, local)
    (line, other) = [line for line in text.splitlines() if " tcp " in line][:2]
    assert re.fullmatch(r"a=candidate:3 1 tcp \d+ 192\.0\.2\.1 8443 typ host tcptype passive", line)
    assert " 2001:db8::1 8443 typ host tcptype passive" in other
    priorities = [int(each.split()[3]) for each in text.splitlines() if each.startswith("a=candidate:")]
    assert priorities[:4] == sorted(set(priorities), reverse=True)
    assert text.count("tcptype passive") == 8 * 2


def test_an_answer_is_read() -> None:
    accepted = accept_subscriber(answered(offer_subscriber(PAIRS, LOCAL)), PAIRS)
    assert accepted.pairs == 4
    assert len(accepted.mids) == 8
    assert accepted.codecs == {"opus", "VP8", "H264"}
    assert accepted.transport.setup == "active"


def test_an_answer_may_be_to_an_older_offer() -> None:
    accepted = accept_subscriber(answered(offer_subscriber(PAIRS[:2], LOCAL)), PAIRS)
    assert accepted.pairs == 2


def test_lines_and_codecs_may_be_refused() -> None:
    text = answered(offer_subscriber(PAIRS[:1], LOCAL)).replace("m=audio 9", "m=audio 0")
    text = text.replace("a=rtpmap:102 H264", "a=rtpmap:102 XXXX")
    accepted = accept_subscriber(text, PAIRS)
    assert accepted.mids == ("v0",)
    assert accepted.codecs == {"VP8"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=setup:active", "a=setup:passive"),
        ("a=mid:v0", "a=mid:v9"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        (" 9 UDP", " 0 UDP"),
    ],
)
def test_answers_that_do_not_fit(old: str, new: str) -> None:
    text = answered(offer_subscriber(PAIRS[:1], LOCAL)).replace(old, new)
    with pytest.raises(NegotiationError):
        accept_subscriber(text, PAIRS[:1])


def test_an_answer_of_another_length_does_not_fit() -> None:
    text = answered(offer_subscriber(PAIRS[:2], LOCAL))
    for pairs in (PAIRS[:1], []):
        with pytest.raises(NegotiationError):
            accept_subscriber(text, pairs)
    with pytest.raises(NegotiationError):
        accept_subscriber("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", PAIRS)
