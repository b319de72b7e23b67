"""
user: accounts from the keyboard of the server. Passwords come from a prompt or standard input, never from
the command line, which every other user of the machine can read.
"""

import sys
from pathlib import Path

import click

from classroom import clock
from classroom.app import Desk
from classroom.cli import desk
from classroom.cli.desk import OPERATOR
from classroom.cli.faults import Fault
from classroom.content.stored_files import zipped
from classroom.domain.roles import Role
from classroom.store.rows import Person


def ask_password(*, stdin: bool, generate: bool) -> str | None:
    """Return the password that is given, None when one is to be made up. Raises click.UsageError, Abort."""
    if stdin and generate:
        raise click.UsageError("--password-stdin and --generate exclude each other")
    if generate:
        return None
    if stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise click.UsageError("there is no password on standard input")
        return given
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def add(data: Path | None, login: str, role: str, name: str, password: str | None) -> list[str]:
    """Make an account and return what to print. A password from the keyboard is the person's own."""

    async def work(services: Desk) -> list[str]:
        made = await services.accounts.create(
            OPERATOR,
            login=login,
            name=name,
            role=Role(role),
            password=password,
            must_change=password is None,
            now=clock.now_ms(),
        )
        return [f"{made.person.login} is a new {made.person.role}", *_shown(made.password)]

    return desk.at(data, work)


def lines(data: Path | None) -> list[str]:
    """Return one line for each account: login, role, name, and whether it is locked."""

    async def work(services: Desk) -> list[str]:
        found: list[Person] = []
        while page := await services.accounts.find(
            OPERATOR, after=found[-1].id if found else "", limit=desk.PAGE
        ):
            found += page
        return [_line(person) for person in found]

    return desk.at(data, work)


def set_password(data: Path | None, login: str, password: str | None) -> list[str]:
    """Set a password, end the person's sessions, and return what to print."""

    async def work(services: Desk) -> list[str]:
        person = await desk.account(services, login)
        done = await services.accounts.reset_password(
            OPERATOR, person.id, now=clock.now_ms(), password=password, must_change=password is None
        )
        return [f"{login} has a new password and is signed out everywhere", *_shown(done.password)]

    return desk.at(data, work)


def disable(data: Path | None, login: str, *, undo: bool) -> str:
    """Lock an account, or open it again."""

    async def work(services: Desk) -> str:
        person = await desk.account(services, login)
        act = services.accounts.enable if undo else services.accounts.disable
        await act(OPERATOR, person.id, clock.now_ms())
        return f"{login} may sign in again" if undo else f"{login} is locked out"

    return desk.at(data, work)


def export(data: Path | None, login: str, file: Path) -> str:
    """Write everything about a person in recordings into a new archive."""

    async def work(services: Desk) -> str:
        person = await desk.account(services, login)
        library = services.library
        files = await library.persons.export(person.id)
        try:
            with file.open("xb") as out:
                async for part in zipped(files, library.objects):
                    out.write(part)
        except OSError as error:
            raise Fault(f"cannot write {file}: {error.strerror}") from error
        return f"{file}: {len(files)} files about {login}"

    return desk.at(data, work)


def erase(data: Path | None, login: str) -> list[str]:
    """Take a person out of all recordings for good, and return what to print."""

    async def work(services: Desk) -> list[str]:
        person = await desk.account(services, login)
        done = await services.library.persons.erase(person.id, clock.now_ms())
        told = [f"{login} is no more in {len(done.recordings)} recordings; {done.rows} rows are gone"]
        return told + [f"not yet, it is still being made: {waiting}" for waiting in done.waiting]

    return desk.at(data, work)


def _line(person: Person) -> str:
    locked = "  (locked)" if person.disabled_at is not None else ""
    return f"{person.login:<24} {person.role:<14} {person.name}{locked}"


def _shown(password: str | None) -> list[str]:
    return [f"password: {password}"] if password is not None else []
