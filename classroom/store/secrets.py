"""
The signing key of an installation: one file that only its owner reads, made when it is first wanted.

Every purpose signs with a key of its own, derived from it, so that a token for one door never opens
another. Several nodes need the same file.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path
from typing import Self

from classroom.store.errors import Unusable

FILE = "secret.key"
KEY_BYTES = 32  # HMAC-SHA-256 gains nothing from more (RFC 2104, 3)


class Secrets:
    """The key. Its text form never holds it."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise Unusable(f"the signing key has to have {KEY_BYTES} bytes")
        self._key = key

    @classmethod
    def open(cls, folder: Path) -> Self:
        """
        Read the key of `folder`, or make it. Two processes that start together end up with the same one.

        Raises Unusable when it cannot be read or written, is damaged, or is readable by everybody.
        """
        path = folder / FILE
        try:
            if not path.exists():
                _make(path)
            if stat.S_IMODE(path.stat().st_mode) & 0o007:
                raise Unusable(f"{path} is readable by everybody: chmod 600 {path}")
            return cls(bytes.fromhex(path.read_text("ascii").strip()))
        except OSError as error:
            raise Unusable(f"cannot use {path}: {error.strerror}") from error
        except ValueError as error:
            raise Unusable(f"{path} is damaged: it has to hold {2 * KEY_BYTES} hexadecimal digits") from error

    def key(self, purpose: str) -> bytes:
        """Return the key of 32 bytes for `purpose`."""
        return hmac.digest(self._key, f"sabak/{purpose}".encode(), hashlib.sha256)

    def tag(self, purpose: str, text: str) -> bytes:
        """Return the signature of `text` for `purpose`, 32 bytes."""
        return hmac.digest(self.key(purpose), text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def __repr__(self) -> str:
        return "Secrets(...)"


def _make(path: Path) -> None:
    # Written aside and linked: the name appears with all its content or not at all, and never replaces one.
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key counts
            os.link(aside, path)
    finally:
        os.unlink(aside)
