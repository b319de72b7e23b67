"""
The classes that run on this node: opened when somebody comes, put away when nobody is left.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from classroom import clock
from classroom.live.admission import Seats
from classroom.store.bus import Bus
from classroom.store.journal import Journal
from classroom.store.lease import Lease
from signaling.gateway import Counters, Link


class Number(NamedTuple):
    """One number for /metrics; the fields of the web's Figure, in its order."""

    name: str
    help: str
    value: float
    kind: str = "gauge"
    labels: tuple[tuple[str, str], ...] = ()


class Listener(Protocol):
    """Who is told when a class begins and ends: the timetable."""

    async def opened(self, class_id: str, now: int) -> None: ...
    async def closed(self, class_id: str, now: int) -> None: ...


class Classrooms:
    """
    Every running class of this node. It is the handler of the gateway:

        classrooms = Classrooms(...)
        gateway = Gateway(classrooms, address=..., origin=...)
        gateway.attach(app)
        await classrooms.start()
        ...
        await gateway.close()
        await classrooms.close()
    """

    def __init__(
        self,
        *,
        seats: Seats,
        journal: Journal,
        bus: Bus,
        lease: Lease,
        listener: Listener | None = None,
        now: Callable[[], int] = clock.now_ms,
    ) -> None: ...

    async def start(self) -> None:
        """Begin to look after classes (leases, idle ones). `close` ends what this starts."""

    async def close(self) -> None:
        """After the gateway's close: finish what is being written, give back the leases."""

    async def end(self, class_id: str) -> None:
        """End a class for everybody, as its teacher would. Refuses: unavailable."""

    def expel(self, person: str) -> None:
        """Cut off all connections of an account that was disabled."""

    async def connect(self, link: Link, auth: object) -> None:
        """See signaling.gateway.Handler."""

    async def receive(self, link: Link, event: str, data: object) -> dict[str, object] | None:
        """See signaling.gateway.Handler."""
        raise NotImplementedError

    def disconnected(self, link: Link) -> None:
        """See signaling.gateway.Handler."""

    async def check(self) -> str:
        """Return "" when classes can run here now, else the reason, for /readyz."""
        raise NotImplementedError

    def numbers(self, gateway: Counters) -> Iterable[Number]:
        """Return what /metrics shows, the gateway's counters included."""
        raise NotImplementedError
