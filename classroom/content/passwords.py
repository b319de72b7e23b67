"""
Passwords: which are good enough, and argon2 on threads of its own, beside the loop.

The cost is OWASP's second choice for argon2id (19 MiB, 2 passes, 1 lane): a few hundred students sign in
within the same minute, and RFC 9106's 64 MiB would make the last of them wait for half a minute.
"""

import asyncio
import contextlib
import ctypes
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from classroom.content.refusals import WeakPassword
from classroom.domain.errors import Unavailable
from classroom.store import fold

T = TypeVar("T")

SHORTEST = 8  # NIST SP 800-63B, 3.1.1.2
LONGEST = 256  # Characters. Longer ones come from programs that test us.
FEWEST_KINDS = 4  # Different characters: "11111111" and "abababab" are no passwords.

THREADS = 2  # As many as we promise cores; each takes 19 MiB while it works.
MOST_WAITING = 500  # Sign-ins that wait: at 25 ms each on two cores about six seconds.

# A made-up password: without what looks alike (0 o, 1 l i), 31 ** 12 is 59 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 3, 4

# Rows of keyboards and alphabets: a password that is a piece of one, in either direction, is no secret.
_ROWS = (
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя",
    "1q2w3e4r5t6y7u8i9o0p",
    "1й2ц3у4к5е6н7г8ш9щ0з",
    "qazwsxedcrfvtgb",
)
# What people take when asked for letters and digits, here and elsewhere; without digits at the ends.
_COMMON = (
    "password passw0rd p@ssw0rd пароль парол qwerty йцукен admin administrator welcome letmein iloveyou "
    "student teacher mugalim мугалим студент sabak сабак school mektep мектеп kyrgyz кыргыз kyrgyzstan "
    "кыргызстан bishkek бишкек osh ош manas манас universitet университет university login test demo "
    "qwerty1 football dragon monkey master sunshine princess"
)

# The work of a real one for a login that does not exist: the same parameters, a hash of nothing.
_NOBODY = f"$argon2id$v=19$m=19456,t=2,p=1${'A' * 22}${'A' * 43}"


class Passwords:
    """Hashes and verifies on `THREADS` threads. Close it to end them."""

    def __init__(self) -> None:
        _give_memory_back()
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, "sabak-argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return argon2's text for `password`. Refuses: unavailable when too many wait."""
        return await self._run(lambda: self._hasher.hash(_normal(password)))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """
        Tell whether `password` belongs to `hashed`; None stands for nobody and takes as long.

        Refuses: unavailable when too many wait.
        """
        long = len(password) > LONGEST  # still the same work, but not the same memory
        text = "" if long else _normal(password)
        correct = await self._run(lambda: self._verify(hashed or _NOBODY, text))
        return correct and hashed is not None and not long

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether `hashed` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        """End the threads; what they work on is finished."""
        self._threads.shutdown()

    def _verify(self, hashed: str, text: str) -> bool:
        try:
            return self._hasher.verify(hashed, text)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("too many people sign in", retry_after=2_000)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _give_memory_back() -> None:
    """
    Let glibc return the memory of a hash to the system; it would keep 19 MiB a thread for the next one.

    It learns from the first such block that more will come. Told a threshold, it stops learning: blocks of
    4 MiB are mapped and unmapped, which costs a hash a few ms. The second call keeps what it does otherwise.
    """
    mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h
    with contextlib.suppress(AttributeError, OSError):  # musl, macOS: nothing to tell
        library = ctypes.CDLL(None)
        library.mallopt(mmap_threshold, 4 * 1024 * 1024)
        library.mallopt(trim_threshold, 8 * 1024 * 1024)


def make_up() -> str:
    """Return a password for somebody: readable aloud, `abcd-efgh-jkmn`."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


def check(password: str, login: str, name: str) -> None:
    """Refuse what others would guess: weak_password."""
    if not SHORTEST <= len(password) <= LONGEST or not _is_unicode(password):
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    folded = fold.for_search(_normal(password))
    if len(set(folded)) < FEWEST_KINDS:
        raise WeakPassword("too few different characters")
    bare = folded.strip("0123456789!@#$%^&*.-_ ")
    own = {fold.for_search(text) for text in (login, name, *name.split()) if text}
    if bare in _FOLDED_COMMON or bare in own or folded in own:
        raise WeakPassword("too common, or one's own name")
    if _in_row(folded):
        raise WeakPassword("neighbours on a keyboard or in an alphabet")


_FOLDED_COMMON = frozenset(fold.for_search(word) for word in _COMMON.split())
_FOLDED_ROWS = tuple(fold.for_search(row) for row in _ROWS)


def _in_row(folded: str) -> bool:
    return any(folded in row or folded[::-1] in row for row in _FOLDED_ROWS)


def _normal(password: str) -> str:
    # The same password typed on a telephone and on a desk may come composed or decomposed.
    return unicodedata.normalize("NFKC", password) if _is_unicode(password) else ""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)
