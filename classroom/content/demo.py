"""
Something to try it with: a teacher, two students, a course, and a class that is always open.

Made once. The passwords are made up and known to whoever started the server, once; later starts find the
class and tell the logins only. A start that was killed half-way is completed by the next one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from classroom.content.accounts import Accounts
from classroom.content.courses import CourseDraft, Courses
from classroom.content.enrolment import Enrolments
from classroom.content.passwords import Passwords
from classroom.content.refusals import Taken
from classroom.domain.roles import Role
from classroom.store.classes import Classes
from classroom.store.database import Database
from classroom.store.people import People
from classroom.store.rows import ClassState, Control, Person, PlannedClass, Settings

CLASS_ID = "demo"
TITLE = "Биринчи сабак"
GROUP = "Демо-1"
HOUR_MS = 3600_000
FIRST_MONTH = 8  # The academic year begins in September; in August people look at the next one.

# Logins that no institution gives out by itself: an account of that name is ours.
PEOPLE = (
    ("demo-teacher", "Чолпон Мамбетова", Role.TEACHER),
    ("demo-student-1", "Айбек Токтогулов", Role.STUDENT),
    ("demo-student-2", "Нургүл Өмүралиева", Role.STUDENT),
)

# Who asks the services here: whoever may start the server may do everything anyway.
_CONSOLE = Person("console", "", "", Role.ADMINISTRATOR, "", False, None, 0)


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """One of the demo's people. The password is there only when it was made just now."""

    login: str
    name: str
    role: Role
    password: str | None


@dataclass(frozen=True, slots=True)
class Demo:
    """What there is to try."""

    class_id: str
    logins: tuple[DemoLogin, ...]


async def make(database: Database, passwords: Passwords, now: int) -> Demo:
    """Make what is missing and return what there is."""
    classes = Classes(database)
    if await classes.get(CLASS_ID) is not None:
        return Demo(CLASS_ID, tuple(DemoLogin(login, name, role, None) for login, name, role in PEOPLE))
    accounts = Accounts(database, passwords)
    logins, persons = [], []
    for login, name, role in PEOPLE:
        person, password = await _person(People(database), accounts, login, name, role, now)
        persons.append(person)
        logins.append(DemoLogin(login, person.name, role, password))
    course = await _course(database, persons, now)
    # Last: with it everything is there.
    await classes.add(_class(course, persons[0], now))
    return Demo(CLASS_ID, tuple(logins))


async def _person(
    people: People, accounts: Accounts, login: str, name: str, role: Role, now: int
) -> tuple[Person, str | None]:
    found = await people.by_login(login)
    if found is None:
        made = await accounts.create(_CONSOLE, login=login, name=name, role=role, now=now, must_change=False)
    else:  # of a start that was killed: nobody has seen the password
        made = await accounts.reset_password(_CONSOLE, found.id, now=now, must_change=False)
    return made.person, made.password


async def _course(database: Database, persons: list[Person], now: int) -> str:
    courses = Courses(database)
    teacher, *students = persons
    today = datetime.fromtimestamp(now / 1000, UTC)
    autumn = today.month >= FIRST_MONTH
    year, semester = (today.year, 1) if autumn else (today.year - 1, 2)
    draft = CourseDraft(year, semester, "Алгебра", GROUP, Control.EXAM, teacher.id)
    try:
        course = (await courses.create(_CONSOLE, draft, now)).id
    except Taken:  # as above
        (course, *_) = [found.id for found in await courses.mine(teacher)]
    await Enrolments(database).add(_CONSOLE, course, [one.id for one in students], Role.STUDENT, now)
    return course


def _class(course: str, teacher: Person, now: int) -> PlannedClass:
    return PlannedClass(
        id=CLASS_ID,
        title=TITLE,
        course=course,
        discipline="",
        group="",
        teacher=teacher.id,
        teacher_name=teacher.name,
        starts_at=now,
        duration=HOUR_MS,
        language="ky",
        settings=Settings(recording="off"),  # or whoever tries it out fills their disk
        state=ClassState.PLANNED,
        permanent=True,
        opened_at=None,
        closed_at=None,
        created_at=now,
    )
