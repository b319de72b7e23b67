"""
How often one may guess a password. Pure: the time is an argument.

Three counts, because each alone is either blind or a weapon: by login and address (somebody tries), by
address (somebody tries many logins), by login (many machines try one). The last two would let anybody lock a
teacher out, or a campus that sits behind one address, so a login is exempt from them where it has signed in
lately; and an address never waits long, for one student could make all the others wait.

An attempt counts when it begins and is taken back when it succeeds, so that a thousand at once gain nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

MOST_KEYS = 20_000  # About 4 MB; when full the oldest count is forgotten.


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; each further one doubles the pause, up to `most`. Times in ms."""

    free: int
    first: int = 1_000
    most: int = 60_000
    forget: int = 15 * 60_000  # after so long without a failure


PAIR = Limit(free=5)  # mistyped, caps lock, the wrong keyboard layout, the old password
ADDRESS = Limit(free=100, most=2_000)  # a computer class that signs in at once
LOGIN = Limit(free=20)


@dataclass(slots=True)
class _Count:
    failures: int
    last: int


class Throttle:
    """The counts of one process. A restart forgets them: a guesser gains a few guesses."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, login: str, address: str, now: int) -> int:
        """Count an attempt and return 0, or return how long to wait (ms) and count nothing."""
        keys = self._keys(login, address)
        wait = max(self._wait(key, limit, now) for key, limit in keys)
        if wait == 0:
            for key, limit in keys:
                self._add(key, limit, now)
        return wait

    def succeed(self, login: str, address: str) -> None:
        """Take back what `begin` counted, and what failed before for this login from here."""
        place = network(address)
        self._counts.pop(("login", login), None)
        self._counts.pop(("pair", f"{login} {place}"), None)
        counted = self._counts.get(("address", place))
        if counted is not None and (login, place) not in self._known:
            counted.failures -= 1
        self._known[(login, place)] = None
        self._known.move_to_end((login, place))
        while len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)

    def _keys(self, login: str, address: str) -> list[tuple[tuple[str, str], Limit]]:
        place = network(address)
        pair = (("pair", f"{login} {place}"), PAIR)
        if (login, place) in self._known:
            return [pair]
        return [pair, (("address", place), ADDRESS), (("login", login), LOGIN)]

    def _wait(self, key: tuple[str, str], limit: Limit, now: int) -> int:
        count = self._counts.get(key)
        if count is None or count.failures < limit.free or now - count.last >= limit.forget:
            return 0
        # 2 ** 20 seconds are beyond any `most`; the bound keeps the number small.
        pause = min(limit.first << min(count.failures - limit.free, 20), limit.most)
        return max(0, count.last + pause - now)

    def _add(self, key: tuple[str, str], limit: Limit, now: int) -> None:
        count = self._counts.setdefault(key, _Count(0, now))
        if now - count.last >= limit.forget:
            count.failures = 0
        count.failures += 1
        count.last = now
        self._counts.move_to_end(key)
        while len(self._counts) > MOST_KEYS:
            self._counts.popitem(last=False)


def network(address: str) -> str:
    """Return what counts as one place: an IPv4 address, a /64 of IPv6 (one household has all of it)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "?"  # a Unix socket, or nothing: one place for all
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
