"""
What a job is given beside the media: who is who, what was written, what is left out. Pure.

Whoever asks for the job has decided what may be in it; a job knows neither rights nor databases.
"""

import msgspec

from classroom.recording.manifest import BadManifest, Ms


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch of class time; `person`: only what this person sends."""

    start: Ms
    end: Ms
    person: str = ""


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person's name, and whether they are staff: whoever teaches is shown when nobody speaks."""

    name: str
    staff: bool = False


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line of the chat, or a question, when it was written."""

    t: Ms
    name: str
    text: str


class Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where something begins."""

    t: Ms
    title: str


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything but the media. `cuts` are left out altogether, `muted` what of somebody is redacted."""

    title: str
    people: dict[str, Who] = {}
    chat: tuple[Line, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    cuts: tuple[Span, ...] = ()
    muted: tuple[Span, ...] = ()

    def name(self, person: str) -> str:
        """Return how somebody is called; "" for who is not to be named."""
        found = self.people.get(person)
        return "" if found is None else found.name

    def hides(self, person: str, t: int) -> bool:
        """Tell whether what `person` sends at `t` is redacted."""
        return any(span.person == person and span.start <= t < span.end for span in self.muted)


def decode(data: bytes) -> Story:
    """Return the story of story.json. Raises BadManifest."""
    try:
        return msgspec.json.decode(data, type=Story)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadManifest(str(error)) from None


def encode(story: Story) -> bytes:
    """Return story.json."""
    return msgspec.json.encode(story)
