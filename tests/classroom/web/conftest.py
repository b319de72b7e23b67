"""
The HTTP API over the real services and a real SQLite file; live classes over workers that carry nothing.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from classroom import app, clock, config
from classroom.app import Desk
from classroom.cli.desk import OPERATOR
from classroom.config import Settings
from classroom.domain.roles import Role
from classroom.live.directory import Classrooms
from classroom.live.doors import Doors
from classroom.live.lines import ClassLines
from classroom.store.bus import LocalBus
from classroom.store.journal import SqlJournal
from classroom.store.lease import LocalLease
from classroom.web import guard, server
from classroom.web.health import Health
from classroom.web.metrics import HttpCounters, Metrics
from classroom.web.middleware import Watch
from classroom.web.pages import Pages
from classroom.web.parts import Parts
from classroom.web.site import Site
from tests.support.fake_workers import FakeWorkers

PAGE = """<!doctype html><script type="importmap">{"imports": {}}</script><!-- preload -->
<script type="module" src="/static/js/pages/a.js"></script>"""
PASSWORD = "correct horse battery"


@dataclass
class Visitor:
    """Somebody's browser."""

    client: TestClient[web.Request, web.Application]
    id: str = ""

    async def ask(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, Any]:
        """Return the status and the decoded answer (None without one)."""
        if body is not None:
            options["json"] = body
        answer = await self.client.request(method, path, **options)
        return answer.status, (await answer.json(content_type=None) if await answer.read() else None)

    async def get(self, path: str) -> Any:
        """Return what a request that has to succeed gets."""
        status, data = await self.ask("GET", path)
        assert status == 200, data
        return data

    async def do(self, method: str, path: str, body: object = None) -> Any:
        """Return what a change that has to succeed gets."""
        status, data = await self.ask(method, path, body)
        assert status in (200, 201, 204), data
        return data

    async def refused(self, method: str, path: str, body: object = None) -> str:
        """Return the code of a request that has to be refused."""
        status, data = await self.ask(method, path, body)
        assert 400 <= status < 500, (status, data)
        return str(data["code"])


@dataclass
class School:
    """A server and its people."""

    desk: Desk
    server: TestServer
    stack: AsyncExitStack
    classrooms: Classrooms
    workers: FakeWorkers
    doors: Doors
    expelled: list[str] = field(default_factory=list)
    lines: dict[str, ClassLines] = field(default_factory=dict)

    async def visitor(self) -> Visitor:
        """Return a browser in which nobody is signed in."""
        client: TestClient[web.Request, web.Application] = TestClient(self.server)
        self.stack.push_async_callback(client.session.close)
        return Visitor(client)

    async def person(self, login: str, role: Role) -> Visitor:
        """Return the browser of somebody new who has signed in."""
        made = await self.desk.accounts.create(
            OPERATOR,
            login=login,
            name=login.title(),
            role=role,
            password=PASSWORD,
            must_change=False,
            now=clock.now_ms(),
        )
        visitor = await self.visitor()
        visitor.id = made.person.id
        await visitor.do("POST", "/api/session", {"login": login, "password": PASSWORD})
        return visitor


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "js" / "pages").mkdir(parents=True)
    (folder / "js" / "pages" / "a.js").write_text("")
    (folder / "index.html").write_text(PAGE)
    (folder / "class.html").write_text(PAGE)
    (folder / "playback.html").write_text(PAGE)
    (folder / "icon.svg").write_text("<svg/>")
    return folder


@pytest.fixture
async def school(tmp_path: Path, static: Path) -> AsyncIterator[School]:
    (tmp_path / "data").mkdir()
    settings = config.resolved(Settings(data=tmp_path / "data", static=static))
    site = Site(static)
    pages = Pages(static, site)
    counters = HttpCounters()
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(app.opened(settings))
        expelled: list[str] = []
        classrooms = Classrooms(
            seats=desk.seats, journal=SqlJournal(desk.database), bus=LocalBus(), lease=LocalLease("node"),
            listener=desk.schedule, disabled=desk.accounts.disabled_since,
        )  # fmt: skip
        doors = Doors(classrooms)
        workers = FakeWorkers()
        classrooms.use_pool(workers)
        await classrooms.start()
        stack.push_async_callback(classrooms.close)
        lines: dict[str, ClassLines] = {}
        parts = Parts(
            settings,
            desk.accounts,
            desk.courses,
            desk.enrolments,
            desk.schedule,
            desk.invitations,
            desk.admission,
            desk.seats,
            expelled.append,
            doors,
            lines.get,
            desk.library,
            classrooms.recorded,
        )
        application = server.application(
            parts,
            site=site,
            pages=pages,
            health=Health({}),
            metrics=Metrics(counters, (), ""),
            watch=Watch(guard.networks(()), "", pages.not_found, counters),
        )
        served = TestServer(application)
        await served.start_server()
        stack.push_async_callback(served.close)
        yield School(desk, served, stack, classrooms, workers, doors, expelled, lines)


@pytest.fixture
async def administrator(school: School) -> Visitor:
    return await school.person("admin", Role.ADMINISTRATOR)


@pytest.fixture
async def teacher(school: School) -> Visitor:
    return await school.person("teacher", Role.TEACHER)


@pytest.fixture
async def student(school: School) -> Visitor:
    return await school.person("student", Role.STUDENT)


@pytest.fixture
async def stranger(school: School) -> Visitor:
    return await school.visitor()
