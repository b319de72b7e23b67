"""
WHIP and WHEP over HTTP: what comes in, what is refused and how, who may change whose session. The class is a
real one; the media workers negotiate as the real ones do and carry nothing.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from classroom import clock
from classroom.config import Settings
from classroom.content import demo
from classroom.domain.entry import Actor, Entry
from classroom.domain.locks import SetLocks
from classroom.domain.people import RemovePerson
from classroom.domain.roles import Role
from classroom.domain.stage import Allow, StartTrack
from classroom.live import doors as module
from classroom.live import handler
from classroom.live.classroom import Classroom
from classroom.live.reader import Reader, Stand
from classroom.web import doors as adapter
from signaling.control import MediaRefused
from tests.classroom.web.conftest import School, Visitor
from tests.support.live_readers import FakeLink

OFFER = (Path(__file__).parents[2] / "fixtures" / "sdp" / "chromium_plain.sdp").read_bytes().decode()
PLAYER = OFFER.replace("a=sendonly", "a=recvonly").replace("a=sendrecv", "a=recvonly")
UFRAG = next(line.removeprefix("a=ice-ufrag:") for line in OFFER.splitlines() if "ice-ufrag" in line)
NUMBERS = itertools.count(1)
RESTART = "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:new1\r\n" + (
    "a=ice-pwd:" + "n" * 24 + "\r\n"
)
TRICKLE = (
    RESTART.replace("new1", UFRAG) + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n"
)


@dataclass
class Lesson:
    """The demo's class, its teacher on the page, and whoever comes by program."""

    school: School
    visitor: Visitor
    classroom: Classroom
    page: Reader
    token: str
    tokens: dict[str, str] = field(default_factory=dict)

    def issue(self, person: str, role: Role, *, life: int = 3_600_000) -> str:
        now = clock.now_ms()
        return self.school.desk.seats.issue_token(
            "demo", role, f"Name of {person}", now, person=person, life=life
        )

    async def call(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        *,
        token: str | None = None,
        **headers: str,
    ) -> ClientResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("Authorization", f"Bearer {self.token if token is None else token}")
        if body is not None:
            given.setdefault("Content-Type", "application/sdp")
        if given["Authorization"] == "-":
            del given["Authorization"]
        return await self.visitor.client.request(method, path, data=body, headers=given)

    async def begin(self, path: str = "/whip/demo", offer: str = OFFER, token: str | None = None) -> str:
        """Return the path of a new session."""
        answer = await self.call("POST", path, offer, token=token)
        assert answer.status == 201, await answer.text()
        return answer.headers["Location"]

    async def refused(self, *request: Any, **options: Any) -> tuple[int, str]:
        answer = await self.call(*request, **options)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.content_type == "application/problem+json"
        return answer.status, (await answer.json())["code"]

    def tracks(self) -> list[tuple[str, str]]:
        """Return who sends what."""
        return sorted((t.person, t.kind) for t in self.classroom.room.stage.tracks.values())

    async def until(self, condition: Any) -> None:
        """Wait until `condition()` is true; as it may with an entry or a leg."""
        await self.school.workers.until(condition)

    async def do(self, command: Any, person: str = "u_page", command_id: str = "") -> None:
        role = Role.TEACHER if person == "u_page" else Role.STUDENT
        await self.classroom.session.submit(
            command, Actor(person, role), command_id or f"c_{next(NUMBERS):08}"
        )


@pytest.fixture
async def lesson(school: School) -> AsyncIterator[Lesson]:
    await demo.make(school.desk.database, school.desk.passwords, clock.now_ms())
    seats = school.desk.seats
    door = school.desk.admission
    admitted = await door.by_token("demo", "u_page", "Teacher", Role.TEACHER, clock.now_ms())
    seat = seats.seat(admitted, clock.now_ms())
    classroom = await school.classrooms._open("demo")
    happened = classroom._happened

    def hear(told: Classroom, entry: Entry) -> None:
        happened(told, entry)
        school.workers.changed.set()

    classroom._happened = hear
    page = Reader(FakeLink(), seat)
    await classroom.enter(page, None)
    yield Lesson(
        school, await school.visitor(), classroom, page,
        seats.issue_token("demo", Role.TEACHER, "Studio", clock.now_ms(), person="u_studio"),
    )  # fmt: skip
    await school.classrooms.close()


# --- coming in --------------------------------------------------------------------------------------------


async def test_a_program_sends_and_leaves(lesson: Lesson) -> None:
    answer = await lesson.call("POST", "/whip/demo", OFFER)
    assert (answer.status, answer.content_type) == (201, "application/sdp")
    assert answer.headers["ETag"] == '"ours1"'
    assert answer.headers["Accept-Patch"] == adapter.FRAGMENT
    assert answer.headers["Cache-Control"] == "no-store"
    text = await answer.text()
    assert text.count("a=recvonly") == 2
    assert "a=setup:passive" in text
    assert lesson.tracks() == [("u_studio", "camera"), ("u_studio", "microphone")]
    assert lesson.classroom.room.people.items["u_studio"].present
    await lesson.school.workers.until(lambda: len(lesson.school.workers.open) == 2)

    session = answer.headers["Location"]
    assert session.startswith("/whip/demo/s_")
    assert (await lesson.call("GET", session)).status == 204
    gone = await lesson.call("DELETE", session)
    assert (gone.status, await gone.read()) == (200, b"")
    await lesson.until(lambda: lesson.tracks() == [])
    assert not lesson.school.workers.legs
    assert await lesson.refused("DELETE", session) == (404, "not_found")
    assert await lesson.refused("GET", session) == (404, "not_found")


async def test_a_screen_is_sent_as_one(lesson: Lesson) -> None:
    await lesson.begin("/whip/demo?kind=screen")
    assert lesson.tracks() == [("u_studio", "screen"), ("u_studio", "screen_audio")]
    assert await lesson.refused("POST", "/whip/demo?kind=tv", OFFER) == (400, "bad_message")


async def test_a_player_watches_and_is_somebody(lesson: Lesson) -> None:
    token = lesson.issue("u_wall", Role.STUDENT)
    answer = await lesson.call("POST", "/whep/demo", PLAYER, token=token)
    assert answer.status == 201
    assert "a=sendonly" in await answer.text()
    session = answer.headers["Location"]
    assert lesson.classroom.room.people.items["u_wall"].present
    assert lesson.tracks() == []
    assert [number.value for number in lesson.school.doors.numbers()] == [0, 1]
    # It is no session of the other door, nor of anybody else.
    other = session.replace("/whep/", "/whip/")
    assert await lesson.refused("DELETE", other, token=token) == (404, "not_found")
    assert await lesson.refused("DELETE", session) == (404, "not_found")
    assert (await lesson.call("DELETE", session, token=token)).status == 200


async def test_a_seat_opens_the_door_too(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    admitted = await lesson.school.desk.admission.by_token(
        "demo", "u_page", "T", Role.TEACHER, clock.now_ms()
    )
    seat = lesson.school.desk.seats.issue(admitted, clock.now_ms())
    session = await lesson.begin(token=seat)
    assert lesson.tracks() == [("u_page", "camera"), ("u_page", "microphone")]
    assert lesson.page.link.said == ""
    # The page that holds the seat has a leg of its own.
    now = clock.now_ms()
    assert lesson.school.workers.legs.isdisjoint({lesson.school.desk.seats.read(seat, now).tab})
    monkeypatch.setattr(clock, "now_ms", lambda: now + 13 * 3_600_000)
    assert (await lesson.call("DELETE", session, token=seat)).status == 200


async def test_the_key_for_a_program_is_no_better_than_the_seat(lesson: Lesson) -> None:
    admitted = await lesson.school.desk.admission.by_token(
        "demo", "u_page", "T", Role.TEACHER, clock.now_ms()
    )
    seat = lesson.school.desk.seats.issue(admitted, clock.now_ms() - 11 * 3_600_000)
    status, key = await lesson.visitor.ask("POST", "/api/classes/demo/program", {"seat": seat})
    assert status == 200
    assert key["expires_at"] <= clock.now_ms() + 3_600_000
    await lesson.begin(token=key["token"])
    assert lesson.tracks() == [("u_page", "camera"), ("u_page", "microphone")]
    assert await lesson.visitor.refused("POST", "/api/classes/demo/program", {"seat": "x"}) == "unauthorized"
    assert (
        await lesson.visitor.refused("POST", "/api/classes/other/program", {"seat": seat}) == "unauthorized"
    )


# --- being refused ----------------------------------------------------------------------------------------


async def test_the_token_is_judged_before_the_body(lesson: Lesson) -> None:
    for given in (
        "-",
        "Basic abc",
        "Bearer",
        "Bearer x",
        f"Bearer {lesson.token} y",
        f"Bearer {lesson.token}x",
    ):
        answer = await lesson.call("POST", "/whip/demo", "x", Authorization=given, Content_Type="text/plain")
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Sabak"'), given
    old = lesson.issue("u_old", Role.TEACHER, life=-1)
    assert await lesson.refused("POST", "/whip/demo", OFFER, token=old) == (401, "unauthorized")
    assert await lesson.refused("POST", "/whip/other", OFFER) == (401, "unauthorized")


async def test_a_session_outlives_its_token(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    session = await lesson.begin()
    later = clock.now_ms() + 13 * 3_600_000
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    assert await lesson.refused("POST", "/whip/demo", OFFER) == (401, "unauthorized")
    assert (await lesson.call("DELETE", session)).status == 200


async def test_bodies(lesson: Lesson) -> None:
    plain = {"Content_Type": "text/plain"}
    assert await lesson.refused("POST", "/whip/demo", OFFER, **plain) == (415, "bad_type")
    coded = {"Content_Encoding": "gzip", "Connection": "close"}  # its rest cannot be read over
    assert await lesson.refused("POST", "/whip/demo", OFFER, **coded) == (415, "bad_type")
    assert await lesson.refused("POST", "/whip/demo", "v" * 70_000) == (413, "too_large")
    assert await lesson.refused("POST", "/whip/demo", b"\xff") == (400, "bad_message")
    for offer in ("", "v=0", OFFER.replace("a=mid:1", "a=mid:0"), PLAYER):
        assert await lesson.refused("POST", "/whip/demo", offer) == (422, "media.bad_sdp")
    foreign = OFFER.replace("VP8/90000", "VP7/90000").replace("H264/90000", "H265/90000")
    assert await lesson.refused("POST", "/whip/demo", foreign) == (422, "media.no_codec")
    assert lesson.tracks() == []
    await lesson.until(lambda: not lesson.school.workers.legs)


async def test_a_body_in_chunks_is_bounded(lesson: Lesson) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"v" * 8192

    answer = await lesson.visitor.client.post(
        "/whip/demo",
        data=chunks(),
        headers={"Authorization": f"Bearer {lesson.token}", "Content-Type": "application/sdp"},
    )
    assert (answer.status, (await answer.json())["code"]) == (413, "too_large")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_body_that_is_announced_too_long_is_not_waited_for(lesson: Lesson) -> None:
    client = lesson.visitor.client
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = f"POST /whip/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {lesson.token}\r\n"
    writer.write(f"{head}Content-Type: application/sdp\r\nContent-Length: 70000\r\n\r\n".encode())
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_two_pictures_are_one_too_many(lesson: Lesson) -> None:
    head, *lines = OFFER.split("m=")
    video = next(line for line in lines if line.startswith("video")).replace("a=mid:1", "a=mid:2")
    answer = await lesson.call("POST", "/whip/demo", "m=".join([head, *lines, video]))
    said = await answer.json()
    assert (answer.status, said["code"]) == (422, "media.bad_sdp")
    assert said["detail"] == "an offer has one line for video at most"


async def test_a_student_needs_the_word(lesson: Lesson) -> None:
    token = lesson.issue("u_pupil", Role.STUDENT)
    answer = await lesson.call("POST", "/whip/demo", OFFER, token=token)
    assert (answer.status, (await answer.json())["code"]) == (403, "not_allowed")
    assert lesson.tracks() == []
    assert lesson.school.workers.asked == 0, "the rules are asked before anything is negotiated"
    await lesson.do(Allow("u_pupil", ("microphone", "camera")))
    session = await lesson.begin(token=token)
    assert lesson.tracks() == [("u_pupil", "camera"), ("u_pupil", "microphone")]
    await lesson.do(SetLocks(False, True, False, False, False, False))
    await lesson.until(lambda: lesson.tracks() == [("u_pupil", "microphone")])
    assert (await lesson.call("DELETE", session, token=token)).status == 200
    assert await lesson.refused("POST", "/whip/demo", OFFER, token=token) == (423, "locked")


async def test_who_is_removed_is_cut_off_and_who_is_blocked_stays_out(lesson: Lesson) -> None:
    token = lesson.issue("u_pupil", Role.STUDENT)
    session = await lesson.begin("/whep/demo", PLAYER, token)
    await lesson.do(RemovePerson("u_pupil", True))
    await lesson.until(lambda: not lesson.school.workers.legs)
    assert await lesson.refused("DELETE", session, token=token) == (404, "not_found")
    assert await lesson.refused("POST", "/whep/demo", PLAYER, token=token) == (403, "blocked")


async def test_the_waiting_room_holds_for_programs(lesson: Lesson) -> None:
    from classroom.domain.lobby import Admit, SwitchLobby

    await lesson.do(SwitchLobby(True))
    token = lesson.issue("u_late", Role.STUDENT)
    answer = await lesson.call("POST", "/whep/demo", PLAYER, token=token)
    assert (answer.status, (await answer.json())["code"]) == (403, "waiting")
    assert answer.headers["Retry-After"] == "5"
    assert "u_late" in lesson.classroom.room.lobby.waiting
    await lesson.do(Admit("u_late"))
    await lesson.begin("/whep/demo", PLAYER, token)


async def test_a_class_that_nobody_has_opened_is_not_opened_by_a_program(school: School) -> None:
    await demo.make(school.desk.database, school.desk.passwords, clock.now_ms())
    token = school.desk.seats.issue_token("demo", Role.TEACHER, "S", clock.now_ms(), person="u_studio")
    visitor = await school.visitor()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    answer = await visitor.client.post("/whip/demo", data=OFFER, headers=headers)
    assert (answer.status, (await answer.json())["code"]) == (409, "not_open")
    assert answer.headers["Retry-After"] == "10"


async def test_bounds_and_rates(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STARTS", module.Rate(0.01, 6))
    lesson.school.doors._starts = module.Buckets(module.STARTS)
    sessions = [await lesson.begin("/whep/demo", PLAYER) for _ in range(module.MAX_OF_PERSON)]
    assert await lesson.refused("POST", "/whep/demo", PLAYER) == (409, "too_many")
    assert (await lesson.call("DELETE", sessions[0])).status == 200
    await lesson.begin("/whep/demo", PLAYER)
    answer = await lesson.call("POST", "/whep/demo", PLAYER)
    assert (answer.status, (await answer.json())["code"]) == (429, "too_fast")
    assert int(answer.headers["Retry-After"]) > 10
    # Others, and the person's page, are not held up.
    monkeypatch.setattr(module, "MAX_OF_CLASS", 4)
    token = lesson.issue("u_other", Role.TEACHER)
    assert await lesson.refused("POST", "/whep/demo", PLAYER, token=token) == (409, "too_many")


async def test_workers_that_are_away(lesson: Lesson) -> None:
    lesson.school.workers.refuse = MediaRefused("media.unavailable", "no media worker is running")
    answer = await lesson.call("POST", "/whip/demo", OFFER)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert (await answer.json())["code"] == "media.unavailable"
    lesson.school.workers.refuse = None
    await lesson.begin()


async def test_methods_and_paths(lesson: Lesson) -> None:
    assert (await lesson.call("GET", "/whip/demo", Authorization="-")).status == 204
    answer = await lesson.call("PUT", "/whip/demo", "x")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,OPTIONS,POST")
    assert (await lesson.call("POST", "/whip/a%20b", OFFER, Accept="text/html")).status == 404


# --- pages of other sites ---------------------------------------------------------------------------------


async def test_a_page_of_another_site_may_be_a_program(lesson: Lesson) -> None:
    asked = await lesson.call(
        "OPTIONS", "/whep/demo", Authorization="-", Origin="https://wall.example",
        Access_Control_Request_Method="POST", Access_Control_Request_Headers="authorization,content-type",
    )  # fmt: skip
    assert (asked.status, asked.headers["Accept-Post"]) == (200, "application/sdp")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in asked.headers
    allowed = asked.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match"} <= set(allowed)
    assert "PATCH" in asked.headers["Access-Control-Allow-Methods"]
    away = {"Origin": "https://wall.example", "Sec_Fetch_Site": "cross-site"}
    answer = await lesson.call("POST", "/whep/demo", PLAYER, **away)
    assert answer.status == 201
    assert {"Location", "ETag"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    session = await lesson.call("OPTIONS", answer.headers["Location"], Authorization="-")
    assert session.headers["Accept-Patch"] == adapter.FRAGMENT


# --- one person, several programs and pages ----------------------------------------------------------------


async def test_a_newer_program_replaces_the_older(lesson: Lesson) -> None:
    first = await lesson.begin()
    before = set(lesson.classroom.room.stage.tracks)
    second = await lesson.begin()
    assert lesson.tracks() == [("u_studio", "camera"), ("u_studio", "microphone")]
    assert not before & set(lesson.classroom.room.stage.tracks)
    assert await lesson.refused("DELETE", first) == (404, "not_found")
    # What sends something else stays.
    third = await lesson.begin("/whip/demo?kind=screen")
    assert (await lesson.call("DELETE", second)).status == 200
    assert (await lesson.call("DELETE", third)).status == 200


async def test_what_the_page_sends_is_not_taken_from_it(lesson: Lesson) -> None:
    token = lesson.issue("u_page", Role.TEACHER)
    page, media = lesson.page, lesson.classroom.media
    await media.publish(page, OFFER, {"0": "microphone", "1": "camera"})
    media.claim("page-camera", page.tab)
    await lesson.do(StartTrack("camera", False), command_id="page-camera")
    answer = await lesson.call("POST", "/whip/demo", OFFER, token=token)
    assert (answer.status, (await answer.json())["code"]) == (409, "conflict")
    assert "camera" in (await answer.json())["detail"]
    assert lesson.tracks() == [("u_page", "camera")]
    await lesson.begin("/whip/demo?kind=screen", token=token)


async def test_a_muted_microphone_of_the_page_gives_way(lesson: Lesson) -> None:
    token = lesson.issue("u_page", Role.TEACHER)
    page, media = lesson.page, lesson.classroom.media
    await media.publish(page, OFFER, {"0": "microphone", "1": "camera"})
    media.claim("page-microphone", page.tab)
    await lesson.do(StartTrack("microphone", True), command_id="page-microphone")
    await lesson.begin(token=token)
    assert lesson.tracks() == [("u_page", "camera"), ("u_page", "microphone")]
    assert "page-microphone" not in lesson.classroom.room.stage.tracks
    # And back: what the person does on the page later counts more than the program.
    start = {"id": "page-camera", "type": "stage.start", "data": {"kind": "camera", "muted": False}}
    page.stand = Stand.INSIDE
    assert (await handler.receive(lesson.classroom, page, "command", start))["ok"]
    assert lesson.tracks() == [("u_page", "camera"), ("u_page", "microphone")]
    assert "page-camera" in lesson.classroom.room.stage.tracks


# --- PATCH ------------------------------------------------------------------------------------------------


async def test_candidates_are_taken_and_not_needed(lesson: Lesson) -> None:
    session = await lesson.begin()
    patch = {"Content_Type": adapter.FRAGMENT}
    for match in ('"ours1"', "*", '"*"', '"other", "ours1"'):
        answer = await lesson.call("PATCH", session, TRICKLE, If_Match=match, **patch)
        assert (answer.status, "ETag" in answer.headers) == (204, False), match
    bare = "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
    assert (await lesson.call("PATCH", session, bare, If_Match="*", **patch)).status == 204
    for match in ('"other"', 'W/"ours1"', "ours1"):
        refused = await lesson.refused("PATCH", session, TRICKLE, If_Match=match, **patch)
        assert refused == (412, "etag.wrong"), match
    assert await lesson.refused("PATCH", session, TRICKLE, **patch) == (428, "etag.missing")
    assert await lesson.refused("PATCH", session, TRICKLE, If_Match="*") == (415, "bad_type")
    for text in ("", "x", "a=mid:0\r\n", "a=ice-pwd:" + "n" * 24, TRICKLE * 200):
        assert await lesson.refused("PATCH", session, text, If_Match="*", **patch) == (400, "bad_message")


async def test_ice_is_restarted(lesson: Lesson) -> None:
    session = await lesson.begin()
    patch = {"Content_Type": adapter.FRAGMENT}
    answer = await lesson.call("PATCH", session, RESTART, If_Match="*", **patch)
    assert (answer.status, answer.content_type) == (200, adapter.FRAGMENT)
    assert answer.headers["ETag"] == '"ours2"'
    lines = (await answer.text()).splitlines()
    assert lines[:2] == ["a=ice-lite", "a=group:BUNDLE 0 1"]
    assert lines[3:6] == ["a=mid:0", "a=ice-ufrag:ours2", "a=ice-pwd:" + "q" * 24]
    assert lines[6].startswith("a=candidate:1 1 udp ")
    assert lines[7:] == ["a=end-of-candidates"]
    # The old ICE session is over; the same request again is about the new one and changes nothing.
    late = {"If_Match": '"ours1"', **patch}
    assert await lesson.refused("PATCH", session, TRICKLE, **late) == (412, "etag.wrong")
    assert (await lesson.call("PATCH", session, RESTART, If_Match='"ours2"', **patch)).status == 204
    alone = "a=ice-ufrag:new2\r\n"
    assert await lesson.refused("PATCH", session, alone, If_Match="*", **patch) == (400, "bad_message")


async def test_a_restart_that_cannot_be_leaves_all_as_it_was(lesson: Lesson) -> None:
    session = await lesson.begin()
    options = {"If_Match": "*", "Content_Type": adapter.FRAGMENT}
    lesson.school.workers.refuse = MediaRefused("media.unavailable", "away")
    assert await lesson.refused("PATCH", session, RESTART, **options) == (503, "media.unavailable")
    assert (await lesson.call("GET", session)).status == 204
    lesson.school.workers.refuse = None
    lesson.school.workers.legs.clear()
    assert await lesson.refused("PATCH", session, RESTART, **options) == (404, "not_found")
    assert await lesson.refused("GET", session) == (404, "not_found")


# --- ends -------------------------------------------------------------------------------------------------


async def test_a_leg_that_failed_ends_its_session_and_nothing_else(lesson: Lesson) -> None:
    from signaling.control import LegState, WorkerDied

    session = await lesson.begin()
    (tab,) = lesson.school.workers.legs
    lesson.school.classrooms.media_event(LegState("demo", tab, "publisher", "failed"))
    assert await lesson.refused("GET", session) == (404, "not_found")
    await lesson.until(lambda: lesson.tracks() == [])
    again = await lesson.begin()
    (tab,) = lesson.school.workers.legs
    lesson.school.classrooms.media_event(WorkerDied(0, {"demo": (tab,)}))
    assert await lesson.refused("GET", again) == (404, "not_found")
    await lesson.begin()


async def test_a_session_that_ends_while_it_begins_leaves_nothing(lesson: Lesson) -> None:
    workers = lesson.school.workers
    workers.before_answer.clear()
    token = lesson.issue("u_pupil", Role.STUDENT)
    asking = asyncio.create_task(lesson.call("POST", "/whep/demo", PLAYER, token=token))
    await lesson.until(lambda: "u_pupil" in lesson.classroom.room.people.items)
    await lesson.do(RemovePerson("u_pupil", False))
    workers.before_answer.set()
    answer = await asking
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    await workers.until(lambda: not workers.legs)
    assert len(lesson.school.doors) == 0


async def test_the_end_of_the_class_is_the_end_of_its_programs(lesson: Lesson) -> None:
    session = await lesson.begin()
    await lesson.school.classrooms.end("demo")
    await lesson.until(lambda: len(lesson.school.doors) == 0)
    assert await lesson.refused("DELETE", session) == (404, "not_found")
    # A permanent class opens again by its page; a program that tries again all the time does not open it.
    assert await lesson.refused("POST", "/whip/demo", OFFER) == (409, "not_open")


async def test_a_locked_account_is_cut_off(lesson: Lesson) -> None:
    session = await lesson.begin()
    lesson.school.classrooms.expel("u_studio")
    assert await lesson.refused("GET", session) == (404, "not_found")
    assert await lesson.refused("POST", "/whip/demo", OFFER) == (401, "unauthorized")


async def test_ice_servers_are_links(lesson: Lesson) -> None:
    from aiohttp import web

    from classroom.web import ice

    settings = Settings(ice_servers=("stun:a:1", "turn:b:2"), turn_secret="word")
    response = web.Response()
    adapter.links(response, ice.servers(settings, "u_1", 0))
    stun, turn = response.headers.getall("Link")
    assert stun == '<stun:a:1>; rel="ice-server"'
    assert turn.startswith('<turn:b:2>; rel="ice-server"; username="43200:u_1"; credential="')


async def test_no_token_in_the_log(lesson: Lesson, capsys: pytest.CaptureFixture[str]) -> None:
    session = await lesson.begin()
    with contextlib.suppress(AssertionError):
        await lesson.refused("DELETE", session, token="join.x.y")
    said = capsys.readouterr()
    assert lesson.token not in said.out + said.err
    assert "a program came" in said.out + said.err
