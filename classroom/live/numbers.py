"""
What live classes say about themselves on /metrics.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from classroom.live.classroom import Classroom
from signaling.gateway import Counters


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
