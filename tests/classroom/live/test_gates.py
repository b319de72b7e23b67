"""Which gates should be open, and that telling the difference gets there from anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from classroom.domain.stage import Track
from classroom.live.gates import Change, Peer, assign, changes
from signaling.core.model import KINDS, Kind


def track(track_id: str, person: str = "u_1", kind: Kind = "camera", muted: bool = False) -> Track:
    return Track(track_id, person, kind, muted, 0)


def peer(person: str = "u_1", *kinds: Kind, **told: tuple[str, bool]) -> Peer:
    return Peer(person, None, frozenset(kinds), told=dict(told))  # type: ignore[arg-type]


def test_the_page_that_started_a_track_carries_it() -> None:
    peers = {"tab_1": peer("u_1", "camera"), "tab_2": peer("u_1", "camera")}
    assert assign({"t": track("t")}, peers, {"t": "tab_2"}) == {"t": "tab_2"}


def test_after_a_restart_it_is_the_first_page_that_can() -> None:
    peers = {
        "tab_0": peer("u_2", "camera"),
        "tab_1": peer("u_1", "microphone"),
        "tab_2": peer("u_1", "camera"),
    }
    assert assign({"t": track("t")}, peers, {}) == {"t": "tab_2"}


def test_a_page_without_the_kind_or_gone_carries_nothing() -> None:
    assert assign({"t": track("t")}, {"tab_1": peer("u_1", "microphone")}, {"t": "tab_1"}) == {}
    assert assign({"t": track("t")}, {}, {"t": "tab_1"}) == {}
    assert assign({"t": track("t")}, {"tab_1": peer("u_1", "camera")}, {"t": "tab_9"}) == {}


def test_nobody_carries_somebody_elses_track() -> None:
    assert assign({"t": track("t", "u_1")}, {"tab_2": peer("u_2", "camera")}, {"t": "tab_2"}) == {}


def test_opening_muting_closing() -> None:
    peers = {"tab_1": peer("u_1", "camera")}
    assert changes({"t": track("t")}, peers, {"t": "tab_1"}) == [Change("tab_1", "camera", "t", False)]
    peers = {"tab_1": peer("u_1", "camera", camera=("t", False))}
    assert changes({"t": track("t")}, peers, {"t": "tab_1"}) == []
    assert changes({"t": track("t", muted=True)}, peers, {"t": "tab_1"}) == [
        Change("tab_1", "camera", "t", True)
    ]
    assert changes({}, peers, {}) == [Change("tab_1", "camera", None, False)]


def test_another_track_of_the_kind_closes_before_it_opens() -> None:
    peers = {"tab_1": peer("u_1", "camera", camera=("old", False))}
    assert changes({"new": track("new")}, peers, {"new": "tab_1"}) == [
        Change("tab_1", "camera", None, False),
        Change("tab_1", "camera", "new", False),
    ]


PEOPLE = st.sampled_from(["u_1", "u_2"])
KIND = st.sampled_from(KINDS)
OPEN = st.tuples(st.sampled_from(["t_1", "t_2", "t_3"]), st.booleans())
PEERS = st.dictionaries(
    st.sampled_from(["tab_1", "tab_2", "tab_3"]),
    st.builds(Peer, PEOPLE, st.none(), st.frozensets(KIND), told=st.dictionaries(KIND, OPEN)),
)
TRACKS = st.dictionaries(
    st.sampled_from(["t_1", "t_2", "t_3", "t_4"]), st.tuples(PEOPLE, KIND, st.booleans()), max_size=4
)


@given(TRACKS, PEERS, st.dictionaries(st.sampled_from(["t_1", "t_2"]), st.sampled_from(["tab_1", "tab_2"])))
def test_doing_the_changes_leaves_nothing_to_do(
    stage: dict[str, tuple[str, Kind, bool]], peers: dict[str, Peer], owners: dict[str, str]
) -> None:
    seen: set[tuple[str, Kind]] = set()
    tracks = {}
    for name, (person, kind, muted) in stage.items():
        if (person, kind) not in seen:  # one person runs one track of a kind
            seen.add((person, kind))
            tracks[name] = track(name, person, kind, muted)
    pages = assign(tracks, peers, owners)
    for change in changes(tracks, peers, pages):
        told = peers[change.tab].told
        if change.track is None:
            del told[change.kind]
        else:
            told[change.kind] = (change.track, change.muted)
    assert changes(tracks, peers, pages) == []
    carried = {name for one in peers.values() for name, _ in one.told.values()}
    assert carried == set(pages)
