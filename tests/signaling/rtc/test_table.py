import ctypes
import sys

import pytest

from signaling.rtc import table


@pytest.mark.skipif(sys.platform != "linux", reason="recvmmsg and sendmmsg are Linux'")
def test_linux_has_the_batch_calls_and_our_layout_is_its() -> None:
    assert table.library() is not None
    assert ctypes.sizeof(table.Message) == 64
