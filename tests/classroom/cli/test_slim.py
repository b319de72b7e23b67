"""Slim imports: what nobody uses is not loaded, and can still be loaded by whoever does."""

import importlib.util
import subprocess
import sys

import pytest

from classroom.cli import slim


def test_names_are_absent_inside_and_back_afterwards() -> None:
    name = "wave"  # a module of the standard library that nothing here imports
    sys.modules.pop(name, None)
    with slim.absent(name), pytest.raises(ImportError):
        __import__(name)
    assert importlib.util.find_spec(name) is not None
    __import__(name)
    del sys.modules[name]


def test_what_is_loaded_already_stays() -> None:
    with slim.absent("json"):
        import json

        assert json.dumps(1) == "1"
    assert sys.modules["json"] is json


def test_a_server_loads_neither_redis_nor_a_terminal_painter() -> None:
    program = (
        "import sys; from classroom.cli import slim; slim.prepare(); import classroom.cli.serve;"
        "print([name for name in slim.UNUSED if name in sys.modules]);"
        "import redis, signaling.gateway"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
