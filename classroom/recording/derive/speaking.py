"""
Who speaks: steady enough to cut pictures by. Pure; fed with everybody's loudness some 25 times a second.
"""

from collections.abc import Mapping

HEARD = 0.01  # Of full scale, root mean square: fans and breath stay below, a quiet voice does not.
STAYS_MS = 2500  # A word thrown in does not move the picture; somebody who has begun to talk does.
FADE = 0.75  # Of the loudness that is remembered, a step: a syllable's pause of 0.2 s is no end.


class Speaking:
    """`who` is the person whose picture belongs on the stage, "" before anybody spoke."""

    __slots__ = ("_loud", "_since", "_wants", "who")

    def __init__(self) -> None:
        self.who = ""
        self._loud: dict[str, float] = {}
        self._wants = ""
        self._since = 0

    def hear(self, levels: Mapping[str, float], t: int) -> None:
        """Take the loudness (0..1) of those who send sound at `t`, of silent ones 0."""
        for person in [*self._loud, *levels]:
            kept = max(levels.get(person, 0.0), self._loud.get(person, 0.0) * FADE)
            if kept < HEARD / 8:
                self._loud.pop(person, None)
            else:
                self._loud[person] = kept
        loudest = max(self._loud, key=lambda person: self._loud[person], default="")
        if not loudest or self._loud[loudest] < HEARD or loudest == self.who:
            self._wants = ""
            return
        if loudest != self._wants:
            self._wants, self._since = loudest, t
        if not self.who or t - self._since >= STAYS_MS:
            self.who, self._wants = loudest, ""
