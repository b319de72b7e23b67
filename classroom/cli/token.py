"""
token: a join token for somebody without an account, while the server runs or not.
"""

import secrets
from pathlib import Path

from classroom import clock
from classroom.app import Desk
from classroom.cli import desk
from classroom.cli.faults import Fault
from classroom.domain import ids
from classroom.domain.roles import Role

HOUR_MS = 3600 * 1000


def issue(data: Path | None, class_id: str, role: str, name: str, hours: float) -> str:
    """Return a token that lets `name` into the class for `hours`. Raises Fault when nobody can enter it."""

    async def work(services: Desk) -> str:
        if not ids.is_id(class_id) or await services.schedule.find(class_id) is None:
            raise Fault(f"there is no class {class_id!r}")
        now = clock.now_ms()
        person = ids.make("t", secrets.token_bytes(ids.ENTROPY))
        # Asked now what the door will ask later, so that nobody is sent a link that opens nothing.
        admitted = await services.admission.by_token(class_id, person, name, Role(role), now)
        return services.seats.issue_token(
            class_id, admitted.role, admitted.name, now, person=admitted.person, life=int(hours * HOUR_MS)
        )

    return desk.at(data, work)
