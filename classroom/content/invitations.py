"""
Invitations: a link into one class, for guests or students, that ends by time, by use, or by hand.

The code in the link is the invitation's id and a tag made with the signing key; nothing in the
database lets anybody make one, and staff can be shown the link again at any time.
"""

import base64
import hmac
from dataclasses import dataclass, replace

from classroom.content import entry, rules
from classroom.content.schedule import Schedule
from classroom.domain import roles
from classroom.domain.errors import BadMessage, Closed, NotAllowed, NotFound, TooMany, Unauthorized
from classroom.domain.roles import Permission, Role
from classroom.store import invitations as tables
from classroom.store.database import Database
from classroom.store.rows import Invitation, Person, PlannedClass
from classroom.store.secrets import Secrets

LONGEST_LIFE_MS = 366 * 24 * 3600_000  # A year of study; who wants more makes a new link.
MOST_USES = 5_000  # As many as a node has connections for.
MOST_LIVE = 50  # Links of one class that work at the same time; more cannot be kept apart.
MOST_CODE = 128  # Characters that are looked at at all; ours have about 50.
ROLES = frozenset({Role.GUEST, Role.STUDENT})

_PURPOSE = "invitation"
_TAG_BYTES = 16  # 128 bits of HMAC: guessing is hopeless, and the link still fits a line.


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and the code that goes into its link."""

    invitation: Invitation
    code: str


class Invitations:
    """Links into classes."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._invitations = tables.Invitations(database)
        self._schedule = Schedule(database)
        self._secrets = secrets

    async def create(
        self, actor: Person, class_id: str, *, role: Role, expires_at: int, max_uses: int, now: int
    ) -> Invited:
        """Refuses: not_allowed (not staff of this class), not_found, bad_message, too_many, closed."""
        planned = await self._managed(actor, class_id)
        if role not in ROLES:
            raise BadMessage("an invitation is for guests or students")
        if entry.is_over(planned, now):
            raise Closed
        invitation = Invitation(
            id=rules.new_id("i"),
            class_id=class_id,
            role=role,
            created_by=actor.id,
            created_at=now,
            expires_at=rules.number(expires_at, now + 1, now + LONGEST_LIFE_MS, "the end"),
            max_uses=rules.number(max_uses, 1, MOST_USES, "the number of uses"),
            uses=0,
            revoked_at=None,
        )
        if not await self._invitations.add(invitation, MOST_LIVE):
            raise TooMany("too many links into this class")
        return self._invited(invitation)

    async def of(self, actor: Person, class_id: str, now: int) -> list[Invited]:
        """Return the class's invitations, the newest first, to its staff. Refuses as `create`."""
        await self._managed(actor, class_id)
        found = await self._invitations.of(class_id, rules.MOST_LISTED)
        return [self._invited(invitation) for invitation in found]

    async def revoke(self, actor: Person, invitation: str, now: int) -> Invitation:
        """End a link; again changes nothing. Refuses: not_allowed, not_found."""
        found = await self._invitations.get(rules.known(invitation))
        if found is None:
            raise NotFound
        await self._managed(actor, found.class_id)
        await self._invitations.revoke(invitation, now)
        return replace(found, revoked_at=found.revoked_at or now)

    async def peek(self, code: str, now: int) -> Invitation:
        """Return what a code opens, without using it. Refuses: unauthorized."""
        invitation, _, tag = code.partition(".") if len(code) <= MOST_CODE else ("", "", "")
        # Compared as bytes: text with a letter beyond ASCII would raise.
        if not hmac.compare_digest(tag.encode("utf-8", "replace"), self._tag(invitation).encode()):
            raise Unauthorized("the invitation is forged")
        found = await self._invitations.get(invitation)
        if found is None or found.revoked_at is not None:
            raise Unauthorized("the invitation was revoked")
        if found.expires_at <= now or found.uses >= found.max_uses:
            raise Unauthorized("the invitation has ended")
        return found

    async def use(self, invitation: Invitation, now: int) -> None:
        """Count one use. Refuses: unauthorized when somebody else was faster with the last one."""
        if not await self._invitations.use(invitation.id, now):
            raise Unauthorized("the invitation has ended")

    async def _managed(self, actor: Person, class_id: str) -> PlannedClass:
        rules.allow(actor, Permission.CLASSES_SEE)
        planned = await self._schedule.find(class_id)
        role = await self._schedule.role(actor, planned) if planned else None
        if planned is None or role is None:
            raise NotFound
        if not roles.may(role, Permission.CLASSES_INVITE):
            raise NotAllowed
        return planned

    def _invited(self, invitation: Invitation) -> Invited:
        return Invited(invitation, f"{invitation.id}.{self._tag(invitation.id)}")

    def _tag(self, invitation: str) -> str:
        tag = self._secrets.tag(_PURPOSE, invitation)[:_TAG_BYTES]
        return base64.urlsafe_b64encode(tag).decode().rstrip("=")
