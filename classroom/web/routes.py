"""
Every URL on one page. /openapi.json is made from the same table.
"""

from classroom.web import (
    admission,
    classes,
    courses,
    enrolments,
    invitations,
    people,
    session,
)
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
)  # fmt: skip

# What is no JSON API; server.py puts a handler to each.
PAGES = {
    "/": "index",
    "/signin": "index",
    "/courses": "index",
    "/courses/{id}": "index",
    "/people": "index",
    "/class/{id}": "class",
}
STATIC = "/static/{path:.+}"
FAVICON = "/favicon.ico"
OPENAPI = "/openapi.json"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
