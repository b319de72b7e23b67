"""
A participant without a page: OBS, FFmpeg, GStreamer, a player on a wall (see doors.py).

To the class it is a reader like any page: presence counts it, media carry its legs, whoever is removed is cut
off with it. Only nothing is written to it, for there is nobody to read, and what a page would be asked to do
over (a leg that was lost) ends it: its program has no other way to hear of that.
"""

from collections.abc import Callable

from classroom.live.admission import Seat
from classroom.live.classroom import Classroom
from classroom.live.follower import Follower
from classroom.live.reader import Reader, Stand, known_role
from signaling.core.fragment import Credentials
from signaling.core.model import Kind


class Silence:
    """The line of a program: takes everything, sends nothing, ends when the class says so."""

    waiting = 0
    limit = 0

    def __init__(self, line_id: str, ended: Callable[[str], None]) -> None:
        self.id = line_id
        self.closed = False
        self.goodbye = False  # the program said that it leaves
        self._ended = ended

    def send(self, frame: bytes, *, large: bool = False) -> bool:
        """Drop `frame`."""
        return not self.closed

    def offer(self, frame: bytes, room: int) -> bool:
        """Drop `frame`."""
        return not self.closed

    def bye(self, code: str) -> None:
        """End, once, for the reason `code`."""
        if not self.closed:
            self.closed = True
            self._ended(code)


class Program(Reader):
    """
    One session of WHIP (`kinds` is what it sends) or WHEP (`kinds` is empty). `id` is its resource's name.

    `answer` and the credentials are what was negotiated; `etag` names the ICE session that runs now.
    """

    __slots__ = ("answer", "classroom", "etag", "id", "kinds", "remote", "silence", "tracks")

    def __init__(
        self,
        program_id: str,
        seat: Seat,
        classroom: Classroom,
        kinds: tuple[Kind, ...],
        ended: Callable[["Program", str], None],
    ) -> None:
        """`ended(program, code)` is called once, when the class or the media worker ends it."""
        self.silence = Silence(program_id, lambda code: ended(self, code))
        super().__init__(self.silence, seat)
        self.id = program_id
        self.classroom = classroom
        self.kinds = kinds
        self.tracks: list[str] = []
        self.answer = ""
        self.remote = Credentials()
        self.etag = ""

    @property
    def headless(self) -> bool:
        """See Reader.headless."""
        return True

    @property
    def watching(self) -> bool:
        """Return whether this is a player."""
        return not self.kinds

    def lags(self, follower: Follower) -> bool:
        """Return False: there is nothing to send, and no state to be made for it."""
        return False

    def welcome(self, follower: Follower, now: int, since: int | None) -> None:
        """Be in the class from now on."""
        self.stand = Stand.INSIDE
        self.role = known_role(follower, self.seat)

    def say_goodbye(self, code: str) -> None:
        """End because the program wants to, or never came in: nobody waits long for its return."""
        self.silence.goodbye = True
        self.silence.bye(code)

    def lost(self, leg: str) -> None:
        """End: the program comes back by itself when it notices, and finds no session any more."""
        self.silence.bye("lost")
