"""Tokens and seats: what was signed comes back, everything else is unauthorized."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.domain.errors import BadMessage, Unauthorized
from classroom.domain.roles import Role
from classroom.live.admission import SEAT_LIFE, Seats
from classroom.store.rows import ClassState, PlannedClass, Settings

NOW = 1_790_000_000_000
SEATS = Seats(b"k" * 32)


@dataclass(frozen=True)
class Admitted:
    planned: PlannedClass
    person: str = "u_1"
    name: str = "Айгүл"
    role: Role = Role.STUDENT


def planned(class_id: str = "algebra") -> PlannedClass:
    settings = Settings(True, True, frozenset({"chat", "camera"}), recording="off")
    return PlannedClass(
        class_id, "Algebra II", None, "", "", "u_t", "T", 0, 0, "ky", settings, ClassState.OPEN, False, None,
        None, 0,
    )  # fmt: skip


def test_a_token_says_who_may_come() -> None:
    token = SEATS.issue_token("demo", Role.TEACHER, "Nur", NOW)
    read = SEATS.read_token(token, "demo", NOW)
    assert (read.name, read.role, read.class_id) == ("Nur", Role.TEACHER, "demo")
    assert read.person.startswith("t_")
    assert SEATS.read_token(token, "demo", NOW).person == read.person
    again = SEATS.issue_token("demo", Role.TEACHER, "Nur", NOW, person="u_9")
    assert SEATS.read_token(again, "demo", NOW).person == "u_9"


def test_a_token_is_for_one_class_and_ends() -> None:
    token = SEATS.issue_token("demo", Role.GUEST, "Nur", NOW, life=1000)
    with pytest.raises(Unauthorized):
        SEATS.read_token(token, "other", NOW)
    SEATS.read_token(token, "demo", NOW + 999)
    with pytest.raises(Unauthorized):
        SEATS.read_token(token, "demo", NOW + 1000)


def test_a_token_for_no_role_of_a_class_is_not_made() -> None:
    with pytest.raises(BadMessage):
        SEATS.issue_token("demo", Role.ADMINISTRATOR, "Nur", NOW)


def test_a_seat_carries_what_the_connection_needs() -> None:
    seat = SEATS.read(SEATS.issue(Admitted(planned()), NOW), NOW)
    assert (seat.class_id, seat.person, seat.name, seat.role) == ("algebra", "u_1", "Айгүл", Role.STUDENT)
    assert (seat.title, seat.language, seat.lobby, seat.moderated) == ("Algebra II", "ky", True, True)
    assert (seat.locks, seat.recording) == (("camera", "chat"), "off")


def test_each_seat_is_a_tab_of_its_own() -> None:
    first, second = (SEATS.read(SEATS.issue(Admitted(planned()), NOW), NOW) for _ in range(2))
    assert first.tab != second.tab


def test_a_seat_ends() -> None:
    seat = SEATS.issue(Admitted(planned()), NOW)
    SEATS.read(seat, NOW + SEAT_LIFE - 1)
    with pytest.raises(Unauthorized):
        SEATS.read(seat, NOW + SEAT_LIFE)


def test_one_kind_never_passes_as_the_other() -> None:
    token = SEATS.issue_token("demo", Role.TEACHER, "Nur", NOW)
    seat = SEATS.issue(Admitted(planned("demo")), NOW)
    with pytest.raises(Unauthorized):
        SEATS.read(token, NOW)
    with pytest.raises(Unauthorized):
        SEATS.read_token(seat, "demo", NOW)
    with pytest.raises(Unauthorized):
        SEATS.read("seat" + token.removeprefix("join"), NOW)


def test_another_installation_has_other_keys() -> None:
    with pytest.raises(Unauthorized):
        Seats(b"x" * 32).read(SEATS.issue(Admitted(planned()), NOW), NOW)
    with pytest.raises(ValueError, match="32 bytes"):
        Seats(b"short")


def test_fields_of_an_older_version_are_refused() -> None:
    body = "seat.WzFd"  # [1], signed by us
    mac = SEATS._mac("seat", body)
    import base64

    with pytest.raises(Unauthorized, match="old"):
        SEATS.read(f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}", NOW)


@given(st.text(max_size=100) | st.text("seat.join-_AZaz09=", max_size=100))
def test_whatever_comes_is_unauthorized(text: str) -> None:
    for read in (lambda: SEATS.read(text, NOW), lambda: SEATS.read_token(text, "demo", NOW)):
        with pytest.raises(Unauthorized):
            read()


@given(st.data())
def test_a_changed_seat_is_forged(data: st.DataObject) -> None:
    seat = SEATS.issue(Admitted(planned()), NOW)
    place = data.draw(st.integers(0, len(seat) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != seat[place]))
    with pytest.raises(Unauthorized):
        SEATS.read(seat[:place] + other + seat[place + 1 :], NOW)
