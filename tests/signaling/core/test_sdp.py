"""Reading descriptions: real ones wholly, hostile ones not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import sdp

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sdp"
FINGERPRINT = ":".join(["AB"] * 32)


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.sdp").read_bytes().decode()


def small(*lines: str, media: str = "m=audio 9 UDP/TLS/RTP/SAVPF 111") -> str:
    """A description of one m-line that has `lines`."""
    return "\r\n".join(["v=0", "o=- 42 1 IN IP4 127.0.0.1", "s=-", "t=0 0", media, "a=mid:0", *lines, ""])


def test_chromium_with_simulcast() -> None:
    found = sdp.parse(fixture("chromium_full"))
    assert [media.kind for media in found.media] == ["audio", "video", "video", "audio"]
    assert found.bundle == ("0", "1", "2", "3")
    camera = found.media[1]
    assert camera.rids == ("q", "h", "f")
    assert camera.ssrcs == ()
    assert camera.direction == "sendonly"
    assert camera.rtcp_mux
    assert not camera.rejected
    vp8 = camera.codecs[0]
    assert (vp8.name, vp8.payload_type, vp8.clock) == ("vp8", 96, 90_000)
    assert "nack pli" in vp8.feedback
    assert camera.codecs[1].apt == 96
    assert {ext.uri.rpartition(":")[2]: ext.id for ext in camera.extensions}["rtp-stream-id"] == 10
    assert camera.transport.setup == "actpass"
    assert camera.transport.fingerprints[0][0] == "sha-256"
    opus = found.media[0].codecs[0]
    assert (opus.name, opus.channels, opus.parameters["useinbandfec"]) == ("opus", 2, "1")


def test_chromium_without_simulcast_names_its_ssrcs() -> None:
    video = next(m for m in sdp.parse(fixture("chromium_plain")).media if m.kind == "video")
    assert video.rids == ()
    assert len(video.ssrcs) == 1
    assert video.repairs == {video.ssrcs[0]: video.repairs[video.ssrcs[0]]}
    assert video.repairs[video.ssrcs[0]] not in video.ssrcs


def test_firefox() -> None:
    found = sdp.parse(fixture("firefox_full"))
    camera = found.media[1]
    assert camera.port == 0
    assert camera.bundle_only
    assert not camera.rejected
    assert camera.rids == ("q", "h", "f")
    assert camera.ssrcs == (3659936891, 982022953, 3161251836)
    assert camera.repairs[3161251836] == 2992115014
    assert camera.transport.fingerprints  # from the session
    assert found.session == "mozilla...THIS_IS_SDPARTA-99.0 8831110517266303193"


def test_line_ends_may_be_plain() -> None:
    assert sdp.parse(fixture("chromium_plain").replace("\r\n", "\n")) == sdp.parse(fixture("chromium_plain"))


def test_the_session_speaks_for_lines_that_do_not() -> None:
    text = small().replace(
        "t=0 0", "t=0 0\r\na=setup:active\r\na=recvonly\r\na=ice-lite\r\na=extmap:3 urn:x\r\na=ice-ufrag:abcd"
    )
    media = sdp.parse(text).media[0]
    assert media.transport.setup == "active"
    assert media.transport.lite
    assert media.transport.ufrag == "abcd"
    assert media.direction == "recvonly"
    assert media.extensions == (sdp.Extension(3, "urn:x"),)


def test_a_line_without_direction_goes_both_ways() -> None:
    assert sdp.parse(small()).media[0].direction == "sendrecv"


def test_port_zero_refuses() -> None:
    assert sdp.parse(small(media="m=audio 0 UDP/TLS/RTP/SAVPF 111")).media[0].rejected


def test_a_description_may_be_empty() -> None:
    found = sdp.parse("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n")
    assert found.media == ()
    assert found.bundle == ()


def test_other_groups_are_passed_over() -> None:
    text = small().replace("t=0 0", "t=0 0\r\na=group:LS 0\r\na=group:BUNDLE 0")
    assert sdp.parse(text).bundle == ("0",)


def test_simulcast_orders_rids() -> None:
    rids = ["a=rid:a send", "a=rid:b send pt=96", "a=rid:c send", "a=rid:r recv"]
    order = sdp.parse(small(*rids, "a=simulcast:recv r send ~c;a,b;zz")).media[0].rids
    assert order == ("c", "a")
    assert sdp.parse(small(*rids)).media[0].rids == ("a", "b", "c")
    assert sdp.parse(small(*rids, "a=simulcast:")).media[0].rids == ("a", "b", "c")


def test_codecs_without_a_map_are_passed_over() -> None:
    media = sdp.parse(small("a=rtpmap:111 opus/48000/2", media="m=audio 9 X 0 111")).media[0]
    assert [codec.payload_type for codec in media.codecs] == [111]
    assert media.codecs[0].apt is None


def test_feedback_for_all_and_parameters_in_any_form() -> None:
    lines = ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:* nack", "a=rtcp-fb:96 ccm fir", "a=fmtp:96 a=1; B = 2 ;;c"]
    codec = sdp.parse(small(*lines, media="m=video 9 UDP/TLS/RTP/SAVPF 96")).media[0].codecs[0]
    assert codec.feedback == ("ccm fir", "nack")
    assert codec.parameters == {"a": "1", "b": "2", "c": ""}


@pytest.mark.parametrize("apt", ["x", "1234", "-1", "²"])
def test_a_strange_apt_is_none(apt: str) -> None:
    lines = ["a=rtpmap:97 rtx/90000", f"a=fmtp:97 apt={apt}"]
    assert sdp.parse(small(*lines, media="m=video 9 X 97")).media[0].codecs[0].apt is None


def test_data_channels_are_seen() -> None:
    found = sdp.parse(small(media="m=application 9 UDP/DTLS/SCTP webrtc-datachannel")).media[0]
    assert found.kind == "application"
    assert found.codecs == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("v=1\r\n", id="another version"),
        pytest.param("v=0\r\n", id="no o="),
        pytest.param("v=0\r\no=- 1\r\n", id="short o="),
        pytest.param("v=0\r\nnonsense\r\n", id="no type"),
        pytest.param("v=0\r\na=\x00\r\n", id="control character"),
        pytest.param(small("a=x:" + "x" * 5_000), id="long line"),
        pytest.param(small(*["a=x"] * 7_000), id="many lines"),
        pytest.param(small(*["a=x:" + "x" * 4_000] * 40), id="long"),
        pytest.param(small(media="m=text 9 X 1"), id="kind"),
        pytest.param(small(media="m=audio 9 X"), id="no formats"),
        pytest.param(small(media="m=audio 70000 X 1"), id="port"),
        pytest.param(small(media="m=audio nine X 1"), id="port word"),
        pytest.param(small(media="m=audio 9 X 128"), id="payload type"),
        pytest.param(small(media="m=audio 9 X " + "1 " * 200), id="many formats"),
        pytest.param(small().replace("a=mid:0\r\n", ""), id="no mid"),
        pytest.param(small() + "m=audio 9 X 1\r\na=mid:0\r\n", id="same mid"),
        pytest.param(small() + "m=audio 9 X 1\r\na=mid:1\r\n" * 70, id="many lines of media"),
        pytest.param(small("a=setup:maybe"), id="setup"),
        pytest.param(small("a=ice-ufrag:a b"), id="ufrag"),
        pytest.param(small("a=ice-pwd:x"), id="password"),
        pytest.param(small("a=fingerprint:sha-256 XY"), id="fingerprint"),
        pytest.param(small("a=fingerprint:sha 256 " + FINGERPRINT), id="hash"),
        pytest.param(small("a=rtpmap:111 opus"), id="rtpmap"),
        pytest.param(small("a=rtpmap:111 op us/48000/2"), id="codec name"),
        pytest.param(small("a=rtpmap:111 opus/48000000000"), id="clock"),
        pytest.param(small("a=rtpmap:111 opus/48000/x"), id="channels"),
        pytest.param(small("a=extmap:1"), id="extmap"),
        pytest.param(small("a=extmap:9999 urn:x"), id="extension id"),
        pytest.param(small("a=rid:q"), id="rid"),
        pytest.param(small("a=rid:" + "q" * 17 + " send"), id="long rid"),
        pytest.param(small("a=ssrc:4294967296 cname:x"), id="ssrc"),
        pytest.param(small("a=ssrc-group:FID x 1"), id="group"),
    ],
)
def test_what_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.parse(text)


def test_ids_that_no_header_can_carry_are_passed_over() -> None:
    assert sdp.parse(small("a=extmap:0 urn:x", "a=extmap:4096 urn:y")).media[0].extensions == ()


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.parse(text)


@given(st.data())
def test_a_damaged_offer_is_read_or_refused(data: st.DataObject) -> None:
    lines = fixture(data.draw(st.sampled_from(["chromium_full", "firefox_full"]))).split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = data.draw(st.integers(0, len(line)))
        lines[at] = line[:cut] + data.draw(st.text(max_size=12)) + line[cut + data.draw(st.integers(0, 4)) :]
    try:
        found = sdp.parse("\r\n".join(lines))
    except sdp.SdpError:
        return
    assert len(found.media) <= sdp.MAX_MEDIA
