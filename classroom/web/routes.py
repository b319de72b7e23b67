"""
Every URL on one page. /openapi.json is made from the same table.
"""

from classroom.web import (
    admission,
    classes,
    courses,
    enrolments,
    invitations,
    media,
    people,
    session,
    whip,
)
from classroom.web.doors import FRAGMENT, SDP, Door, nothing
from classroom.web.endpoint import Endpoint

_LOGIN = ("login.wrong", "login.throttled", "too_fast")

API: tuple[Endpoint, ...] = (
    # Who I am
    Endpoint("GET", "/api/session", session.show, "Tell who is signed in", public=True),
    Endpoint("POST", "/api/session", session.sign_in, "Sign in", _LOGIN, public=True),
    Endpoint("DELETE", "/api/session", session.sign_out, "Sign out", public=True),
    Endpoint(
        "PUT", "/api/session/password", session.change_password, "Change one's own password",
        ("login.wrong", "login.throttled", "weak_password"),
    ),
    Endpoint("PUT", "/api/session/language", session.choose_language, "Choose one's language"),
    Endpoint("GET", "/api/sessions", session.list_all, "List one's browsers"),
    Endpoint("DELETE", "/api/sessions", session.sign_out_everywhere, "Sign out everywhere"),
    # People
    Endpoint("GET", "/api/people", people.find, "List accounts", ("not_allowed",)),
    Endpoint(
        "POST", "/api/people", people.create, "Make an account",
        ("not_allowed", "weak_password", "taken", "too_many"), 201,
    ),
    Endpoint("GET", "/api/people/{person}", people.show, "Show an account", ("not_found",)),
    Endpoint(
        "PUT", "/api/people/{person}", people.edit, "Change an account",
        ("not_found", "not_allowed", "last_administrator"),
    ),
    Endpoint(
        "POST", "/api/people/{person}/password", people.reset_password, "Set somebody's password",
        ("not_found", "not_allowed", "weak_password"),
    ),
    Endpoint(
        "PUT", "/api/people/{person}/disabled", people.disable, "Lock or unlock an account",
        ("not_found", "not_allowed", "last_administrator"),
    ),
    # Courses and who is in them
    Endpoint("GET", "/api/courses", courses.find, "List courses", ("not_allowed",)),
    Endpoint(
        "POST", "/api/courses", courses.create, "Make a course", ("not_allowed", "not_found", "taken"), 201
    ),
    Endpoint("GET", "/api/courses/{course}", courses.show, "Show a course", ("not_found",)),
    Endpoint(
        "PUT", "/api/courses/{course}", courses.edit, "Change a course", ("not_allowed", "not_found", "taken")
    ),
    Endpoint(
        "PUT", "/api/courses/{course}/archived", courses.archive, "Put a course away or bring it back",
        ("not_allowed", "not_found"),
    ),
    Endpoint(
        "GET", "/api/courses/{course}/classes", courses.classes, "List a course's classes", ("not_found",)
    ),
    Endpoint(
        "GET", "/api/courses/{course}/people", enrolments.find, "List who is in a course",
        ("not_allowed", "not_found"),
    ),
    Endpoint(
        "POST", "/api/courses/{course}/people", enrolments.add, "Enrol people",
        ("not_allowed", "not_found", "too_many"),
    ),
    Endpoint(
        "DELETE", "/api/courses/{course}/people/{person}", enrolments.remove, "Take somebody out of a course",
        ("not_allowed", "not_found"),
    ),
    # Classes
    Endpoint("GET", "/api/classes", classes.mine, "List my classes: now, next, past"),
    Endpoint(
        "POST", "/api/classes", classes.plan, "Plan a class", ("not_allowed", "not_found", "too_many"), 201
    ),
    Endpoint(
        "POST", "/api/classes/now", classes.start_now, "Start a class at once",
        ("not_allowed", "not_found", "too_many"), 201,
    ),
    Endpoint("GET", "/api/classes/{class}", classes.show, "Show a class", ("not_found",)),
    Endpoint(
        "PUT", "/api/classes/{class}", classes.edit, "Change a class",
        ("not_allowed", "not_found", "conflict"),
    ),
    Endpoint(
        "DELETE", "/api/classes/{class}", classes.cancel, "Call a class off",
        ("not_allowed", "not_found", "conflict"),
    ),
    Endpoint(
        "GET", "/api/classes/{class}/media", media.show, "Show how sound and pictures get through",
        ("not_allowed", "not_found"),
    ),
    # The ways in
    Endpoint(
        "GET", "/api/classes/{class}/invitations", invitations.find, "List a class's invitations",
        ("not_allowed", "not_found"),
    ),
    Endpoint(
        "POST", "/api/classes/{class}/invitations", invitations.create, "Make an invitation",
        ("not_allowed", "not_found", "too_many", "closed"), 201,
    ),
    Endpoint(
        "DELETE", "/api/invitations/{invitation}", invitations.revoke, "End an invitation",
        ("not_allowed", "not_found"),
    ),
    Endpoint(
        "POST", "/api/invitations/peek", invitations.peek, "Tell what an invitation opens",
        ("unauthorized",), public=True,
    ),
    Endpoint(
        "POST", "/api/classes/{class}/admission", admission.enter, "Get a seat in a class",
        ("unauthorized", "not_found", "closed", "too_early", "blocked"), public=True,
    ),
    Endpoint(
        "POST", "/api/classes/{class}/program", admission.program, "Get a key for another program",
        ("unauthorized",), public=True,
    ),
)  # fmt: skip

_COMING = (
    "unauthorized", "not_found", "closed", "not_open", "waiting", "blocked", "not_allowed", "too_fast",
    "too_many", "bad_type", "too_large", "media.bad_sdp", "media.no_codec", "media.unavailable",
)  # fmt: skip
_CHANGING = ("unauthorized", "not_found", "bad_type", "bad_message", "etag.missing", "etag.wrong")
_GONE = ("unauthorized", "not_found")
_KIND = ("kind", whip.KINDS, "what the class gets it as")

# For programs: SDP instead of JSON, a bearer token instead of a cookie, and pages of any site (doors.py).
DOORS: tuple[Door, ...] = (
    Door(
        "POST", "/whip/{class}", whip.publish, "Send into a class (WHIP, RFC 9725)", 201,
        (*_COMING, "bad_message", "locked", "conflict"), SDP, SDP, (_KIND,),
    ),
    Door("GET", "/whip/{class}", nothing, "Nothing: there is only POST", 204),
    Door(
        "PATCH", "/whip/{class}/{session}", whip.patch, "Tell candidates or restart ICE", 200, _CHANGING,
        FRAGMENT, FRAGMENT,
    ),
    Door("GET", "/whip/{class}/{session}", whip.show, "Tell whether a session still is", 204, _GONE),
    Door("DELETE", "/whip/{class}/{session}", whip.end, "End a session", 200, _GONE),
    Door(
        "POST", "/whep/{class}", whip.watch, "Watch a class (WHEP, draft-ietf-wish-whep-03)", 201, _COMING,
        SDP, SDP,
    ),
    Door("GET", "/whep/{class}", nothing, "Nothing: there is only POST", 204),
    Door(
        "PATCH", "/whep/{class}/{session}", whip.patch, "Tell candidates or restart ICE", 200, _CHANGING,
        FRAGMENT, FRAGMENT,
    ),
    Door("GET", "/whep/{class}/{session}", whip.show, "Tell whether a session still is", 204, _GONE),
    Door("DELETE", "/whep/{class}/{session}", whip.end, "End a session", 200, _GONE),
)  # fmt: skip

# What is no JSON API; server.py puts a handler to each.
PAGES = {
    "/": "index",
    "/signin": "index",
    "/courses": "index",
    "/courses/{id}": "index",
    "/people": "index",
    "/class/{id}": "class",
    "/recording/{id}": "playback",
}
STATIC = "/static/{path:.+}"
FAVICON = "/favicon.ico"
OPENAPI = "/openapi.json"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
