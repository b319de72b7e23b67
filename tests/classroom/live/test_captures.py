"""What should be captured, and that telling the difference gets there from anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.domain.stage import Track
from classroom.live.captures import UNSURE, Capture, Spot, Wish, missing, stale, wishes
from signaling.core.model import KINDS, Kind


def track(track_id: str, person: str = "u_1", kind: Kind = "camera") -> Track:
    return Track(track_id, person, kind, False, 0)


def told(**captures: Wish) -> dict[Spot, Capture]:
    return {(tab, "camera"): Capture(wish, f"/{tab}", 0) for tab, wish in captures.items()}


def test_what_is_recorded_and_carried_is_wished() -> None:
    tracks = {"a": track("a"), "b": track("b", "u_2"), "c": track("c", "u_3")}
    found = wishes(7, ["a", "b", "gone"], tracks, {"a": "tab_1", "c": "tab_3", "gone": "tab_9"})
    assert found == {("tab_1", "camera"): Wish(7, "a", "u_1")}


def test_another_track_or_recording_is_another_capture() -> None:
    wanted = {("tab_1", "camera"): Wish(1, "a", "u_1")}
    spot = [("tab_1", "camera")]
    assert (stale({}, wanted), missing({}, wanted)) == ([], spot)
    kept = told(tab_1=Wish(1, "a", "u_1"))
    assert (stale(kept, wanted), missing(kept, wanted)) == ([], [])
    for other in (Wish(1, "b", "u_1"), Wish(2, "a", "u_1"), UNSURE):
        assert stale(told(tab_1=other), wanted) == spot
    assert stale(told(tab_1=UNSURE), {}) == spot, "nobody knows whether it runs, so it is ended"


WISHES = st.builds(Wish, st.integers(1, 2), st.sampled_from(["a", "b"]), st.just("u_1")) | st.just(UNSURE)
SPOTS = st.tuples(st.sampled_from(["tab_1", "tab_2", "tab_3"]), st.sampled_from(KINDS))


@given(
    st.dictionaries(SPOTS, WISHES),
    st.dictionaries(SPOTS, WISHES.filter(lambda wish: wish != UNSURE)),
)
def test_doing_the_changes_leaves_nothing_to_do(before: dict[Spot, Wish], wanted: dict[Spot, Wish]) -> None:
    running = {spot: Capture(wish, "", 0) for spot, wish in before.items()}
    for spot in stale(running, wanted):
        del running[spot]
    for spot in missing(running, wanted):
        assert spot not in running
        running[spot] = Capture(wanted[spot], "", 0)
    assert {spot: capture.wish for spot, capture in running.items()} == wanted
    assert not stale(running, wanted)
