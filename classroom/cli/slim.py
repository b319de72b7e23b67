"""
Keep libraries from loading what nobody uses: 9 MB of the 120 that an idle server may have.

python-socketio imports redis (and that cryptography) for a manager that we never use, structlog imports
rich for coloured tracebacks that we switch off, each only because it finds them installed. While those two
are imported, what they look for is not there; afterwards everything can be imported again, so our own bus
finds its Redis.
"""

import contextlib
import importlib
import sys
from collections.abc import Iterator

UNUSED = ("redis", "valkey", "cryptography", "rich")


def prepare() -> None:
    """Import what would drag others along. Call it before anything else imports the gateway or structlog."""
    with absent(*UNUSED):
        importlib.import_module("signaling.gateway")


@contextlib.contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let imports of `names` fail inside, but for those that are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # the import system's own word for "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
