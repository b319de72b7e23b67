"""What is answered to viewers who make the offer: real players, and strangers who make things up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtp, sdp
from signaling.core.model import OUT_PAYLOAD_TYPE, OUT_RTX_PAYLOAD_TYPE, PairDescription
from signaling.core.negotiation import ABS_SEND_TIME, Local, NegotiationError
from signaling.core.watcher import Agreed, answer_watcher

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sdp"
FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = Local(
    42, 1, "ufrag+ours", "password+of+ours+24chars", FINGERPRINT, (("192.0.2.1", 8443), ("2001:db8::1", 8443))
)
STAGE = PairDescription("a_stage", "v_stage", "stage", 100, 200, 300)
TRANSPORT = "a=(ice-ufrag|ice-pwd|fingerprint|setup)"
PLAYERS = ("chromium_watch", "aiortc_watch", "gstreamer_watch")


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.sdp").read_bytes().decode()


def answered(text: str) -> tuple[Agreed, dict[str, sdp.Media]]:
    """What came of an offer, with the lines of the answer by kind (the last of each)."""
    agreed = answer_watcher(text, STAGE, LOCAL)
    return agreed, {media.kind: media for media in sdp.parse(agreed.answer).media}


def refusal(text: str) -> str:
    with pytest.raises(NegotiationError) as caught:
        answer_watcher(text, STAGE, LOCAL)
    return caught.value.code


def said(agreed: Agreed, ours: int) -> rtp.RtpHeader | None:
    return rtp.parse(agreed.dialect.say(rtp.pack_header(ours, False, 1, 2, 3, 4.0)))


# --- players --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAYERS)
def test_players_are_sent_the_stage(name: str) -> None:
    offer = sdp.parse(fixture(name))
    agreed, lines = answered(fixture(name))
    answer = sdp.parse(agreed.answer)
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert answer.bundle == offer.bundle
    assert answer.transport.lite
    for media in answer.media:
        assert (media.direction, media.port, media.rtcp_mux) == ("sendonly", 9, True)
        assert media.transport.setup == "passive"
        assert (media.transport.ufrag, media.transport.password) == (LOCAL.ufrag, LOCAL.password)
        assert media.transport.fingerprints == (("sha-256", FINGERPRINT),)
    assert lines["audio"].ssrcs == (100,)
    assert (lines["video"].ssrcs, lines["video"].repairs) == ((200,), {200: 300})
    assert f"a=msid:stage {STAGE.audio_mid}\r\n" in agreed.answer
    assert f"a=msid:stage {STAGE.video_mid}\r\n" in agreed.answer
    assert agreed.answer.count("a=candidate:") == 2 * len(LOCAL.candidates)
    assert agreed.answer.count("a=end-of-candidates") == 2
    assert (agreed.sound, agreed.picture, agreed.repairs) == (True, True, True)
    assert agreed.dialect.codecs() == {"opus", "VP8", "H264"}
    offered = {codec.payload_type: codec for media in offer.media for codec in media.codecs}
    for media in answer.media:
        for codec in media.codecs:
            assert codec.name == offered[codec.payload_type].name
            assert set(codec.feedback) <= set(offered[codec.payload_type].feedback)
            assert codec.apt == offered[codec.payload_type].apt


def test_chromiums_numbers_become_ours() -> None:
    agreed, lines = answered(fixture("chromium_watch"))
    vp8, rtx = lines["video"].codecs[:2]
    assert (vp8.name, rtx.name, rtx.apt) == ("vp8", "rtx", vp8.payload_type)
    assert {"goog-remb", "ccm fir", "nack", "nack pli"} == set(vp8.feedback)
    for ours, theirs in (
        (OUT_PAYLOAD_TYPE["VP8"], vp8.payload_type),
        (OUT_RTX_PAYLOAD_TYPE["VP8"], rtx.payload_type),
        (OUT_PAYLOAD_TYPE["opus"], lines["audio"].codecs[0].payload_type),
    ):
        header = said(agreed, ours)
        assert header is not None
        assert header.payload_type == theirs
        assert header.profile == 0xBEDE
    assert [ext.uri for ext in lines["video"].extensions] == [ABS_SEND_TIME]
    (h264,) = (codec for codec in lines["video"].codecs if codec.name == "h264")
    assert h264.parameters["profile-level-id"].startswith("42")
    assert h264.parameters["packetization-mode"] == "1"


def test_gstreamers_gaps_are_left_open() -> None:
    """It repairs VP8 alone and knows no extensions."""
    agreed, lines = answered(fixture("gstreamer_watch"))
    assert [(c.name, c.payload_type) for c in lines["video"].codecs] == [
        ("vp8", 96),
        ("rtx", 99),
        ("h264", 97),
    ]
    assert "nack" in lines["video"].codecs[0].feedback
    assert "nack" not in lines["video"].codecs[2].feedback
    assert said(agreed, OUT_RTX_PAYLOAD_TYPE["H264"]) is None
    header = said(agreed, OUT_PAYLOAD_TYPE["H264"])
    assert header is not None
    assert (header.payload_type, header.profile) == (97, 0)


def test_the_viewers_order_of_codecs_is_kept() -> None:
    text = fixture("gstreamer_watch").replace("SAVPF 96 97 99", "SAVPF 97 96 99")
    assert [codec.name for codec in answered(text)[1]["video"].codecs] == ["h264", "vp8", "rtx"]


def test_without_rtx_nothing_is_sent_again() -> None:
    agreed, lines = answered(fixture("aiortc_watch").replace("rtx/90000", "other/90000"))
    assert not agreed.repairs
    assert lines["video"].repairs == {}
    assert all("nack" not in codec.feedback for codec in lines["video"].codecs)
    assert all("nack pli" in codec.feedback for codec in lines["video"].codecs)
    assert "300" not in agreed.answer.split("m=video")[1].split("a=candidate")[0].split("a=ssrc", 1)[1]


def test_one_of_the_two_is_enough() -> None:
    text = fixture("gstreamer_watch")
    sound, _ = answered(text.replace("VP8/", "X/").replace("H264/", "X/"))
    assert (sound.sound, sound.picture, sound.repairs) == (True, False, False)
    assert sound.dialect.codecs() == {"opus"}
    assert [m.rejected for m in sdp.parse(sound.answer).media] == [False, True]
    assert sdp.parse(sound.answer).bundle == ("audio0",)
    picture, lines = answered(text.replace("a=recvonly", "a=sendonly", 1))
    assert (picture.sound, picture.picture) == (False, True)
    assert (lines["audio"].direction, lines["video"].direction) == ("inactive", "sendonly")


def test_more_lines_than_two_are_inactive() -> None:
    text = fixture("chromium_watch")
    first, audio = text.index("m=video"), text.index("m=audio")
    again = text[first:audio].replace("a=mid:0", "a=mid:7")
    own = "".join(line + "\r\n" for line in text[first:audio].split("\r\n") if re.match(TRANSPORT, line))
    data = f"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n{own}"
    head = text[:first].replace("BUNDLE 0 1", "BUNDLE d 0 1 7")
    answer = sdp.parse(answer_watcher(head + data + text[first:] + again, STAGE, LOCAL).answer)
    assert [(m.mid, m.direction) for m in answer.media] == [
        ("d", "inactive"), ("0", "sendonly"), ("1", "sendonly"), ("7", "inactive"),
    ]  # fmt: skip
    assert [m.rejected for m in answer.media] == [True, False, False, False]
    assert answer.media[3].ssrcs == ()
    assert answer.bundle == ("0", "1", "7")


def test_a_viewer_that_wants_to_be_called_is_called() -> None:
    lines = answered(fixture("aiortc_watch").replace("a=setup:actpass", "a=setup:passive"))[1]
    assert lines["video"].transport.setup == "active"


def test_an_extension_id_beyond_the_short_form_is_not_taken() -> None:
    text = fixture("aiortc_watch").replace("extmap:3 http", "extmap:15 http")
    agreed, lines = answered(text)
    assert lines["video"].extensions == ()
    header = said(agreed, OUT_PAYLOAD_TYPE["VP8"])
    assert header is not None
    assert header.profile == 0


def test_one_line_needs_no_bundle() -> None:
    text = fixture("gstreamer_watch").replace("a=group:BUNDLE audio0 video1\r\n", "")
    text = text[: text.index("m=video")]
    described = answer_watcher(text, STAGE, LOCAL).answer
    assert "a=group" not in described
    answer = sdp.parse(described)
    assert answer.media[0].direction == "sendonly"


# --- strangers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("a=setup:actpass", "a=setup:holdconn", "media.bad_sdp", id="no connection"),
        pytest.param("a=recvonly", "a=sendonly", "media.bad_sdp", id="nothing asked for"),
        pytest.param("a=recvonly", "a=inactive", "media.bad_sdp", id="nothing at all"),
        pytest.param("a=group:BUNDLE", "a=group:LS", "media.bad_sdp", id="a transport each"),
        pytest.param("BUNDLE 0 1", "BUNDLE 0", "media.bad_sdp", id="one line outside"),
        pytest.param("a=ice-ufrag:", "a=x:", "media.bad_sdp", id="no ufrag"),
        pytest.param("a=fingerprint:sha-256", "a=fingerprint:md5", "media.bad_sdp", id="weak hash"),
        pytest.param("a=rtcp-mux", "a=x", "media.no_codec", id="no rtcp-mux"),
        pytest.param("UDP/TLS/RTP/SAVPF", "RTP/AVP", "media.no_codec", id="not protected"),
        pytest.param("a=rtpmap:", "a=rtpmap:1", "media.no_codec", id="no codecs"),
    ],
)
def test_offers_that_cannot_be_agreed_to(old: str, new: str, code: str) -> None:
    assert refusal(fixture("chromium_watch").replace(old, new)) == code


@pytest.mark.parametrize("number", [0, 34, 64, 95])
def test_numbers_that_look_like_something_else_are_not_taken(number: int) -> None:
    """RFC 5761 section 4: in a bundle these would be RTCP, or mean something since 1996."""
    text = fixture("aiortc_watch").replace("SAVPF 96 ", f"SAVPF {number} ")
    text = text.replace("a=rtpmap:96 ", f"a=rtpmap:{number} ").replace("a=rtpmap:0 PCMU/8000\r\n", "")
    agreed, _ = answered(text)
    assert not agreed.sound


def test_a_number_with_two_meanings_is_refused() -> None:
    text = fixture("gstreamer_watch")
    assert refusal(text.replace("SAVPF 111", "SAVPF 96").replace(":111 ", ":96 ")) == "media.bad_sdp"


def test_lines_are_bounded() -> None:
    head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
    line = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{}\r\n"
    assert refusal(head) == "media.bad_sdp"
    assert refusal(head + "".join(line.format(n) for n in range(17))) == "media.bad_sdp"
    for count in (65, 900):
        with pytest.raises(sdp.SdpError):
            answer_watcher(head + "".join(line.format(n) for n in range(count)), STAGE, LOCAL)


LINES = [line for name in PLAYERS for line in fixture(name).split("\r\n") if line]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A player's offer with lines lost, doubled, moved, mixed with another's, and numbers changed."""
    lines = [line for line in fixture(draw(st.sampled_from(PLAYERS))).split("\r\n") if line]
    for _ in range(draw(st.integers(0, 12))):
        at = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(("lose", "double", "move", "mix", "number")))
        if what == "lose" and len(lines) > 1:
            del lines[at]
        elif what == "double":
            lines.insert(draw(st.integers(0, len(lines))), lines[at])
        elif what == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif what == "mix":
            lines.insert(at, draw(st.sampled_from(LINES)))
        else:
            lines[at] = lines[at].replace(
                draw(st.sampled_from("0123456789")), str(draw(st.integers(0, 300))), 1
            )
    return "\r\n".join(lines) + "\r\n"


@given(damaged())
def test_whatever_is_offered_is_refused_or_answered_line_by_line(text: str) -> None:
    agreed, code = None, ""
    try:
        agreed = answer_watcher(text, STAGE, LOCAL)
    except sdp.SdpError:
        code = "media.bad_sdp"
    except NegotiationError as error:
        code = error.code
    if agreed is None:
        assert code in ("media.bad_sdp", "media.no_codec")
        return
    offer, answer = sdp.parse(text), sdp.parse(agreed.answer)
    assert [(m.kind, m.mid) for m in answer.media] == [(m.kind, m.mid) for m in offer.media]
    assert set(answer.bundle) <= set(offer.bundle)
    assert 1 <= sum(m.direction == "sendonly" for m in answer.media) <= 2
    assert agreed.sound or agreed.picture
    for ours in (*OUT_PAYLOAD_TYPE.values(), *OUT_RTX_PAYLOAD_TYPE.values()):
        header = said(agreed, ours)
        if header is not None:
            sent = [c.payload_type for m in answer.media if m.direction == "sendonly" for c in m.codecs]
            assert sent.count(header.payload_type) == 1


@given(st.text(max_size=300))
def test_text_is_refused(text: str) -> None:
    with pytest.raises((sdp.SdpError, NegotiationError)):
        answer_watcher("v=0\r\n" + text, STAGE, LOCAL)
