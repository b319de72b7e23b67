"""The signing key: made once, private, one for each purpose, never shown."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from classroom.store.errors import Unusable
from classroom.store.secrets import FILE, Secrets


def test_it_is_made_once_and_private(tmp_path: Path) -> None:
    first = Secrets.open(tmp_path)
    assert first.key("seat") == Secrets.open(tmp_path).key("seat")
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_purposes_and_installations_differ(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    secrets = Secrets.open(tmp_path)
    keys = {secrets.key("seat"), secrets.key("invitation"), Secrets.open(tmp_path / "other").key("seat")}
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)
    assert secrets.tag("a", "bc") != secrets.tag("ab", "c")


def test_many_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: Secrets.open(tmp_path).key("x"), range(40)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_it_is_never_shown(tmp_path: Path) -> None:
    secrets = Secrets.open(tmp_path)
    assert (tmp_path / FILE).read_text().strip() not in repr(secrets) + str(secrets)


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_one_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    (tmp_path / FILE).chmod(0o600)
    with pytest.raises(Unusable) as caught:
        Secrets.open(tmp_path)
    assert not content or content not in str(caught.value)


def test_one_that_everybody_reads_is_refused(tmp_path: Path) -> None:
    Secrets.open(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(Unusable, match="chmod 600"):
        Secrets.open(tmp_path)


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        Secrets.open(tmp_path / "none")
