"""
Links to one recording, for whoever has them, until they expire or are taken back.

The secret stands in the link's fragment, which no server ever sees in a request line; the page exchanges it
for a cookie. Stored is its hash alone, so nobody can be shown a link again: a lost one is replaced.
"""

import base64
import secrets
from dataclasses import dataclass

from classroom.content import rules
from classroom.content.throttle import Throttle
from classroom.domain.errors import NotFound, TooFast, TooMany, Unauthorized
from classroom.store import playback
from classroom.store.database import Database
from classroom.store.recording_rows import ShareRow
from classroom.store.sessions import secret_hash

LONGEST_LIFE_MS = 366 * 24 * 3600_000  # As invitations: a year of study.
MOST_LIVE = 50  # Good links of one recording; more cannot be kept apart.
MOST_SECRET = 64  # Characters that are looked at at all; ours have 22.
_SECRET_OCTETS = 16  # 128 bits: nobody guesses one while the sun burns.
_LISTED = 100


@dataclass(frozen=True, slots=True)
class NewShare:
    """A link as it was made; the secret is shown this once."""

    share: ShareRow
    key: str


class RecordingShares:
    """The links of all recordings. Who may make them is asked before."""

    def __init__(self, database: Database) -> None:
        self._shares = playback.Shares(database)
        self._throttle = Throttle()

    async def create(self, recording: str, by: str, expires_at: int, now: int) -> NewShare:
        """Refuses: bad_message (the end), too_many."""
        key = base64.urlsafe_b64encode(secrets.token_bytes(_SECRET_OCTETS)).decode().rstrip("=")
        row = ShareRow(
            id=rules.new_id("l"),
            recording=recording,
            created_by=by,
            created_at=now,
            expires_at=rules.number(expires_at, now + 1, now + LONGEST_LIFE_MS, "the end"),
            revoked_at=None,
            uses=0,
        )
        if not await self._shares.add(row, secret_hash(key), MOST_LIVE):
            raise TooMany("too many links to this recording")
        return NewShare(row, key)

    async def of(self, recording: str) -> list[ShareRow]:
        """Return the links of a recording, the newest first."""
        return await self._shares.of(recording, _LISTED)

    async def revoke(self, recording: str, share: str, now: int) -> None:
        """End a link; again changes nothing. Refuses: not_found."""
        found = await self._shares.get(rules.known(share))
        if found is None or found.recording != recording:
            raise NotFound
        await self._shares.revoke(recording, share, now)

    async def admit(self, recording: str, key: str, address: str, now: int) -> ShareRow:
        """
        Return the link that `key` is of, and count a use.

        Refuses: unauthorized (none, of another recording, expired, taken back), too_fast.
        """
        if wait := self._throttle.begin(recording, address, now):
            raise TooFast("too many wrong keys", retry_after=wait)
        found = await self._find(key, recording, now)
        if found is None or not await self._shares.use(found.id, now):
            raise Unauthorized("the link has ended, or never was")
        self._throttle.succeed(recording, address)
        return found

    async def opens(self, key: str, recording: str, now: int) -> bool:
        """Tell whether `key` opens the recording at this moment."""
        return await self._find(key, recording, now) is not None

    async def _find(self, key: str, recording: str, now: int) -> ShareRow | None:
        if len(key) > MOST_SECRET:
            return None
        found = await self._shares.find(secret_hash(key))
        if found is None or found.recording != recording:
            return None
        return found if found.revoked_at is None and found.expires_at > now else None
