"""
Invitations in the database.
"""

from sqlalchemy import Connection, func, insert, select, update

from classroom.domain.roles import Role
from classroom.store.database import Database
from classroom.store.rows import Invitation
from classroom.store.tables import AnyRow, invitations

_FIELDS = (
    invitations.c.id,
    invitations.c.class_id,
    invitations.c.role,
    invitations.c.created_by,
    invitations.c.created_at,
    invitations.c.expires_at,
    invitations.c.max_uses,
    invitations.c.uses,
    invitations.c.revoked_at,
)


def _invitation(row: AnyRow) -> Invitation:
    return Invitation(row[0], row[1], Role(row[2]), *row[3:])


class Invitations:
    """The table of invitations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, invitation: Invitation, most: int) -> bool:
        """Store one; False when its class has `most` live ones already."""
        values = {
            "id": invitation.id,
            "class_id": invitation.class_id,
            "role": invitation.role.value,
            "created_by": invitation.created_by,
            "created_at": invitation.created_at,
            "expires_at": invitation.expires_at,
            "max_uses": invitation.max_uses,
            "uses": invitation.uses,
            "revoked_at": invitation.revoked_at,
        }
        live = (
            select(func.count())
            .select_from(invitations)
            .where(
                invitations.c.class_id == invitation.class_id,
                invitations.c.revoked_at.is_(None),
                invitations.c.expires_at > invitation.created_at,
            )
        )

        def store(connection: Connection) -> bool:
            if connection.execute(live).scalar_one() >= most:
                return False
            connection.execute(insert(invitations), values)
            return True

        return await self._database.write(store)

    async def get(self, invitation: str) -> Invitation | None:
        """Return one, ended or not."""
        query = select(*_FIELDS).where(invitations.c.id == invitation)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return _invitation(row) if row else None

    async def of(self, class_id: str, limit: int) -> list[Invitation]:
        """Return the newest of a class."""
        query = (
            select(*_FIELDS)
            .where(invitations.c.class_id == class_id)
            .order_by(invitations.c.created_at.desc(), invitations.c.id)
            .limit(limit)
        )
        return await self._database.read(
            lambda connection: [_invitation(row) for row in connection.execute(query)]
        )

    async def use(self, invitation: str, now: int) -> bool:
        """Count one use, if it may still be used: two at once cannot share the last one."""
        change = (
            update(invitations)
            .where(
                invitations.c.id == invitation,
                invitations.c.revoked_at.is_(None),
                invitations.c.expires_at > now,
                invitations.c.uses < invitations.c.max_uses,
            )
            .values(uses=invitations.c.uses + 1)
        )
        return await self._database.write(lambda connection: connection.execute(change).rowcount > 0)

    async def revoke(self, invitation: str, now: int) -> None:
        """End one by hand; the first time counts."""
        change = (
            update(invitations)
            .where(invitations.c.id == invitation, invitations.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        await self._database.write(lambda connection: connection.execute(change))
