import math

from signaling.core.model import Speaker
from signaling.core.speakers import Speakers

SILENCE, NORMAL, LOUD, WHISPER = 127, 25, 10, 60


class Talk:
    """Speakers on a clock: every 20 ms each person says something at a level."""

    def __init__(self, limit: int = 3) -> None:
        self.now = 100.0
        self.speakers = Speakers(limit, self.now)
        self.told: list[tuple[tuple[Speaker, ...], str | None]] = []

    def run(self, seconds: float, **levels: int) -> dict[str, int]:
        """Return how many packets of each were forwarded."""
        forwarded = dict.fromkeys(levels, 0)
        for _ in range(round(seconds / 0.02)):
            for name, level in levels.items():
                forwarded[name] += self.speakers.heard(name, level, self.now)
            self.now += 0.02
            told = self.speakers.update(self.now)
            if told is not None:
                self.told.append(told)
        return forwarded


def test_speech_is_told_once_and_silence_too() -> None:
    talk = Talk()
    talk.run(2.0, anna=LOUD, boris=SILENCE)
    speakers, dominant = talk.told[-1]
    assert [speaker.peer for speaker in speakers] == ["anna"]
    assert dominant == "anna"
    assert speakers[0].level * 8 == int(speakers[0].level * 8)
    count = len(talk.told)
    assert count < 4
    talk.run(3.0, anna=SILENCE, boris=SILENCE)
    assert talk.told[-1] == ((), "anna")  # the last speaker stays


def test_a_cough_is_no_speech() -> None:
    talk = Talk()
    talk.run(0.1, anna=LOUD)
    talk.run(1.0, anna=SILENCE)
    assert talk.told == []
    talk.run(2.0, anna=WHISPER)
    assert talk.told == []


def test_dominance_has_hysteresis() -> None:
    talk = Talk()
    talk.run(2.0, anna=NORMAL, boris=SILENCE)
    talk.run(2.0, anna=NORMAL, boris=NORMAL - 2)  # not loud enough to take over
    assert talk.speakers.dominant == "anna"
    talk.run(0.4, anna=NORMAL, boris=LOUD)  # not long enough
    assert talk.speakers.dominant == "anna"
    talk.run(0.4, anna=LOUD, boris=SILENCE)
    talk.run(2.0, anna=NORMAL, boris=LOUD)
    assert talk.speakers.dominant == "boris"


def test_silence_of_the_dominant_passes_the_stage_on() -> None:
    talk = Talk()
    talk.run(2.0, anna=NORMAL, boris=SILENCE)
    talk.run(0.8, anna=SILENCE, boris=NORMAL)
    assert talk.speakers.dominant == "anna"
    talk.run(3.0, anna=SILENCE, boris=NORMAL)
    assert talk.speakers.dominant == "boris"


def test_all_are_forwarded_while_few_are_there() -> None:
    assert Talk().run(1.0, a=SILENCE, b=SILENCE, c=NORMAL) == {"a": 50, "b": 50, "c": 50}


def test_only_the_loudest_are_forwarded() -> None:
    talk = Talk()
    talk.run(1.0, a=NORMAL, b=NORMAL, c=NORMAL)
    assert talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=NORMAL)["d"] == 0
    assert talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=LOUD)["d"] > 80
    assert len(talk.speakers.admitted) == 3


def test_a_pause_keeps_the_place_and_silence_loses_it() -> None:
    talk = Talk()
    talk.run(1.0, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE)
    assert talk.run(0.5, a=SILENCE, b=NORMAL, c=NORMAL, d=SILENCE)["a"] == 25
    assert talk.run(2.0, a=SILENCE, b=NORMAL, c=NORMAL, d=NORMAL)["d"] > 60
    assert talk.speakers.admitted == {"b", "c", "d"}


def test_six_talk_and_the_three_loudest_are_heard_without_a_break() -> None:
    talk = Talk()
    levels = {"a": 40, "b": 35, "c": 30, "d": 22, "e": 16, "f": 10}
    talk.run(0.5, **levels)
    assert talk.run(5.0, **levels) == {"a": 0, "b": 0, "c": 0, "d": 250, "e": 250, "f": 250}


def test_who_is_louder_is_heard_before_the_first_syllable_is_over() -> None:
    talk = Talk()
    talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE)
    lost = 50 - talk.run(1.0, a=NORMAL, b=NORMAL, c=NORMAL, d=LOUD)["d"]
    assert lost <= 4  # 80 ms, of a syllable's 200


def test_who_begins_while_another_is_silent_loses_nothing() -> None:
    talk = Talk()
    talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE)
    talk.run(1.2, a=SILENCE, b=NORMAL, c=NORMAL, d=SILENCE)
    assert talk.run(1.0, a=SILENCE, b=NORMAL, c=NORMAL, d=WHISPER - 12)["d"] == 50


def test_a_pause_between_words_costs_no_place_whoever_else_talks() -> None:
    talk = Talk()
    talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=NORMAL)
    assert talk.run(0.8, a=SILENCE, b=NORMAL, c=NORMAL, d=NORMAL)["d"] == 0
    assert talk.run(0.5, a=NORMAL, b=NORMAL, c=NORMAL, d=NORMAL)["a"] == 25


def test_keys_that_click_take_no_place() -> None:
    talk = Talk()
    talk.run(2.0, a=NORMAL, b=NORMAL, c=NORMAL, d=LOUD)  # d is known to be loud, and admitted
    talk.run(1.2, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE)
    talk.run(0.5, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE, e=NORMAL)
    assert "d" not in talk.speakers.admitted
    for _ in range(5):
        assert talk.run(0.02, a=NORMAL, b=NORMAL, c=NORMAL, d=LOUD, e=NORMAL)["d"] == 0
        talk.run(0.4, a=NORMAL, b=NORMAL, c=NORMAL, d=SILENCE, e=NORMAL)


def test_comfort_noise_of_those_who_are_heard_goes_through() -> None:
    talk = Talk()
    talk.run(1.0, a=NORMAL, b=NORMAL)
    for _ in range(10):  # Opus DTX: a packet every 400 ms
        talk.now += 0.38
        assert talk.run(0.02, a=SILENCE, b=SILENCE) == {"a": 1, "b": 1}


def test_a_dialogue_does_not_turn_the_stage_with_every_sentence() -> None:
    talk = Talk()
    talk.run(2.0, anna=NORMAL, boris=SILENCE)
    dominant = set()
    for _ in range(10):
        talk.run(0.9, anna=SILENCE, boris=NORMAL)
        dominant.add(talk.speakers.dominant)
        talk.run(0.9, anna=NORMAL, boris=SILENCE)
        dominant.add(talk.speakers.dominant)
    assert dominant == {"anna"}


def test_after_a_long_silence_the_next_to_speak_has_the_stage_at_once() -> None:
    talk = Talk()
    talk.run(2.0, anna=NORMAL, boris=SILENCE)
    talk.run(3.0, anna=SILENCE, boris=SILENCE)
    assert talk.speakers.dominant == "anna"
    talk.run(0.8, anna=SILENCE, boris=NORMAL)
    assert talk.speakers.dominant == "boris"


def test_sound_without_a_level_is_heard_and_takes_no_place() -> None:
    talk = Talk()
    talk.run(1.0, a=NORMAL, b=NORMAL, c=NORMAL)
    unmeasured = ["studio", "hall", "roof"]
    for _ in range(50):
        assert all(talk.speakers.heard(name, None, talk.now) for name in unmeasured)
        assert talk.run(0.02, a=NORMAL, b=NORMAL, c=NORMAL) == {"a": 1, "b": 1, "c": 1}
        assert not talk.speakers.heard("cellar", None, talk.now)  # one too many
    assert talk.speakers.speaking == ["c", "b", "a"]
    talk.speakers.forget("hall")
    assert talk.speakers.heard("cellar", None, talk.now)
    assert not talk.speakers.heard("hall", None, talk.now)


def test_forgetting() -> None:
    talk = Talk()
    talk.run(1.0, a=NORMAL)
    talk.run(0.4, a=NORMAL, b=LOUD)
    talk.speakers.forget("b")
    talk.speakers.forget("a")
    talk.speakers.forget("nobody")
    assert talk.speakers.dominant is None
    assert talk.speakers.admitted == set()
    assert talk.speakers.last_spoke("a") == -math.inf
    talk.run(1.0)
    assert talk.told[-1] == ((), None)
    talk.run(0.1, c=NORMAL)
    assert talk.speakers.last_spoke("c") > talk.now - 0.1
