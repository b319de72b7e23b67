"""
What live classes say about themselves on /metrics.

Most of it is about all classes together; media also by class, as gauges that end with the class, and only for
so many classes that a scrape stays small.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from classroom.live.classroom import Classroom
from classroom.live.line_problems import QUALITIES, own_loss
from classroom.live.lines import PageLine
from signaling.gateway import Counters

MAX_CLASSES = 50  # With 10 series each; of more the fullest are shown, and how many are not.


class Number(NamedTuple):
    """One number for /metrics; the fields of the web's Figure, in its order."""

    name: str
    help: str
    value: float
    kind: Literal["gauge", "counter"] = "gauge"
    labels: tuple[tuple[str, str], ...] = ()


def numbers(classes: Iterable[Classroom], gateway: Counters) -> Iterable[Number]:
    """Yield the numbers of all running classes together, and of the gateway."""
    running = list(classes)
    yield Number("sabak_classes", "Classes that run here", len(running))
    people = sum(classroom.presence.people for classroom in running)
    yield Number("sabak_people", "People who are connected", people)
    waiting = sum(classroom.session.waiting for classroom in running)
    yield Number("sabak_commands_waiting", "Commands that wait for the journal", waiting)
    fills = sum(classroom.follower.fills for classroom in running)
    yield Number("sabak_journal_fills", "Times that running classes read on in the journal", fills)
    recorded = sum(classroom.room.recording.state != "off" for classroom in running)
    yield Number("sabak_recordings_running", "Classes that are being recorded, or paused", recorded)
    captures = sum(classroom.recordings.captures for classroom in running)
    yield Number("sabak_captures", "Tracks that workers were told to capture", captures)
    yield Number("sabak_connections", "Open connections", gateway.open)
    for name, text, value in (
        ("opened", "Connections opened", gateway.opened),
        ("messages", "Packets received", gateway.messages),
        ("frames", "Packets sent", gateway.frames),
        ("sent_bytes", "Bytes sent in packets", gateway.sent_bytes),
        ("dropped_signals", "Signals not sent to readers that lag", gateway.dropped),
        ("slow_readers", "Readers cut off because they did not read", gateway.slow),
        ("failures", "Calls that ended in a defect", gateway.failures),
    ):
        yield Number(f"sabak_gateway_{name}", text, value, "counter")
    for code, count in sorted(gateway.refused.items()):
        yield Number("sabak_refusals", "Refusals by code", count, "counter", (("code", code),))
    for reason, count in sorted(gateway.violations.items()):
        yield Number("sabak_violations", "Packets that are none", count, "counter", (("reason", reason),))
    yield from _media(running)


def _media(running: Iterable[Classroom]) -> Iterator[Number]:
    """Yield how media of the fullest classes get through, from what workers told last."""
    found = [(classroom.id, classroom.all_lines()) for classroom in running]
    busy = sorted((one for one in found if one[1].pages), key=lambda one: (-len(one[1].pages), one[0]))
    unshown = max(len(busy) - MAX_CLASSES, 0)
    yield Number("sabak_media_classes_unshown", "Classes with media that have no numbers here", unshown)
    for class_id, lines in busy[:MAX_CLASSES]:
        where = (("class", class_id),)
        pages = len(lines.pages)
        yield Number("sabak_media_class_pages", "Pages that have a line for media", pages, labels=where)
        for quality in QUALITIES[1:]:
            count = sum(page.quality == quality for page in lines.pages)
            labels = (*where, ("quality", quality))
            yield Number("sabak_media_class_lines", "Pages whose line is weak or bad", count, labels=labels)
        for name, text, value in _figures(lines.pages):
            yield Number(f"sabak_media_class_{name}", text, value, labels=where)


def _figures(pages: Iterable[PageLine]) -> Iterator[tuple[str, str, float]]:
    """Yield (name, help, value): sums and worst of the fresh lines of one class."""
    told = [page.told for page in pages if page.told is not None]
    up = [one.stats for one in told if one.publisher is not None]
    down = [one.stats.subscriber for one in told if one.stats.subscriber is not None]
    legs = [leg for one in told for leg in (one.publisher, one.subscriber) if leg is not None]
    yield "bits_in_per_second", "From senders", sum(one.receive_bps for one in up)
    yield "bits_out_per_second", "To viewers", sum(one.bps for one in down)
    yield "legs_lost", "Connections of media that are silent", sum(leg.state == "lost" for leg in legs)
    yield "up_loss_ratio", "The worst loss on the way up", max((one.loss or 0.0 for one in up), default=0.0)
    worst = max((own_loss(one) for one in down), default=0.0)
    yield "down_loss_ratio", "The worst loss on the way down", worst
    slowest = max((one.stats.rtt_ms or 0.0 for one in told), default=0.0)
    yield "round_trip_seconds", "The longest round trip", slowest / 1000
