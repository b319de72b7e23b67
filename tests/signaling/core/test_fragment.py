"""Fragments of descriptions (RFC 8840): read strictly, answered with what a restart changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import fragment, sdp
from signaling.core.fragment import Credentials
from signaling.core.sdp import SdpError

OFFER = Path(__file__).parents[2] / "fixtures" / "sdp" / "chromium_plain.sdp"
PASSWORD = "p" * 24
WHOLE = f"""a=ice-options:trickle ice2
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=ice-ufrag:EsAw
a=ice-pwd:{PASSWORD}
a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1
a=end-of-candidates
"""
ANSWER = """v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-lite
a=group:BUNDLE 1 2
m=application 0 UDP/DTLS/SCTP webrtc-datachannel
a=mid:0
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=ice-ufrag:old
a=ice-pwd:olderthanolderthanold1
a=mid:1
a=candidate:1 1 udp 1 192.0.2.7 8443 typ host
a=end-of-candidates
m=video 9 UDP/TLS/RTP/SAVPF 96
a=ice-ufrag:old
a=ice-pwd:olderthanolderthanold1
a=mid:2
"""


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_whole_one_is_read(ending: str) -> None:
    assert fragment.parse(WHOLE.replace("\n", ending)) == Credentials("EsAw", PASSWORD)


def test_parts_may_be_missing() -> None:
    assert fragment.parse("a=candidate:1 1 udp 1 192.0.2.1 9 typ host") == Credentials()
    assert fragment.parse("a=end-of-candidates\r\n") == Credentials()
    assert fragment.parse("a=ice-ufrag:EsAw\r\n") == Credentials("EsAw")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "a=mid:0",
        "a=",
        f"a=ice-pwd:{PASSWORD}",
        "a=ice-ufrag:abc",
        "a=ice-ufrag:ab\u0441d",
        "a=ice-ufrag:abcd\na=ice-pwd:short",
        f"a=ice-ufrag:abcd\na=ice-ufrag:abce\na=ice-pwd:{PASSWORD}",
        f"a=ice-ufrag:abcd\na=ice-pwd:{PASSWORD}\na=ice-pwd:{PASSWORD}x",
        "a=candidate:" + "x" * 2000,
        "a=candidate:1\n" * 501,
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SdpError):
        fragment.parse(text)


@given(
    st.lists(
        st.sampled_from(
            ["a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "m=audio ", "\r", "\n", "", " "]
        ).flatmap(lambda head: st.text(max_size=40).map(lambda rest: head + rest)),
        max_size=20,
    ).map("\n".join)
)
def test_whatever_comes_is_credentials_or_an_error(text: str) -> None:
    try:
        found = fragment.parse(text)
    except SdpError:
        return
    assert not found.password or found.ufrag
    assert "\n" not in found.ufrag + found.password


def test_credentials_of_an_offer_and_of_an_answer() -> None:
    offer = sdp.parse(OFFER.read_bytes().decode())
    assert fragment.offered(offer).ufrag == offer.media[0].transport.ufrag != ""
    assert fragment.offered(sdp.Description((), (), sdp.Transport(), "-")) == Credentials()
    assert fragment.own(ANSWER) == Credentials("old", "olderthanolderthanold1")


def test_a_restart_names_the_first_line_that_is_used() -> None:
    told = fragment.restarted(ANSWER, Credentials("new1", PASSWORD))
    assert told.split("\r\n") == [
        "a=ice-lite",
        "a=group:BUNDLE 1 2",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:1",
        "a=ice-ufrag:new1",
        f"a=ice-pwd:{PASSWORD}",
        "a=candidate:1 1 udp 1 192.0.2.7 8443 typ host",
        "a=end-of-candidates",
        "",
    ]
