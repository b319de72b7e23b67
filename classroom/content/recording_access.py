"""
Who may see a recording, as whom, and with which rights.

Staff of its class, and who sees all courses, see every one, those in the trash too. Who is enrolled in the
course, or was in the class where there is none, sees what is published. Whoever has a link to it sees that
one recording as a guest. For everybody else it does not exist: the refusal is the same, and so is the work
that is done for it, whether there is such a recording or not.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from classroom.content import rules
from classroom.content.recording_shares import RecordingShares
from classroom.content.schedule import Schedule
from classroom.domain import ids, roles
from classroom.domain.entry import Viewer
from classroom.domain.errors import NotAllowed, NotFound, Unauthorized
from classroom.domain.roles import Permission, Role
from classroom.store.recording_rows import RecordingRow, RecordingState
from classroom.store.recordings import Recordings
from classroom.store.rows import Person

GUEST = "guest"  # Nobody's id: those that we make have a prefix and an underscore.
_NOBODY = "c_nobody"


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody at a recording; `person` is None for a guest with a link."""

    row: RecordingRow
    person: Person | None
    role: Role

    @property
    def staff(self) -> bool:
        """Whether everything of the recording may be seen and changed."""
        return roles.is_staff(self.role)

    @property
    def viewer(self) -> Viewer:
        """As whom the events of the class are seen."""
        return Viewer(self.person.id if self.person else GUEST, self.role)

    @property
    def name(self) -> str:
        """What to call them; "" for a guest."""
        return self.person.name if self.person else ""

    def signed_in(self) -> Person:
        """Return who it is. Refuses: not_allowed for a guest."""
        if self.person is None:
            raise NotAllowed("sign in for that")
        return self.person

    def require_staff(self) -> Person:
        """Return who it is. Refuses: not_allowed for everybody but staff."""
        if not self.staff:
            raise NotAllowed("only staff of the class")
        return self.signed_in()


class Doorkeeper:
    """Asked at each request; what it lets in now it may refuse a moment later."""

    def __init__(
        self,
        recordings: Recordings,
        schedule: Schedule,
        shares: RecordingShares,
        joined: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        """`joined` tells of a class whether a person has come to it, as far as its journal goes."""
        self._recordings = recordings
        self._schedule = schedule
        self._shares = shares
        self._joined = joined

    async def enter(
        self, recording: str, actor: Person | None, link: str | None, now: int, *, trash: bool = False
    ) -> Access:
        """
        Let `actor`, or whoever has `link`, at a recording; with `trash` also at one that was thrown away.

        Refuses: unauthorized (nobody signed in and no link to anything), not_found, must_change.
        """
        if actor is None and link is None:
            raise Unauthorized("sign in, or follow a link")
        row = await self._recordings.get(recording) if ids.is_id(recording) else None
        access = await self._as_person(row, actor) if actor is not None else None
        if access is None and link is not None and await self._shares.opens(link, recording, now):
            access = None if row is None else Access(row, None, Role.GUEST)
        if access is None or (access.row.deleted_at is not None and not (trash and access.staff)):
            raise NotFound
        return access

    async def _as_person(self, row: RecordingRow | None, actor: Person) -> Access | None:
        rules.own(actor)
        planned = await self._schedule.find(row.class_id if row else _NOBODY)
        # A class may be another course's by now; its recording stays with those for whom it was made.
        role = await self._schedule.role_then(actor, planned, row.course) if planned and row else None
        attended = await self._recordings.has_attended(row.id if row else _NOBODY, actor.id)
        if row is None:
            return None
        if row.course is None and not attended and row.state is not RecordingState.READY:
            attended = await self._joined(row.class_id, actor.id)  # Noted when it is ready.
        if rules.may(actor, Permission.COURSES_SEE_ALL):
            role = Role.TEACHER
        if role is None and row.course is None and attended:
            role = Role.STUDENT
        if role is None or (not roles.is_staff(role) and not shown(row)):
            return None
        return Access(row, actor, role)


def shown(row: RecordingRow) -> bool:
    """Tell whether others than staff may see it."""
    return row.published and row.state is not RecordingState.FAILED
