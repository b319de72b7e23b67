"""
Invitations: a link into one class, for guests or students, that ends by time, by use, or by hand.

The code in the link is the invitation's id and a tag made with the signing key; nothing in the
database lets anybody make one, and staff can be shown the link again at any time.
"""

from dataclasses import dataclass

from classroom.domain.roles import Role
from classroom.store.rows import Invitation, Person


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and the code that goes into its link."""

    invitation: Invitation
    code: str


class Invitations:
    """Links into classes."""

    async def create(
        self, actor: Person, class_id: str, *, role: Role, expires_at: int, max_uses: int, now: int
    ) -> Invited:
        """Refuses: not_allowed (not this class's teacher), not_found, bad_message, too_many, closed."""
        raise NotImplementedError

    async def of(self, actor: Person, class_id: str, now: int) -> list[Invited]:
        """Return the class's invitations, the newest first, to its teacher."""
        raise NotImplementedError

    async def revoke(self, actor: Person, invitation: str, now: int) -> Invitation:
        """End a link. Refuses: not_allowed, not_found."""
        raise NotImplementedError

    async def peek(self, code: str, now: int) -> Invitation:
        """Return what a code opens, without using it. Refuses: unauthorized."""
        raise NotImplementedError
