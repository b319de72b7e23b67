"""A voice is read through what is cut out of a class without being held."""

from pathlib import Path

from classroom.recording.derive.sounds import RATE, Voice
from tests.support.packages import Package


def test_what_is_passed_over_is_not_held(tmp_path: Path) -> None:
    package = Package(tmp_path, 6000)
    package.add("t", "microphone", 0, 6000)
    voice = Voice(package.media, package.tracks[0])
    assert voice.take(0, RATE // 25) is not None
    voice._fill(5 * RATE, 5 * RATE + 1)
    assert sum(len(samples) for _, samples in voice._held) < RATE // 10
    assert voice.take(5 * RATE, RATE // 25) is not None
    voice.close()
