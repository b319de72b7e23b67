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
    recording_extras,
    recording_jobs,
    recording_media,
    recording_people,
    recording_shares,
    recording_tables,
    recordings,
    session,
    whip,
)
from classroom.web.doors import FRAGMENT, SDP, Door, nothing
from classroom.web.downloads import Download
from classroom.web.endpoint import Endpoint

_SEEN = ("unauthorized", "not_found", "recording.damaged")
_CHANGED = ("not_allowed", "not_found")
_ONE = "/api/recordings/{recording}"
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
    # Recordings. What a link opens, too, is public here: who may see one, content.recording_access decides.
    Endpoint("GET", "/api/recordings", recordings.find, "List my recordings, the newest first"),
    Endpoint(
        "GET", "/api/courses/{course}/recordings", recordings.of_course, "List a course's recordings",
        ("not_found",),
    ),
    Endpoint(
        "GET", "/api/classes/{class}/recordings", recordings.of_class, "List a class's recordings",
        ("not_found",),
    ),
    Endpoint(
        "GET", "/api/recordings/questions", recording_extras.unanswered, "List questions that wait for me"
    ),
    Endpoint("GET", _ONE, recordings.show, "Show a recording", _SEEN, public=True),
    Endpoint("PUT", _ONE, recordings.edit, "Change a recording", (*_CHANGED, "conflict")),
    Endpoint("DELETE", _ONE, recordings.throw_away, "Throw a recording away", (*_CHANGED, "conflict")),
    Endpoint(
        "POST", _ONE + "/restore", recordings.restore, "Take a recording out of the trash",
        (*_CHANGED, "conflict"),
    ),
    Endpoint("GET", _ONE + "/playback", recordings.playback, "Begin to watch", _SEEN, public=True),
    Endpoint("GET", _ONE + "/index", recordings.index, "Tell where media are", _SEEN, public=True),
    Endpoint("GET", _ONE + "/events", recordings.events, "Tell what happened", _SEEN, public=True),
    Endpoint("GET", _ONE + "/state", recordings.state, "Tell what was so at a moment", _SEEN, public=True),
    Endpoint("GET", _ONE + "/edits", recordings.edits, "Tell what is taken out", _CHANGED),
    Endpoint("PUT", _ONE + "/edits", recordings.put_edits, "Take something out", (*_CHANGED, "conflict")),
    Endpoint("GET", _ONE + "/chapters", recording_extras.chapters, "List chapters", _SEEN, public=True),
    Endpoint(
        "PUT", _ONE + "/chapters", recording_extras.put_chapters, "Store the chapters",
        (*_CHANGED, "too_many"),
    ),
    Endpoint("GET", _ONE + "/search", recording_extras.search, "Find words", _SEEN, public=True),
    Endpoint("GET", _ONE + "/questions", recording_extras.questions, "List questions", _SEEN, public=True),
    Endpoint("GET", _ONE + "/asked", recording_extras.asked, "List class's questions", _SEEN, public=True),
    Endpoint(
        "POST", _ONE + "/questions", recording_extras.ask, "Ask about a moment",
        (*_CHANGED, "too_many"), 201,
    ),
    Endpoint(
        "POST", _ONE + "/questions/{question}/answer", recording_extras.answer, "Answer a question", _CHANGED
    ),
    Endpoint(
        "DELETE", _ONE + "/questions/{question}", recording_extras.remove_question, "Take a question back",
        _CHANGED,
    ),
    Endpoint("GET", _ONE + "/watch", recording_extras.watch, "Tell how far I am", ("not_found",)),
    Endpoint("PUT", _ONE + "/watch", recording_extras.put_watch, "Note how far I am", ("not_found",)),
    Endpoint("GET", _ONE + "/heat", recording_extras.heat, "Tell how many saw what", _CHANGED),
    Endpoint("GET", _ONE + "/jobs", recording_jobs.find, "List what is made of it", _CHANGED),
    Endpoint(
        "POST", _ONE + "/jobs", recording_jobs.create, "Have something made of it",
        (*_CHANGED, "recording.unfinished", "too_many"), 201,
    ),
    Endpoint(
        "DELETE", _ONE + "/jobs/{job}", recording_jobs.cancel, "Call a job off", (*_CHANGED, "conflict")
    ),
    Endpoint(
        "DELETE", "/api/people/{person}/recordings", recording_people.erase,
        "Take a person out of all recordings", ("not_allowed", "not_found", "recording.damaged"),
    ),
    Endpoint("GET", _ONE + "/shares", recording_shares.find, "List links", _CHANGED),
    Endpoint(
        "POST", _ONE + "/shares", recording_shares.create, "Make a link", (*_CHANGED, "too_many"), 201
    ),
    Endpoint("DELETE", _ONE + "/shares/{share}", recording_shares.revoke, "End a link", _CHANGED),
    Endpoint(
        "POST", _ONE + "/admission", recording_shares.admit, "Follow a link",
        ("unauthorized", "too_fast"), public=True,
    ),
)  # fmt: skip

_OCTETS = ("recording.withheld", "recording.range")

# Files: octets instead of JSON (downloads.py).
DOWNLOADS: tuple[Download, ...] = (
    Download(
        "GET", _ONE + "/media/{segment}", recording_media.segment, "Get media",
        ("video/webm", "video/mp4", "audio/webm", "audio/mp4"), (*_SEEN, *_OCTETS), ranged=True,
    ),
    Download(
        "GET", _ONE + "/thumbnails", recording_media.thumbnails, "Tell where small pictures are",
        ("application/json",), (*_SEEN, *_OCTETS),
    ),
    Download(
        "GET", _ONE + "/peaks", recording_media.peaks, "Tell how loud it was", ("application/json",),
        (*_SEEN, *_OCTETS),
    ),
    Download(
        "GET", _ONE + "/derived/{name}", recording_media.derived, "Get a file that was made of it",
        ("application/json", "image/jpeg", "image/webp"), (*_SEEN, *_OCTETS), ranged=True,
    ),
    Download(
        "GET", _ONE + "/captions/{language}", recording_media.captions, "Get captions", ("text/vtt",), _SEEN
    ),
    Download(
        "PUT", _ONE + "/captions/{language}", recording_media.put_captions, "Store captions", ("text/vtt",),
        (*_SEEN, "not_allowed", "captions.bad", "bad_message", "too_many"),
        takes=recording_media.CAPTIONS,
    ),
    Download(
        "GET", _ONE + "/transcript.txt", recording_tables.transcript_text, "Get what was written",
        ("text/plain",), (*_SEEN, "not_allowed"),
    ),
    Download(
        "GET", _ONE + "/transcript.csv", recording_tables.transcript_table, "Get what was written as a table",
        ("text/csv",), (*_SEEN, "not_allowed"),
    ),
    Download(
        "GET", _ONE + "/attendance.csv", recording_tables.attendance, "Get who was there", ("text/csv",),
        (*_SEEN, "not_allowed"),
    ),
    Download(
        "GET", _ONE + "/tracks.zip", recording_tables.tracks, "Get all tracks", ("application/zip",),
        (*_SEEN, "not_allowed", "recording.unfinished", "recording.withheld"),
    ),
    Download(
        "GET", _ONE + "/jobs/{job}/file", recording_jobs.file, "Get what a job has made",
        ("video/mp4", "audio/mp4", "application/zip"),
        (*_SEEN, *_OCTETS, "not_allowed", "recording.unfinished"), ranged=True,
    ),
    Download(
        "GET", "/api/people/{person}/recordings", recording_people.export,
        "Get everything about a person in recordings", ("application/zip",),
        (*_SEEN, "not_allowed"),
    ),
    Download(
        "DELETE", _ONE + "/captions/{language}", recording_media.remove_captions, "Forget captions", (),
        (*_SEEN, "not_allowed"),
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
    "/recordings": "index",
    "/class/{id}": "class",
    "/recording/{id}": "playback",
}
STATIC = "/static/{path:.+}"
FAVICON = "/favicon.ico"
OPENAPI = "/openapi.json"
HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
