from hypothesis import given
from hypothesis import strategies as st

from signaling.core import rtcp, rtcp_writer

U32 = st.integers(0, (1 << 32) - 1)
BLOCKS = st.lists(
    st.builds(
        rtcp.ReportBlock, U32, st.integers(0, 255), st.integers(-(1 << 23), (1 << 23) - 1), U32, U32, U32, U32
    ),
    max_size=31,
).map(tuple)


@given(st.builds(rtcp.SenderReport, U32, st.integers(0, (1 << 64) - 1), U32, U32, U32, BLOCKS))
def test_sender_report(report: rtcp.SenderReport) -> None:
    assert rtcp.parse(rtcp_writer.build_sr(report)) == [report]


@given(U32, BLOCKS)
def test_receiver_report(sender: int, blocks: tuple[rtcp.ReportBlock, ...]) -> None:
    assert rtcp.parse(rtcp_writer.build_rr(sender, blocks)) == [rtcp.ReceiverReport(sender, blocks)]


def test_many_blocks_take_several_packets() -> None:
    blocks = [rtcp.ReportBlock(number, 0, 0, 0, 0, 0, 0) for number in range(40)]
    found = rtcp.parse(rtcp_writer.build_rr(1, blocks))
    assert [len(report.blocks) for report in found if isinstance(report, rtcp.ReceiverReport)] == [31, 9]


@given(U32, st.text(max_size=60))
def test_description(ssrc: int, cname: str) -> None:
    assert rtcp.parse(rtcp_writer.build_sdes(ssrc, cname)) == [rtcp.Description(ssrc, cname)]


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=300, unique=True))
def test_nack_asks_for_exactly_what_is_lost(numbers: list[int]) -> None:
    numbers.sort()
    (found,) = rtcp.parse(rtcp_writer.build_nack(1, 2, [number + 65000 for number in numbers]))
    assert isinstance(found, rtcp.Nack)
    expected = [(number + 65000) & 0xFFFF for number in numbers]
    assert list(found.lost) == expected[: len(found.lost)]
    if len(numbers) <= 280:
        assert len(found.lost) == len(expected)


def test_ntp() -> None:
    assert rtcp_writer.ntp(1.5) == 0x1_8000_0000


def test_key_frame_request() -> None:
    assert rtcp.parse(rtcp_writer.build_pli(1, 2)) == [rtcp.KeyFrameRequest(1, 2)]
