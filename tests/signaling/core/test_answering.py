"""What is answered to publishers."""

from __future__ import annotations

from pathlib import Path

import pytest

from signaling.core import sdp
from signaling.core.answering import answer_publisher
from signaling.core.model import Kind
from signaling.core.negotiation import Local, NegotiationError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sdp"
FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = Local(
    42, 1, "ufrag+ours", "password+of+ours+24chars", FINGERPRINT, (("192.0.2.1", 8443), ("2001:db8::1", 8443))
)
ALL: dict[str, Kind] = {"0": "microphone", "1": "camera", "2": "screen", "3": "screen_audio"}


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.sdp").read_bytes().decode()


def refusal(text: str, kinds: dict[str, Kind]) -> str:
    with pytest.raises(NegotiationError) as caught:
        answer_publisher(text, kinds, LOCAL)
    return caught.value.code


def test_chromium_is_answered() -> None:
    agreed = answer_publisher(fixture("chromium_full"), ALL, LOCAL)
    answer = sdp.parse(agreed.answer)
    assert answer.transport.lite
    assert answer.bundle == ("0", "1", "2", "3")
    for media in answer.media:
        assert media.direction == "recvonly"
        assert media.transport.setup == "passive"
        assert (media.transport.ufrag, media.transport.password) == (LOCAL.ufrag, LOCAL.password)
        assert media.transport.fingerprints == (("sha-256", FINGERPRINT),)
        assert media.rtcp_mux
    assert [codec.name for codec in answer.media[1].codecs][:2] == ["vp8", "rtx"]
    assert "a=simulcast:recv q;h;f\r\n" in agreed.answer
    assert agreed.answer.count("a=rid:q recv") == 2
    assert agreed.answer.count("a=candidate:") == 4 * 2
    assert "useinbandfec=1;usedtx=1" in agreed.answer
    assert "a=rtcp-rsize" in agreed.answer


def test_chromiums_terms_are_told_in_its_own_numbers() -> None:
    agreed = answer_publisher(fixture("chromium_full"), ALL, LOCAL)
    microphone, camera, screen, screen_audio = agreed.sections
    assert [s.kind for s in agreed.sections] == list(ALL.values())
    assert [(c.name, c.payload_type, c.rtx_payload_type) for c in microphone.codecs] == [("opus", 111, None)]
    assert (camera.codecs[0].name, camera.codecs[0].payload_type, camera.codecs[0].rtx_payload_type) == (
        "VP8",
        96,
        97,
    )
    assert {c.name for c in camera.codecs} == {"VP8", "H264"}
    assert camera.rids == ("q", "h", "f")
    assert screen.rids == ("q", "h")
    assert (camera.extensions.rid, camera.extensions.repaired_rid, camera.extensions.mid) == (10, 11, 4)
    assert (microphone.extensions.audio_level, camera.extensions.audio_level) == (1, None)
    assert camera.extensions.transport_cc == 3
    assert screen_audio.ssrcs
    assert agreed.transport.fingerprints
    assert agreed.session


def test_firefox_is_answered_in_its_own_numbers() -> None:
    agreed = answer_publisher(fixture("firefox_full"), ALL, LOCAL)
    camera = agreed.sections[1]
    assert [(c.name, c.payload_type, c.rtx_payload_type) for c in camera.codecs] == [("VP8", 120, 124)]
    assert camera.extensions.rid == 9
    assert [(known.ssrc, known.rtx) for known in camera.ssrcs] == [
        (3659936891, 1966625630), (982022953, 3661809228), (3161251836, 2992115014),
    ]  # fmt: skip
    # No layer's SSRC is said to be which rid: that is told by the packets.
    assert [section.rids for section in agreed.sections] == [(), ("q", "h", "f"), ("q", "h"), ()]
    # Firefox measures its line by sound, too.
    assert [section.extensions.transport_cc for section in agreed.sections] == [7, 7, 7, 7]
    assert all(not media.rejected for media in sdp.parse(agreed.answer).media)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n" in agreed.answer


def test_a_client_without_simulcast() -> None:
    kinds: dict[str, Kind] = {"0": "microphone", "1": "camera"}
    agreed = answer_publisher(fixture("chromium_plain"), kinds, LOCAL)
    assert agreed.sections[1].rids == ()
    assert agreed.sections[1].ssrcs[0].rtx is not None
    assert "simulcast" not in agreed.answer


def test_lines_without_a_kind_stay_unused_but_open() -> None:
    agreed = answer_publisher(fixture("chromium_full"), {"1": "camera"}, LOCAL)
    assert [media.direction for media in sdp.parse(agreed.answer).media] == [
        "inactive", "recvonly", "inactive", "inactive",
    ]  # fmt: skip
    assert [section.mid for section in agreed.sections] == ["1"]


def test_a_line_that_does_not_send_is_inactive() -> None:
    text = fixture("chromium_full").replace("a=sendonly", "a=recvonly", 1)
    agreed = answer_publisher(text, ALL, LOCAL)
    assert sdp.parse(agreed.answer).media[0].direction == "inactive"
    assert len(agreed.sections) == 3


def test_a_data_channel_and_a_line_without_our_codecs_are_refused_alone() -> None:
    text = fixture("chromium_video") + (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 45\r\na=mid:x\r\na=rtcp-mux\r\na=rtpmap:45 AV1/90000\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:y\r\na=rtcp-mux\r\n"
    )
    answer = sdp.parse(answer_publisher(text, {"0": "camera"}, LOCAL).answer)
    assert [media.rejected for media in answer.media] == [False, True, True, True]
    assert answer.bundle == ("0",)


def test_more_layers_than_three_are_not_asked_for() -> None:
    text = fixture("chromium_full").replace("a=rid:q send", "a=rid:x send\r\na=rid:q send", 1)
    text = text.replace("a=simulcast:send q;h;f", "a=simulcast:send x;q;h;f")
    assert answer_publisher(text, ALL, LOCAL).sections[1].rids == ("x", "q", "h")


def test_the_profile_of_h264_is_kept() -> None:
    answer = answer_publisher(fixture("chromium_full"), ALL, LOCAL).answer
    assert "profile-level-id=42001f" in answer
    assert "profile-level-id=42e01f" in answer
    assert "4d001f" not in answer
    assert "packetization-mode=0" not in answer


def test_no_codec_that_is_forwarded_is_refused() -> None:
    text = fixture("chromium_video")
    for name in ("VP8", "H264"):
        text = text.replace(f" {name}/90000", " other/90000")
    assert refusal(text, {"0": "camera"}) == "media.no_codec"


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        pytest.param("a=setup:actpass", "a=setup:holdconn", ALL, id="they want no connection"),
        pytest.param("a=group:BUNDLE", "a=group:LS", ALL, id="a transport for each line"),
        pytest.param("a=ice-ufrag:", "a=x:", ALL, id="no ufrag"),
        pytest.param("a=ice-pwd:", "a=x:", ALL, id="no password"),
        pytest.param("a=fingerprint:sha-256", "a=fingerprint:md5", ALL, id="weak hash"),
        pytest.param("a=fingerprint:sha-256", "a=fingerprint:sha-512", ALL, id="short digest"),
        pytest.param("a=rtcp-mux", "a=x", ALL, id="no rtcp-mux"),
        pytest.param("m=audio 9 ", "m=audio 0 ", ALL, id="a refused line"),
        pytest.param("UDP/TLS/RTP/SAVPF", "RTP/AVP", ALL, id="not protected"),
        pytest.param("a=sendonly", "a=recvonly", ALL, id="nothing is sent"),
        pytest.param("v=0", "v=0", {"9": "camera"}, id="unknown line"),
        pytest.param("v=0", "v=0", {"0": "camera"}, id="a camera on an audio line"),
        pytest.param("v=0", "v=0", {"1": "microphone"}, id="a microphone on a video line"),
        pytest.param("v=0", "v=0", {}, id="no kinds"),
    ],
)
def test_offers_that_cannot_be_agreed_to(old: str, new: str, kinds: dict[str, Kind]) -> None:
    assert refusal(fixture("chromium_full").replace(old, new), kinds) in ("media.bad_sdp", "media.no_codec")


def test_too_many_lines_or_none_are_refused() -> None:
    head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"
    line = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{}\r\n"
    assert refusal(head, {}) == "media.bad_sdp"
    assert refusal(head + "".join(line.format(n) for n in range(9)), {}) == "media.bad_sdp"
    assert refusal(head + line.format(0).replace(" 9 ", " 0 "), {}) == "media.bad_sdp"


# --- clients that are no browsers -----------------------------------------------------------------------
# As aiortc, FFmpeg's WHIP muxer and GStreamer's webrtcbin offered; obs.sdp has the form that OBS offers in.

FOREIGN = ("aiortc", "ffmpeg", "gstreamer_h264", "gstreamer_vp8", "obs")


def kinds_of(text: str) -> dict[str, Kind]:
    return {m.mid: "microphone" if m.kind == "audio" else "camera" for m in sdp.parse(text).media}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_programs_are_answered(name: str) -> None:
    text = fixture(name)
    offer = sdp.parse(text)
    agreed = answer_publisher(text, kinds_of(text), LOCAL)
    answer = sdp.parse(agreed.answer)
    assert [media.mid for media in answer.media] == [media.mid for media in offer.media]
    assert answer.bundle == offer.bundle
    assert all(media.direction == "recvonly" and media.port == 9 for media in answer.media)
    sections = {section.kind: section for section in agreed.sections}
    assert [codec.name for codec in sections["microphone"].codecs] == ["opus"]
    for kind, section in sections.items():
        assert section.rids == ()
        offered = next(media for media in offer.media if media.mid == section.mid)
        assert [known.ssrc for known in section.ssrcs] == list(offered.ssrcs), kind


def test_what_other_programs_send_is_told_in_their_numbers() -> None:
    def camera(name: str) -> list[tuple[str, int, int | None]]:
        text = fixture(name)
        (found,) = (s for s in answer_publisher(text, kinds_of(text), LOCAL).sections if s.kind == "camera")
        return [(codec.name, codec.payload_type, codec.rtx_payload_type) for codec in found.codecs]

    assert camera("ffmpeg") == [("H264", 106, 105)]
    assert camera("gstreamer_h264") == [("H264", 96, None)]
    assert camera("gstreamer_vp8") == [("VP8", 96, None)]
    assert camera("obs") == [("H264", 96, None)]
    assert camera("aiortc") == [("VP8", 97, 98), ("H264", 99, 100), ("H264", 101, 102)]


def test_who_wants_to_be_called_is_called() -> None:
    """FFmpeg insists on being the server of the handshake."""
    roles = {name: answer_publisher(fixture(name), kinds_of(fixture(name)), LOCAL) for name in FOREIGN}
    assert {name: sdp.parse(found.answer).media[0].transport.setup for name, found in roles.items()} == {
        "aiortc": "passive", "ffmpeg": "active", "gstreamer_h264": "passive", "gstreamer_vp8": "passive",
        "obs": "passive",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told"),
    [("aiortc", True), ("obs", True), ("ffmpeg", False), ("gstreamer_vp8", False), ("chromium_plain", False)],
)
def test_who_measures_nothing_is_told_a_rate(name: str, told: bool) -> None:
    text = fixture(name)
    agreed = answer_publisher(text, kinds_of(text), LOCAL)
    assert any(section.remb for section in agreed.sections) is told
    assert ("goog-remb" in agreed.answer) is told
    # Feedback about numbered packets is promised to those alone who number them.
    assert ("transport-cc" in agreed.answer) is (name == "chromium_plain")


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        pytest.param(["1;42e01f", "1;640c1f", "0;42e01f"], ["1;42e01f"], id="baseline in fragments"),
        pytest.param(["1;42e01f", "1;42001f"], ["1;42e01f", "1;42001f"], id="both baselines"),
        pytest.param(["1;640c1f", "1;4D001F"], ["1;4d001f"], id="main before high"),
        pytest.param(["1;64001f", "0;42e01f"], ["1;64001f"], id="fragments before baseline"),
        pytest.param(["0;42e01f"], ["0;42e01f"], id="whole units"),
        pytest.param(["1;f4001f"], [], id="4:4:4"),
        pytest.param(["2;42e01f"], [], id="interleaved"),
        pytest.param(["1;junk"], [], id="no profile"),
    ],
)
def test_h264_that_most_can_decode(offered: list[str], answered: list[str]) -> None:
    text = fixture("gstreamer_h264")
    start, end = text.index("a=rtpmap:96"), text.index("a=ssrc")
    lines = []
    for number, wish in enumerate(offered, 100):
        mode, profile = wish.split(";")
        lines.append(f"a=rtpmap:{number} H264/90000\r\n")
        lines.append(f"a=fmtp:{number} packetization-mode={mode};profile-level-id={profile}\r\n")
    numbers = " ".join(str(100 + number) for number in range(len(offered)))
    text = text[:start].replace("SAVPF 96", f"SAVPF {numbers}") + "".join(lines) + text[end:]
    if not answered:
        assert refusal(text, {"video0": "camera"}) == "media.no_codec"
        return
    codecs = sdp.parse(answer_publisher(text, {"video0": "camera"}, LOCAL).answer).media[0].codecs
    assert [
        f"{c.parameters['packetization-mode']};{c.parameters['profile-level-id']}" for c in codecs
    ] == answered


def test_h264_that_says_nothing_comes_in_whole_units() -> None:
    """RFC 6184 section 8.1: packetization mode 0 is what is meant by none."""
    text = (
        fixture("gstreamer_h264").replace("packetization-mode=1;", "").replace("profile-level-id=42c015;", "")
    )
    answer = answer_publisher(text, {"video0": "camera"}, LOCAL).answer
    assert "packetization-mode=0;profile-level-id=42e01f" in answer


def test_one_line_needs_no_bundle() -> None:
    text = fixture("chromium_video").replace("a=group:BUNDLE 0\r\n", "")
    described = answer_publisher(text, {"0": "camera"}, LOCAL).answer
    assert "a=group" not in described
    answer = sdp.parse(described)
    assert not answer.media[0].rejected


def test_one_channel_of_opus_is_opus() -> None:
    text = fixture("ffmpeg").replace("opus/48000/2", "opus/48000/1")
    assert "a=rtpmap:111 opus/48000\r\n" in answer_publisher(text, kinds_of(text), LOCAL).answer
