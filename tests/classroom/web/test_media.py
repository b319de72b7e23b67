"""How sound and pictures of a class get through, over HTTP: for its staff and nobody else."""

from classroom import clock
from classroom.domain.roles import Role
from classroom.live.causes import Believed, Cause
from classroom.live.line_problems import BAD, Problem
from classroom.live.lines import ClassLines, PageLine
from tests.classroom.web.conftest import School, Visitor
from tests.support.lines import down, layer, source, told, view

HOUR = 3600 * 1000


async def class_of(teacher: Visitor, administrator: Visitor) -> str:
    """Return a class of a course in which `student` is enrolled."""
    course = {
        "academic_year": 2026,
        "semester": 1,
        "discipline": "Алгебра",
        "group": "М-21",
        "control": "exam",
        "teacher": teacher.id,
    }
    made = await administrator.do("POST", "/api/courses", course)
    await administrator.do("POST", f"/api/courses/{made['id']}/people", {"people": ["student"]})
    planned = {
        "title": "Матрицалар",
        "starts_at": clock.now_ms() + HOUR,
        "duration": HOUR,
        "language": "ky",
        "course": made["id"],
    }
    return str((await teacher.do("POST", "/api/classes", planned))["id"])


def lines(*pages: PageLine, cause: Cause | None = None, **live: Role) -> ClassLines:
    return ClassLines(live.get, pages, cause)


async def test_only_staff_are_told(
    school: School, administrator: Visitor, teacher: Visitor, student: Visitor, stranger: Visitor
) -> None:
    path = f"/api/classes/{await class_of(teacher, administrator)}/media"
    for running in ({}, {path.split("/")[3]: lines()}):
        school.lines.clear()
        school.lines.update(running)
        assert (await student.ask("GET", path))[0] == 403
        assert await student.refused("GET", path) == "not_allowed"
        assert await stranger.refused("GET", path) == "unauthorized"
        assert (await teacher.get(path))["running"] is bool(running)
        assert (await administrator.get(path))["lines"] == []
    other = await school.person("other", Role.TEACHER)
    assert (await other.ask("GET", path))[0] == 404
    assert (await teacher.ask("GET", "/api/classes/c_unknown/media"))[0] == 404


async def test_the_role_in_the_running_class_counts(
    school: School, administrator: Visitor, teacher: Visitor, student: Visitor
) -> None:
    class_id = await class_of(teacher, administrator)
    school.lines[class_id] = lines(**{student.id: Role.ASSISTANT})
    assert (await student.get(f"/api/classes/{class_id}/media"))["running"] is True
    school.lines[class_id] = lines(**{student.id: Role.STUDENT})
    assert await student.refused("GET", f"/api/classes/{class_id}/media") == "not_allowed"


async def test_figures_have_stable_names(
    school: School, administrator: Visitor, teacher: Visitor, student: Visitor
) -> None:
    class_id = await class_of(teacher, administrator)
    problem = Believed(Problem("down.slow", BAD, bitrate=180_000, shown=0, wished=2), 1_790_000_000_000)
    layers = (layer(0, 200_000, lost=3, repaired=7), layer(1, 300_000))
    sender = told(
        up_bps=500_000,
        up_loss=0.1,
        left=0.02,
        sources=(source(loss=0.1, left=0.02, layers=layers),),
        subscribes="lost",
        subscriber=down(bps=90_000, loss=0.19, inherited=0.1, views=(view(layer=None, target=None),)),
    )
    school.lines[class_id] = lines(
        PageLine("u_1", sender, "bad", (problem,)),
        PageLine("u_2", told(publishes=None, path="tcp"), "good", ()),
        PageLine("u_2", None, "bad", ()),
        cause=Cause("viewers", 1, 2),
    )
    found = await teacher.get(f"/api/classes/{class_id}/media")
    assert found["cause"] == {"kind": "viewers", "person": None, "affected": 1, "of": 2}
    assert (found["bitrate_in"], found["bitrate_out"], found["legs_lost"]) == (500_000, 590_000, 1)
    first, second, stale = found["lines"]
    assert first["problems"] == [
        {
            "problem": "down.slow",
            "level": "bad",
            "since": 1_790_000_000_000,
            "loss": None,
            "bitrate": 180_000,
            "rtt_ms": None,
            "shown": 0,
            "wished": 2,
        }
    ]
    up, way_down = first["up"], first["down"]
    assert (up["state"], up["loss"], up["loss_after_repair"], up["rtt_ms"]) == ("connected", 0.1, 0.02, 40.0)
    (kind,) = up["kinds"]
    assert (kind["kind"], kind["bitrate"], kind["layers"][0]["repaired"]) == ("camera", 500_000, 7)
    assert (way_down["state"], way_down["loss"], way_down["views"]) == (
        "lost",
        0.19,
        [{"track": "cam", "kind": "camera", "layer": None, "wished": 2}],
    )
    assert abs(way_down["loss_of_own_line"] - 0.1) < 1e-6
    assert (second["up"], second["down"]["path"]) == (None, "tcp")
    assert (stale["person"], stale["quality"], stale["up"], stale["down"]) == ("u_2", "bad", None, None)
