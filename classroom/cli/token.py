"""
token: a join token for somebody without an account or for an account, while the server runs or not.
"""

import os
import secrets
from pathlib import Path

from classroom import clock, config
from classroom.app import Desk
from classroom.cli import desk
from classroom.cli.faults import Fault, told
from classroom.domain import ids
from classroom.domain.roles import Role
from classroom.store.rows import PlannedClass

HOUR_MS = 3600 * 1000


def issue(
    data: Path | None, class_id: str, hours: float, *, role: str = "", name: str = "", login: str = ""
) -> str:
    """
    Return a token that lets `name` (as somebody new) or the account `login` into the class for `hours`.

    Raises Fault when nobody can enter it, or this account not.
    """

    async def work(services: Desk) -> str:
        planned = await services.schedule.find(class_id) if ids.is_id(class_id) else None
        if planned is None:
            raise Fault(f"there is no class {class_id!r}")
        now = clock.now_ms()
        if login:
            person, called, part = await _account(services, planned, login)
        else:
            person, called, part = ids.make("t", secrets.token_bytes(ids.ENTROPY)), name, Role(role)
        # Asked now what the door will ask later, so that nobody is sent a link that opens nothing.
        admitted = await services.admission.by_token(class_id, person, called, part, now)
        return services.seats.issue_token(
            class_id, admitted.role, admitted.name, now, person=admitted.person, life=int(hours * HOUR_MS)
        )

    return desk.at(data, work)


async def _account(services: Desk, planned: PlannedClass, login: str) -> tuple[str, str, Role]:
    account = await desk.account(services, login)
    role = await services.schedule.role(account, planned)
    if role is None:
        raise Fault(f"{login!r} has no part in the class {planned.id!r}")
    return account.id, account.name, role


def _host(host: str) -> str:
    """Return how another machine names ours: "every address" is none that one could enter."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - it is read, not listened to
        found = config.outward_addresses()
        host = next((each for each in found if (":" in each) == (":" in host)), found[0])
    return f"[{host}]" if ":" in host else host


def for_program(data: Path | None, class_id: str, token: str) -> tuple[str, ...]:
    """Return what to enter in OBS and the like, a line each. The address is the one in the settings."""
    with told():
        settings = config.read({"data": data}, os.environ)
        address = settings.public_url or f"http://{_host(settings.host)}:{settings.port}"
    return (
        f"Send (WHIP):   {address}/whip/{class_id}",
        f"Watch (WHEP):  {address}/whep/{class_id}",
        f"Bearer token:  {token}",
    )
